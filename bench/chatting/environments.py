"""Environments of their own for the bots that are measured beside ours, made once."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

_CACHE: Final = Path(__file__).resolve().parents[2] / ".cache" / "bench"
_PACKAGES: Final[Mapping[str, tuple[str, ...]]] = {
    # Its test backend needs pytest; both need what setuptools has since given up.
    "errbot": ("errbot==6.2.1", "pytest==8.4.2", "setuptools<81"),
    "opsdroid": ("opsdroid==0.31.0", "setuptools<81"),
}


def python_of(name: str) -> Path:
    """Return the Python of an environment, which is made where it is not there yet."""
    folder = _CACHE / name
    python = folder / "bin" / "python"
    engine = tuple(f"{each}=={version(each)}" for each in ("sqlalchemy", "aiosqlite", "greenlet"))
    wanted = "\n".join((*_PACKAGES[name], *engine, sys.version))
    stamp = folder / "installed"
    if not stamp.exists() or stamp.read_text("utf-8") != wanted:
        venv.create(folder, with_pip=True, clear=True)
        done = subprocess.run(
            [python, "-m", "pip", "install", "--quiet", *_PACKAGES[name], *engine],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{name} cannot be installed:\n{done.stderr[-4000:]}")
        stamp.write_text(wanted, "utf-8")
    return python
