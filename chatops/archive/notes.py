"""Long posts, and finding the tweet that each belongs to: neither names the other."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime

from chatops.archive.marks import unescaped
from chatops.archive.reading import moment
from chatops.archive.snowflake import stated_time
from chatops.archive.tweet_records import Note, NoteCore, Tweet

_COMPARED = 60
"""Measured: the first 60 characters find every note's tweet, 100 or 200 do not."""

_NAMES = re.compile(r"(?:@\w{1,20}\s+)+")
_TAIL = re.compile(r"(?<!\s)\s*…(?:\s*https?://t\.co/\w+)+\s*$")


class Notes:
    """The long posts of an archive, each to be claimed by its tweet.

    Args:
        notes: All of them; `unclaimed` counts those that no tweet has claimed, and `missed` the
            tweets that were cut although no long post is theirs.
    """

    def __init__(self, notes: Iterable[Note]) -> None:
        self._by_second: dict[datetime, list[Note]] = {}
        self.unclaimed = 0
        self.missed = 0
        for note in notes:
            self.unclaimed += 1
            at = moment(note.created_at)
            if at is not None:
                self._by_second.setdefault(at.replace(microsecond=0), []).append(note)

    def claim(self, tweet: Tweet) -> NoteCore | None:
        """Return the long post of a tweet; nobody else gets it after that."""
        note = self.take(tweet)
        if note is None and _was_cut(tweet):
            self.missed += 1
        return note

    def take(self, tweet: Tweet) -> NoteCore | None:
        """Claim for a tweet that may do without: a version that was edited later."""
        if not self._by_second:
            return None
        second = stated_time(tweet.created_at)
        candidates = self._by_second.get(second) if second else None
        if not candidates:
            return None
        beginnings = _beginnings(unescaped(tweet.full_text))
        for index, note in enumerate(candidates):
            if any(note.core.text.lstrip().startswith(begin) for begin in beginnings):
                del candidates[index]
                self.unclaimed -= 1
                return note.core
        return None


def _was_cut(tweet: Tweet) -> bool:
    """Say whether X cut a tweet: it ends in an address that is the tweet's own, or nobody's."""
    found = _TAIL.search(tweet.full_text) if "…" in tweet.full_text else None
    if found is None:
        return False
    others = {
        url.url for url in tweet.entities.urls if tweet.id_str not in (url.expanded_url or "")
    }
    others.update(media.url for media in tweet.media)
    return not others.issuperset(found[0].replace("…", " ").split())


def _beginnings(text: str) -> list[str]:
    """Return how the note of a tweet may begin: a note has no names of those whom it answers."""
    shown = _TAIL.sub("", text)
    was_cut = len(shown) < len(text)
    variants = (_NAMES.sub("", shown, count=1) if _NAMES.match(shown) else shown, shown)
    return [
        variant[:_COMPARED]
        for variant in dict.fromkeys(variant.strip() for variant in variants)
        if len(variant) >= _COMPARED or (was_cut and variant)
    ]
