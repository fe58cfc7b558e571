"""Record keys that are the same every time, so that a repeat can never publish twice.

A key (TID) is a time in microseconds and ten more bits, written in 13 letters that sort by time.
Posts of X know their millisecond; the microseconds below it and the ten bits come from a hash of
the draft's key, so that two posts of one millisecond still differ.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

PART_STEP: Final = timedelta(milliseconds=1)
"""How far the parts of one thread stand apart, in their keys and in their times."""

_LETTERS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_LENGTH: Final = 13
_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def record_key(source: str, written_at: datetime, part: int) -> str:
    """Return the key of one part of a post.

    Args:
        source: The draft's key.
        written_at: When the post was written.
        part: The part's number from 0.
    """
    digest = sha256(source.encode()).digest()
    milliseconds = (written_at + part * PART_STEP - _START) // _MILLISECOND
    below = int.from_bytes(digest[2:4]) % 1000
    return tid(milliseconds * 1000 + below, clock_bits(digest))


def clock_bits(digest: bytes) -> int:
    """Return ten bits of a digest, which stand where other programs put a number of their clock."""
    return int.from_bytes(digest[:2]) & 0x3FF


def tid(microseconds: int, clock: int) -> str:
    """Write microseconds since 1970 and ten bits as 13 letters."""
    number = (microseconds & (1 << 53) - 1) << 10 | clock
    return "".join(_LETTERS[number >> shift & 31] for shift in range(5 * (_LENGTH - 1), -1, -5))
