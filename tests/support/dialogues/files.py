"""The files that people attach in dialogues."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from chatops.archive.sample import write_sample_archive

ARCHIVE: Final = "twitter-2026-01-15-0123456789abcdef0123456789abcdef.zip"
"""As X names it."""


def made(name: str, folder: Path) -> Path:
    """Return a file by its name: `archive` is a small one of X, anything else a few words."""
    target = folder / (ARCHIVE if name == "archive" else name)
    if not target.exists():
        if name == "archive":
            write_sample_archive(target, "en", datetime(2026, 1, 15, tzinfo=UTC))
        else:
            target.write_text(f"This is {name}.\n", "utf-8")
    return target
