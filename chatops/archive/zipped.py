"""An archive as the ZIP that X gives."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable, Iterator
from pathlib import Path

from chatops.archive.directory import Directory, Entry
from chatops.archive.inflate import BLOCK, Promise, inflated, stored
from chatops.archive.trouble import Source

_ENCRYPTED = 0x1
_STORED = 0
_DEFLATED = 8


class Zipped:
    """Reads an archive in a ZIP; several readers may go through it at once.

    Args:
        wanted: Says by full name whether an entry may ever be asked for.
        located: Finds the archive among the wanted names: the files by their name within it, and
            the folders that may hold the media of posts.
    """

    def __init__(
        self,
        path: Path,
        wanted: Callable[[str], bool],
        located: Callable[[Directory], tuple[dict[str, str], tuple[str, ...]]],
    ) -> None:
        self.name = path.name
        source = Source(self.name)
        try:
            self._file = os.open(path, os.O_RDONLY)
        except OSError as error:
            raise source.absent() from error
        try:
            self._directory = Directory(self._file, source, wanted)
            self._files, self._media = located(self._directory)
        except OSError as error:
            self.close()
            raise source.garbled() from error
        except BaseException:
            self.close()
            raise

    def names(self) -> Iterator[str]:
        """Yield the names of the JavaScript files."""
        return iter(self._files)

    def seal(self, name: str) -> str:
        """Return what changes when the file changes: size and checksum."""
        entry = self._directory.entry(self._files[name])
        return f"{entry.size}-{entry.crc:08x}"

    def size(self, name: str) -> int:
        """Return the size that the directory claims for a JavaScript file."""
        return self._directory.entry(self._files[name]).size

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a JavaScript file."""
        return self._content(self._files[name])

    def has_media(self, name: str) -> bool:
        """Say whether the file of a post is there."""
        return self._media_name(name) is not None

    def media_size(self, name: str) -> int:
        """Return the size that the directory claims for the file of a post."""
        return self._directory.entry(self._present(name)).size

    def media(self, name: str) -> Iterator[bytes]:
        """Yield the content of the file of a post."""
        return self._content(self._present(name))

    def close(self) -> None:
        """Release the file; twice does no harm."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _media_name(self, name: str) -> str | None:
        paths = (posixpath.join(folder, name) for folder in self._media)
        return next((path for path in paths if path in self._directory), None)

    def _present(self, name: str) -> str:
        path = self._media_name(name)
        if path is None:
            raise Source(self.name, name).absent()
        return path

    def _content(self, path: str) -> Iterator[bytes]:
        source = Source(self.name, path)
        entry = self._directory.entry(path)
        if entry.flags & _ENCRYPTED:
            raise source.encrypted()
        if entry.method not in (_STORED, _DEFLATED):
            raise source.packed_unusually()
        checked = inflated if entry.method == _DEFLATED else stored
        promise = Promise(entry.packed, entry.size, entry.crc)
        try:
            yield from checked(self._blocks(entry, source), promise, source)
        except OSError as error:
            raise source.garbled() from error

    def _blocks(self, entry: Entry, source: Source) -> Iterator[bytes]:
        position = self._directory.content(entry, source)
        end = position + entry.packed
        while position < end:
            block = os.pread(self._file, min(BLOCK, end - position), position)
            if not block:
                raise source.cut_off()
            position += len(block)
            yield block
