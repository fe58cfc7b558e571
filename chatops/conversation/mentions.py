"""Whom somebody means: a mention of a colleague in any platform's notation, or a name.

Slack writes `<@U123>` or `<@U123|ana>`, Discord `<@123>` or `<@!123>`, Matrix `@ana:example.org` or
an address of matrix.to; in the terminal, and where a phone did not complete it, it is `@Ana`.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

_QUOTED: Final = "\"'\u201c\u201d\u00ab\u00bb"
_MARK: Final = re.compile(r"<@!?([A-Za-z0-9]+)(?:\|([^<>]*))?>")
_GROUP: Final = re.compile(r"<(?:@&|!subteam\^|![a-z]|#)[^<>]*>")
_LABELLED: Final = re.compile(r"\[([^\]]+)\]\(([^()]+)\)|<([^<>|]+)\|([^<>]+)>|<([^<>]+)>")
_ADDRESS: Final = re.compile(
    r"(?:https?://matrix\.to/#/|matrix:u/)(?P<user>[^?]+)(?:\?.*)?", re.IGNORECASE
)
_MATRIX: Final = re.compile(r"@[^\s:@]+:[^\s:@]+(?::[0-9]+)?")


class Whom(Struct, frozen=True):
    """Whom somebody means.

    Args:
        id: The platform's own id of the member; empty where only a name was typed.
        name: As it was typed, or as the platform wrote it beside the id.
    """

    id: str
    name: str


def read_whom(typed: str) -> Whom | None:
    """Return whom somebody means; None where it is nobody, or a whole group."""
    words = " ".join(typed.split()).strip(_QUOTED).strip()
    if _GROUP.fullmatch(words):
        return None
    mark = _MARK.fullmatch(words)
    if mark is not None:
        return Whom(mark[1], (mark[2] or "").strip())
    label = ""
    labelled = _LABELLED.fullmatch(words)
    if labelled is not None:
        label = labelled[1] or labelled[4] or ""
        words = labelled[2] or labelled[3] or labelled[5]
    user = _matrix_user(words)
    if user is not None:
        return Whom(user, label.strip().lstrip("@") or user[1:].partition(":")[0])
    # A colon or comma behind a name is how some clients end a mention.
    name = (label or words).strip().lstrip("@\uff20").rstrip(":,").strip()
    return Whom("", name) if name else None


def _matrix_user(words: str) -> str | None:
    address = _ADDRESS.fullmatch(words)
    if address is not None:
        user = unquote(address["user"]).strip("/")
        words = user if user.startswith("@") else f"@{user}"
    words = words.rstrip(",")
    return words if _MATRIX.fullmatch(words) else None
