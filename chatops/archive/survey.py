"""A first, light look over all tweets, for what can only be known once all were seen.

Its memory does not grow with the archive but with what is odd in it: edited tweets, and ids that
may stand twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from chatops.archive.snowflake import tweet_number
from chatops.archive.tweet_records import Sighting, SignedSighting

_BITS = 25
_WORD = (1 << 64) - 1
_GOLDEN = 0x9E3779B97F4A7C15


class Findings(Struct, frozen=True):
    """What the look found.

    Args:
        kept: The last version of each edited tweet, by the ids of the others.
        doubtful: Ids that may stand more than once; all that do are among them.
        names: Handles under which the tweets' own pictures are filed.
    """

    kept: Mapping[str, str]
    doubtful: frozenset[str]
    names: frozenset[str]


class Survey:
    """Collects findings, tweet by tweet."""

    def __init__(self) -> None:
        self._seen = bytearray(1 << (_BITS - 3))
        self._doubtful: set[str] = set()
        self._edited: set[int] = set()
        self._versions: dict[int, set[int]] = {}
        self._names: set[str] = set()

    def see(self, tweet: Sighting) -> None:
        """Take one tweet into account; one without a proper id is left to whoever converts it."""
        number = tweet_number(tweet.id_str)
        if number is None:
            return
        slot = ((number * _GOLDEN) & _WORD) >> (64 - _BITS)
        byte, bit = slot >> 3, 1 << (slot & 7)
        if self._seen[byte] & bit:
            self._doubtful.add(tweet.id_str)
        self._seen[byte] |= bit
        if tweet.edit_info is not None:
            self._see_versions(number, tweet.edit_info.versions())
        if isinstance(tweet, SignedSighting):
            self._see_name(tweet)

    def findings(self) -> Findings:
        """Return what was found so far."""
        kept: dict[str, str] = {}
        for versions in self._versions.values():
            # The last version may have been deleted: then the last that is there counts.
            last = max(versions & self._edited)
            kept |= {str(version): str(last) for version in versions if version != last}
        return Findings(kept, frozenset(self._doubtful), frozenset(self._names))

    def _see_versions(self, number: int, versions: Iterable[str]) -> None:
        known = {found for version in versions if (found := tweet_number(version)) is not None}
        if len(known) > 1 and number in known:
            self._edited.add(number)
            self._versions.setdefault(min(known), set()).update(known)

    def _see_name(self, tweet: SignedSighting) -> None:
        """A tweet's own pictures are filed under its author's handle and its own id."""
        for media in tweet.entities.media:
            before, found, _after = media.expanded_url.partition(f"/status/{tweet.id_str}/")
            if found:
                self._names.add(before.rsplit("/", 1)[-1].lower())
