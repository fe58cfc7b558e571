"""The files that a migration needs, copied out of its archive and removed 30 days after it.

Nothing else of an archive is kept: no message, no list, no post beyond the plan's own.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from chatops.archive import Archive, NotKept
from chatops.language import _
from chatops.posts.post import Post

KEPT_FOR = timedelta(days=30)
"""How long files stay after a migration has ended, so that what failed can still be mended."""


class KeptFiles:
    """The folders of kept files, one for each migration. Its methods block.

    Args:
        root: Where they are; made when it is first needed, for its owner only.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    def folder(self, migration_id: int) -> Path:
        """Return a migration's folder, which exists.

        Raises:
            NotKept: It cannot be made.
        """
        return _made(self._at(migration_id))

    def files(self, migration_id: int, post: Post) -> tuple[Path | None, ...]:
        """Return where a post's media are, in their order; None for a file that was missing."""
        folder = self._at(migration_id)
        paths = (folder / Path(media.name).name for media in post.media)
        return tuple(path if path.exists() else None for path in paths)

    def keep(self, migration_id: int, archive: Archive, posts: Iterable[Post]) -> None:
        """Copy the media of posts; what is there already is not copied again.

        Raises:
            Trouble: The archive is gone or damaged, or there is no room.
        """
        folder = self.folder(migration_id)
        for post in posts:
            for media in post.media:
                target = folder / Path(media.name).name
                if not target.exists() and archive.has_media(media.name):
                    archive.extract_media(media.name, target)

    def incoming(self, name: str) -> Path:
        """Return where an archive that arrives may be written, under a name of its own.

        Raises:
            NotKept: There is nowhere to write it.
        """
        return _made(self._root / "incoming") / f"{name}.zip"

    def discard(self, archive: Path) -> None:
        """Remove an archive that had been sent here; one that is somebody's own file stays."""
        if archive.parent == self._root / "incoming":
            archive.unlink(missing_ok=True)

    def discard_strays(self, needed: Collection[Path], before: datetime) -> None:
        """Remove archives that were sent here, that nobody needs and that are older."""
        for archive in (self._root / "incoming").glob("*.zip"):
            written = datetime.fromtimestamp(archive.stat().st_mtime, UTC)
            if archive not in needed and written < before:
                archive.unlink(missing_ok=True)

    def forget(self, migration_id: int) -> None:
        """Remove a migration's folder; once it is gone, calling again is harmless."""
        shutil.rmtree(self._at(migration_id), ignore_errors=True)

    def present(self) -> list[int]:
        """Return the migrations that have a folder."""
        if not self._root.exists():
            return []
        names = (path.name.rpartition("-")[2] for path in self._root.glob("migration-*"))
        return sorted(int(name) for name in names if name.isdecimal())

    def _at(self, migration_id: int) -> Path:
        return self._root / f"migration-{migration_id}"


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        cause = os.strerror(error.errno or 0)
        raise NotKept(
            _("{file} could not be kept: {cause}.", file=folder.name, cause=cause),
            _("Make room on the disk, or let the bot write there, then try again."),
        ) from error
    return folder
