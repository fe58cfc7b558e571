"""`Outbox`: everything the bot says goes through here, in order, one platform beside the other.

Messages wait in memory. What must be said even if the program dies is promised: it stands in a row
until it was said, and is said after a crash under the same key, which platforms recognise. A
message that a platform will not take for a while is tried again with longer and longer pauses; then
it is given up and logged, unless it was promised.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from msgspec.structs import replace

from chatops.clock import Clock
from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.fallbacks import answered_aside, prefix_in
from chatops.conversation.openings import opened
from chatops.conversation.platform import (
    ChatPlatform,
    MessageGone,
    PlaceClosed,
    PlatformUnavailable,
)
from chatops.conversation.promises import Promise, Promises
from chatops.conversation.reply import Choice, Note, Progress, Reply, choices_of
from chatops.conversation.sent import SentMessages, Standing
from chatops.language import ENGLISH, Language, Speaker, Trouble, _
from chatops.organisations.records import Organisation, Spot
from chatops.store import Store, after_commit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger("chatops.conversation")

PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)
"""Seconds between tries; after the last, a message is given up."""

_SIDE_BY_SIDE: Final = 16
"""Channels of one platform that are spoken to at the same time."""

Wording: TypeAlias = Callable[[Reply, Language, str], Reply]
"""Puts the commands that a reply names into a language, behind a prefix."""


def as_written(reply: Reply, _language: Language, _prefix: str) -> Reply:
    """Leave a reply as it was written."""
    return reply


_LAST_WORDS: Final = 5.0
"""Seconds that a stopping program takes to say what is still due."""


@dataclass(slots=True, eq=False)
class _Letter:
    """A message on its way.

    Args:
        promised: Whether a row waits for it to be said.
        way: `new` is a message of its own; `topic` edits the one that stands about its topic, or
            is new; `amend` edits that one or is dropped.
    """

    address: Address
    reply: Reply
    speaker: Speaker
    key: str
    way: Literal["new", "topic", "amend"]
    promised: bool = False
    sent: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def subject(self) -> tuple[Place, str]:
        return self.address.place, self.reply.topic


class Outbox:
    """Says things on every platform.

    Args:
        platforms: By their names.
        pauses: Seconds between tries.
        worded: Puts what a reply tells people to type into the words of their language.
        executor: Names this process among its replicas, the same after every restart.
        since: Ends every key from now on, where a backup was put back: platforms may know keys of
            the time that was lost, under which other things were said.
    """

    def __init__(  # noqa: PLR0913 - all but the first three have a default
        self,
        store: Store,
        clock: Clock,
        platforms: Mapping[str, ChatPlatform],
        pauses: Sequence[float] = PAUSES,
        *,
        worded: Wording = as_written,
        executor: str = "",
        since: str = "",
    ) -> None:
        self._since = since
        self._moved: Mapping[Spot, Spot] = {}
        self._messages = SentMessages(store, clock)
        self._promises = Promises(store, clock, executor)
        self._queues = {
            name: _Queue(platform, self._messages, self._promises, pauses, worded)
            for name, platform in platforms.items()
        }

    def start(self) -> None:
        """Begin to send."""
        for queue in self._queues.values():
            queue.start()

    async def stop(self) -> None:
        """Send what is due, as far as that goes quickly, and stop."""
        flushing = [queue.flush() for queue in self._queues.values()]
        try:
            await asyncio.wait_for(asyncio.gather(*flushing), _LAST_WORDS)
        except TimeoutError:
            log.warning("some messages could not be sent before the program stopped")
        for queue in self._queues.values():
            await queue.stop()

    async def flush(self) -> None:
        """Wait until what is due now has been sent, or given up."""
        await asyncio.gather(*(queue.flush() for queue in self._queues.values()))

    async def say(
        self, address: Address, reply: Reply, *, key: str, speaker: Speaker = ENGLISH
    ) -> None:
        """Queue a message of its own; later ones with its topic edit it."""
        self.post(address, reply, key=key, speaker=speaker)

    def post(
        self, address: Address, reply: Reply, *, key: str, speaker: Speaker
    ) -> Awaitable[None]:
        """Queue a message of its own; what is returned waits until it was sent or given up."""
        return self._queued(_Letter(address, reply, speaker, f"{key}{self._since}", "new"))

    async def tell(
        self, organisation: Organisation, place: Place, reply: Reply, *, key: str
    ) -> None:
        """Queue what a service has to say about an organisation's work.

        It opens with the organisation. With a topic it edits the message that stands about it; of
        several that wait to be sent only the last one is.
        """
        speaker = Speaker(organisation.language)
        way: Literal["new", "topic"] = "topic" if reply.topic else "new"
        worded = opened(reply, organisation)
        self._queued(_Letter(Address(place), worded, speaker, f"{key}{self._since}", way))

    async def promise(
        self,
        connection: AsyncConnection,
        organisation: Organisation,
        place: Place,
        reply: Reply,
        *,
        key: str,
    ) -> None:
        """Say something as `tell` does, surely, once the caller's transaction is committed."""
        worded = opened(reply, organisation)
        promise = Promise(f"{key}{self._since}", place, worded, organisation.language)
        await self._promises.make(connection, promise)
        after_commit(connection, lambda: self._fulfil(promise))

    async def recall(self) -> None:
        """Queue what was promised and not said before the program stopped; call it once."""
        for promise in await self._promises.open(self._queues):
            self._fulfil(promise)

    async def amend(self, place: Place, reply: Reply) -> None:
        """Edit the message that stands about the reply's topic, if one does, in its language."""
        self._queued(_Letter(Address(place), reply, ENGLISH, reply.topic, "amend"))

    async def offered(self, message: MessageRef) -> tuple[Choice, ...] | None:
        """Return what a message offers; None where it is not known to offer anything."""
        choices = await self._messages.choices(message)
        if choices is None and message.place.platform in self._queues:
            # Somebody may be faster than the row of a message that has just been sent.
            await self._queues[message.place.platform].settled(message.place)
            choices = await self._messages.choices(message)
        return choices

    def redirect(self, moved: Mapping[Spot, Spot]) -> None:
        """From now on, say in new places what is meant for old ones: plans may still name them."""
        self._moved = moved

    async def forget(self, before: datetime) -> None:
        """Forget what messages offered that nobody answers any more."""
        await self._messages.forget_old(before)

    async def follow(self, old: Place, new: Place, *, along: bool) -> None:
        """Remember under a new place what stands in an old one.

        Args:
            along: Whether its messages went along; else they are left behind.
        """
        await self._messages.move(old.spot, new.spot, along=along)

    def _fulfil(self, promise: Promise) -> None:
        address, speaker = Address(promise.place), Speaker(promise.language)
        letter = _Letter(address, promise.reply, speaker, promise.key, "new", promised=True)
        self._queued(letter)

    def _queued(self, letter: _Letter) -> Awaitable[None]:
        address = letter.address
        there = self._moved.get(address.place.spot)
        if there is not None:
            place = replace(
                address.place, workspace=there.workspace, channel=there.channel, thread=""
            )
            letter.address = address = replace(address, place=place)
        queue = self._queues.get(address.place.platform)
        if queue is None:
            log.info("nothing can be said on %s: not connected", letter.address.place.platform)
            letter.sent.set_result(None)
        else:
            queue.add(letter)
        return letter.sent


