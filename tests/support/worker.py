"""A program with an engine, to be killed: `python -m tests.support.worker URL JOURNAL [NAME]`.

It says `ready` once the engine has started. Its works write lines into the journal: `slow` one when
it begins and one when it ends, in between it waits for the file JOURNAL.go; `quick` one at its end.
SIGTERM stops it in good order.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from chatops.engine import DurableEngine
from chatops.store import Store


class Worker:
    """The program as a test sees it."""

    def __init__(self, url: str, journal: Path, name: str = "") -> None:
        self._journal = journal
        self._process = subprocess.Popen(
            [sys.executable, "-W", "error", "-m", "tests.support.worker", url, journal, name],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline()
        assert said == "ready\n", self._process.communicate()

    @property
    def pid(self) -> int:
        """The program's process."""
        return self._process.pid

    def lines(self) -> list[str]:
        """Return what works have written."""
        return self._journal.read_text().split("\n")[:-1] if self._journal.exists() else []

    def let_go(self) -> None:
        """Let slow works end, now and from now on."""
        self._journal.with_suffix(".go").touch()

    def freeze(self) -> None:
        """Stop the program in its tracks."""
        self._process.send_signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End the program as a power cut would; may be called twice, and after `end`."""
        if self._process.returncode is not None:
            return
        self._process.kill()
        self._process.communicate()

    def end(self) -> tuple[int, str]:
        """End the program in good order; return its status and everything it said."""
        self._process.send_signal(signal.SIGTERM)
        out, err = self._process.communicate(timeout=30)
        return self._process.returncode, out + err


def _append(journal: Path, line: str) -> None:
    descriptor = os.open(journal, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(descriptor, f"{line}\n".encode())
    os.close(descriptor)


async def _run(url: str, journal: Path, name: str) -> None:
    store = await Store.open(url)
    engine = DurableEngine(store, name, dead_after=timedelta(seconds=1.5))
    going = journal.with_suffix(".go")

    async def slow(subject: str, run: int) -> None:
        _append(journal, f"{name} begins {subject} {run}")
        while not going.exists():  # noqa: ASYNC110 - a file sends no events
            await asyncio.sleep(0.02)
        _append(journal, f"{name} ends {subject} {run}")

    async def quick(subject: str, run: int) -> None:
        _append(journal, f"{name} ends {subject} {run}")

    engine.register("slow", slow)
    engine.register("quick", quick)
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    await engine.start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await stopped.wait()
    await engine.stop()
    await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("journal", type=Path)
    parser.add_argument("name", nargs="?", default="")
    arguments = parser.parse_args()
    asyncio.run(_run(arguments.url, arguments.journal, arguments.name))
