"""The whole program on Matrix is killed under encrypted traffic: nothing is lost or done twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.support.matrix.person import Person
from tests.support.matrix.synapse import SynapseServer
from tests.support.program import Program, kill


class Trial:
    """Somebody who goes on talking, and a program that is killed meanwhile."""

    def __init__(self, server: SynapseServer, amal: Person, folder: Path) -> None:
        self.amal = amal
        self.bot = server.create_account("QuitX")
        self.room = ""
        self.program = Program(
            folder,
            {
                "QUITX_MATRIX__HOMESERVER": server.url,
                "QUITX_MATRIX__USER": self.bot.user_id,
                "QUITX_MATRIX__PASSWORD": self.bot.password,
                "QUITX_MATRIX__STORE_DIR": str(folder / "matrix"),
                "QUITX_MATRIX__ALLOW_INVITES": server.server_name,
            },
        )

    async def play(self, kills: int, messages: int) -> Counter[int]:
        """Talk while the program is killed so often; return how often each was answered."""
        process = self.program.start("run")
        try:
            self.room = await self.amal.open_room(
                invite=[self.bot.user_id], is_direct=True, encrypted=True
            )
            await self.amal.with_member(self.room, self.bot.user_id)
            await self.amal.say(self.room, "word--1")
            await self._heard(0)
            talking = asyncio.create_task(self._talk(messages))
            for number in range(1, kills + 1):
                await self._heard(number * messages // (kills + 2))
                await asyncio.to_thread(kill, process)
                process = self.program.start("run")
            await talking
            await self._heard(messages)
            await asyncio.sleep(1)
        finally:
            await asyncio.to_thread(kill, process)
        return await self.answers()

    async def answers(self) -> Counter[int]:
        """Return how many answers each message has."""
        heard = await self.amal.read(self.room)
        own = [each.body for each in heard if each.sender == self.bot.user_id]
        found = [word for body in own for word in body.split() if word.startswith("word-")]
        return Counter(int(word.removeprefix("word-").strip("”")) for word in found)

    async def _heard(self, number: int) -> None:
        """Wait until so many messages are answered, after the one that begins."""
        async with asyncio.timeout(60):
            while len(await self.answers()) <= number:  # noqa: ASYNC110 - the room is read anew
                await asyncio.sleep(0.1)

    async def _talk(self, messages: int) -> None:
        for number in range(messages):
            await self.amal.say(self.room, f"word-{number}")
            await asyncio.sleep(0.05)


async def played(server: SynapseServer, folder: Path, kills: int, messages: int) -> Counter[int]:
    async with Person(server, "Amal") as amal:
        return await Trial(server, amal, folder).play(kills, messages)


async def test_a_program_that_is_killed_answers_every_message_once(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    assert await played(synapse_server, tmp_path, 1, 20) == Counter(range(-1, 20))


@pytest.mark.soak
async def test_a_program_that_is_killed_again_and_again_answers_every_message_once(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    assert await played(synapse_server, tmp_path, 8, 200) == Counter(range(-1, 200))
