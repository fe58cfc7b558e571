"""Writing a file of an archive to where it is kept: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from chatops.archive.trouble import NotKept
from chatops.language import _


def keep(chunks: Iterator[bytes], target: Path) -> int:
    """Write a stream to a file that appears only when all of it is on the disk; return its size."""
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        size = _written(chunks, draft, target)
    finally:
        draft.unlink(missing_ok=True)
    return size


def _written(chunks: Iterator[bytes], draft: Path, target: Path) -> int:
    size = 0
    try:
        with draft.open("wb") as file:
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
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        raise NotKept(
            _("{file} could not be kept: {cause}.", file=target.name, cause=cause),
            _("Free some space on the disk, then try again."),
        ) from error
    return size
