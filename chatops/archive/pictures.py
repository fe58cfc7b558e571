"""Small pictures, painted with circles and boxes, for archives that are made up."""

from __future__ import annotations

import struct
import zlib
from math import isqrt
from typing import TypeAlias

Colour: TypeAlias = tuple[int, int, int]


class Canvas:
    """A picture in the making.

    Args:
        paper: The colour of what is not painted over.
    """

    def __init__(self, width: int, height: int, paper: Colour) -> None:
        self._width = width
        self._rows = [bytearray(bytes(paper) * width) for _row in range(height)]

    def box(self, left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
        """Fill a rectangle; what lies outside of the picture is left away."""
        left, right = max(0, left), min(self._width, right)
        if left >= right:
            return
        for row in self._rows[max(0, top) : max(0, bottom)]:
            row[3 * left : 3 * right] = bytes(colour) * (right - left)

    def disc(self, x: int, y: int, radius: int, colour: Colour) -> None:
        """Fill a circle."""
        for row in range(y - radius, y + radius + 1):
            half = isqrt(radius * radius - (row - y) ** 2)
            self.box(x - half, row, x + half + 1, row + 1, colour)

    def png(self) -> bytes:
        """Return the picture as a PNG file."""
        size = struct.pack(">2I5B", self._width, len(self._rows), 8, 2, 0, 0, 0)
        pixels = zlib.compress(b"".join(b"\0" + row for row in self._rows), 9)
        chunks = ((b"IHDR", size), (b"IDAT", pixels), (b"IEND", b""))
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


_SKY = (205, 230, 240)
_GRASS = (120, 170, 90)
_EARTH = (125, 90, 60)
_LEAF = (60, 130, 60)
_SUN = (250, 205, 90)
_RED = (215, 70, 60)
_WATER = (90, 150, 190)
_WHITE = (250, 248, 240)
_WIDTH, _HEIGHT = 640, 400


def seedlings() -> bytes:
    """Rows of young plants in a bed."""
    canvas = Canvas(_WIDTH, _HEIGHT, _SKY)
    canvas.disc(540, 80, 45, _SUN)
    canvas.box(0, 200, _WIDTH, _HEIGHT, _EARTH)
    for line in range(3):
        for plant in range(11):
            x, y = 40 + plant * 56, 250 + line * 60
            canvas.box(x - 2, y - 24, x + 3, y, _LEAF)
            canvas.disc(x - 8, y - 24, 8, _LEAF)
            canvas.disc(x + 8, y - 28, 8, _GRASS)
    return canvas.png()


def harvest() -> bytes:
    """Tomatoes in a crate."""
    canvas = Canvas(_WIDTH, _HEIGHT, _WHITE)
    canvas.box(60, 140, 580, 360, (190, 145, 90))
    for line in range(2):
        for fruit in range(7):
            x, y = 110 + fruit * 70, 160 + line * 75
            canvas.disc(x, y, 34, _RED)
            canvas.box(x - 3, y - 42, x + 4, y - 28, _LEAF)
    canvas.box(60, 290, 580, 320, (160, 115, 70))
    return canvas.png()


def pond() -> bytes:
    """A pond with an otter's head."""
    canvas = Canvas(_WIDTH, _HEIGHT, _GRASS)
    canvas.disc(320, 400, 300, _WATER)
    canvas.disc(320, 270, 60, _EARTH)
    for side in (-1, 1):
        canvas.disc(320 + side * 45, 225, 16, _EARTH)
        canvas.disc(320 + side * 22, 255, 7, (30, 25, 20))
    canvas.disc(320, 285, 14, (30, 25, 20))
    canvas.box(200, 325, 440, 331, _SKY)
    return canvas.png()


def bunting() -> bytes:
    """Flags over a long table, ready for a party."""
    canvas = Canvas(_WIDTH, _HEIGHT, _SKY)
    canvas.box(0, 300, _WIDTH, _HEIGHT, _GRASS)
    canvas.box(0, 60, _WIDTH, 64, _EARTH)
    for flag, colour in enumerate((_RED, _SUN, _LEAF, _WATER) * 3):
        left = 12 + flag * 53
        for step in range(20):
            canvas.box(left + step, 64 + 2 * step, left + 40 - step, 66 + 2 * step, colour)
    canvas.box(90, 250, 550, 270, _WHITE)
    for leg in (120, 510):
        canvas.box(leg, 270, leg + 12, 340, _EARTH)
    return canvas.png()
