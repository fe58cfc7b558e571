"""What a button carries, so that a press tells what it says.

The value of a button is the line of its choice. Slack escapes `&`, `<` and `>` in what it sends
back, so that these are written as in an address. A line that is longer than a value may be is named
by its digest instead, and kept in memory and in the message's metadata.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from adapters.slack import limits
from chatops.language import LANGUAGES, Language

_WRITTEN: Final = str.maketrans({"%": "%25", "&": "%26", "<": "%3C", ">": "%3E", "\n": "%0A"})
_DIGEST: Final = "%digest:"
_SAY: Final = "say"
_FORM: Final = "form"
_BLOCK: Final = "choices"


class Button(Struct, frozen=True):
    """What the ids of a pressed button tell.

    Args:
        form: In which language a form is opened; None for a button that says its line.
        mark: The name of the message, where it has no timestamp of its own.
    """

    form: Language | None
    mark: str


def packed(says: str) -> str:
    """Return a line as the value of a button."""
    value = says.translate(_WRITTEN)
    if len(value) <= limits.VALUE and value.isprintable():
        return value
    digest = hashlib.sha256(says.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{_DIGEST}{digest}"


def unpacked(value: str) -> str | None:
    """Return the line of a button; None where its value only names it."""
    return None if value.startswith(_DIGEST) else unquote(value)


def folded(says: str) -> str:
    """Return a long line as it is kept beside a message."""
    data = says.encode("utf-8", "surrogatepass")
    return base64.b85encode(zlib.compress(data, 9)).decode("ascii")


def unfolded(kept: str) -> str:
    """Return the line that was kept beside a message; as it is where that is none."""
    try:
        return zlib.decompress(base64.b85decode(kept)).decode("utf-8", "surrogatepass")
    except (ValueError, zlib.error):
        return kept


def action_id(number: int, form: Language | None) -> str:
    """Return the id of a button, by its number in the message."""
    return f"{_FORM}:{form}:{number}" if form else f"{_SAY}:{number}"


def block_id(number: int, mark: str) -> str:
    """Return the id of a row of buttons."""
    return f"{_BLOCK}:{number}:{mark}"


def button_of(action: str, block: str) -> Button | None:
    """Return what a button's ids tell; None where it is not one of a reply's."""
    kind, _colon, rest = action.partition(":")
    row, _colon, place = block.partition(":")
    mark = place.partition(":")[2]
    if row != _BLOCK or kind not in (_SAY, _FORM):
        return None
    if kind == _SAY:
        return Button(None, mark)
    named = rest.partition(":")[0]
    forms: list[Language] = [language for language in LANGUAGES if language == named]
    return Button(forms[0], mark) if forms else None
