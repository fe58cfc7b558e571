"""Turning the JavaScript of a reformatted archive file back into JSON.

People open `tweets.js` in an editor, and it saves what Prettier or a minifier makes of it: keys
without quotes, single quotes, trailing commas, comments, `!0` for true.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    rb"""
      (?P<double>"(?:[^"\\]++|\\[\s\S])*+")
    | (?P<single>'(?:[^'\\]++|\\[\s\S])*+')
    | (?P<comment>//[^\n]*+|/\*[\s\S]*?\*/)
    | (?P<comma>,(?=(?:\s++|//[^\n]*+|/\*[\s\S]*?\*/)*+[}\]]))
    | (?P<key>(?<![\w$.])(?:[A-Za-z_$][\w$]*+|\d++)(?=\s*+:))
    | (?P<flag>![01])
    | (?P<nothing>\b(?:undefined|NaN)\b)
    """,
    re.VERBOSE,
)
_ODD_ESCAPE = re.compile(
    rb"""\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|([^"\\/bfnrtu])|(.))""", re.DOTALL
)
_ONLY_ODD = re.compile(rb"""\\[^"\\/bfnrtu]|\\u\{""")


def to_json(source: bytes) -> bytes:
    """Rewrite a piece of JavaScript data as JSON; JSON stays as it is."""
    return _TOKEN.sub(_rewritten, source)


def _rewritten(token: re.Match[bytes]) -> bytes:
    text = token[0]
    match token.lastgroup:
        case "double":
            return _ODD_ESCAPE.sub(_escape, text) if _ONLY_ODD.search(text) else text
        case "single":
            return _requoted(text)
        case "key":
            return b'"' + text + b'"'
        case "flag":
            return b"true" if text == b"!0" else b"false"
        case "nothing":
            return b"null"
        case _:
            return b""


_INNER = re.compile(rb"""\\[\s\S]|"|\n""")


def _requoted(text: bytes) -> bytes:
    inner = _INNER.sub(lambda found: b'\\"' if found[0] == b'"' else found[0], text[1:-1])
    return b'"' + _ODD_ESCAPE.sub(_escape, inner) + b'"'


def _escape(found: re.Match[bytes]) -> bytes:
    """Rewrite one escape that JSON does not know."""
    byte, point, other, known = found.groups()
    if byte is not None:
        return b"\\u00" + byte
    if point is not None:
        units = chr(int(point, 16)).encode("utf-16-be")
        return b"".join(
            b"\\u" + units[at : at + 2].hex().encode() for at in range(0, len(units), 2)
        )
    if known is not None:
        return found[0]
    return {b"v": b"\\u000b", b"0": b"\\u0000", b"\n": b""}.get(other, other)
