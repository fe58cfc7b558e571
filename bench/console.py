"""The console: what a command costs inside the process, and how fast the program says its help."""

from __future__ import annotations

import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from adapters.console.platform import ConsolePlatform
from chatops.bootstrap import opened, working
from chatops.config import load

CALLS = 300
HELPS = 7


@dataclass(frozen=True)
class Call:
    """How long one command took, in seconds.

    Args:
        answered: Until its reply was written.
        done: Until the next line was asked for.
    """

    answered: float
    done: float


class _Watched(StringIO):
    """An output that knows when it was last written to."""

    written = 0.0

    def write(self, text: str, /) -> int:
        """Write, and look at the clock."""
        self.written = time.perf_counter()
        return super().write(text)


async def _lines(out: _Watched, spent: list[Call]) -> AsyncIterator[str]:
    """Type a command again and again; the next line is asked for once one is done with."""
    for _call in range(CALLS):
        start = time.perf_counter()
        yield "/quitx status"
        spent.append(Call(out.written - start, time.perf_counter() - start))


async def _talk(folder: Path) -> list[Call]:
    settings = load(None, {"QUITX_STORE__URL": f"sqlite:///{folder / 'quitx.db'}"})
    spent: list[Call] = []
    out = _Watched()

    async def answered() -> None:
        await house.conversation.settled()

    console = ConsolePlatform(
        answered=answered, settled=answered, lines=_lines(out, spent), out=out, json=True
    )
    async with opened(settings, lambda _ground: [console]) as house, working(house):
        await console.run(house.conversation.receive)
    return spent


def _help() -> float:
    program = Path(sys.executable).with_name("quitx")
    start = time.perf_counter()
    subprocess.run([program, "--help"], check=True, capture_output=True)
    return time.perf_counter() - start


def run() -> str:
    """Measure both and return a table."""
    with tempfile.TemporaryDirectory() as folder:
        before = Path.cwd()
        os.chdir(folder)
        try:
            spent = asyncio.run(_talk(Path(folder)))
        finally:
            os.chdir(before)
    helps = [_help() for _time in range(HELPS)]
    bare = [_bare() for _time in range(HELPS)]
    rows = (
        ("`/quitx status`, typed to answered", [call.answered for call in spent], "5 ms"),
        ("the same, until its event is filed too", [call.done for call in spent], ""),
        ("`quitx --help`", helps, "300 ms"),
        ("bare `python -c pass`, beside it", bare, ""),
    )
    return "\n".join(
        (
            "| what | median | p99 | target |",
            "|---|---|---|---|",
            *(
                f"| {name} | {_ms(statistics.median(all_))} | {_ms(_p99(all_))} | {target} |"
                for name, all_, target in rows
            ),
        )
    )


def _p99(values: Sequence[float]) -> float:
    return sorted(values)[int(len(values) * 0.99)]


def _bare() -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.perf_counter() - start


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.1f} ms"


if __name__ == "__main__":
    print(run())
