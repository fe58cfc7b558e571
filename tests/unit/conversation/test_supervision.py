"""A platform that breaks off is started again, and the others never notice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from chatops.conversation.connection import Link
from chatops.conversation.events import Event
from chatops.conversation.platform import Inbox
from chatops.conversation.supervision import PATIENCE, Connections
from chatops.language import ENGLISH, Unavailable, _
from chatops.testing import MemoryPlatform

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


class Restless(MemoryPlatform):
    """Breaks off as it is told, and then stays."""

    def __init__(self, name: str, falls: Sequence[BaseException | None] = ()) -> None:
        super().__init__(name)
        self.falls = list(falls)
        self.starts = 0
        self.closing = 0.0

    async def run(self, inbox: Inbox) -> None:
        """Break off, or stay."""
        self.starts += 1
        if self.falls:
            fall = self.falls.pop(0)
            if fall is not None:
                raise fall
            return
        try:
            await super().run(inbox)
        finally:
            await asyncio.sleep(self.closing)


async def unheard(_event: Event) -> None:
    raise AssertionError


@asynccontextmanager
async def supervised(*platforms: MemoryPlatform, pause: float = 0.01) -> AsyncIterator[Connections]:
    connections = Connections(platforms, lambda: NOW, (pause,))
    connections.start(unheard)
    try:
        yield connections
    finally:
        await connections.stop()


async def until_connected(platform: MemoryPlatform) -> None:
    await asyncio.wait_for(platform.connected.wait(), 5)


@pytest.mark.parametrize(
    "fall",
    [OSError("broken"), None, asyncio.CancelledError(), Unavailable(_("Gone."), _("Wait."))],
    ids=["error", "end", "cancelled", "trouble"],
)
async def test_a_platform_that_breaks_off_is_started_again(fall: BaseException | None) -> None:
    platform = Restless("one", [fall, fall])
    async with supervised(platform):
        await until_connected(platform)
        assert platform.starts == 3


async def test_the_others_never_notice() -> None:
    restless, other = Restless("one", [OSError()] * 5), MemoryPlatform("two")
    async with supervised(restless, other) as connections:
        await until_connected(other)
        since = connections.now[1].connection.since
        await until_connected(restless)
        assert connections.now[1].connection.since == since
        assert connections.now[1].connection.state == "connected"


async def test_while_it_does_not_run_its_connection_is_lost_and_why() -> None:
    platform = Restless("one", [Unavailable(_("The cable is cut."), _("Wait."))])
    async with supervised(platform, pause=60) as connections:
        await asyncio.sleep(0.05)
        [reach] = connections.now
        assert (reach.platform, reach.connection.state) == ("one", "lost")
        assert reach.connection.trouble is not None
        assert ENGLISH.say(reach.connection.trouble) == "The cable is cut."
        assert not connections.troubled, "it may still mend itself"


async def test_pauses_grow_while_it_keeps_breaking_off(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    sleep = asyncio.sleep

    async def noted(seconds: float) -> None:
        slept.append(seconds)
        await sleep(0)

    monkeypatch.setattr("chatops.conversation.supervision.asyncio.sleep", noted)
    platform = Restless("one", [OSError()] * 4)
    connections = Connections([platform], lambda: NOW, (1.0, 10.0, 100.0))
    connections.start(unheard)
    await until_connected(platform)
    await connections.stop()
    for pause, planned in zip(slept, (1.0, 10.0, 100.0, 100.0), strict=False):
        assert 0.75 * planned <= pause <= 1.25 * planned


async def test_a_platform_that_does_not_let_go_is_left_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("chatops.conversation.supervision._LEAVING", 0.05)
    platform = Restless("one")
    platform.closing = 0.5
    async with asyncio.timeout(0.4), supervised(platform):
        await until_connected(platform)
    await asyncio.sleep(0.5)


class Torn(MemoryPlatform):
    """Falls to pieces at the very moment in which it is told to stop."""

    starts = 0

    async def run(self, inbox: Inbox) -> None:
        """Stay, beside something that fails when it ends."""
        self.starts += 1
        async with asyncio.TaskGroup() as group:
            group.create_task(self._fail_in_the_end())
            await super().run(inbox)

    async def _fail_in_the_end(self) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise OSError("broken")


async def test_a_platform_that_fails_while_it_is_told_to_stop_is_not_started_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    platform = Torn("one")
    async with supervised(platform, pause=0):
        await until_connected(platform)
    await asyncio.sleep(0.05)
    assert platform.starts == 1
    assert "left behind" not in caplog.text


@pytest.mark.parametrize(
    ("state", "age", "troubled"),
    [
        ("connected", PATIENCE * 2, False),
        ("lost", PATIENCE / 2, False),
        ("lost", PATIENCE * 2, True),
        ("connecting", PATIENCE * 2, True),
        ("refused", timedelta(), True),
    ],
)
async def test_somebody_should_know_what_is_refused_or_lost_for_long(
    *, state: str, age: timedelta, troubled: bool
) -> None:
    platform = MemoryPlatform("one")
    link = Link("one", lambda: NOW - age)
    match state:
        case "connected":
            link.connected()
        case "lost":
            link.lost(_("Gone."))
        case "refused":
            link.refused(_("Revoked."), _("Make a new token."))
        case _:
            pass
    platform._link = link
    assert Connections([platform], lambda: NOW).troubled is troubled
