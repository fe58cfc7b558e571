"""Putting a backup back, into an empty place or beside what is there.

Everything is read and written first; only then do names change, the database's last: a place
without it was not restored. What follows for the rows themselves is in `aftermath`.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from msgspec import Struct

from chatops.config import Settings
from chatops.engine.presence import presence
from chatops.language import Code, Conflict, Invalid, Series, Unavailable, _
from chatops.store import address
from chatops.upkeep.databases import Database, database
from chatops.upkeep.packing import FILES, KEY, MATRIX, STORE, Contents, opened, pieces, verified

Unpacked = Callable[[Path], None]
"""Looks after a folder that was unpacked and is not in its place yet."""

_DATABASE: Final = Code("[store] url")


class Restored(Struct, frozen=True):
    """A backup that was put back.

    Args:
        made_at: When it was made.
        aside: What the names of what stood there before end in; empty where nothing did.
        key: Whether the vault's key came with it, was there already, or is still to be put there.
    """

    made_at: datetime
    aside: str
    key: Literal["restored", "there", "missing"]


async def put_back(
    settings: Settings, source: Path, now: datetime, unpacked: Unpacked, *, force: bool
) -> Restored:
    """Put a backup back.

    Args:
        unpacked: Is handed the folder of Matrix before it is in its place; it blocks.
        force: Keep what is there under another name, instead of refusing.

    Raises:
        Conflict: Something is there, or somebody works with it.
        Trouble: It cannot be put back; nothing was changed.
    """
    contents = await asyncio.to_thread(verified, source)
    target = database(settings.store.url.reveal())
    if contents.store != target.kind:
        raise Invalid(
            _("It is the backup of another kind of database: {kind}.", kind=Code(contents.store)),
            _("Name one of that kind as {key}.", key=_DATABASE),
        )
    try:
        async with _alone(settings):
            members = _Members(settings, source, contents, unpacked)
            return await _put_back(members, target, now, force=force)
    except OSError as error:
        raise Unavailable(
            _("The backup cannot be put back: {cause}.", cause=os.strerror(error.errno or 0)),
            _("Check the rights on the folders and the room on the disk, then try again."),
        ) from error


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[None]:
    """Keep a bot from working with the database; PostgreSQL is asked who is there."""
    url = address.parsed(settings.store.url.reveal())
    if url.get_backend_name() != "sqlite":
        yield
        return
    lock = presence(url, settings.engine.executor_id)
    await lock.take()
    try:
        yield
    finally:
        await lock.leave()


async def _put_back(members: _Members, target: Database, now: datetime, *, force: bool) -> Restored:
    occupied = await asyncio.to_thread(members.occupied)
    if await target.occupied():
        occupied.insert(0, _DATABASE)
    if occupied and not force:
        raise _in_the_way(occupied)
    aside = f".before-{now:%Y%m%dT%H%M%SZ}"
    try:
        copy = await asyncio.to_thread(members.unpack)
        await asyncio.to_thread(members.swap, aside)
        await target.put_back(copy, members.contents.made_at, now, aside)
    finally:
        await asyncio.to_thread(members.discard)
    return Restored(members.contents.made_at, aside if occupied else "", members.key)


class _Members:
    """A backup's members, and where they will be. Its methods block."""

    def __init__(
        self, settings: Settings, source: Path, contents: Contents, unpacked: Unpacked
    ) -> None:
        self.contents = contents
        self._settings = settings
        self._source = source
        self._unpacked = unpacked
        self._folders = {FILES: settings.archive.kept, MATRIX: settings.matrix.store_dir}
        brought = KEY in contents.sums and settings.vault.key is None
        self._key_file = settings.vault.key_file if brought else None
        self._drafts: dict[str, Path] = {}

    @property
    def key(self) -> Literal["restored", "there", "missing"]:
        """Whether the vault's key came with it."""
        if self._key_file is not None:
            return "restored"
        vault = self._settings.vault
        return "there" if vault.key is not None or vault.key_file.exists() else "missing"

    def occupied(self) -> list[Code]:
        """Return which places are not empty, but for the database's."""
        found = [folder for folder in self._folders.values() if _holds_something(folder)]
        if self._key_file is not None and self._key_file.exists():
            found.append(self._key_file)
        return [Code(str(each)) for each in found]

    def unpack(self) -> Path:
        """Write every member beside its place; return where the database's copy is."""
        for name, place in self._places().items():
            place.parent.mkdir(parents=True, exist_ok=True)
            folder = tempfile.mkdtemp(prefix=".quitx-restore-", dir=place.parent)
            self._drafts[name] = Path(folder)
        with opened(self._source) as tar:
            for member in tar:
                root, _slash, inner = member.name.partition("/")
                if root in self._drafts:
                    _write(self._drafts[root] / (inner or root), pieces(tar, member))
        self._unpacked(self._drafts[MATRIX])
        return self._drafts[STORE] / STORE

    def swap(self, aside: str) -> None:
        """Put folders and key in place, and what was there aside."""
        for name, folder in self._folders.items():
            if _holds_something(folder):
                folder.rename(folder.with_name(f"{folder.name}{aside}"))
            elif folder.exists():
                folder.rmdir()
            if any(self._drafts[name].iterdir()):
                self._drafts[name].rename(folder)
        if self._key_file is not None:
            if self._key_file.exists():
                self._key_file.rename(self._key_file.with_name(f"{self._key_file.name}{aside}"))
            (self._drafts[KEY] / KEY).rename(self._key_file)

    def discard(self) -> None:
        """Remove what was not put in place."""
        for draft in self._drafts.values():
            shutil.rmtree(draft, ignore_errors=True)

    def _places(self) -> dict[str, Path]:
        url = address.parsed(self._settings.store.url.reveal())
        sqlite = url.get_backend_name() == "sqlite"
        places = {**self._folders, STORE: Path(url.database or "") if sqlite else Path(STORE)}
        if self._key_file is not None:
            places[KEY] = self._key_file
        return places


def _write(target: Path, data: Iterator[bytes]) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    target.touch(mode=0o600)
    with target.open("wb") as file:
        file.writelines(data)
        file.flush()
        os.fsync(file.fileno())


def _holds_something(folder: Path) -> bool:
    return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))


def _in_the_way(occupied: Sequence[Code]) -> Conflict:
    return Conflict(
        _("There is something already: {places}.", places=Series(tuple(occupied))),
        _(
            "Put the backup back into an empty place, or add {option}: it keeps what is there "
            "under another name.",
            option=Code("--force"),
        ),
    )
