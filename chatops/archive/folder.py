"""An archive as files on disk: an unpacked folder, or `tweets.js` alone."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from chatops.archive.trouble import Source

_BLOCK = 64 * 1024


class Folder:
    """Reads an archive that is not zipped.

    Args:
        name: What people call it.
        files: The JavaScript files by name.
        media: The folders that may hold the media of posts.
        root: Nothing outside of it is opened, even through a link.
    """

    def __init__(
        self, name: str, files: Mapping[str, Path], media: tuple[Path, ...], root: Path
    ) -> None:
        self.name = name
        self._files = files
        self._media = media
        self._root = root.resolve()

    def names(self) -> Iterator[str]:
        """Yield the names of the JavaScript files."""
        return iter(self._files)

    def seal(self, name: str) -> str:
        """Return what changes when the file changes: size, beginning and end."""
        with self._opened(self._files[name], name) as file:
            digest = hashlib.blake2b(file.read(_BLOCK), digest_size=8)
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - _BLOCK))
            digest.update(file.read(_BLOCK))
        return f"{size}-{digest.hexdigest()}"

    def size(self, name: str) -> int:
        """Return the size of a JavaScript file."""
        return self._size(self._files[name], name)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a JavaScript file."""
        return self._read(self._files[name], name)

    def has_media(self, name: str) -> bool:
        """Say whether the file of a post is there."""
        return self._media_path(name) is not None

    def media_size(self, name: str) -> int:
        """Return the size of the file of a post."""
        return self._size(self._present(name), name)

    def media(self, name: str) -> Iterator[bytes]:
        """Yield the content of the file of a post."""
        return self._read(self._present(name), name)

    def close(self) -> None:
        """Nothing is kept open."""

    def _media_path(self, name: str) -> Path | None:
        if "/" in name or name.startswith("."):
            return None
        return next((path for folder in self._media if (path := folder / name).is_file()), None)

    def _present(self, name: str) -> Path:
        path = self._media_path(name)
        if path is None:
            raise Source(self.name, name).absent()
        return path

    def _size(self, path: Path, name: str) -> int:
        with self._opened(path, name) as file:
            return file.seek(0, os.SEEK_END)

    def _read(self, path: Path, name: str) -> Iterator[bytes]:
        with self._opened(path, name) as file:
            while block := file.read(_BLOCK):
                yield block

    @contextmanager
    def _opened(self, path: Path, name: str) -> Iterator[FileIO]:
        """Open a file within the archive; what goes wrong with it names it."""
        source = Source(self.name, name)
        try:
            real = path.resolve(strict=True)
            if not real.is_relative_to(self._root):
                raise Source(self.name).misleading(name)
            with FileIO(real) as file:
                yield file
        except OSError as error:
            raise source.absent() from error
