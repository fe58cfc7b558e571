"""The real `quitx` program in a folder of its own, driven from outside as anybody would."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

QUITX = Path(sys.executable).with_name("quitx")
_PATIENCE = 120.0


class Program:
    """Runs `quitx` in a folder, each time as a new process.

    Args:
        folder: The working folder: database, key and kept files are there.
        settings: What is set through the environment, such as `QUITX_STORE__URL`.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("QUITX_")}
        # A test's network is on loopback; a proxy of the machine must not be asked for it.
        self._environ = {**inherited, "LC_ALL": "C.UTF-8", **(settings or {})}

    def __call__(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [QUITX, *arguments],
            cwd=self.folder,
            env=self._environ,
            input=given,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=False,
        )

    def says(self, *lines: str) -> list[dict[str, Any]]:
        """Give lines to the console, and return what it printed, one object for each line.

        Raises:
            AssertionError: Something that is no JSON was printed, or anything went wrong.
        """
        done = self("console", "--json", given="".join(f"{line}\n" for line in lines))
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def complains(self, *lines: str) -> dict[str, Any]:
        """Give lines of which one must fail, and return the error that was told."""
        done = self("console", "--json", given="".join(f"{line}\n" for line in lines))
        assert done.returncode == 1, f"{done.stdout}\n{done.stderr}"
        said = [json.loads(line) for line in done.stdout.splitlines()]
        error: dict[str, Any] = next(each["error"] for each in said if each["error"])
        return error

    def start(self, *arguments: str, given: str = "") -> subprocess.Popen[str]:
        """Start a command that goes on by itself, in a process group of its own."""
        process = subprocess.Popen(
            [QUITX, *arguments],
            cwd=self.folder,
            env=self._environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert process.stdin is not None
        process.stdin.write(given)
        process.stdin.close()
        process.stdin = None
        return process


def kill(process: subprocess.Popen[str]) -> str:
    """End a process as a power cut would; return what it had logged."""
    os.killpg(process.pid, signal.SIGKILL)
    return process.communicate()[1]


def texts(said: Sequence[Mapping[str, Any]]) -> str:
    """Return all that was said, for looking for words in it."""
    return "\n".join(str(each["text"]) for each in said)
