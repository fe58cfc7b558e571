"""Cutting a line into words, quoted parts and `name=value` pairs, with every kind of quote."""

from __future__ import annotations

import re
from typing import Final

from msgspec import Struct

_PARTNERS: Final = {
    '"': '"',
    "\u201c": "\u201d",
    "\u201d": "\u201d",
    "\u201e": "\u201c",
    "\u201f": "\u201d",
    "\u00ab": "\u00bb",
    "\u2039": "\u203a",
    "\uff02": "\uff02",
}
_DOUBLE: Final = "".join(dict.fromkeys([*_PARTNERS, *_PARTNERS.values()]))
_SINGLE: Final = {"'": "'", "\u2018": "\u2019", "\u2019": "\u2019"}
_GUILLEMETS: Final = "\u00ab\u2039"
_SPACE: Final = re.compile(r"[\s\u200b\ufeff]+")
_WORD: Final = re.compile(r"[^\s\u200b\ufeff]+")
_NAME: Final = re.compile(r"([^\W\d_][\w'\u2019-]*)=")


class Token(Struct, frozen=True):
    """One word of a line.

    Args:
        text: The word, without its name and its quotes.
        start: Where it starts in the line, its name included.
        value: Where its value starts in the line, its quote included.
        end: Where it ends in the line.
        name: What stands before `=`; empty for none.
        quoted: Whether it stood in quotes.
        unclosed: Whether it starts with a quote that never ends.
    """

    text: str
    start: int
    value: int
    end: int
    name: str = ""
    quoted: bool = False
    unclosed: bool = False


def tokenise(line: str) -> tuple[Token, ...]:
    """Cut a line into words; any text can be cut."""
    tokens: list[Token] = []
    position = 0
    while True:
        space = _SPACE.match(line, position)
        start = space.end() if space else position
        if start >= len(line):
            return tuple(tokens)
        token = _token(line, start)
        tokens.append(token)
        position = token.end


def quoted(value: str) -> str:
    """Write a value so that it is read back as one word, where any kind of quote allows that."""
    for opening, closing in (("", ""), ('"', '"'), ("\u201c", "\u201d"), ("\u00ab ", " \u00bb")):
        written = f"{opening}{value}{closing}"
        tokens = tokenise(written)
        if len(tokens) == 1 and tokens[0] == _whole(value, written, tokens[0].quoted):
            return written
    return value


def _whole(value: str, written: str, in_quotes: bool) -> Token:  # noqa: FBT001 - compared whole
    return Token(value, 0, 0, len(written), quoted=in_quotes)


def _token(line: str, start: int) -> Token:
    named = _NAME.match(line, start)
    value = named.end() if named else start
    name = named[1] if named else ""
    opening = line[value : value + 1]
    closing = _closing(line, value + 1, opening)
    if closing is not None:
        inside = line[value + 1 : closing]
        text = inside.strip() if opening in _GUILLEMETS else inside
        return Token(text, start, value, closing + 1, name, quoted=True)
    word = _WORD.match(line, value)
    end = word.end() if word else value
    unclosed = opening != "" and opening in _PARTNERS
    return Token(line[value:end], start, value, end, name, unclosed=unclosed)


def _closing(line: str, start: int, opening: str) -> int | None:
    """Return where a quote ends: its own partner first, else any double quote."""
    if not opening:
        return None
    if opening in _SINGLE:
        # An apostrophe opens nothing but a single quoted word or phrase without a break.
        return _last_sign(line, start, _SINGLE[opening] + opening)
    if opening not in _PARTNERS:
        return None
    own = _last_sign(line, start, _PARTNERS[opening])
    return own if own is not None else _last_sign(line, start, _DOUBLE)


def _last_sign(line: str, start: int, signs: str) -> int | None:
    found = re.compile(f"[{re.escape(signs)}](?=[\\s\u200b\ufeff]|$)").search(line, start)
    return found.start() if found else None
