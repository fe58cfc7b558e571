"""Decompressing one file of a ZIP as a stream that trusts nothing it was told.

What the directory says about a file's size and checksum is a promise: the stream ends with an
error as soon as it is broken, so a file that ended without one is whole.
"""

from __future__ import annotations

from collections.abc import Iterator

from isal import isal_zlib
from msgspec import Struct

from chatops.archive.trouble import Source

BLOCK = 8 * 1024
"""Compressed bytes fed at a time: measured best, and what bounds one step's output (8 MB)."""

BOMB_SIZE = 64 * 1024 * 1024
BOMB_RATIO = 250
"""Files of X compress 3 to 12 times; only a bomb is larger than `BOMB_SIZE` and beyond this."""

_RAW = -15


class Promise(Struct, frozen=True, gc=False):
    """What the directory says of a file's content."""

    packed: int
    size: int
    crc: int


def stored(blocks: Iterator[bytes], promise: Promise, source: Source) -> Iterator[bytes]:
    """Yield a file that is not compressed, and check it."""
    size = crc = 0
    for block in blocks:
        size += len(block)
        crc = isal_zlib.crc32(block, crc)
        yield block
    if size != promise.size:
        raise source.garbled()
    if crc != promise.crc:
        raise source.changed()


def inflated(blocks: Iterator[bytes], promise: Promise, source: Source) -> Iterator[bytes]:
    """Yield a file decompressed, and check it."""
    if promise.size > max(BOMB_SIZE, promise.packed * BOMB_RATIO):
        raise source.bomb()
    stream = isal_zlib.decompressobj(_RAW)
    size = crc = 0
    for block in blocks:
        try:
            piece = stream.decompress(block)
        except isal_zlib.IsalError as error:  # type: ignore[misc]  # its stubs name an instance
            raise source.garbled() from error
        size += len(piece)
        if size > promise.size:
            raise source.bomb()
        crc = isal_zlib.crc32(piece, crc)
        if piece:
            yield piece
        if stream.eof:
            break
    if not stream.eof:
        raise source.cut_off()
    if stream.unused_data or size != promise.size or next(blocks, None) is not None:
        raise source.garbled()
    if crc != promise.crc:
        raise source.changed()
