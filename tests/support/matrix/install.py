"""Installs Synapse in an environment of its own, once for each list of packages and Python.

python -m tests.support.matrix.install
"""

from __future__ import annotations

import fcntl
import hashlib
import platform
import subprocess
import sys
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.support.needs import on_ci

VERSION: Final = "1.163.2"

_HERE: Final = Path(__file__).resolve().parent
_ROOT: Final = _HERE.parents[2]
_PACKAGES: Final = _HERE / "requirements.txt"
_FOLDER: Final = _ROOT / ".cache" / f"synapse-{VERSION}"
_STAMP: Final = _FOLDER / "installed"
_UV: Final = _ROOT / ".tools" / "bin" / "uv"
_WHEELS: Final = frozenset({("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64")})
"""The machines for which Synapse has wheels."""


class InstallError(RuntimeError):
    """Synapse could not be installed."""


def missing() -> str | None:
    """Return a sentence that says what this machine lacks, or None."""
    machine = (sys.platform, platform.machine())
    if _is_installed() or machine in _WHEELS:
        return None
    return f"There is no ready-made Synapse {VERSION} for this machine ({'/'.join(machine)})."


def install() -> Path:
    """Install Synapse unless it is there, and return the Python that has it."""
    reason = missing()
    if reason is not None:
        raise InstallError(reason)
    if not _is_installed():
        _FOLDER.mkdir(parents=True, exist_ok=True)
        with _only_one_process() as lock:
            if not _is_installed():
                _install(lock)
    return _FOLDER / "bin" / "python"


def _install(lock: int) -> None:
    """Fetch everything anew, and say so last."""
    _STAMP.unlink(missing_ok=True)
    python = str(_FOLDER / "bin" / "python")
    if _UV.exists():
        _run(
            [
                str(_UV),
                "venv",
                "--quiet",
                "--allow-existing",
                "--python",
                sys.executable,
                str(_FOLDER),
            ],
            lock,
        )
        _run(
            [str(_UV), "pip", "install", "--quiet", "--python", python, "-r", str(_PACKAGES)], lock
        )
    else:
        venv.create(_FOLDER, with_pip=True)
        _run([python, "-m", "pip", "install", "--quiet", "-r", str(_PACKAGES)], lock)
    new = _STAMP.with_suffix(".new")
    new.write_text(_stamp(), encoding="utf-8")
    new.replace(_STAMP)


def _run(command: list[str], lock: int) -> None:
    done = subprocess.run(
        command,
        # The installer holds the lock too: if this process is killed, nobody starts beside it.
        pass_fds=(lock,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise InstallError(f"{' '.join(command)} failed:\n{done.stdout[-4000:]}")


@contextmanager
def _only_one_process() -> Iterator[int]:
    with (_FOLDER / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


def _is_installed() -> bool:
    return _STAMP.is_file() and _STAMP.read_text(encoding="utf-8") == _stamp()


def _stamp() -> str:
    packages = hashlib.sha256(_PACKAGES.read_bytes()).hexdigest()
    return f"{packages} python {platform.python_version()} {platform.machine()}\n"


def main() -> int:
    """Install; a machine that lacks something is told so, and is an error on CI only."""
    reason = missing()
    if reason is not None:
        sys.stderr.write(f"{reason} Without it the tests that need it are skipped.\n")
        return 1 if on_ci() else 0
    try:
        install()
    except InstallError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
