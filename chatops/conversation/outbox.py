"""`Outbox`: everything that the bot says, one queue for each platform.

What is said goes out in order, one message at a time for each platform. A reply with a topic edits
the message of that topic in the place, also after a restart; of several that wait for the same
message only the newest goes out. What a message offers (its choices) is remembered, so that a press
or a reaction can be checked against it later.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Final

import msgspec
from msgspec import Struct
from sqlalchemy import select

from chatops.clock import Clock
from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.platform import (
    ChatPlatform,
    MessageGone,
    PlaceClosed,
    PlatformUnavailable,
)
from chatops.conversation.reply import Choice, Choices, Reply
from chatops.language import Speaker
from chatops.organisations.records import Organisation
from chatops.store import Store
from chatops.store.tables import messages
from chatops.store.upsert import upsert

log = logging.getLogger(__name__)

_TRIES: Final = 5
_FIRST_PAUSE: Final = timedelta(seconds=1)
_CHOICES = msgspec.json.Decoder(tuple[Choice, ...])


class _Saying(Struct, frozen=True):
    """One reply on its way.

    Args:
        key: Idempotency key: the same saying never stands twice.
        slot: What waits under the same slot is replaced by what is newer.
    """

    address: Address
    reply: Reply
    speaker: Speaker
    key: str
    slot: str


class Outbox:
    """Sends replies, edits them in place, and remembers what they offer.

    Lifecycle: `start` inside the running loop, `stop` may be called twice. What waits when it stops
    is not sent: rows are the truth, and `status` tells them.
    """

    def __init__(self, store: Store, clock: Clock, platforms: Mapping[str, ChatPlatform]) -> None:
        self._store = store
        self._clock = clock
        self._platforms = platforms
        self._waiting: dict[str, OrderedDict[str, _Saying]] = {}
        self._wake: dict[str, asyncio.Event] = {}
        self._idle: dict[str, asyncio.Event] = {}
        self._workers: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to send."""
        for name in self._platforms:
            self._waiting[name] = OrderedDict()
            self._wake[name] = asyncio.Event()
            self._idle[name] = asyncio.Event()
            self._idle[name].set()
            worker = asyncio.create_task(self._send_all(name), name=f"outbox {name}")
            self._workers.append(worker)

    async def stop(self) -> None:
        """Send no more."""
        workers, self._workers = self._workers, []
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def flush(self) -> None:
        """Wait until everything that was said so far stands or has been given up."""
        await asyncio.gather(*(idle.wait() for idle in self._idle.values()))

    def say(self, address: Address, reply: Reply, speaker: Speaker, *, key: str) -> None:
        """Say something in a place, in one language."""
        queue = self._waiting.get(address.place.platform)
        if queue is None:
            log.info("nobody is connected to %s to say %s", address.place.platform, key)
            return
        slot = _topic_key(address, reply.topic) if reply.topic else key
        queue.pop(slot, None)
        queue[slot] = _Saying(address, reply, speaker, key, slot)
        self._idle[address.place.platform].clear()
        self._wake[address.place.platform].set()

    def tell(self, organisation: Organisation, place: Place, reply: Reply, *, key: str) -> None:
        """Say something to everybody in a place, in the organisation's language."""
        self.say(Address(place), reply, Speaker(organisation.language), key=key)

    async def offered(self, message: MessageRef) -> Sequence[Choice]:
        """Return what a message offers, as far as the bot has sent it."""
        async with self._store.read() as connection:
            found = await connection.scalar(
                select(messages.c.choices).where(
                    messages.c.platform == message.place.platform,
                    messages.c.workspace == message.place.workspace,
                    messages.c.channel == message.place.channel,
                    messages.c.message == message.id,
                )
            )
        return () if found is None else _CHOICES.decode(found)

    async def _send_all(self, name: str) -> None:
        queue, wake, idle = self._waiting[name], self._wake[name], self._idle[name]
        while True:
            await wake.wait()
            while queue:
                _slot, saying = queue.popitem(last=False)
                try:
                    await self._send(self._platforms[name], saying)
                except Exception:
                    # One saying that cannot be sent must not silence the platform.
                    log.exception("could not say %s on %s", saying.key, name)
            wake.clear()
            idle.set()

    async def _send(self, platform: ChatPlatform, saying: _Saying) -> None:
        pause = _FIRST_PAUSE
        for attempt in range(1, _TRIES + 1):
            try:
                await self._deliver(platform, saying)
            except PlatformUnavailable:
                if attempt == _TRIES:
                    raise
                await asyncio.sleep(pause.total_seconds())
                pause *= 2
            except PlaceClosed as closed:
                log.warning("%s on %s: %s", saying.key, platform.name, closed)
                return
            else:
                return

    async def _deliver(self, platform: ChatPlatform, saying: _Saying) -> None:
        reply, speaker = saying.reply, saying.speaker
        before = await self._standing(saying.slot) if reply.topic else None
        if before is not None:
            message = MessageRef(saying.address.place, before)
            with contextlib.suppress(MessageGone):
                await platform.edit(message, reply, speaker)
                await self._remember(saying, message)
                return
        message = await platform.send(saying.address, reply, speaker, key=saying.key)
        await self._remember(saying, message)
        for choice in _offers(reply):
            if choice.emoji and platform.capabilities.reactions:
                await platform.react(message, choice.emoji)

    async def _standing(self, slot: str) -> str | None:
        async with self._store.read() as connection:
            found = await connection.scalar(
                select(messages.c.message).where(messages.c.key == slot)
            )
        return None if found is None else str(found)

    async def _remember(self, saying: _Saying, message: MessageRef) -> None:
        """Remember a message that can be edited later or that offers something."""
        choices = _offers(saying.reply)
        if not (choices or saying.reply.topic):
            return
        async with self._store.write() as connection:
            await upsert(
                connection,
                messages,
                {"key": saying.slot},
                {
                    "platform": message.place.platform,
                    "workspace": message.place.workspace,
                    "channel": message.place.channel,
                    "message": message.id,
                    "choices": msgspec.json.encode(choices),
                    "sent_at": self._clock(),
                },
            )


def _offers(reply: Reply) -> tuple[Choice, ...]:
    return tuple(
        choice for block in reply.blocks if isinstance(block, Choices) for choice in block.choices
    )


def _topic_key(address: Address, topic: str) -> str:
    place = address.place
    parts = (place.platform, place.workspace, place.channel, place.thread, topic)
    return f"topic:{sha256(msgspec.json.encode(parts)).hexdigest()[:32]}"
