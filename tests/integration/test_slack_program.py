"""The whole program, as it is installed, with Slack."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.program import Program, kill
from tests.support.slack import SlackServer
from tests.support.slack.apps import App, Bot
from tests.support.slack.people import Person
from tests.support.slack.places import Channel

_CODE = re.compile(r"\b[0-9A-Za-z]{4}(?:-[0-9A-Za-z]{4})+\b")
_PATIENCE = 40


class Installation:
    """An installation that was made as the page says."""

    def __init__(self, server: SlackServer, folder: Path) -> None:
        self.server = server
        printed = Program(folder)("manifest", "slack")
        assert printed.returncode == 0, printed.stderr
        self.app: App = server.app(json.loads(printed.stdout))
        team = server.team("Les Amis")
        self.bot: Bot = team.install(self.app)
        self.amal: Person = team.person("Amal")
        self.general: Channel = team.channel("general", self.amal, self.bot)
        (folder / "slack-bot-token").write_text(f"{self.bot.token}\n", "utf-8")
        (folder / "slack-app-token").write_text(f"{self.app.token}\n", "utf-8")
        (folder / "quitx.toml").write_text(
            "[slack]\n"
            'bot_token_file = "slack-bot-token"\n'
            'app_token_file = "slack-app-token"\n'
            f'api_url = "{server.api_url}"\n',
            "utf-8",
        )
        self.program = Program(folder)

    async def doctor(self) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(self.program, "doctor")

    async def invited(self) -> str:
        done = await asyncio.to_thread(self.program, "setup", "The Shared Gardens")
        assert done.returncode == 0, done.stderr
        found = re.search(r"/quitx setup (\S+?)[.\s]", done.stdout + "\n")
        assert found, done.stdout
        return found[1]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[subprocess.Popen[str]]:
        process = self.program.start("run")
        try:
            await self.server.connected(self.app, timeout=_PATIENCE)
            yield process
        finally:
            if process.poll() is None:
                kill(process)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


async def test_from_nothing_to_the_first_status(folder: Path) -> None:
    async with SlackServer() as server:
        installation = Installation(server, folder)
        amal, general = installation.amal, installation.general
        examined = await installation.doctor()
        assert "all scopes are granted" in examined.stdout
        code = await installation.invited()
        async with installation.running() as process:
            assert (await amal.slash(general, f"/quitx setup {code}")).acked
            await amal.until(general, "The Shared Gardens", timeout=_PATIENCE)
            await amal.slash(general, "/quitx status")
            seen = await amal.until(
                general, lambda each: "practice" in each.text, timeout=_PATIENCE
            )
            assert not seen.pings
            process.send_signal(signal.SIGTERM)
            output = await asyncio.to_thread(process.communicate)
            assert process.returncode == 0, output


async def test_killed_under_traffic_it_loses_nothing_and_does_nothing_twice(folder: Path) -> None:
    asked = 20
    async with SlackServer() as server:
        installation = Installation(server, folder)
        amal, general = installation.amal, installation.general
        code = await installation.invited()
        async with installation.running() as process:
            await amal.slash(general, f"/quitx setup {code}")
            await amal.until(general, "The Shared Gardens", timeout=_PATIENCE)

            async def ask() -> None:
                for _message in range(asked):
                    await amal.post(general, "!quitx practice sample")
                    await asyncio.sleep(0.02)

            asking = asyncio.create_task(ask())
            await amal.until(general, "A sample archive is ready", timeout=_PATIENCE)
            kill(process)
            await asking
        async with installation.running():
            # Slack brings what was not acknowledged once more after a minute, and after five.
            server.clock.advance(60)

            def answers() -> tuple[int, int]:
                texts = [each.text for each in amal.seen(general)]
                done = sum("A sample archive is ready" in text for text in texts)
                broken_off = sum("stopped while this was being done" in text for text in texts)
                return done, broken_off

            await server.until(lambda: sum(answers()) >= asked, timeout=_PATIENCE)
            await server.settled()
            await asyncio.sleep(1)
            done, broken_off = answers()
            assert done <= asked
            assert done + broken_off <= asked + 1
        server.take_violations()
