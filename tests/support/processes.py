"""Servers that end when the tests end, however the tests end."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypedDict, TypeVar

Found = TypeVar("Found")

# Reads until whoever started it is gone, then ends the server's process group (stopped ones too)
# and removes its folder.
_GUARD = """
cat > /dev/null
kill -s "$2" -- "-$1" 2> /dev/null
kill -s CONT -- "-$1" 2> /dev/null
tries=200
while [ "$tries" -gt 0 ] && kill -s 0 -- "-$1" 2> /dev/null; do
  sleep 0.05
  tries=$((tries - 1))
done
kill -s KILL -- "-$1" 2> /dev/null
rm -rf -- "$3"
"""


class ServerError(RuntimeError):
    """A server did not start."""


class Identity(TypedDict):
    """As whom a program runs."""

    user: int | None
    group: int | None
    extra_groups: list[int] | None


def as_user(user: pwd.struct_passwd | None) -> Identity:
    """Return what makes `subprocess` run a program as this user, or as the present one."""
    if user is None:
        return {"user": None, "group": None, "extra_groups": None}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


class ServerProcess:
    """A program with a folder of its own; `stop`, or the death of this process, removes both."""

    def __init__(
        self,
        command: list[str],
        folder: Path,
        *,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        user: pwd.struct_passwd | None = None,
    ) -> None:
        self._output = folder / "output.txt"
        with self._output.open("wb") as output:
            self._server = subprocess.Popen(
                command,
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                **as_user(user),
                process_group=0,
            )
        self._guard = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD, "guard", str(self.pid), stop_signal.name[3:], str(folder)],
            stdin=subprocess.PIPE,
            process_group=0,
        )

    @property
    def pid(self) -> int:
        """The server's process, which leads its process group."""
        return self._server.pid

    def output(self) -> str:
        """Return what the server has printed."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    def wait_until(self, ready: Callable[[], Found | None], seconds: float) -> Found:
        """Return what `ready` finds; stop the server and raise if it dies or takes too long."""
        deadline = time.monotonic() + seconds
        while (found := ready()) is None:
            if self._server.poll() is not None or time.monotonic() > deadline:
                said = self.output()[-4000:]
                self.stop()
                raise ServerError(f"The server was not ready within {seconds} s. It said:\n{said}")
            time.sleep(0.02)
        return found

    def pause(self) -> None:
        """Freeze the server: connections open, answers never come."""
        os.killpg(self.pid, signal.SIGSTOP)

    def unpause(self) -> None:
        """Let a frozen server go on."""
        os.killpg(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """End the server as a power cut would: nothing is said, nothing is finished."""
        os.killpg(self.pid, signal.SIGKILL)
        self._server.wait()

    def stop(self) -> None:
        """End the server and remove its folder; may be called twice."""
        if self._guard.stdin is not None:
            self._guard.stdin.close()
        self._server.wait()
        self._guard.wait()
