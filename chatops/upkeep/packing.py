"""The file that a backup is: a tar whose last member says what is in it, with a sum for each.

Nothing is believed of a file that was put together elsewhere: a member has a name that is known,
its sum is right, and it is a plain file, or nothing of the backup is used.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import IO, Final, Literal

import msgspec
from msgspec import Struct

from chatops.language import Code, Conflict, Invalid, Missing, _

FORMAT: Final = 1
STORE: Final = "store"
KEY: Final = "key"
FILES: Final = "files"
MATRIX: Final = "matrix"

_CONTENTS: Final = "contents.json"
_PRIVATE: Final = 0o600
_PIECE: Final = 1 << 20
_LONGEST_CONTENTS: Final = 64 << 20


class Contents(Struct, frozen=True, kw_only=True):
    """What a backup holds.

    Args:
        revision: The schema's newest revision.
        sums: The SHA-256 of each member.
    """

    format: int = FORMAT
    made_at: datetime
    store: Literal["sqlite", "postgresql"]
    revision: str
    sums: Mapping[str, str]


class NotABackup(Invalid):
    """The file is no backup, or no longer what it was."""

    def __init__(self, file: Path, found: str = "") -> None:
        name = Code(str(file))
        super().__init__(
            _("{file} is damaged: {member}.", file=name, member=Code(found))
            if found
            else _("{file} is not a backup of this program.", file=name),
            _("Use another backup."),
        )


class Packer:
    """Puts members into a new backup. Its methods block."""

    def __init__(self, file: IO[bytes]) -> None:
        # Not compressed: pictures do not get smaller, and a copy in the night must not slow the
        # bot down.
        self._tar = tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - closed by `finish`
        self._sums: dict[str, str] = {}

    @property
    def count(self) -> int:
        """How many members there are."""
        return len(self._sums)

    def add(self, name: str, source: Path) -> None:
        """Add a file that does not change meanwhile."""
        with source.open("rb") as file:
            self._add(name, file, os.fstat(file.fileno()).st_size)

    def add_bytes(self, name: str, data: bytes) -> None:
        """Add a short member."""
        self._add(name, io.BytesIO(data), len(data))

    def finish(self, made_at: datetime, store: Literal["sqlite", "postgresql"], rev: str) -> None:
        """Write down what is there."""
        contents = Contents(made_at=made_at, store=store, revision=rev, sums=dict(self._sums))
        self.add_bytes(_CONTENTS, msgspec.json.encode(contents))
        self._tar.close()

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        member = tarfile.TarInfo(name)
        member.size, member.mode = size, _PRIVATE
        summing = _Summing(file)
        self._tar.addfile(member, summing)
        self._sums[name] = summing.digest.hexdigest()


class _Summing(io.RawIOBase):
    """Sums up a file while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        super().__init__()
        self._file = file
        self.digest = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def verified(file: Path) -> Contents:
    """Read a backup from end to end; return what it holds.

    Raises:
        NotABackup: It is none, or damaged.
        Conflict: A newer program made it.
    """
    with opened(file) as tar:
        sums: dict[str, str] = {}
        told = b""
        for member in tar:
            if not member.isreg() or not _may_be(member.name) or member.name in sums:
                raise NotABackup(file, member.name)
            if member.name == _CONTENTS:
                if member.size > _LONGEST_CONTENTS:
                    raise NotABackup(file, member.name)
                told = b"".join(pieces(tar, member))
            else:
                sums[member.name] = _summed(tar, member)
    return _compared(file, told, sums)


def _compared(file: Path, told: bytes, sums: Mapping[str, str]) -> Contents:
    if not told:
        raise NotABackup(file, _CONTENTS) if sums else NotABackup(file)
    try:
        contents = msgspec.json.decode(told, type=Contents)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotABackup(file, _CONTENTS) from None
    if contents.format > FORMAT:
        raise Conflict(
            _("{file} was made by a newer program.", file=Code(str(file))),
            _("Install that one first."),
        )
    for name in (STORE, *contents.sums, *sums):
        if contents.sums.get(name) != sums.get(name) or name not in sums:
            raise NotABackup(file, name)
    return contents


@contextmanager
def opened(file: Path) -> Iterator[tarfile.TarFile]:
    """Open a backup, which may be anything.

    Raises:
        Missing: It is not there.
        NotABackup: It is none, or cut off.
    """
    try:
        with tarfile.open(file, "r:") as tar:
            yield tar
    except (FileNotFoundError, IsADirectoryError):
        raise Missing(
            _("There is no file {file}.", file=Code(str(file))), _("Name a backup's file.")
        ) from None
    except (tarfile.TarError, EOFError) as error:
        raise NotABackup(file) from error


def pieces(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    """Go through what a member holds."""
    reading = tar.extractfile(member)
    assert reading is not None, "only regular members are read"
    with reading:
        while piece := reading.read(_PIECE):
            yield piece


def _summed(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    digest = hashlib.sha256()
    for piece in pieces(tar, member):
        digest.update(piece)
    return digest.hexdigest()


def _may_be(name: str) -> bool:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or str(path) != name or "\0" in name:
        return False
    if len(path.parts) == 1:
        return name in {STORE, KEY, _CONTENTS}
    return path.parts[0] in {FILES, MATRIX}
