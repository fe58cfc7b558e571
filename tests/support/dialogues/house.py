"""The whole program around one adapter, and what the core handed to that adapter.

    async with opened_house(lambda ground: SlackPlatform(...), folder) as home:
        yield SlackDriver(double, home)

The program is the one of `quitx run`: every room, SQLite, the durable engine, the rehearsal
network. Between it and the adapter stands a `Recorder`, which changes nothing: it counts what is
heard, and keeps what is said, so that a dialogue can compare what was meant with what is seen.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Final

from chatops import bootstrap
from chatops.bootstrap import House
from chatops.config import Settings, load
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.connection import Connection
from chatops.conversation.events import Attachment, Event
from chatops.conversation.platform import Capabilities, ChatPlatform, Inbox
from chatops.conversation.reply import Reply
from chatops.language import Speaker
from chatops.platforms import Ground

PATIENCE: Final = 20.0
"""Seconds for what should come at once, on a machine that is busy."""

_SETTLING: Final = timedelta(seconds=PATIENCE)


@dataclass(slots=True, eq=False)
class Told:
    """A message that the core has said: where, and what it means now."""

    ref: MessageRef
    address: Address
    reply: Reply
    speaker: Speaker
    edited: bool = False


@dataclass(slots=True, eq=False)
class Recorder:
    """A `ChatPlatform` that hands everything on, and remembers it.

    Args:
        inner: The adapter under test.
    """

    inner: ChatPlatform
    told: list[Told] = field(default_factory=list)
    heard: list[Event] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def name(self) -> str:
        return self.inner.name

    @property
    def capabilities(self) -> Capabilities:
        return self.inner.capabilities

    @property
    def connections(self) -> tuple[Connection, ...]:
        return self.inner.connections

    async def run(self, inbox: Inbox) -> None:
        async def hear(event: Event) -> None:
            await inbox(event)
            self.heard.append(event)
            self.changed.set()

        await self.inner.run(hear)

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        ref = await self.inner.send(address, reply, speaker, key=key)
        if all(each.ref != ref for each in self.told):
            self.told.append(Told(ref, address, reply, speaker))
        return ref

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        await self.inner.edit(message, reply, speaker)
        for told in self.told:
            if told.ref == message:
                told.reply, told.speaker, told.edited = reply, speaker, True

    async def delete(self, message: MessageRef) -> bool:
        gone = await self.inner.delete(message)
        if gone:
            self.told = [told for told in self.told if told.ref != message]
        return gone

    async def react(self, message: MessageRef, emoji: str) -> None:
        await self.inner.react(message, emoji)

    async def direct(self, member: Member) -> Place:
        return await self.inner.direct(member)

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        await self.inner.fetch(attachment, target, limit=limit)


@dataclass(slots=True, eq=False)
class Home:
    """The running program.

    Args:
        house: Its rooms, for what an operator does beforehand.
        recorder: What stands between it and the adapter.
    """

    house: House
    recorder: Recorder
    folder: Path
    running: asyncio.Task[None]

    @property
    def heard(self) -> int:
        """How many events the core has taken so far."""
        return len(self.recorder.heard)

    async def answered(self, before: int, patience: float = PATIENCE) -> bool:
        """Wait for an event, then for all that it starts; return whether there was one.

        Args:
            before: `heard` before somebody did something.
            patience: Seconds to wait for the event.
        """
        try:
            await self.hears(before, patience)
        except TimeoutError:
            return False
        await self.house.conversation.settled()
        assert await self.house.engine.settled(_SETTLING), "work goes on and on"
        await self.house.conversation.settled()
        return True

    async def hears(self, before: int, patience: float = PATIENCE) -> None:
        """Wait until the core has taken one event more than it had `before`.

        Raises:
            TimeoutError: It hears nothing for so many seconds.
        """
        async with asyncio.timeout(patience):
            while self.heard <= before:
                self.recorder.changed.clear()
                await self._or_broken(self.recorder.changed.wait())

    async def _or_broken(self, waited: object) -> None:
        """Wait for something, and fail at once where the adapter has ended."""
        task = asyncio.ensure_future(waited)  # type: ignore[call-overload]
        await asyncio.wait({task, self.running}, return_when=asyncio.FIRST_COMPLETED)
        if self.running.done():
            task.cancel()
            raise AssertionError("the adapter stopped running") from self.running.exception()


def settings_in(folder: Path, **more: str) -> Settings:
    """Return settings that keep everything in a folder; `more` are further environment values."""
    environ = {
        "QUITX_STORE__URL": f"sqlite:///{folder / 'quitx.db'}",
        "QUITX_VAULT__KEY_FILE": str(folder / "quitx.key"),
        "QUITX_ARCHIVE__INBOX": str(folder / "inbox"),
        "QUITX_ARCHIVE__KEPT": str(folder / "kept"),
        "QUITX_MATRIX__STORE_DIR": str(folder / "matrix"),
        "LC_ALL": "C.UTF-8",
    }
    return load(None, environ | more)


@asynccontextmanager
async def opened_house(
    making: Callable[[Ground], ChatPlatform], folder: Path, settings: Settings | None = None
) -> AsyncIterator[Home]:
    """Run the program with one chat platform, until the end; it is connected when this returns.

    Args:
        making: Makes the adapter, as `bootstrap` does.
        folder: For the database and all other files.
        settings: Without them, `settings_in(folder)`.
    """
    recorders: list[Recorder] = []

    def recorded(ground: Ground) -> list[ChatPlatform]:
        recorders.append(Recorder(making(ground)))
        return [*recorders]

    given = settings or settings_in(folder)
    async with bootstrap.opened(given, recorded, trusted=frozenset()) as house:
        [recorder] = recorders
        async with bootstrap.working(house):
            running = asyncio.create_task(recorder.run(house.conversation.receive))
            home = Home(house, recorder, folder, running)
            try:
                await _connected(home)
                yield home
                assert not running.done(), running
            finally:
                running.cancel()
                await asyncio.gather(running, return_exceptions=True)


async def _connected(home: Home) -> None:
    async with asyncio.timeout(PATIENCE):
        while not all(each.state == "connected" for each in home.recorder.connections):
            await home._or_broken(asyncio.sleep(0.01))
