"""`Outbox`: everything the bot says goes through here, in order, one platform beside the other.

Messages wait in memory. What must be said even if the program dies is promised: it stands in a row
until it was said, and is said after a crash under the same key, which platforms recognise.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal

from msgspec.structs import replace

from chatops.clock import Clock
from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.delivering import Delivery, Wording
from chatops.conversation.letters import Letter
from chatops.conversation.openings import opened
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.promises import Promise, Promises
from chatops.conversation.queue import PAUSES, Queue
from chatops.conversation.reply import Choice, Reply
from chatops.conversation.sent import SentMessages
from chatops.language import ENGLISH, Language, Speaker
from chatops.organisations.records import Organisation, Spot
from chatops.store import Store, after_commit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger("chatops.conversation")

_LAST_WORDS: Final = 5.0
"""Seconds that a stopping program takes to say what is still due."""


def as_written(reply: Reply, _language: Language, _prefix: str) -> Reply:
    """Leave a reply as it was written."""
    return reply


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
            name: Queue(name, Delivery(platform, self._messages, worded), self._promises, pauses)
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
        return self._queued(Letter(address, reply, speaker, f"{key}{self._since}", "new"))

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
        self._queued(Letter(Address(place), worded, speaker, f"{key}{self._since}", way))

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
        self._queued(Letter(Address(place), reply, ENGLISH, reply.topic, "amend"))

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
        letter = Letter(address, promise.reply, speaker, promise.key, "new", promised=True)
        self._queued(letter)

    def _queued(self, letter: Letter) -> Awaitable[None]:
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
