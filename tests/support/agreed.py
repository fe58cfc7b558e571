"""Migrations that somebody has said yes to, for a program of its own to go on with.

All up to there is done in this process: that is faster than a program for each command.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from chatops.archive.composing import Record
from chatops.bootstrap import House, opened, working
from chatops.config import Settings, load
from chatops.conversation.addresses import Member, Place
from chatops.errands import connect_account
from chatops.testing import MemoryPlatform, Said
from tests.support.archives import Made
from tests.support.bluesky.pds import Account
from tests.support.migrating import Migrating
from tests.support.program import Program

_HOME = Place("console", "", "home")
_OPERATOR = Member("console", "", "operator", "Operator")
_SOON = timedelta(seconds=60)


class Talk:
    """A conversation with the rooms of this process."""

    def __init__(self, house: House, platform: MemoryPlatform) -> None:
        self._house = house
        self._platform = platform

    async def says(self, line: str) -> Said:
        """Call the bot, and return what it answers."""
        before = len(self._platform.said)
        await self._platform.call(_OPERATOR, _HOME, line)
        await self._house.conversation.settled()
        answer = self._platform.said[before]
        assert answer.reply.complaint is None, answer.text
        return answer

    async def confirms(self, line: str, *, settling: bool = True) -> None:
        """Call a command that is previewed first, say yes, and let it do its work."""
        preview = await self.says(line)
        await self._platform.react_to(_OPERATOR, preview.ref, "✅")
        await self._house.conversation.settled()
        if settling:
            assert await self._house.engine.settled(_SOON)
            await self._house.conversation.settled()


def settings_in(folder: Path, service: str, **more: str) -> dict[str, str]:
    """Return settings for programs that work in a folder, and for rooms of this process, too."""
    return {
        "QUITX_STORE__URL": f"sqlite:///{folder / 'quitx.db'}",
        "QUITX_VAULT__KEY_FILE": str(folder / "quitx.key"),
        "QUITX_ARCHIVE__INBOX": str(folder / "inbox"),
        "QUITX_ARCHIVE__KEPT": str(folder / "kept"),
        "QUITX_BLUESKY__SERVICE": service,
        "QUITX_BLUESKY__POINTS_PER_HOUR": "10000000",
        "QUITX_BLUESKY__POINTS_PER_DAY": "10000000",
        **more,
    }


@asynccontextmanager
async def _talking(settings: Settings) -> AsyncIterator[tuple[House, Talk]]:
    platform = MemoryPlatform("console")
    async with opened(settings, lambda _ground: [platform]) as house:
        listening = asyncio.create_task(platform.run(house.conversation.receive))
        await platform.connected.wait()
        try:
            yield house, Talk(house, platform)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


@asynccontextmanager
async def _only_writing(house: House) -> AsyncIterator[None]:
    """Have what is asked for written down, for a program that works."""
    await house.engine.prepare()
    house.outbox.start()
    try:
        yield
    finally:
        await house.engine.stop()
        await house.outbox.stop()


async def agreed(
    account: Account,
    folder: Path,
    service: str,
    tweets: Sequence[Record],
    media: Mapping[str, bytes] | None = None,
) -> Migrating:
    """Bring a live migration to where a program moves all but the first five posts."""
    archive = Made({"tweets.js": tweets}, media=media or {}).zipped(folder / "archive.zip")
    environ = settings_in(folder, service)
    settings = load(None, environ)
    password = account.app_password
    await connect_account(settings, "bluesky", account.handle, password, None, None)
    async with _talking(settings) as (house, talk), working(house):
        await talk.confirms("live")
        await talk.says(f"migrate plan {archive}")
        await talk.confirms("migrate start")
    async with _talking(settings) as (house, talk), _only_writing(house):
        await talk.says("migrate resume")
    return Migrating(Program(folder, environ), environ["QUITX_STORE__URL"], len(tweets))


async def started_in_practice(folder: Path, tweets: Sequence[Record]) -> Migrating:
    """Bring a migration in practice to where a program moves all of it."""
    archive = Made({"tweets.js": tweets}).zipped(folder / "archive.zip")
    environ = settings_in(folder, "http://localhost")
    async with _talking(load(None, environ)) as (house, talk), _only_writing(house):
        await talk.says(f"migrate plan {archive}")
        await talk.confirms("migrate start", settling=False)
    return Migrating(Program(folder, environ), environ["QUITX_STORE__URL"], len(tweets))


class Running:
    """The program at work."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.logged = ""
        """What it had logged when it ended."""

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that the program does, and fail if it ends before."""
        async with asyncio.timeout(_SOON.total_seconds()):
            while not await asyncio.to_thread(true):
                assert self.process.poll() is None, self.process.communicate()[1]
                await asyncio.sleep(0.05)


@asynccontextmanager
async def running(program: Program) -> AsyncIterator[Running]:
    """Run the program while the block lasts; it has to end in good order."""
    run = Running(program.start("run"))
    try:
        yield run
    finally:
        run.process.terminate()
        _out, run.logged = await asyncio.to_thread(run.process.communicate, timeout=30)
    assert run.process.returncode == 0, run.logged
