"""`quitx run` with every chat connected: the memory that it holds; and what it does not import."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bench.chatting import discord, matrix, slack
from bench.chatting.comparing import Stage
from bench.chatting.processes import QUITX, Program
from tests.support.matrix import install

_SDKS: Final[Mapping[str, str]] = {
    "slack": "slack_bolt",
    "discord": "discord",
    "matrix": "nio",
}
_IDLE: Final = 3.0
_CALLS: Final = 20
_IMPORTED: Final = """
import asyncio, sys
from chatops.bootstrap import opened
from chatops.config import load
from chatops.platforms import configured
from pathlib import Path
import os

async def main():
    async with opened(load(None, os.environ), configured):
        pass

asyncio.run(main())
print(*[name for name in sys.argv[1:] if name in sys.modules])
"""


async def _resident() -> tuple[list[str], float]:
    """Return which chats are connected, and the megabytes that the program then holds."""
    async with AsyncExitStack() as stack:
        stages: dict[str, Stage | matrix.Stage] = {
            "Slack": await stack.enter_async_context(slack.staged()),
            "Discord": await stack.enter_async_context(discord.staged()),
        }
        if install.missing() is None:
            stages["Matrix"] = await stack.enter_async_context(matrix.staged())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        environ = {key: value for each in stages.values() for key, value in each.environ.items()}
        program = stack.enter_context(Program(QUITX, "run", folder=folder, environ=environ))
        for stage in stages.values():
            await program.until(stage.ready)
        for number in range(_CALLS):
            for stage in stages.values():
                await stage.call(number, "status")
        await asyncio.sleep(_IDLE)
        return list(stages), program.resident / 1e6


def _imported(**settings: str) -> list[str]:
    """Return which SDKs the program imports with these settings."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _IMPORTED, *_SDKS.values()],
            env={"PATH": "", **settings},
            cwd=folder,
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout.split()


def table() -> str:
    """Measure, and return the table."""
    connected, megabytes = asyncio.run(_resident())
    rows = [
        (f"resident memory with {', '.join(connected)} connected", f"{megabytes:.0f} MB", "220 MB"),
        ("SDKs imported with no chat configured", ", ".join(_imported()) or "none", "none"),
        (
            "SDKs imported with Slack alone",
            ", ".join(_imported(QUITX_SLACK__BOT_TOKEN="xoxb-1", QUITX_SLACK__APP_TOKEN="xapp-1")),  # noqa: S106 - made up
            "slack_bolt",
        ),
    ]
    return "\n".join(
        (
            "| `quitx run` | measured | target |",
            "|---|---|---|",
            *(f"| {name} | {value} | {target} |" for name, value, target in rows),
        )
    )


if __name__ == "__main__":
    print(table())
