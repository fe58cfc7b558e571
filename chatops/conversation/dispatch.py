"""`Conversation`: from what was heard to what is answered, once.

An event is stored, then handled in the order of its channel; channels do not wait for each other.
What was stored and not handled when the program stopped is handled at the next start, save what
may have been done already: that is told, never done again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar, cast

from chatops.clock import Clock
from chatops.conversation import complaints
from chatops.conversation.addresses import Address, MessageRef
from chatops.conversation.answering import Answer, Answering
from chatops.conversation.command import Services
from chatops.conversation.confirmations import Confirmations
from chatops.conversation.events import (
    ButtonPressed,
    CommandCalled,
    Event,
    Happening,
    MessagePosted,
    ReactionChanged,
    Spoken,
)
from chatops.conversation.heard import EventLog, Heard, cleaned, place_of
from chatops.conversation.outbox import Outbox
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Choice
from chatops.conversation.turns import Turn, turn_of
from chatops.language import Code, Language, Text, Trouble, _
from chatops.organisations.directory import Organisations
from chatops.store import Store

S = TypeVar("S")

Listener = Callable[[MessagePosted | ReactionChanged], Awaitable[None]]
"""Is told of every plain message and reaction, added or taken back; it may be told twice."""

log = logging.getLogger("chatops.conversation")


class Conversation:
    """Hears everything that is said to the bot, and answers.

    Args:
        service: Finds what commands call.
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
        registry: Registry,
        outbox: Outbox,
        platforms: Mapping[str, ChatPlatform],
        service: Services,
        executor: str = "",
        language: Language = "en",
        listeners: Sequence[Listener] = (),
    ) -> None:
        self._events = EventLog(store, clock, executor)
        self._outbox = outbox
        self._platforms = platforms
        self._registry = registry
        self._listeners = listeners
        confirmations = Confirmations(store, clock, registry, outbox)
        self._answering = Answering(
            clock=clock,
            organisations=organisations,
            registry=registry,
            confirmations=confirmations,
            platforms=platforms,
            service=_OwnServices(service, (registry, confirmations, organisations)),
            language=language,
        )
        self._lanes: dict[tuple[str, str, str], asyncio.Task[None]] = {}
        self._handling: set[asyncio.Task[None]] = set()

    async def receive(self, event: Event) -> None:
        """Store an event, and handle it later; return once it is stored.

        An event that was stored before is dropped.
        """
        heard = cleaned(event)
        plain = isinstance(event, MessagePosted) and not heard.disclosed
        if plain and not self._listeners:
            return
        if await self._events.keep(heard):
            self._line_up(heard)

    async def replay(self) -> None:
        """Handle what was stored and not handled before the program stopped; call it once."""
        await self._events.forget()
        await self._outbox.recall()
        for heard in await self._events.unfinished(self._platforms):
            self._line_up(heard)

    async def settled(self) -> None:
        """Wait until everything that was received has been handled, and every reply sent."""
        while self._lanes:
            await asyncio.wait(list(self._lanes.values()))
        await self._outbox.flush()

    async def stop(self) -> None:
        """Stop handling; what is left is handled after the next start."""
        handling = list(self._handling)
        for each in handling:
            each.cancel()
        await asyncio.gather(*handling, return_exceptions=True)

    def _line_up(self, heard: Heard) -> None:
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
        try:
            await self._handle(heard)
            await self._events.finish(heard)
        except Exception:
            # Nothing can be told here; the event stays, and is handled after the next start.
            log.exception("an event on %s could not be handled", heard.platform)

    async def _handle(self, heard: Heard) -> None:
        event = heard.event
        if isinstance(event, Happening):
            await self._happened(event)
            return
        if heard.disclosed:
            await self._warn(event)
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
        if heard.begun:
            await self._interrupted(event, turn)
            return
        answer = await self._answering.answer(turn, lambda: self._events.begin(heard))
        await self._send(turn, answer)

    async def _happened(self, event: Happening) -> None:
        """Let members and places go that are gone."""
        log.info("%s in %s", type(event).__name__, event.place.channel)

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
            turn.typed,
        )

    async def _warn(self, event: Spoken) -> None:
        """Take a secret out of sight, and say how to make it harmless."""
        message = _message_of(event)
        removed = message is not None and await self._removed(message)
        cause = (
            _("Your message held something like a password or a token. It has been deleted.")
            if removed
            else _("That looked like a password or a token. It was not kept; delete it if you can.")
        )
        mend = _(
            "Whoever saw it can use it: revoke it now, where you made it. Then give a new one in "
            "the terminal, never in chat: {command}.",
            command=Code("quitx connect"),
        )
        await self._complain(event, cause, mend)

    async def _removed(self, message: MessageRef) -> bool:
        try:
            return await self._platforms[message.place.platform].delete(message)
        except Trouble as trouble:
            log.warning("a message that held a secret could not be deleted: %s", trouble)
            return False

    async def _complain(self, event: Spoken, cause: Text, mend: Text, typed: str = "") -> None:
        turn = Turn(event.event_id, place_of(event), event.member, typed)
        reply = complaints.complain(cause, mend, typed)
        assert reply.complaint is not None
        log.info("%s: %s", reply.complaint.id, cause.message)
        await self._send(turn, Answer(reply, await self._answering.speaker(turn)))

    async def _send(self, turn: Turn, answer: Answer) -> None:
        member = turn.member if answer.reply.private else None
        address = Address(turn.place, member, turn.event_id)
        key = f"{turn.place.platform}:{turn.event_id}"
        # Whoever stops waiting for a message does not take it back.
        await asyncio.shield(
            self._outbox.post(address, answer.reply, key=key, speaker=answer.speaker)
        )


class _OwnServices:
    """Finds the conversation's own services, and beside them what bootstrap bound."""

    def __init__(self, others: Services, own: Sequence[object]) -> None:
        self._others = others
        self._own: Mapping[type[Any], object] = {type(each): each for each in own}

    def __call__(self, kind: type[S]) -> S:
        """Return the service."""
        return cast("S", self._own[kind]) if kind in self._own else self._others(kind)


def _message_of(event: Spoken) -> MessageRef | None:
    if isinstance(event, MessagePosted | CommandCalled):
        return event.message
    return None
