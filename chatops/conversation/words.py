"""Forgiving what phones and hurried people do to words."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache
from typing import Final

_LETTERS: Final = {"œ": "oe", "Œ": "oe", "æ": "ae", "Æ": "ae"}
_QUOTES: Final = "\u2018\u2019\u201b\u02bc\u2032\u00b4`"
_DASHES: Final = "\u2010\u2011\u2012\u2013\u2014\u2212\ufe58\uff0d"
_UNSEEN: Final = (
    "\u200b\u200c\u200e\u200f\u2060\ufeff\u00ad\ufe0e\ufe0f"
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
_ALIKE: Final = str.maketrans(
    _LETTERS
    | dict.fromkeys(_QUOTES, "'")
    | dict.fromkeys(_DASHES, "-")
    | dict.fromkeys(_UNSEEN, "")
)
_SPACES: Final = re.compile(r"\s+")
_CALLS: Final = "!/@\uff01\uff0f\uff20"
_NEAR: Final = 0.7


def fold(words: str) -> str:
    """Return words as they are compared: no accents, no case, straight quotes, single spaces."""
    plain = words.translate(_ALIKE)
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", plain).casefold())
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return _SPACES.sub(" ", plain.translate(_ALIKE)).strip()


def fold_name(name: str) -> str:
    """Return the name of a value as it is compared: like other words, and without apostrophes."""
    return fold(name).replace("'", "")


def near(typed: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known words that somebody may have meant, the nearest first."""
    originals = {fold(word): word for word in known}
    close = difflib.get_close_matches(fold(typed)[:64], originals, most, _NEAR)
    return [originals[word] for word in close]


def addressed(text: str, bot_names: Collection[str]) -> str | None:
    """Return what is said to the bot, or None where a message is not for it.

    A message is for the bot when it starts with one of its names behind `!`, `/` or `@`, or before
    a colon or comma; or with a name that is itself a mark, such as `<@U123>` or
    `@quitx:example.org`. Spaces and capitals that a phone adds do not matter.
    """
    for name in sorted(bot_names, key=len, reverse=True):
        call = _call(name).match(text)
        if call and (call["mark"] or call["colon"] or not (name[0].isalnum() or name[0] == "_")):
            return text[call.end() :].strip()
    return None


@cache
def _call(name: str) -> re.Pattern[str]:
    return re.compile(
        rf"[\s\u200b\ufeff]*(?P<mark>[{_CALLS}]\s*)?{re.escape(name)}"
        r"(?:(?P<colon>\s*[:,])|)(?=\s|$)",
        re.IGNORECASE,
    )
