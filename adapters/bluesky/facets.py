"""From runs to a record's text and its facets, which count UTF-8 bytes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeAlias

from adapters.bluesky.limits import ADDRESS_BYTES, LIMITS, TAG_BYTES, TAG_CHARACTERS
from chatops.posts.fitting import graphemes, shown
from chatops.posts.post import Hashtag, Mention, Run, WebLink, Words

Json: TypeAlias = dict[str, Any]

Names: TypeAlias = Callable[[Mention], str]
"""Returns the DID of somebody named in a post, or an empty string."""

_ADDRESS: Final = re.compile(r"https?://[^\s/\ud800-\udfff][^\s\ud800-\udfff]*", re.IGNORECASE)
_DID: Final = re.compile(r"did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")


def nobody(_mention: Mention) -> str:
    """Know nobody: every mention stays plain words."""
    return ""


def is_address(url: str) -> bool:
    """Say whether servers accept the address in a record."""
    return _ADDRESS.fullmatch(url) is not None and len(url.encode()) <= ADDRESS_BYTES


def text_and_facets(runs: Sequence[Run], names: Names) -> tuple[str, list[Json]]:
    """Return what readers see, and which of its bytes are links, tags and mentions.

    A link that no server would accept, a tag that is too long, and somebody whose DID is not known
    are plain words: servers accept facets outside the text but refuse a record for a wrong one.
    """
    pieces: list[str] = []
    facets: list[Json] = []
    start = 0
    for run in runs:
        piece = shown(run, LIMITS)
        pieces.append(piece)
        end = start + len(piece.encode())
        if not isinstance(run, Words) and (feature := _feature(run, names)):
            facets.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
        start = end
    return "".join(pieces), facets


def _feature(run: WebLink | Hashtag | Mention, names: Names) -> Json | None:
    match run:
        case WebLink():
            if is_address(run.url):
                return {"$type": "app.bsky.richtext.facet#link", "uri": run.url}
        case Hashtag():
            if _is_tag(run.tag):
                return {"$type": "app.bsky.richtext.facet#tag", "tag": run.tag}
        case Mention():
            did = names(run)
            if _DID.fullmatch(did):
                return {"$type": "app.bsky.richtext.facet#mention", "did": did}
    return None


def _is_tag(tag: str) -> bool:
    if not tag or len(tag.encode()) > TAG_BYTES:
        return False
    return len(tag) <= TAG_CHARACTERS or graphemes(tag) <= TAG_CHARACTERS
