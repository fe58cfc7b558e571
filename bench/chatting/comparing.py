"""What a command costs behind a chat, measured from outside, and the table of it."""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Protocol

from msgspec import Struct

from bench.chatting.processes import QUITX, Program
from bench.chatting.standing import peopled, settings_in
from bench.chatting.statements import duty_of
from chatops.conversation.addresses import Member, Place
from chatops.store import Store

IN_FLIGHT: Final = 100
ROUNDS: Final = 3
COMMANDS: Final = 300
IDLE: Final = 60
_WARM: Final = 100
_PAUSE: Final = 0.05
_ROOT: Final = Path(__file__).resolve().parents[2]


class Cost(Struct, frozen=True):
    """Processor seconds of one command, in each round."""

    rounds: list[float]

    @property
    def median(self) -> float:
        """The round to quote."""
        return statistics.median(self.rounds)


class Latency(Struct, frozen=True):
    """Seconds until the acknowledgement: one command at a time, and 100 in flight."""

    idle: list[float]
    busy: list[float]


class Stage(Protocol):
    """A double with ten people in ten channels, and a bot that may connect to it."""

    async def call(self, number: int, line: str) -> float:
        """Let somebody call; return the seconds until the acknowledgement."""
        ...

    @property
    def environ(self) -> Mapping[str, str]:
        """What `quitx run` is told."""
        ...

    @property
    def arguments(self) -> Sequence[str]:
        """What the bare bot is told."""
        ...

    @property
    def people(self) -> tuple[Sequence[Member], Sequence[Place]]:
        """The people and the channels, as the core names them."""
        ...

    def ready(self) -> object:
        """Whether the bot is connected and can be called."""
        ...


Staged = Callable[[], AbstractAsyncContextManager[Stage]]


def compared(sdk: str, bare_bot: str, staged: Staged) -> str:
    """Measure the program beside the bare SDK, and return the tables.

    Args:
        bare_bot: The module of the bot that is the SDK alone.
    """
    with tempfile.TemporaryDirectory() as name:
        return _Comparison(sdk, bare_bot, staged, Path(name)).tables()


class _Comparison:
    def __init__(self, sdk: str, bare_bot: str, staged: Staged, folder: Path) -> None:
        self._sdk = sdk
        self._bare_bot = bare_bot
        self._staged = staged
        self._folder = folder

    def tables(self) -> str:
        duties = {line: duty_of(self._new(f"duty of {line}"), line) for line in ("status", "help")}
        status, latency = asyncio.run(self._ours("status"))
        helped, _latency = asyncio.run(self._ours("help"))
        none = asyncio.run(self._bare("silent"))
        of_status = asyncio.run(self._bare("silent", duties["status"]))
        of_help = asyncio.run(self._bare("silent", duties["help"]))
        said = asyncio.run(self._bare("saying", duties["status"]))
        sdk = self._sdk
        rows = (
            ("`/quitx status`", status, ""),
            (
                f"{sdk}'s no-op and the statements of status, bare",
                of_status,
                _ratio(status, of_status, "status / this", "1.5x"),
            ),
            ("the same, and one line said", said, _ratio(status, said, "status / this")),
            ("`/quitx help`, which reads nothing of its own", helped, ""),
            (
                f"{sdk}'s no-op and the statements of help, bare",
                of_help,
                _ratio(helped, of_help, "help / this"),
            ),
            (f"{sdk}'s no-op", none, _ratio(helped, none, "help / this", "2x")),
        )
        return f"{_costs(rows)}\n\n{_latencies(latency)}"

    async def _ours(self, line: str) -> tuple[Cost, Latency]:
        folder = self._new(f"ours {line}")
        async with self._staged() as stage:
            await prepare(folder, stage.people)
            with Program(QUITX, "run", folder=folder, environ=stage.environ) as program:
                await program.until(stage.ready)
                cost = await _measured_cost(program, stage, line)
                return cost, await _measured_latency(program, stage, line)

    async def _bare(self, saying: str, *duty: Path) -> Cost:
        folder = self._new("bare")
        async with self._staged() as stage:
            told: tuple[str | Path, ...] = (*stage.arguments, saying, *duty)
            command = (sys.executable, "-m", self._bare_bot, *told)
            environ = {"PYTHONPATH": str(_ROOT)}
            with Program(*command, folder=folder, environ=environ) as program:
                await program.until(stage.ready)
                return await _measured_cost(program, stage, "status")

    def _new(self, name: str) -> Path:
        return Path(tempfile.mkdtemp(prefix=name.replace(" ", "-"), dir=self._folder))


async def prepare(folder: Path, people: tuple[Sequence[Member], Sequence[Place]]) -> None:
    """Make an organisation of these people, in these places, in a folder's database."""
    store = await Store.open(settings_in(folder).store.url.reveal())
    await peopled(store, *people)
    await store.close()


async def _batch(stage: Stage, line: str, count: int) -> list[float]:
    """Keep 100 commands in flight until so many have been acknowledged."""
    numbers = iter(range(count))

    async def one_after_the_other() -> list[float]:
        return [await stage.call(number, line) for number in numbers]

    done = await asyncio.gather(*(one_after_the_other() for _each in range(IN_FLIGHT)))
    return [each for latencies in done for each in latencies]


async def _measured_cost(program: Program, stage: Stage, line: str) -> Cost:
    """Measure the processor seconds of a command, its answer included."""
    await _batch(stage, line, _WARM)
    rounds: list[float] = []
    for _round in range(ROUNDS):
        before = await program.still()
        await _batch(stage, line, COMMANDS)
        rounds.append((await program.still() - before) / COMMANDS)
    return Cost(rounds)


async def _measured_latency(program: Program, stage: Stage, line: str) -> Latency:
    """Measure how soon a command is acknowledged."""
    busy = await _batch(stage, line, COMMANDS)
    await program.still()
    idle: list[float] = []
    for number in range(IDLE):
        idle.append(await stage.call(number, line))
        await asyncio.sleep(_PAUSE)
    return Latency(idle, busy)


def _costs(rows: Sequence[tuple[str, Cost, str]]) -> str:
    return "\n".join(
        (
            "| processor time of a command, 100 in flight | median | rounds | ratio |",
            "|---|---|---|---|",
            *(
                f"| {name} | {each.median * 1000:.2f} ms "
                f"| {', '.join(f'{one * 1000:.2f}' for one in each.rounds)} | {ratio} |"
                for name, each, ratio in rows
            ),
        )
    )


def _ratio(ours: Cost, theirs: Cost, name: str, target: str = "") -> str:
    shown = f"{name}: {ours.median / theirs.median:.2f}x"
    return f"{shown} (target {target})" if target else shown


def _latencies(latency: Latency) -> str:
    return "\n".join(
        (
            "| acknowledgement of `/quitx status` | median | p99 | worst | target |",
            "|---|---|---|---|---|",
            _row("idle", latency.idle, "median 3 ms"),
            _row(f"{IN_FLIGHT} in flight", latency.busy, "p99 250 ms, never 3 s"),
        )
    )


def _row(name: str, seconds: list[float], target: str) -> str:
    ordered = sorted(seconds)
    p99 = ordered[int(len(ordered) * 0.99)]
    return (
        f"| {name} | {statistics.median(ordered) * 1000:.1f} ms | {p99 * 1000:.1f} ms "
        f"| {ordered[-1] * 1000:.1f} ms | {target} |"
    )
