"""Matrix, on a real Synapse: 200 commands in one burst, each answered once."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import httpx

from bench.chatting.comparing import prepare
from bench.chatting.processes import QUITX, Program
from chatops.conversation.addresses import Member, Place
from tests.support.matrix import install
from tests.support.matrix.synapse import Account, SynapseServer

COMMANDS: Final = 200
_ROUNDS: Final = 2
_LINE: Final = "!quitx practice show"
_ANSWER: Final = "Nothing has been published"
_AT_A_TIME: Final = 8
_PATIENCE: Final = 180.0
_LOOK: Final = 0.2
_LATE: Final = 3.0
"""Seconds after the last answer in which one too many would come."""


@dataclass(frozen=True)
class Stage:
    """A room with somebody in it, to which the bot is invited."""

    server: SynapseServer
    bot: Account
    amal: Account
    room: str
    client: httpx.AsyncClient

    @property
    def environ(self) -> Mapping[str, str]:
        """What `quitx run` is told."""
        return {
            "QUITX_MATRIX__HOMESERVER": self.server.url,
            "QUITX_MATRIX__USER": self.bot.user_id,
            "QUITX_MATRIX__PASSWORD": self.bot.password,
            "QUITX_MATRIX__ALLOW_INVITES": self.server.server_name,
        }

    @property
    def people(self) -> tuple[Sequence[Member], Sequence[Place]]:
        """Who speaks, and where, as the core names them."""
        amal = Member("matrix", "", self.amal.user_id, self.amal.name)
        return [amal], [Place("matrix", "", self.room)]

    def ready(self) -> object:
        """Whether the bot has joined."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room)}/joined_members"
        return self.bot.user_id in self.server.call("GET", path, self.amal.access_token)["joined"]

    async def call(self, number: int, _line: str = _LINE) -> float:
        """Write a command; return the seconds until the server had it."""
        started = time.perf_counter()
        path = f"/_matrix/client/v3/rooms/{quote(self.room)}/send/m.room.message/{number}-{started}"
        answer = await self.client.put(path, json={"msgtype": "m.text", "body": _LINE})
        answer.raise_for_status()
        return time.perf_counter() - started

    async def answers(self) -> int:
        """Return how many times the bot has answered."""
        path = f"/_matrix/client/v3/rooms/{quote(self.room)}/messages"
        given: dict[str, str] = {"dir": "b", "limit": "100"}
        found = 0
        while True:
            page: Any = (await self.client.get(path, params=given)).raise_for_status().json()
            found += sum(1 for each in page["chunk"] if self._is_answer(each))
            if "end" not in page or not page["chunk"]:
                return found
            given["from"] = page["end"]

    def _is_answer(self, event: Mapping[str, Any]) -> bool:
        body = str(event["content"].get("body", ""))
        return event["sender"] == self.bot.user_id and _ANSWER in body


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Set the stage."""
    with SynapseServer() as server:
        bot, amal = server.create_account("quitx"), server.create_account("amal")
        made = server.call(
            "POST",
            "/_matrix/client/v3/createRoom",
            amal.access_token,
            json={"preset": "private_chat", "name": "Team", "invite": [bot.user_id]},
        )
        client = httpx.AsyncClient(
            base_url=server.url,
            headers={"Authorization": f"Bearer {amal.access_token}"},
            timeout=_PATIENCE,
            trust_env=False,
        )
        async with client:
            yield Stage(server, bot, amal, made["room_id"], client)


async def _burst(stage: Stage, program: Program) -> tuple[float, int]:
    """Send a burst; return the seconds until all were answered, and how many answers came."""
    before = await stage.answers()
    numbers = iter(range(COMMANDS))

    async def send() -> None:
        for number in numbers:
            await stage.call(number)

    started = time.perf_counter()
    await asyncio.gather(*(send() for _each in range(_AT_A_TIME)))
    async with asyncio.timeout(_PATIENCE):
        while await stage.answers() - before < COMMANDS:  # noqa: ASYNC110 - the server is asked
            await asyncio.sleep(_LOOK)
    spent = time.perf_counter() - started
    await program.still()
    await asyncio.sleep(_LATE)
    return spent, await stage.answers() - before


async def _rows() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as name:
        async with staged() as stage:
            folder = Path(name)
            await prepare(folder, stage.people)
            with Program(QUITX, "run", folder=folder, environ=stage.environ) as program:
                await program.until(stage.ready)
                for _round in range(_ROUNDS):
                    spent, answers = await _burst(stage, program)
                    yield (
                        f"| {COMMANDS} | {answers} | {max(answers - COMMANDS, 0)} "
                        f"| {spent:.1f} s | {COMMANDS} answers, 0 twice |"
                    )


async def _lines() -> list[str]:
    return [row async for row in _rows()]


def _table() -> Iterator[str]:
    yield "| commands in one burst | answers | twice | until the last | target |"
    yield "|---|---|---|---|---|"
    yield from asyncio.run(_lines())


def table() -> str:
    """Measure, and return the table."""
    reason = install.missing()
    return reason if reason is not None else "\n".join(_table())


if __name__ == "__main__":
    print(table())
