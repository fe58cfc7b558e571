"""The files of one archive, opened by permission, counted, and their oddities collected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TypeVar

from chatops.archive.container import Container
from chatops.archive.contents import Kind, files_of, stem
from chatops.archive.manifest import Manifest, read_manifest
from chatops.archive.privacy import may_open
from chatops.archive.reading import Shape, records
from chatops.archive.trouble import Source, Unreadable
from chatops.language import Code, Text, _, n_

MANIFEST = "manifest.js"

Found = TypeVar("Found")


class Files:
    """Reads the JavaScript files of an archive and compares them with its manifest.

    Args:
        container: Where they are.
    """

    def __init__(self, container: Container) -> None:
        self.container = container
        self.names = frozenset(container.names())
        self.opened: set[str] = set()
        self._told: dict[str, Text] = {}
        self.manifest = self._read_manifest()
        self._tell_absences()

    @property
    def warnings(self) -> list[Text]:
        """What did not fit so far."""
        return list(self._told.values())

    def tell(self, about: str, text: Text) -> None:
        """Remember what a person should know; what is told again about the same replaces it."""
        self._told[about] = text

    def source(self, name: str) -> Source:
        """Name a file as people know it."""
        return Source(self.container.name, name)

    def of(self, kind: Kind) -> list[str]:
        """Return the files of a kind, in order."""
        return files_of(kind, self.names)

    def rows(self, name: str, shapes: Sequence[Shape[Found]]) -> Iterator[Found]:
        """Yield the elements of a file, and tell if they are not as many as the manifest says."""
        # Hundreds of thousands pass here: chaining batches costs nothing for each.
        return chain.from_iterable(self._counted(name, shapes))

    def optional(self, name: str, shapes: Sequence[Shape[Found]]) -> list[Found]:
        """Return the elements of a small file; none, told, where X seems to write it otherwise."""
        if name not in self.names:
            return []
        try:
            return list(self.rows(name, shapes))
        except Unreadable as error:
            self.tell(f"{name} unreadable", error.reason)
            return []

    def chunks(self, name: str) -> Iterator[bytes]:
        """Open a file; what may not be opened is not."""
        if not may_open(name):
            raise self.source(name).absent()
        self.opened.add(name)
        return self.container.chunks(name)

    def _counted(self, name: str, shapes: Sequence[Shape[Found]]) -> Iterator[Sequence[Found]]:
        found = 0
        for batch in records(self.chunks(name), shapes, self.source(name)):
            found += len(batch)
            yield batch
        expected = self.manifest.counts.get(name, found)
        if expected != found:
            self.tell(
                f"{name} count",
                _(
                    "{file} should hold {expected} entries and holds {found}.",
                    file=Code(name),
                    expected=expected,
                    found=found,
                ),
            )

    def _read_manifest(self) -> Manifest:
        if MANIFEST not in self.names:
            text = _("The archive has no manifest, so whether it is complete cannot be checked.")
            self.tell(MANIFEST, text)
            return Manifest()
        try:
            return read_manifest(self.chunks(MANIFEST), self.source(MANIFEST))
        except Unreadable as error:
            self.tell(MANIFEST, error.reason)
            return Manifest()

    def _tell_absences(self) -> None:
        if self.manifest.partial:
            self.tell(
                "partial", _("This is one part of a larger archive; X offers the others too.")
            )
        if not self.of("tweets"):
            self.tell("tweets", _("There is no {file} in the archive.", file=Code("tweets.js")))
        stems = {stem(name) for name in self.names}
        if {"tweets", "tweet"} <= stems:
            text = _(
                "{old} is left aside: {new} is newer.", old=Code("tweet.js"), new=Code("tweets.js")
            )
            self.tell("tweet", text)
        for name, count in self.manifest.counts.items():
            if count and may_open(name) and name not in self.names:
                self.tell(
                    f"{name} absent",
                    n_(
                        "{file}, with {count} entry, is missing from the archive.",
                        "{file}, with {count} entries, is missing from the archive.",
                        count,
                        file=Code(name),
                    ),
                )
