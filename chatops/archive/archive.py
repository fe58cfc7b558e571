"""`Archive`: the export that X gives its users, read as it streams by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Self

from msgspec import Struct

from chatops.archive import shapes
from chatops.archive.account_records import Relation
from chatops.archive.container import Container, open_container
from chatops.archive.contents import STEMS, Kind, files_of, stem
from chatops.archive.files import Files
from chatops.archive.identity import read_account, read_profile, read_seclusion
from chatops.archive.keeping import keep
from chatops.archive.notes import Notes
from chatops.archive.people import ListOfPeople, ListRelation, Person
from chatops.archive.profile import ProfileInfo
from chatops.archive.reading import Shape
from chatops.archive.survey import Findings, Survey
from chatops.archive.tweet_records import Sighting
from chatops.archive.tweets import Author, Conversion, Unintelligible
from chatops.language import Text, n_
from chatops.posts.post import Post

LARGEST_MEDIA = 2 * 1024**3
"""More than the videos that associations post; a caller may set less."""

_LARGEST_NOTES = 64 * 1024 * 1024
"""Long posts are held in memory, since neither they nor their tweets are in order."""

_RELATIONS: Mapping[str, ListRelation] = {
    "lists-created": "created",
    "lists-member": "member",
    "lists-subscribed": "subscribed",
}


class SourcePost(Struct, frozen=True):
    """A post of the archive.

    Args:
        held: Why it must wait until an admin releases it; None where it need not.
    """

    post: Post
    held: Text | None = None


class Archive:
    """An X archive: a ZIP, an unpacked folder, or `tweets.js` alone.

    Everything blocks and everything streams. Readers may run side by side. A reader that comes to
    its end has read its files whole and found their checksums right; until then what it gave is not
    to be kept. Only the files that are asked for are opened, private ones never; `opened` tells.

    Args:
        container: The archive's files; closed with the archive. `fingerprint` stays the same when
            they are moved or zipped again, and changes with them.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._files = Files(container)
        self.account = read_account(self._files)
        self._seclusion = read_seclusion(self._files)
        self.fingerprint = self._fingerprint()

    @classmethod
    def open(cls, path: Path) -> Self:
        """Open an archive; raises `ArchiveTrouble` where it is none or cannot be trusted."""
        container = open_container(path)
        try:
            return cls(container)
        except BaseException:
            container.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the archive; twice does no harm."""
        self._container.close()

    @property
    def name(self) -> str:
        """What people call it: its file name."""
        return self._container.name

    @property
    def generated_at(self) -> datetime | None:
        """When X made it; None where it does not say."""
        return self._files.manifest.generated_at

    @property
    def warnings(self) -> list[Text]:
        """What did not fit so far; all about posts is known when `posts` has come to its end."""
        return self._files.warnings

    @property
    def opened(self) -> frozenset[str]:
        """The names of all files that were opened so far."""
        return frozenset(self._files.opened)

    def counts(self) -> Mapping[Kind, int]:
        """Return how many records of each kind X says that there are; without a manifest, none."""
        expected = self._files.manifest.counts
        listed: dict[Kind, list[str]] = {kind: files_of(kind, expected) for kind in STEMS}
        return {
            kind: sum(map(expected.__getitem__, names)) for kind, names in listed.items() if names
        }

    def posts(self) -> Iterator[SourcePost]:
        """Yield every post in the order of the files, which is no order at all.

        Of an edited post only the last version comes, and a long post comes whole, in place of its
        cut tweet. A post of kind `thread` names a parent that may not be in the archive any more.
        The files are read twice: first for what is edited or double.
        """
        findings = self._findings
        notes = self._notes()
        conversion = Conversion(self._author, findings.kept, notes, self.has_media)
        seen: set[str] = set()
        repeated = 0
        for name in self._files.of("tweets"):
            for position, tweet in enumerate(self._files.rows(name, shapes.TWEETS), 1):
                if tweet.id_str in findings.kept:
                    notes.take(tweet)
                    continue
                if tweet.id_str in findings.doubtful:
                    if tweet.id_str in seen:
                        repeated += 1
                        continue
                    seen.add(tweet.id_str)
                try:
                    post = conversion.post(tweet)
                except Unintelligible as error:
                    raise self._files.source(name).unreadable(position) from error
                yield SourcePost(post, self._held(post))
        self._tell_oddities(notes, repeated)

    def following(self) -> Iterator[Person]:
        """Yield the accounts that are followed."""
        return self._people("following", shapes.FOLLOWING)

    def followers(self) -> Iterator[Person]:
        """Yield the accounts that follow."""
        return self._people("followers", shapes.FOLLOWERS)

    def blocks(self) -> Iterator[Person]:
        """Yield the blocked accounts."""
        return self._people("blocks", shapes.BLOCKS)

    def mutes(self) -> Iterator[Person]:
        """Yield the muted accounts."""
        return self._people("mutes", shapes.MUTES)

    def lists(self) -> Iterator[ListOfPeople]:
        """Yield the lists that the account made, is on, or follows."""
        for name in self._files.of("lists"):
            for found in self._files.rows(name, shapes.LISTS):
                yield ListOfPeople(found.url, _RELATIONS[stem(name)])

    def profile(self) -> ProfileInfo:
        """Return the account's page; empty where the archive does not have it."""
        return read_profile(self._files)

    def has_media(self, name: str) -> bool:
        """Say whether the archive holds a file of a post, by `Media.name`."""
        return self._container.has_media(name)

    def media_size(self, name: str) -> int:
        """Return the size of a file of a post, as the archive claims it."""
        return self._container.media_size(name)

    def extract_media(self, name: str, target: Path, most: int = LARGEST_MEDIA) -> int:
        """Copy a file of a post out of the archive; return its size.

        The target appears whole or not at all. Raises `ArchiveTrouble` where the file is missing,
        damaged or larger than `most`, and `NotKept` where it cannot be written.
        """
        if self._container.media_size(name) > most:
            raise self._files.source(name).unwanted(most)
        self._files.opened.add(name)
        return keep(self._container.media(name), target)

    def _fingerprint(self) -> str:
        digest = hashlib.sha256(f"{self.account.account_id} {self.generated_at}".encode())
        for name in sorted(self._files.names):
            digest.update(f"\n{name} {self._container.seal(name)}".encode())
        return digest.hexdigest()

    @cached_property
    def _findings(self) -> Findings:
        survey = Survey()
        # Without an account, the handle is found in the tweets, which takes a closer look.
        known = self.account.username or self.account.account_id
        looks: Sequence[Shape[Sighting]] = shapes.SIGHTINGS if known else shapes.SIGNED_SIGHTINGS
        for name in self._files.of("tweets"):
            for tweet in self._files.rows(name, looks):
                survey.see(tweet)
        return survey.findings()

    @property
    def _author(self) -> Author:
        known = (self.account.username, *self.account.former_names, *self._findings.names)
        return Author(self.account.account_id, frozenset(name.lower() for name in known if name))

    def _held(self, post: Post) -> Text | None:
        return None if post.kind == "repost" else self._seclusion.reason(post.written_at)

    def _notes(self) -> Notes:
        names = self._files.of("notes")
        if sum(self._container.size(name) for name in names) > _LARGEST_NOTES:
            raise self._files.source(names[0]).too_large(_LARGEST_NOTES)
        return Notes(note for name in names for note in self._files.rows(name, shapes.NOTES))

    def _people(self, kind: Kind, forms: Sequence[Shape[Relation]]) -> Iterator[Person]:
        for name in self._files.of(kind):
            for relation in self._files.rows(name, forms):
                yield Person(relation.account_id)

    def _tell_oddities(self, notes: Notes, repeated: int) -> None:
        if repeated:
            text = n_(
                "{count} post stands in the archive more than once and counts once.",
                "{count} posts stand in the archive more than once and count once.",
                repeated,
            )
            self._files.tell("repeated", text)
        if notes.missed:
            text = n_(
                "{count} long post is cut: its whole text is not in the archive.",
                "{count} long posts are cut: their whole text is not in the archive.",
                notes.missed,
            )
            self._files.tell("missed", text)
        if notes.unclaimed:
            text = n_(
                "{count} long post belongs to no tweet of the archive and is left aside.",
                "{count} long posts belong to no tweet of the archive and are left aside.",
                notes.unclaimed,
            )
            self._files.tell("unclaimed", text)
