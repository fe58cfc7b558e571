"""`Conversation`: from what was heard to what is answered, once.

An event is stored, then handled in the order of its channel; channels do not wait for each other.
What was stored and not handled when the program stopped is handled at the next start, save what
may have been done already: that is told, never done again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from itertools import chain, repeat
from typing import Final

from chatops.clock import Clock
from chatops.conversation import complaints
from chatops.conversation.addresses import Address, Member, Place
from chatops.conversation.answering import Answer, Answering
from chatops.conversation.confirmations import Confirmations
from chatops.conversation.events import (
    ButtonPressed,
    Event,
    Happening,
    MessagePosted,
    ReactionChanged,
    Spoken,
)
from chatops.conversation.guarding import Guard
from chatops.conversation.happenings import Happenings
from chatops.conversation.heard import EventLog, Heard, cleaned, place_of
from chatops.conversation.outbox import Outbox
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Choice, Reply
from chatops.conversation.services import Bound
from chatops.conversation.turns import Turn, turn_of
from chatops.language import Code, Language, Speaker, Text, Trouble, Unavailable, _
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.store import Store

Listener = Callable[[MessagePosted | ReactionChanged], Awaitable[None]]
"""Is told of every plain message and reaction, added or taken back; it may be told twice."""

log = logging.getLogger("chatops.conversation")

_LAST_ANSWERS: Final = 5.0
"""Seconds that what is being handled has to end when the program stops."""

_PAUSES: Final = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
"""Seconds between tries to handle an event while the store cannot be used; the last one repeats."""

_ANSWERABLE: Final = timedelta(days=90)
"""How long it is remembered what a message offered, and what became of a question."""

_DAY: Final = 24 * 3600.0


class Conversation:
    """Hears everything that is said to the bot, and answers.

    Args:
        services: What commands call, beside what is handed in here by name.
        executor: Names this process among its replicas, the same after every restart.
        language: Spoken where neither the organisation nor the member says otherwise.
        listeners: Who else wants to know; plain messages are stored only where somebody does.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that it brings together
        self,
        *,
        store: Store,
        clock: Clock,
        organisations: Organisations,
        people: People,
        places: Places,
        registry: Registry,
        outbox: Outbox,
        platforms: Mapping[str, ChatPlatform],
        services: Sequence[object] = (),
        executor: str = "",
        language: Language = "en",
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._events = EventLog(store, clock, executor)
        self._outbox = outbox
        self._platforms = platforms
        self._listeners = listeners
        self._guard = Guard(registry, people, platforms)
        self._clock = clock
        self._confirmations = confirmations = Confirmations(store, clock, registry, outbox)
        own = (registry, confirmations, organisations, people, places, outbox)
        self._answering = Answering(
            store=store,
            clock=clock,
            organisations=organisations,
            people=people,
            registry=registry,
            confirmations=confirmations,
            platforms=platforms,
            service=Bound((*services, *own)),
            language=language,
        )
        self._happenings = Happenings(
            store=store,
            clock=clock,
            organisations=organisations,
            people=people,
            places=places,
            outbox=outbox,
            platforms=platforms,
        )
        self._lanes: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        self._handling: set[asyncio.Task[None]] = set()
        self._housekeeping: asyncio.Task[None] | None = None
        self._stopping = False

    async def receive(self, event: Event) -> None:
        """Store an event, and handle it later; return once it is stored.

        An event that was stored before is dropped.
        """
        heard = cleaned(event)
        plain = isinstance(event, MessagePosted) and not heard.disclosed
        if plain and not self._listeners and not self._guard.exposes(event):
            return
        # Whoever stops waiting, such as a connection that is lost, does not unsay what was said.
        await asyncio.shield(self._keep(heard))

    async def glance(self, member: Member, line: str) -> tuple[Reply, Speaker]:
        """Return the answer to a line that changes nothing, for a page that a member has open."""
        place = Place(member.platform, member.workspace, "", direct=True)
        answer = await self._answering.answer(Turn("", place, member, line), _nothing_begins)
        return answer.reply, answer.speaker

    async def replay(self) -> None:
        """Handle what was stored and not handled before the program stopped; call it once.

        From then on, what is old is dropped once a day.
        """
        await self._happenings.recall()
        self._housekeeping = asyncio.create_task(self._keep_house(), name="housekeeping")
        await self._outbox.recall()
        for heard in await self._events.unfinished(self._platforms):
            self._line_up(heard)

    async def settled(self) -> None:
        """Wait until everything that was received has been handled, and every reply sent."""
        while self._lanes:
            await asyncio.wait(list(self._lanes.values()))
        await self._outbox.flush()

    async def stop(self) -> None:
        """End what is under way, as far as that goes quickly, and leave the rest.

        What was not begun, and what is heard from now on, is handled after the next start.
        """
        self._stopping = True
        if self._housekeeping is not None:
            self._housekeeping.cancel()
            await asyncio.gather(self._housekeeping, return_exceptions=True)
        if self._handling:
            await asyncio.wait(list(self._handling), timeout=_LAST_ANSWERS)
        handling = list(self._handling)
        for each in handling:
            each.cancel()
        await asyncio.gather(*handling, return_exceptions=True)

    async def _keep_house(self) -> None:
        while True:
            try:
                await self._drop_old()
            except Exception:
                log.exception("what is old could not be dropped")
            await asyncio.sleep(_DAY)

    async def _drop_old(self) -> None:
        before = self._clock() - _ANSWERABLE
        await self._events.forget()
        await self._confirmations.forget(before)
        await self._outbox.forget(before)

    async def _keep(self, heard: Heard) -> None:
        if await self._events.keep(heard):
            self._line_up(heard)

    def _line_up(self, heard: Heard) -> None:
        if self._stopping:
            return
        place = place_of(heard.event)
        lane = (place.platform, place.workspace, place.channel)
        task = asyncio.create_task(self._in_turn(self._lanes.get(lane), heard))
        self._lanes[lane] = task
        self._handling.add(task)
        task.add_done_callback(lambda done: self._leave(lane, done))

    def _leave(self, lane: tuple[str, str, str], done: asyncio.Task[None]) -> None:
        self._handling.discard(done)
        if self._lanes.get(lane) is done:
            del self._lanes[lane]

    async def _in_turn(self, before: asyncio.Task[None] | None, heard: Heard) -> None:
        if before is not None:
            await asyncio.wait([before])
        if self._stopping:
            return
        try:
            await _patiently(lambda: self._handle(heard))
            # Until that is noted, a restart would begin again what was answered here.
            await _patiently(lambda: self._events.finish(heard))
        except Exception:
            # Nothing can be told here; the event stays, and is handled after the next start.
            log.exception("an event on %s could not be handled", heard.platform)

    async def _handle(self, heard: Heard) -> None:
        event = heard.event
        if isinstance(event, Happening):
            await self._happenings.handle(event)
            return
        if caution := await self._guard.removed(heard):
            await self._complain(event, caution.cause, caution.mend, caution.typed)
            return
        if isinstance(event, MessagePosted | ReactionChanged):
            for listener in self._listeners:
                await listener(event)
        try:
            turn = turn_of(event, await self._offered(event))
        except Trouble as trouble:
            await self._complain(event, trouble.reason, trouble.mend)
            return
        if turn is None:
            return
        await self._happenings.met(turn.place, turn.member)
        if heard.begun:
            await self._interrupted(event, turn)
            return
        answer = await self._answering.answer(turn, lambda: self._events.begin(heard))
        await self._send(turn, answer)

    async def _offered(self, event: Spoken) -> tuple[Choice, ...] | None:
        if isinstance(event, ButtonPressed | ReactionChanged):
            return await self._outbox.offered(event.message)
        return None

    async def _interrupted(self, event: Spoken, turn: Turn) -> None:
        await self._complain(
            event,
            _("The program stopped while this was being done."),
            _(
                "It will not start again by itself. See where things stand with {command}.",
                command=Code("/quitx status"),
            ),
            (await self._answering.discreet(turn)).typed,
        )

    async def _complain(self, event: Spoken, cause: Text, mend: Text, typed: str = "") -> None:
        turn = Turn(event.event_id, place_of(event), event.member, typed)
        reply = complaints.complain(cause, mend, typed)
        assert reply.complaint is not None
        log.info("%s: %s", reply.complaint.id, cause.message)
        await self._send(turn, Answer(reply, await self._answering.speaker(turn), turn.place))

    async def _send(self, turn: Turn, answer: Answer) -> None:
        member = turn.member if answer.reply.private else None
        # What goes elsewhere cannot use what the event allows where it happened.
        answering = turn.event_id if answer.place == turn.place else ""
        address = Address(answer.place, member, answering)
        key = f"{turn.place.platform}:{turn.event_id}"
        # Whoever stops waiting for a message does not take it back.
        await asyncio.shield(
            self._outbox.post(address, answer.reply, key=key, speaker=answer.speaker)
        )


async def _patiently(step: Callable[[], Awaitable[None]]) -> None:
    """Take a step that changes nothing where it fails, until the store can be used."""
    for pause in chain(_PAUSES, repeat(_PAUSES[-1])):
        try:
            await step()
        except Unavailable as trouble:
            log.warning("an event has to wait: %s", trouble)
            await asyncio.sleep(pause)
        else:
            return


async def _nothing_begins() -> None:
    """Note nothing: what is only looked at may be looked at twice."""
