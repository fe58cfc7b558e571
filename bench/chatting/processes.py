"""Programs measured from outside: how much of the processor and of the memory they take."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

QUITX: Final = Path(sys.executable).with_name("quitx")
_TICKS: Final = os.sysconf("SC_CLK_TCK")
_PATIENCE: Final = 30.0
_STILL: Final = 0.3
_STILL_CPU: Final = 0.03


class Program:
    """A program that runs until the block ends."""

    def __init__(self, *command: str | Path, folder: Path, environ: Mapping[str, str]) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("QUITX")}
        self._logged = (folder / "log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            [str(each) for each in command],
            cwd=folder,
            env={**inherited, **environ},
            stdout=self._logged,
            stderr=subprocess.STDOUT,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._logged.close()

    @property
    def cpu(self) -> float:
        """The processor seconds that it has taken, with its threads."""
        fields = Path(f"/proc/{self._process.pid}/stat").read_text("utf-8").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / _TICKS

    @property
    def resident(self) -> int:
        """The bytes of memory that it holds."""
        status = Path(f"/proc/{self._process.pid}/status").read_text("utf-8")
        line = next(each for each in status.splitlines() if each.startswith("VmRSS:"))
        return int(line.split()[1]) * 1024

    @property
    def mapped(self) -> str:
        """The names of the files that it has mapped: compiled modules among them."""
        return Path(f"/proc/{self._process.pid}/maps").read_text("utf-8")

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until something holds outside of it."""
        async with asyncio.timeout(_PATIENCE):
            while not condition():
                if self._process.poll() is not None:
                    self._logged.seek(0)
                    raise RuntimeError(f"it ended:\n{self._logged.read()}")
                await asyncio.sleep(0.02)

    async def still(self) -> float:
        """Wait until it does nothing any more; return the processor seconds until then."""
        before = self.cpu
        while True:
            await asyncio.sleep(_STILL)
            now = self.cpu
            if now - before <= _STILL_CPU:
                return now
            before = now
