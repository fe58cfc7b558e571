"""Matrix HTML and the plain words beside it, of which only the bot's own sentences are styled.

Clients turn addresses, user ids and room aliases in any text into links by themselves, save in
`<code>`. A word joiner, which nobody sees, keeps them from that; `typed` takes it away again.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from chatops.language import Piece

JOINER: Final = "\u2060"

_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ud800-\udfff]"
)
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_LINKING: Final = re.compile(
    # The colon of a scheme or an id, but not of a time; the dot before a top-level domain.
    r"(?<=[^\W\d_]):(?=\S)|(?<=\d):(?=[^\W\d_])|(?<=[\w-])\.(?=[^\W\d_]{2})"
    # What begins a user id, and the name that pings a whole room.
    r"|@(?=\S)"
)
_WEB: Final = ("http://", "https://")
_IN_LINK: Final = "!#$%&'*+,/:;=?@[]~-._"


class Words(Struct, frozen=True):
    """A few words.

    Args:
        marked: As HTML.
        plain: As they read where no HTML is shown.
    """

    marked: str
    plain: str

    @classmethod
    def joined(cls, words: Iterable[Words], between: Words | None = None) -> Words:
        """Put words one behind the other."""
        them = list(words)
        marked, plain = (between.marked, between.plain) if between else ("", "")
        return cls(
            marked.join(each.marked for each in them), plain.join(each.plain for each in them)
        )


def clean(words: str) -> str:
    """Return words without what would move others: control signs, turned reading direction."""
    return _CONTROLS.sub(_shown, _LINE_ENDS.sub("\n", words))


def unlinked(words: str) -> str:
    """Return words of which no client makes a link."""
    return _LINKING.sub(lambda sign: f"{sign[0]}{JOINER}", clean(words))


def typed(words: str) -> str:
    """Return what a member meant who may have copied it from a message of the bot."""
    return words.replace(JOINER, "")


def clean_name(name: str) -> str:
    """Return the name of a file without what would make it a path, or two lines."""
    return " ".join(clean(name).replace("/", "_").replace("\\", "_").split())[-200:] or "file"


def escaped(words: str) -> str:
    """Return words that read as they are in HTML."""
    return html.escape(words).replace("\n", "<br>")


def said(words: str) -> Words:
    """Return words that link nowhere and are not formatted."""
    safe = unlinked(words)
    return Words(escaped(safe), safe)


def marked(pieces: Iterable[Piece]) -> Words:
    """Return a sentence with its styles."""
    return Words.joined(map(_piece, pieces))


def _piece(piece: Piece) -> Words:
    match piece.style:
        case "plain":
            return said(piece.words)
        case "code":
            return Words(f"<code>{escaped(clean(piece.words))}</code>", unlinked(piece.words))
        case "strong":
            words = said(piece.words)
            return Words(f"<strong>{words.marked}</strong>", words.plain)
        case "link":
            return _link(piece.words, piece.url)


def _link(label: str, url: str) -> Words:
    target = quote(clean(url), safe=_IN_LINK)
    if not target.startswith(_WEB) or not label.strip():
        return said(label if label == url else f"{label} ({url})")
    # A label that is an address of its own would lie about where it leads.
    shown = url if "://" in label else label
    anchor = f'<a href="{html.escape(target)}">{escaped(unlinked(shown))}</a>'
    return Words(anchor, target if shown == url else f"{unlinked(shown)} ({target})")


def _shown(match: re.Match[str]) -> str:
    sign = match[0]
    if unicodedata.category(sign) == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return f"U+{ord(sign):04X}"
