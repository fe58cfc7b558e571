"""Writing a file of an archive to where it is kept: whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from chatops.archive.trouble import NotKept
from chatops.language import _


def keep(chunks: Iterator[bytes], target: Path) -> int:
    """Write a stream to a file that appears only when all of it is on the disk; return its size."""
    try:
        number, name = tempfile.mkstemp(prefix=".", suffix=".part", dir=target.parent)
    except OSError as error:
        raise _not_kept(target, error) from error
    draft = Path(name)
    try:
        return _written(chunks, number, draft, target)
    except OSError as error:
        raise _not_kept(target, error) from error
    finally:
        draft.unlink(missing_ok=True)


def _written(chunks: Iterator[bytes], number: int, draft: Path, target: Path) -> int:
    size = 0
    with open(number, "wb") as file:
        for chunk in chunks:
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return size


def _not_kept(target: Path, error: OSError) -> NotKept:
    cause = os.strerror(error.errno or 0)
    return NotKept(
        _("{file} could not be kept: {cause}.", file=target.name, cause=cause),
        _("Make room on the disk, or let the bot write there, then try again."),
    )
