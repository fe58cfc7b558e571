"""Where an archive is kept: in a ZIP, in a folder, or as one file; and where in there it begins."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from chatops.archive.directory import Directory
from chatops.archive.folder import Folder
from chatops.archive.privacy import MEDIA_FOLDERS, may_open
from chatops.archive.trouble import Source
from chatops.archive.zipped import Zipped

_DEEPEST = 3
_ANCHORS = ("manifest.js", "tweets.js", "tweet.js", "account.js")
"""A folder with one of these holds an archive."""

_TWEETS_ALONE = re.compile(r"tweets?(?:-part\d+)?(?: ?\(\d+\))?\.js")
"""What people and their browsers call the one file that matters."""


class Container(Protocol):
    """The files of one archive, by their names in its `data` folder.

    Streams end with a trouble if the file turns out damaged, so only a stream that ended is whole.
    They may be read side by side, from several threads.
    """

    name: str

    def names(self) -> Iterable[str]:
        """Return the names of the JavaScript files that may be opened."""
        ...

    def seal(self, name: str) -> str:
        """Return what changes when the file changes."""
        ...

    def size(self, name: str) -> int:
        """Return a file's claimed size."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield a file's content."""
        ...

    def has_media(self, name: str) -> bool:
        """Say whether the file of a post is there."""
        ...

    def media_size(self, name: str) -> int:
        """Return the claimed size of the file of a post."""
        ...

    def media(self, name: str) -> Iterator[bytes]:
        """Yield the content of the file of a post."""
        ...

    def close(self) -> None:
        """Release the archive; twice does no harm."""
        ...


def open_container(path: Path) -> Container:
    """Find the archive in a ZIP, a folder with or without a folder around it, or `tweets.js`."""
    source = Source(path.name)
    if path.is_dir():
        return _folder(path)
    if not path.is_file():
        raise source.absent()
    if path.suffix == ".js":
        if not _TWEETS_ALONE.fullmatch(path.name):
            raise source.foreign()
        return Folder(path.name, {"tweets.js": path}, (), path.parent)
    return Zipped(path, _is_wanted, lambda directory: _located(directory, source))


def _is_wanted(path: str) -> bool:
    folder, _slash, name = path.rpartition("/")
    if name.endswith(".js"):
        return may_open(name) and path.count("/") < _DEEPEST
    if posixpath.basename(folder) in MEDIA_FOLDERS:
        return path.count("/") <= _DEEPEST and bool(name)
    return name.endswith(".zip") and path.count("/") < _DEEPEST


def _located(directory: Directory, source: Source) -> tuple[dict[str, str], tuple[str, ...]]:
    root = _root(directory, source)
    files = {
        posixpath.basename(path): path
        for path in directory
        if path.endswith(".js") and posixpath.dirname(path) == root
    }
    return files, tuple(posixpath.join(root, folder) for folder in MEDIA_FOLDERS)


def _root(paths: Iterable[str], source: Source) -> str:
    """Return the folder that is the archive's `data`, whatever it is called."""
    anchors = [path for path in paths if posixpath.basename(path) in _ANCHORS]
    folders = {posixpath.dirname(path) for path in anchors}
    proper = [folder for folder in folders if posixpath.basename(folder) == "data"]
    loose = [folder for folder in folders if "/" not in folder]
    found = proper or loose
    if not found:
        inner = next((path for path in paths if path.endswith(".zip")), "")
        raise source.nested(inner) if inner else source.foreign()
    nearest = min(folder.count("/") if folder else -1 for folder in found)
    roots = [folder for folder in found if (folder.count("/") if folder else -1) == nearest]
    if len(roots) > 1:
        raise source.several()
    return roots[0]


def _folder(path: Path) -> Folder:
    source = Source(path.resolve().name)
    try:
        paths = list(_listed(path, "", _DEEPEST - 1))
    except OSError as error:
        raise source.absent() from error
    root = _root(paths, source)
    files = {
        posixpath.basename(name): path / name for name in paths if posixpath.dirname(name) == root
    }
    media = tuple(path / root / folder for folder in MEDIA_FOLDERS)
    return Folder(source.archive, files, media, path)


def _listed(path: Path, prefix: str, depth: int) -> Iterator[str]:
    with os.scandir(path) as entries:
        for entry in entries:
            name = posixpath.join(prefix, entry.name)
            if entry.is_dir() and depth and entry.name not in MEDIA_FOLDERS:
                yield from _listed(path / entry.name, name, depth - 1)
            elif _is_wanted(name) and entry.is_file():
                yield name
