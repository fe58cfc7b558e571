"""What a terminal would obey is shown instead: nobody's words can move the cursor."""

from __future__ import annotations

import re
from typing import Final

_LINE_BREAKS: Final = re.compile("\r\n|[\u2028\u2029]")
_OBEYED: Final = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f"
    # Characters that turn the reading direction of everything after them.
    "\u202a-\u202e\u2066-\u206f"
    # Halves of a pair, which no encoding can write.
    "\ud800-\udfff]"
)
_UNSAFE_IN_JSON: Final = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f]")
_TAB: Final = "    "
_CONTROL_PICTURES: Final = 0x2400
_DELETE: Final = 0x7F


def visible(words: str) -> str:
    """Return words with everything that a terminal obeys made visible, save line ends."""
    return _OBEYED.sub(_picture, _LINE_BREAKS.sub("\n", words))


def visible_line(words: str) -> str:
    """Return the same on one line, for names and labels."""
    return " ".join(visible(words).split("\n"))


def escaped(json: str) -> str:
    """Escape what JSON allows raw but a terminal would obey; the value stays the same."""
    return _UNSAFE_IN_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", json)


def encodable(words: str) -> str:
    """Replace the lone surrogates that no encoding can write."""
    return re.sub("[\ud800-\udfff]", "\N{REPLACEMENT CHARACTER}", words)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    if match[0] == "\t":
        return _TAB
    if code < ord(" "):
        return chr(_CONTROL_PICTURES + code)
    if code == _DELETE:
        return "\N{SYMBOL FOR DELETE}"
    if encodable(match[0]) != match[0]:
        return "\N{REPLACEMENT CHARACTER}"
    return f"<U+{code:04X}>"
