"""What people do where there is no button: they read the words that stand instead."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from chatops.conversation.tokens import quoted

_LINE: Final = re.compile(r"[!/]quitx[^\n]*?(?=,|\n|$)")


class InWords(Struct, frozen=True):
    """What stands for a choice.

    Args:
        line: What can be typed, with `/quitx` before it.
        emoji: The reaction that means the same; empty for none.
    """

    line: str
    emoji: str


def standing_for(label: str, text: str) -> InWords:
    """Find what a message says of a choice, in words.

    Raises:
        AssertionError: The message does not offer the choice.
    """
    for line in text.splitlines():
        bare = re.sub(r"^\W*(?:\d+\.)?\W*", "", line)
        if not bare.startswith(label):
            continue
        typed = _LINE.search(bare, len(label))
        if typed is not None:
            rest = bare[typed.end() :].rstrip(" .")
            # What is left says "or react with" in some language, and ends with the emoji.
            emoji = rest.split()[-1] if rest.strip(", ") else ""
            return InWords(f"/{typed[0][1:].strip()}", emoji)
    raise AssertionError(f"nothing stands for {label!r} in:\n{text}")


def line_of(verb: str, values: Mapping[str, str]) -> str:
    """Return the line that says the same as a form."""
    return " ".join(("/quitx", verb, *(f"{name}={quoted(each)}" for name, each in values.items())))
