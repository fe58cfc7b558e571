"""From X's record of a tweet to a post for no network in particular."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal

from msgspec import Struct

from chatops.archive.notes import Notes
from chatops.archive.snowflake import tweet_number, written_at
from chatops.archive.text import Quoted, note_body, tweet_body
from chatops.archive.tweet_records import Tweet, TweetMedia
from chatops.posts.post import Media, Post, PostKind

_REPOST = re.compile(r"RT @\w{1,20}: ")
_KINDS: Mapping[str, Literal["image", "animation", "video"]] = {
    "animated_gif": "animation",
    "video": "video",
}
_LANGUAGES = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGUAGES = frozenset(
    {"", "und", "zxx", "art", "qam", "qct", "qht", "qme", "qst"}  # X's codes for "none to speak of"
)


class Unintelligible(ValueError):
    """A tweet without a number or without a time."""


class Author(Struct, frozen=True):
    """Whose archive it is.

    Args:
        names: All handles that the account has or had, in lower case.
    """

    account_id: str
    names: frozenset[str]

    def is_self(self, user_id: str | None, name: str | None) -> bool:
        """Say whether a tweet's addressee is the author."""
        if self.account_id and user_id:
            return user_id == self.account_id
        return bool(name) and str(name).lower() in self.names


class Conversion(Struct, frozen=True):
    """What turning tweets into posts needs to know of the archive.

    Args:
        kept: The last version of each edited tweet, by the ids of the others.
        has_media: Says whether a file of a post is in the archive.
    """

    author: Author
    kept: Mapping[str, str]
    notes: Notes
    has_media: Callable[[str], bool]

    def post(self, tweet: Tweet) -> Post:
        """Return the post that a tweet is; raises `Unintelligible`."""
        number = tweet_number(tweet.id_str)
        at = None if number is None else written_at(number, tweet.created_at)
        if at is None:
            raise Unintelligible
        kind = self._kind(tweet)
        note = self.notes.claim(tweet)
        answers = kind in ("reply", "thread")
        body = note_body(note, tweet) if note else tweet_body(tweet, answers=answers)
        if kind == "post" and body.quoted:
            kind = "quote"
        parent = tweet.in_reply_to_status_id_str or ""
        return Post(
            source_id=tweet.id_str,
            kind=kind,
            written_at=at,
            body=body.runs,
            media=tuple(self._media(tweet.id_str, media) for media in tweet.media),
            language=_language(tweet.lang or ""),
            replies_to=self.kept.get(parent, parent) if kind == "thread" else "",
            quotes=self._own(body.quoted),
            quotes_url=body.quoted.url if body.quoted else "",
            sensitive=bool(tweet.possibly_sensitive),
        )

    def _kind(self, tweet: Tweet) -> PostKind:
        """Say what a tweet is, but for quotes, which its text tells."""
        if _REPOST.match(tweet.full_text):
            return "repost"
        user, name = tweet.in_reply_to_user_id_str, tweet.in_reply_to_screen_name
        if self.author.is_self(user, name):
            return "thread" if tweet.in_reply_to_status_id_str else "post"
        return "reply" if user or tweet.in_reply_to_status_id_str else "post"

    def _own(self, quoted: Quoted | None) -> str:
        if quoted is None or quoted.user.lower() not in self.author.names:
            return ""
        return self.kept.get(quoted.id, quoted.id)

    def _media(self, tweet_id: str, media: TweetMedia) -> Media:
        kind = _KINDS.get(media.type, "image")
        if kind == "image" or media.video_info is None:
            return Media(kind, _file(tweet_id, media.media_url_https))
        variants = sorted(media.video_info.variants, key=lambda variant: -variant.bitrate)
        names = [_file(tweet_id, variant.url) for variant in variants if _is_mp4(variant.url)]
        # Archives from before 2022 hold a low rate only.
        present = next((name for name in names if self.has_media(name)), None)
        return Media(kind, present or (names[0] if names else _file(tweet_id, "")))


def _file(tweet_id: str, url: str) -> str:
    """Return the name under which X keeps a tweet's file."""
    return f"{tweet_id}-{url.split('?', 1)[0].rsplit('/', 1)[-1]}"


def _is_mp4(url: str) -> bool:
    return url.split("?", 1)[0].endswith(".mp4")


def _language(code: str) -> str:
    return "" if code in _NO_LANGUAGES else _LANGUAGES.get(code, code)
