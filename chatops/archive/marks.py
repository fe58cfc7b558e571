"""Where in a text its links, tags, names and pictures stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import TypeAlias

from chatops.archive.tweet_records import NoteCore, Tweet
from chatops.posts.post import Hashtag, Mention, Run, WebLink

Mark: TypeAlias = tuple[int, int, Run | None]
"""Where something stands, and what; None for what readers do not see as text."""

_SIGNS = ("#", "\N{FULLWIDTH NUMBER SIGN}", "@", "\N{FULLWIDTH COMMERCIAL AT}")
_UNKNOWN_ID = "-1"


def tweet_marks(tweet: Tweet) -> list[Mark]:
    """Return the marks of a tweet's escaped text, in order."""
    return _ordered(_in_tweet(tweet, tweet.full_text))


def note_marks(note: NoteCore, tweet: Tweet) -> list[Mark]:
    """Return the marks of a long post's text, in order."""
    return _ordered(_in_note(note, tweet, note.text))


def unescaped(text: str) -> str:
    """Undo X's escapes, once: what a user typed as `&lt;` stays that."""
    if "&" not in text:
        return text
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _in_tweet(tweet: Tweet, text: str) -> Iterator[Mark]:
    entities = tweet.entities
    for url in entities.urls:
        if place := _place(text, url.url, url.indices):
            yield *place, WebLink(url.expanded_url or url.url, url.display_url or url.url)
    for tag in entities.hashtags:
        if place := _place(text, f"#{tag.text}", tag.indices):
            yield *place, Hashtag(text[place[0] + 1 : place[1]])
    for mention in entities.user_mentions:
        if place := _place(text, f"@{mention.screen_name}", mention.indices):
            yield *place, _named(text[place[0] + 1 : place[1]], mention.id_str)
    for media in (*entities.media, *tweet.media):
        if place := _place(text, media.url, media.indices):
            yield *place, None


def _in_note(note: NoteCore, tweet: Tweet, text: str) -> Iterator[Mark]:
    pictures = {media.url for media in tweet.media}
    for url in note.urls:
        if place := _place(text, url.short_url, (url.from_index, url.to_index)):
            link = WebLink(url.expanded_url or url.short_url, url.display_url or url.short_url)
            yield *place, None if url.short_url in pictures else link
    for tag in note.hashtags:
        if place := _place(text, f"#{tag.text}", (tag.from_index, tag.to_index)):
            yield *place, Hashtag(text[place[0] + 1 : place[1]])
    # A note knows names only; the tweet that was cut from it knows the numbers of the first ones.
    ids = {user.screen_name.lower(): user.id_str for user in tweet.entities.user_mentions}
    for mention in note.mentions:
        if place := _place(text, f"@{mention.screen_name}", (mention.from_index, mention.to_index)):
            number = ids.get(mention.screen_name.lower(), "")
            yield *place, _named(text[place[0] + 1 : place[1]], number)


def _named(handle: str, number: str) -> Mention:
    return Mention(handle, "" if number == _UNKNOWN_ID else number)


def _place(text: str, shown: str, indices: tuple[int, ...]) -> tuple[int, int] | None:
    """Return where something stands in a text: where X says, or nearest before it."""
    if len(shown) <= 1:
        return None
    start, end = indices if len(indices) == 2 else (0, len(text))  # noqa: PLR2004 - from and to
    piece = text[start:end] if 0 <= start <= end else ""
    if piece == shown or _is_same(piece, shown):
        return start, start + len(piece)
    at = text.rfind(shown, 0, max(0, end))
    if at < 0:
        at = text.find(shown)
    return (at, at + len(shown)) if at >= 0 else None


def _is_same(piece: str, shown: str) -> bool:
    """Forgive escapes, the case of letters, and the signs of Japanese keyboards."""
    if unescaped(piece) == shown:
        return True
    return piece[:1] in _SIGNS and piece[1:].casefold() == shown[1:].casefold()


def _ordered(marks: Iterable[Mark]) -> list[Mark]:
    """Sort by place; of what overlaps, the first stays."""
    ordered: list[Mark] = []
    last = 0
    for mark in sorted(marks, key=itemgetter(0)):
        if mark[0] >= last:
            ordered.append(mark)
            last = mark[1]
    return ordered
