"""Network-neutral posts.

A post's body is a sequence of runs, not a string with indices: a network's adapter turns runs into
its own text and its own ranges, so no offset ever has to be translated from one unit to another.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

PostKind = Literal["post", "thread", "quote", "reply", "repost"]
"""What a source post was: on its own, continuing its author's own thread, quoting another post,
answering somebody else, or repeating somebody else's post."""

KINDS: tuple[PostKind, ...] = ("post", "thread", "quote", "reply", "repost")


class Words(Struct, frozen=True, tag="words"):
    """Plain text, unescaped, line breaks included."""

    text: str


class WebLink(Struct, frozen=True, tag="link"):
    """A web address with the short form that readers saw."""

    url: str
    label: str


class Hashtag(Struct, frozen=True, tag="tag"):
    """A hashtag without its sign."""

    tag: str


class Mention(Struct, frozen=True, tag="mention"):
    """Somebody named in a post.

    Args:
        handle: The handle on X, without the sign.
        x_id: The account's number on X, empty where the source does not know it.
    """

    handle: str
    x_id: str = ""


Run: TypeAlias = Words | WebLink | Hashtag | Mention


class Media(Struct, frozen=True):
    """A picture, animation or video.

    Args:
        kind: An animation is a silent video that loops.
        name: The file's name in its archive, and in the folder where needed files are kept.
        alt: What it shows, in words; X archives never have it.
    """

    kind: Literal["image", "animation", "video"]
    name: str
    alt: str = ""


class Post(Struct, frozen=True):
    """A post as its author meant it, for no network in particular.

    Args:
        source_id: The post's number on X, or another identity that never changes.
        written_at: When it was written, UTC.
        language: A BCP 47 tag, or empty where it is not known.
        replies_to: The `source_id` of the author's own post that this one continues.
        quotes: The `source_id` of the author's own post that this one quotes.
        quotes_url: The address of the quoted post, whoever wrote it.
        sensitive: Whether the author marked its media as sensitive.
    """

    source_id: str
    kind: PostKind
    written_at: datetime
    body: tuple[Run, ...]
    media: tuple[Media, ...] = ()
    language: str = ""
    replies_to: str = ""
    quotes: str = ""
    quotes_url: str = ""
    sensitive: bool = False
