"""Cutting X's JavaScript files into batches of whole elements, in constant memory.

X writes with a fixed pretty printer, so a few bytes that can only stand between two elements cut a
file exactly, at the speed of a byte search. A file that was reformatted is noticed by its first
bytes and cut by following strings and brackets, an order of magnitude slower.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from chatops.archive.trouble import Source

LARGEST_ELEMENT = 1024 * 1024
"""Ten times the largest long post with all its entities; more is never held at once."""

_SEPARATOR = b"\n  },\n  {"
_BOUNDARY = 4
"""Bytes of the separator that still belong to the element before it."""

_HEAD = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:(?:window\.)?[\w$.]{1,200}\s*=)?\s*\[")
_HEAD_LENGTH = 1024
_EXACT = b'\n  {\n    "'
_STRUCTURE = re.compile(
    rb"""
      "(?:[^"\\]++|\\[\s\S])*+(?:"|\\?\Z)
    | '(?:[^'\\]++|\\[\s\S])*+(?:'|\\?\Z)
    | //[^\n]*+(?:\n|\Z)
    | /\*[\s\S]*?(?:\*/|\Z)
    | /\Z
    | [{}\[\]]
    """,
    re.VERBOSE,
)
_GAP = b" \t\r\n,"


def batches(chunks: Iterator[bytes], source: Source) -> Iterator[bytes]:
    """Yield arrays of whole elements, in JavaScript that is JSON unless a person reformatted it."""
    chunks = filter(None, chunks)
    start = b""
    while len(start) < _HEAD_LENGTH and (chunk := next(chunks, b"")):
        start += chunk
    head = _HEAD.match(start)
    if head is None:
        raise source.unlike_x()
    rest = start[head.end() :]
    if rest.startswith(_EXACT):
        return _cut_exactly(chunks, rest, source)
    return _cut_by_structure(chunks, rest, source)


def _cut_exactly(chunks: Iterator[bytes], start: bytes, source: Source) -> Iterator[bytes]:
    rest = start
    for chunk in chunks:
        at = chunk.rfind(_SEPARATOR)
        if at >= 0:
            # One copy instead of three: this loop is what reading costs beside decoding.
            yield b"".join((b"[", rest, memoryview(chunk)[: at + _BOUNDARY], b"]"))
            rest = chunk[at + _BOUNDARY + 1 :]
            continue
        rest += chunk
        at = rest.rfind(_SEPARATOR)
        if at >= 0:
            yield b"[" + rest[: at + _BOUNDARY] + b"]"
            rest = rest[at + _BOUNDARY + 1 :]
        elif len(rest) > LARGEST_ELEMENT:
            raise source.too_large(LARGEST_ELEMENT)
    end = rest.rfind(b"]")
    if end < 0 or rest[end + 1 :].strip(b" \t\r\n;"):
        raise source.cut_off()
    yield b"[" + rest[: end + 1]


def _cut_by_structure(chunks: Iterator[bytes], start: bytes, source: Source) -> Iterator[bytes]:
    buffer = start
    wanted = 0
    while True:
        end, closed = _whole(buffer, source)
        if end:
            yield b"[" + buffer[:end].lstrip(_GAP) + b"]"
            buffer = buffer[end:]
            wanted = 0
        if closed:
            return
        if len(buffer) > LARGEST_ELEMENT:
            raise source.too_large(LARGEST_ELEMENT)
        # An element larger than what was read is looked at again only when twice as much is here.
        wanted = max(wanted, 2 * len(buffer))
        fresh = b""
        while len(buffer) + len(fresh) <= wanted and (chunk := next(chunks, b"")):
            fresh += chunk
        if not fresh:
            raise source.cut_off()
        buffer += fresh


def _whole(buffer: bytes, source: Source) -> tuple[int, bool]:
    """Return where the last whole element ends, and whether the array does."""
    depth = end = 0
    for found in _STRUCTURE.finditer(buffer):
        token = found[0]
        if token in (b"{", b"["):
            depth += 1
        elif token in (b"}", b"]"):
            if not depth:
                if token == b"}" or (not end and buffer[: found.start()].strip(_GAP)):
                    raise source.unlike_x()
                return end, True
            depth -= 1
            if not depth:
                end = found.end()
        elif found.end() == len(buffer):
            break
    return end, False
