"""The whole program on Discord is killed under traffic, and nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.support.discord import Channel, DiscordServer, Person
from tests.support.discord.applications import Application
from tests.support.program import Program, kill


class Trial:
    """Somebody who goes on talking, and a program that is killed meanwhile."""

    def __init__(self, server: DiscordServer, folder: Path) -> None:
        self.server = server
        self.application: Application = server.application(
            "QuitX", token="good", privileged=("members", "message_content")
        )
        guild = server.guild("Les Amis")
        guild.add(self.application)
        self.room: Channel = guild.channel("general")
        self.amal: Person = guild.person("Amal")
        self.program = Program(
            folder,
            {
                "QUITX_DISCORD__TOKEN": self.application.token,
                "QUITX_DISCORD__API_URL": server.api_url,
                "QUITX_DISCORD__GATEWAY_URL": server.gateway_url,
            },
        )

    async def play(self, kills: int, messages: int) -> Counter[int]:
        """Talk while the program is killed so often; return how often each was answered."""
        process = self.program.start("run")
        try:
            await self.server.connected(self.application, within=20)
            talking = asyncio.create_task(self._talk(messages))
            for _kill in range(kills):
                await asyncio.sleep(0.4)
                await asyncio.to_thread(kill, process)
                process = self.program.start("run")
                await self.server.connected(self.application, within=20)
            await talking
            await self.server.wait(lambda: len(self.answers()) >= messages, within=30)
            await asyncio.sleep(1)
        finally:
            await asyncio.to_thread(kill, process)
        return self.answers()

    def answers(self) -> Counter[int]:
        """Return how many answers each message has, in the direct conversation."""
        direct = self.amal.direct(self.application)
        said = [seen.text for seen in self.amal.seen(direct)]
        words = [word for text in said for word in text.split() if word.startswith("word-")]
        return Counter(int(word.removeprefix("word-")) for word in words)

    async def _talk(self, messages: int) -> None:
        for number in range(messages):
            await self.amal.post(self.room, f"!quitx word-{number}")
            await asyncio.sleep(0.1)


async def played(folder: Path, kills: int, messages: int) -> Counter[int]:
    async with DiscordServer() as server:
        return await Trial(server, folder).play(kills, messages)


async def test_a_program_that_is_killed_answers_every_message_once(tmp_path: Path) -> None:
    assert await played(tmp_path, 1, 20) == Counter(range(20))


@pytest.mark.soak
async def test_a_program_that_is_killed_again_and_again_answers_every_message_once(
    tmp_path: Path,
) -> None:
    assert await played(tmp_path, 10, 400) == Counter(range(400))
