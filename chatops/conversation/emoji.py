"""Reactions, compared as people mean them."""

from __future__ import annotations

import re
from typing import Final

_SKIN_AND_LOOK: Final = re.compile("[\U0001f3fb-\U0001f3ff\ufe0e\ufe0f]|::skin-tone-[2-6]")
_NAMES: Final = {
    "white_check_mark": "✅",
    "x": "❌",
    "+1": "👍",
    "thumbsup": "👍",
    "-1": "👎",
    "thumbsdown": "👎",
}


def same(one: str, other: str) -> bool:
    """Whether two reactions are the same, whatever their skin tone and look."""
    return plain(one) == plain(other) != ""


def plain(emoji: str) -> str:
    """Return an emoji without skin tone and look; the name that some platforms use is resolved."""
    bare = _SKIN_AND_LOOK.sub("", emoji).strip().strip(":")
    return _NAMES.get(bare, bare)
