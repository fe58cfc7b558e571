"""The core's commands in a second, beside two well-known bots with their own test backends."""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from bench.chatting.environments import python_of
from bench.chatting.statements import duty_of

ROUNDS: Final = 5
COMMANDS: Final = 300
_WARM: Final = 100
_ROOT: Final = Path(__file__).resolve().parents[2]
_PEERS: Final = "bench.chatting.peers"
_STATUS: Final = "status"
_HELP: Final = "help status"


class _Process:
    """A bot in a process of its own."""

    def __init__(self, *command: str) -> None:
        self._command = command

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT
        )
        assert self._said() == "ready", self._command
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate(timeout=60)

    def rate(self, count: int) -> float:
        """Return how many commands it answered in a second."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{count}\n")
        self._process.stdin.flush()
        return count / float(self._said().split()[0])

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def rates() -> Mapping[str, Sequence[float]]:
    """Measure everybody in turn, round by round."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for line in (_STATUS, _HELP):
            (folder / line).mkdir()
        status = str(duty_of(folder / "duty", _STATUS))
        errbot = (str(python_of("errbot")), "-m", f"{_PEERS}.errbot_bot")
        opsdroid = (str(python_of("opsdroid")), "-m", f"{_PEERS}.opsdroid_bot")
        ours = (sys.executable, "-m", f"{_PEERS}.quitx_bot")
        commands = {
            "QuitX, `/quitx status`": (*ours, str(folder / _STATUS), _STATUS),
            "QuitX, `/quitx help status`": (*ours, str(folder / _HELP), _HELP),
            "errbot, the statements of status": (*errbot, status),
            "opsdroid, the statements of status": (*opsdroid, status),
            "errbot, nothing kept or read": errbot,
            "opsdroid, nothing kept or read": opsdroid,
        }
        measured: dict[str, list[float]] = {each: [] for each in commands}
        with ExitStack() as stack:
            bots = {
                each: stack.enter_context(_Process(*command)) for each, command in commands.items()
            }
            for bot in bots.values():
                bot.rate(_WARM)
            # One after the other: two of them at once would share the processors.
            for _round in range(ROUNDS):
                for each, bot in bots.items():
                    measured[each].append(bot.rate(COMMANDS))
    return measured


def table() -> str:
    """Measure, and return the table."""
    measured = rates()
    ours = statistics.median(measured["QuitX, `/quitx status`"])
    rows = [
        f"| {name} | {statistics.median(each):,.0f} | {min(each):,.0f}–{max(each):,.0f} "
        f"| {ours / statistics.median(each):.2f}x |"
        for name, each in measured.items()
    ]
    return "\n".join(
        (
            f"Commands in a second, {ROUNDS} rounds of {COMMANDS}, 100 waiting at a time:",
            "",
            "| bot | median | all | QuitX's status beside it |",
            "|---|---|---|---|",
            *rows,
        )
    )


if __name__ == "__main__":
    print(table())
