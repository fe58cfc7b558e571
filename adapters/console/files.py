"""Files that come and go through the console: copies of attachments, saved documents."""

from __future__ import annotations

import io
import logging
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from adapters.console.visible import visible_line
from chatops.conversation.reply import Document, Reply
from chatops.language import Bytes, Code, Invalid, Missing, _

_CHUNK: Final = 1 << 20
_LONGEST_NAME: Final = 100
_log = logging.getLogger(__name__)


def copied(source: Path, target: Path, limit: int) -> None:
    """Copy at most `limit` bytes of a file; nothing is left at the target of a failed copy.

    Raises:
        Missing: It is no longer there.
        Invalid: It cannot be read, or is larger.
    """
    try:
        # A pipe in the file's stead would block the reader for ever.
        if not stat.S_ISREG(source.stat().st_mode):
            raise Invalid(_("{path} is not a file.", path=Code(str(source))), _("Attach a file."))
        reading = source.open("rb")
    except FileNotFoundError:
        raise Missing(
            _("The file {path} is no longer there.", path=Code(str(source))),
            _("Attach it again from where it is now."),
        ) from None
    except OSError as error:
        raise Invalid(
            _(
                "The file {path} cannot be read: {cause}.",
                path=Code(str(source)),
                cause=error.strerror or "",
            ),
            _("Check who may read it."),
        ) from error
    with reading:
        try:
            with target.open("wb") as writing:
                for chunk in _chunks(reading, limit):
                    writing.write(chunk)
        except BaseException:
            target.unlink(missing_ok=True)
            raise


def saved(reply: Reply, folder: Path) -> dict[str, str]:
    """Save the documents of a reply; return their paths by name.

    A document that cannot be saved is left out: what is said about it matters more.
    """
    paths: dict[str, str] = {}
    for block in reply.blocks:
        if isinstance(block, Document):
            try:
                paths[block.name] = str(_saved(block, folder))
            except OSError:
                _log.exception("The document %r cannot be saved in %s", block.name, folder)
    return paths


def _saved(document: Document, folder: Path) -> Path:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = _harmless(document.name)
    stem, suffix = Path(name).stem, Path(name).suffix
    number = 1
    while True:
        path = folder / (name if number == 1 else f"{stem}-{number}{suffix}")
        try:
            with path.open("xb") as file:
                file.write(document.data)
        except FileExistsError:
            number += 1
        else:
            return path


def _harmless(name: str) -> str:
    """Return a name that stays in its folder and shows in a listing."""
    words = visible_line(name).replace("\\", "/").rpartition("/")[2].strip(" .")
    kept = "".join(char if char.isprintable() else "_" for char in words)
    return kept[-_LONGEST_NAME:].lstrip(" .-") or "file"


def _chunks(reading: io.BufferedReader, limit: int) -> Iterator[bytes]:
    room = limit
    while chunk := reading.read(_CHUNK):
        room -= len(chunk)
        if room < 0:
            raise Invalid(
                _(
                    "{name} is larger than {limit}.",
                    name=Path(reading.name).name,
                    limit=Bytes(limit),
                ),
                _("Attach a smaller file."),
            )
        yield chunk
