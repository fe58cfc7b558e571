"""Rebuilding what a tweet says, as runs.

Indices count Unicode code points of the still HTML-escaped text (measured), so a piece is first cut
out and then unescaped, once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from msgspec import Struct

from chatops.archive.marks import Mark, note_marks, tweet_marks, unescaped
from chatops.archive.tweet_records import NoteCore, Tweet
from chatops.posts.post import Mention, Run, WebLink, Words

_STATUS = re.compile(
    r"https?://(?:www\.|mobile\.|m\.)?(?:twitter|x)\.com/"
    r"(?:#!/)?(?:i/web|(?P<user>\w{1,20}))/status(?:es)?/(?P<id>\d{1,20})(?![\w-])",
    re.IGNORECASE,
)
_BARE_ADDRESS = re.compile(r"https?://[^\s/<>\"«»]+\.[^\s<>\"«»]+", re.IGNORECASE)
_CLOSING = ".,;:!?'’”)]}*_~"


class Quoted(Struct, frozen=True, gc=False):
    """The tweet that a tweet quotes; `user` is empty where its address does not name one."""

    url: str
    user: str
    id: str


class Body(Struct, frozen=True, gc=False):
    """What a tweet says and what it quotes."""

    runs: tuple[Run, ...]
    quoted: Quoted | None


def tweet_body(tweet: Tweet, *, answers: bool) -> Body:
    """Rebuild a tweet's text.

    Args:
        answers: Whether it answers a tweet, its author's own included: then the names that it
            begins with say to whom and are not part of its text.
    """
    return _body(tweet.full_text, tweet_marks(tweet), tweet.id_str, escaped=True, answers=answers)


def note_body(note: NoteCore, tweet: Tweet) -> Body:
    """Rebuild a long post's whole text, in place of its tweet's."""
    body = _body(note.text, note_marks(note, tweet), tweet.id_str, escaped=False, answers=False)
    if body.quoted is None:
        quoted = _last_quoted(tweet_marks(tweet), tweet.id_str)
        return Body(body.runs, quoted[1]) if quoted else body
    return body


def _body(text: str, marks: list[Mark], own_id: str, *, escaped: bool, answers: bool) -> Body:
    quoted = _last_quoted(marks, own_id)
    if quoted is not None:
        index = quoted[0]
        if _is_last(text, marks, index):
            marks[index] = (*marks[index][:2], None)
    begin = _after_names(text, marks) if answers else 0
    runs = _runs(text, marks, begin, escaped=escaped)
    return Body(tuple(runs), quoted[1] if quoted else None)


def _runs(text: str, marks: list[Mark], at: int, *, escaped: bool) -> list[Run]:
    runs: list[Run] = []
    pending = ""
    for start, end, run in marks:
        if start < at:
            continue
        pending += unescaped(text[at:start]) if escaped else text[at:start]
        at = end
        if run is None:
            continue
        runs.extend(_words(pending))
        runs.append(run)
        pending = ""
    pending += unescaped(text[at:]) if escaped else text[at:]
    runs.extend(_words(pending.rstrip()))
    if runs and isinstance(first := runs[0], Words):
        runs[:1] = [Words(kept)] if (kept := first.text.lstrip()) else []
    return runs


def _words(text: str) -> Iterator[Run]:
    """Yield words, with the addresses in them that X did not shorten as links."""
    at = 0
    if "://" in text:
        for found in _BARE_ADDRESS.finditer(text):
            address = found[0]
            while address[-1] in _CLOSING and not (address[-1] == ")" and "(" in address):
                address = address[:-1]
            if "…" in address or "." not in address:
                continue
            if found.start() > at:
                yield Words(text[at : found.start()])
            yield WebLink(address, address)
            at = found.start() + len(address)
    if at < len(text):
        yield Words(text[at:])


def _after_names(text: str, marks: list[Mark]) -> int:
    """Return where the text begins after the names of those whom it answers."""
    at = 0
    for start, end, run in marks:
        if not isinstance(run, Mention) or text[at:start].strip():
            break
        at = end
    return at


def _is_last(text: str, marks: list[Mark], index: int) -> bool:
    """Say whether readers see nothing after a mark."""
    at = marks[index][1]
    for start, end, run in marks[index + 1 :]:
        if run is not None or text[at:start].strip():
            return False
        at = end
    return not text[at:].strip()


def _last_quoted(marks: list[Mark], own_id: str) -> tuple[int, Quoted] | None:
    for index in range(len(marks) - 1, -1, -1):
        run = marks[index][2]
        if isinstance(run, WebLink) and (found := _STATUS.match(run.url)) and found["id"] != own_id:
            return index, Quoted(run.url, found["user"] or "", found["id"])
    return None
