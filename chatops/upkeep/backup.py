"""Making a backup while the bot goes on working.

The database is copied first and the files after it: a file that is only kept meanwhile does no
harm, one that is missing would. The vault's key stays out unless it is asked for, so that a lost
backup opens nothing. Archives that wait to be read stay out always: they hold private messages.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from msgspec import Struct

from chatops.config import Settings
from chatops.language import Code, Invalid, Missing, Unavailable, _
from chatops.store import schema
from chatops.upkeep.databases import Database, copy_sqlite, database
from chatops.upkeep.packing import FILES, KEY, MATRIX, STORE, Packer, verified

_SQLITE: Final = b"SQLite format 3\0"
_SIDES: Final = ("-wal", "-shm", "-journal")
_INCOMING: Final = "incoming"
_UNFINISHED: Final = "."


class Made(Struct, frozen=True):
    """A backup that was made and read back.

    Args:
        files: How many files of migrations and of Matrix are in it.
        key: Whether the vault's key is.
    """

    file: Path
    size: int
    files: int
    key: bool


async def back_up(settings: Settings, target: Path, now: datetime, *, with_key: bool) -> Made:
    """Write a backup, read it back, and only then put it in place.

    Raises:
        Trouble: It could not be made; what stood there before still stands.
    """
    source = database(settings.store.url.reveal())
    if not target.parent.is_dir():
        raise Missing(
            _("The folder {folder} does not exist.", folder=Code(str(target.parent))),
            _("Create it, or name another file."),
        )
    try:
        with tempfile.TemporaryDirectory(prefix=".quitx-backup-", dir=target.parent) as folder:
            return await _made(source, settings, Path(folder), target, now, with_key=with_key)
    except OSError as error:
        raise Unavailable(
            _("The backup cannot be written: {cause}.", cause=os.strerror(error.errno or 0)),
            _("Check the rights on the folder and the room on the disk, then try again."),
        ) from error


async def _made(
    source: Database,
    settings: Settings,
    folder: Path,
    target: Path,
    now: datetime,
    *,
    with_key: bool,
) -> Made:
    copy = _empty(folder / "store")
    await source.copy(copy)
    key = await asyncio.to_thread(_key, settings) if with_key else None
    draft = _empty(folder / "backup")

    def pack() -> int:
        with draft.open("r+b") as file:
            packer = Packer(file)
            packer.add(STORE, copy)
            if key is not None:
                packer.add_bytes(KEY, key)
            fixed = packer.count
            _add_folder(packer, FILES, settings.archive.kept, folder)
            _add_folder(packer, MATRIX, settings.matrix.store_dir, folder)
            files = packer.count - fixed
            packer.finish(now, source.kind, schema.known()[-1])
            _flush(file)
        verified(draft)
        return files

    files = await asyncio.to_thread(pack)
    size = draft.stat().st_size
    await asyncio.to_thread(_in_place, draft, target)
    return Made(target, size, files, with_key)


def _key(settings: Settings) -> bytes:
    if settings.vault.key is not None:
        return settings.vault.key.reveal().encode()
    file = settings.vault.key_file
    try:
        return file.read_bytes()
    except FileNotFoundError:
        raise Missing(
            _("There is no key at {file}.", file=Code(str(file))),
            _("Name it as {key}.", key=Code("[vault] key_file")),
        ) from None


def _add_folder(packer: Packer, name: str, root: Path, scratch: Path) -> None:
    for file in _files(root):
        member = f"{name}/{file.relative_to(root).as_posix()}"
        try:
            if _is_sqlite(file):
                copy = _empty(scratch / "database")
                copy_sqlite(file, copy)
                packer.add(member, copy)
                copy.unlink()
            else:
                packer.add(member, file)
        except FileNotFoundError:
            # The bot has removed it since: what nobody needs any more is not missed.
            continue


def _files(root: Path) -> Iterator[Path]:
    for file in sorted(root.rglob("*")):
        parts = file.relative_to(root).parts
        if parts[0] == _INCOMING or any(part.startswith(_UNFINISHED) for part in parts):
            continue
        if file.is_file() and not file.is_symlink() and not file.name.endswith(_SIDES):
            yield file


def _is_sqlite(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(len(_SQLITE)) == _SQLITE


def _empty(path: Path) -> Path:
    """Make a file that only its owner can read."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return path


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _in_place(draft: Path, target: Path) -> None:
    if target.is_dir():
        raise Invalid(
            _("{file} is a folder.", file=Code(str(target))), _("Name a file inside of it.")
        )
    draft.replace(target)
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
