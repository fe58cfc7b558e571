"""Discord's Markdown: everybody's words are escaped, only the bot's own sentences are styled.

A backslash before a sign that is neither letter, digit nor space shows the sign itself, so that
escaped words read as they were written. They cannot ping, format, link, or stand as an emoji, a
time or a channel.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from chatops.language import Piece

_ESCAPED: Final = re.compile(
    r"[\\*_~|`<>\[\]]"
    # A name that pings everybody, the colon of an address, the first colon of `:emoji:`.
    r"|@(?=everyone|here)|:(?=//)|:(?=[^\s:]+:)"
    # What could begin a heading, a list or small print, wherever the line will be broken.
    r"|(?<!\S)[-+#]|(?<!\S)\d+(?P<dot>[.)])"
)
_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f\ud800-\udfff]"
)
_LINE_ENDS: Final = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_WORDS: Final = re.compile(r"\n|[^\S\n]+|[^\s]{1,200}")
_FENCED: Final = re.compile("`+")
_WEB: Final = ("http://", "https://")
_IN_LINK: Final = "!#$%&'*+,/:;=?@[]~-._"


class Atom(Struct, frozen=True):
    """A few words that are not broken.

    Args:
        marked: As Markdown.
        plain: As they read.
    """

    marked: str
    plain: str


BREAK: Final = Atom("\n", "\n")


def clean(words: str) -> str:
    """Return words without what would move others: control signs, turned reading direction."""
    return _CONTROLS.sub(_shown, _LINE_ENDS.sub("\n", words))


def escaped(words: str) -> str:
    """Return words that read as they are."""
    return _ESCAPED.sub(_behind_backslash, clean(words))


def code(words: str) -> str:
    """Return words to be copied to the letter."""
    words = " ".join(clean(words).split("\n"))
    runs = {len(run) for run in _FENCED.findall(words)}
    if not words.strip() or (runs and runs != {1}):
        return escaped(words)
    if not runs:
        return f"`{words}`"
    before, after = (" " if edge == "`" else "" for edge in (words[0], words[-1]))
    return f"``{before}{words}{after}``"


def strong(words: str) -> str:
    """Return words that carry weight."""
    words = " ".join(clean(words).split("\n"))
    bare = words.strip()
    if not bare:
        return words
    before, _bare, after = words.partition(bare)
    return f"{before}**{escaped(bare)}**{after}"


def link(label: str, url: str) -> str:
    """Return a web address behind its label; what is none stands as words."""
    target = quote(clean(url), safe=_IN_LINK)
    if not target.startswith(_WEB):
        return escaped(label) if label == url else f"{escaped(label)} ({escaped(url)})"
    # A label that looks like an address is shown raw, brackets and all.
    if label == url or "://" in label or not label.strip():
        return f"<{target}>"
    return f"[{escaped(label)}]({target})"


def atoms(pieces: Iterable[Piece]) -> Iterator[Atom]:
    """Cut a sentence into words that can stand on different lines."""
    for piece in pieces:
        match piece.style:
            case "plain":
                yield from plain_atoms(piece.words)
            case "code":
                yield from (Atom(code(part), part) for part in _parts(piece.words))
            case "strong":
                yield from (Atom(strong(part), part) for part in _parts(piece.words))
            case "link":
                words = piece.words
                plain = words if words == piece.url else f"{words} ({piece.url})"
                yield Atom(link(words, piece.url), clean(plain))


def plain_atoms(words: str) -> Iterator[Atom]:
    """Cut words into single ones, with the spaces and line ends between them."""
    safe = clean(words)
    # What needs a backslash is found before anything is cut, and never cut from it.
    signs = {
        match.start("dot") if match["dot"] else match.start() for match in _ESCAPED.finditer(safe)
    }
    for match in _WORDS.finditer(safe):
        at = range(match.start(), match.end())
        marked = "".join(f"\\{safe[i]}" if i in signs else safe[i] for i in at)
        yield BREAK if match[0] == "\n" else Atom(marked, match[0])


def _parts(words: str, most: int = 500) -> Iterator[str]:
    """Cut what is styled as a whole only where it is far too long for one line."""
    shown = clean(words)
    yield from (shown[at : at + most] for at in range(0, len(shown), most))


def _behind_backslash(match: re.Match[str]) -> str:
    sign = match["dot"] or match[0]
    return f"{match[0].removesuffix(sign)}\\{sign}"


def _shown(match: re.Match[str]) -> str:
    sign = match[0]
    if unicodedata.category(sign) == "Cs":
        return "\N{REPLACEMENT CHARACTER}"
    return f"U+{ord(sign):04X}"