class _Lane:
    """What one channel is to be told, in order."""

    def __init__(self) -> None:
        self.waiting: deque[_Letter] = deque()
        self.current: _Letter | None = None

    @property
    def letters(self) -> list[_Letter]:
        return [*self.waiting, *([self.current] if self.current else [])]


class _Queue:
    """The messages that one platform is to take: in order in a channel, channels side by side."""

    def __init__(
        self,
        platform: ChatPlatform,
        messages: SentMessages,
        promises: Promises,
        pauses: Sequence[float],
        worded: Wording,
    ) -> None:
        self._platform = platform
        self._messages = messages
        self._promises = promises
        self._pauses = pauses
        self._worded = worded
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._working: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._turnstile = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._started = False

    def start(self) -> None:
        self._started = True
        for channel in self._lanes:
            self._work_on(channel)

    async def stop(self) -> None:
        self._started = False
        working = list(self._working.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    def add(self, letter: _Letter) -> None:
        channel = (letter.address.place.workspace, letter.address.place.channel)
        lane = self._lanes.setdefault(channel, _Lane())
        if letter.way == "topic":
            for waiting in lane.waiting:
                if waiting.way == "topic" and waiting.subject == letter.subject:
                    waiting.reply = letter.reply
                    letter.sent = waiting.sent
                    return
        lane.waiting.append(letter)
        if self._started:
            self._work_on(channel)

    async def flush(self) -> None:
        await self._all_of([each for lane in self._lanes.values() for each in lane.letters])

    async def settled(self, place: Place) -> None:
        lane = self._lanes.get((place.workspace, place.channel))
        if lane is not None:
            await self._all_of([each for each in lane.letters if each.address.place == place])

    async def _all_of(self, letters: Sequence[_Letter]) -> None:
        if letters and self._started:
            await asyncio.wait([letter.sent for letter in letters])

    def _work_on(self, channel: tuple[str, str]) -> None:
        if channel not in self._working:
            name = f"outbox {self._platform.name}"
            self._working[channel] = asyncio.create_task(self._work(channel), name=name)

    async def _work(self, channel: tuple[str, str]) -> None:
        lane = self._lanes[channel]
        try:
            while lane.waiting:
                lane.current = letter = lane.waiting.popleft()
                try:
                    await self._try(letter)
                    if letter.promised:
                        await self._promises.fulfilled(letter.key)
                finally:
                    if not letter.sent.done():
                        letter.sent.set_result(None)
                    lane.current = None
            del self._lanes[channel]
        finally:
            del self._working[channel]

    async def _try(self, letter: _Letter) -> None:
        """Deliver a letter; whatever goes wrong must not keep the next ones waiting for ever."""
        last: Iterable[float | None] = repeat(self._pauses[-1]) if letter.promised else (None,)
        for pause in chain(self._pauses, last):
            try:
                async with self._turnstile:
                    await self._deliver(letter)
            except PlatformUnavailable as error:
                if pause is None:
                    log.error("gave up a message on %s: %s", self._platform.name, error)  # noqa: TRY400 - the cause is said
                    return
                await asyncio.sleep(max(pause, error.retry_after or 0))
            except PlaceClosed as error:
                log.warning("a message cannot be said on %s: %s", self._platform.name, error)
                return
            except Exception:
                log.exception("a message was lost on %s", self._platform.name)
                return
            else:
                return

    async def _deliver(self, letter: _Letter) -> None:
        if letter.way == "new":
            await self._send(letter)
            return
        standing = await self._messages.standing(*letter.subject)
        if standing is None:
            if letter.way == "topic":
                await self._send(letter)
            return
        if self._platform.capabilities.edits:
            await self._edit(letter, standing)
        elif letter.way == "topic" and not _goes_on(letter.reply):
            await self._send(letter)

    async def _send(self, letter: _Letter) -> None:
        address = await self._aside(letter)
        reply = self._in_words(letter.reply, address.place, letter.speaker)
        stale = await self._stale(letter)
        ref = await self._platform.send(address, reply, letter.speaker, key=letter.key)
        await self._messages.remember(
            letter.key, Standing(ref, letter.speaker.language), letter.reply
        )
        await self._invite(ref, choices_of(letter.reply))
        if stale is not None and stale.ref != ref:
            await self._retire(stale)

    async def _stale(self, letter: _Letter) -> Standing | None:
        """Return the message that will no longer be edited once a newer one has its topic."""
        if letter.way != "new" or not letter.reply.topic or not self._platform.capabilities.edits:
            return None
        return await self._messages.standing(*letter.subject)

    async def _retire(self, stale: Standing) -> None:
        moved_on = Reply((Note(_("This goes on in a newer message.")),))
        with suppress(Trouble):
            await self._platform.edit(stale.ref, moved_on, Speaker(stale.language))
        await self._messages.forget(stale.ref)

    async def _aside(self, letter: _Letter) -> Address:
        """Return where a letter goes, which is the direct conversation where only that is private.

        Who asked in a shared place is told there where the answer is.
        """
        address, to = letter.address, letter.address.to
        capabilities = self._platform.capabilities
        if to is None or not answered_aside(letter.reply, address.place, capabilities):
            return address
        direct = await self._platform.direct(to)
        told = Reply((Note(_("{name}, I answered you in private.", name=to.name)),))
        await self._platform.send(
            Address(address.place, None, address.answering),
            told,
            letter.speaker,
            key=f"{letter.key}:aside",
        )
        return Address(direct, to)

    def _in_words(self, reply: Reply, place: Place, speaker: Speaker) -> Reply:
        prefix = prefix_in(place, self._platform.capabilities)
        return self._worded(reply, speaker.language, prefix)

    async def _invite(self, ref: MessageRef, choices: Sequence[Choice]) -> None:
        """Add the reactions that stand for choices, where not all of them have a button."""
        capabilities = self._platform.capabilities
        if not capabilities.reactions or len(choices) <= capabilities.buttons:
            return
        for choice in choices:
            if choice.emoji:
                try:
                    await self._platform.react(ref, choice.emoji)
                except Trouble as trouble:
                    log.info("no reaction could be added on %s: %s", self._platform.name, trouble)
                    return

    async def _edit(self, letter: _Letter, standing: Standing) -> None:
        speaker = Speaker(standing.language)
        try:
            reply = self._in_words(letter.reply, standing.ref.place, speaker)
            await self._platform.edit(standing.ref, reply, speaker)
        except MessageGone:
            await self._messages.forget(standing.ref)
            if letter.way == "topic":
                await self._send(letter)
            return
        await self._messages.rewrite(standing.ref, letter.reply)


def _goes_on(reply: Reply) -> bool:
    """Whether a reply only says how far a work is: not worth a message of its own."""
    return any(isinstance(block, Progress) and block.done < block.total for block in reply.blocks)
