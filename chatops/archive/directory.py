"""The directory at the end of a ZIP, read by hand.

`zipfile` builds an object for every entry before anything can be said about their number, and lets
entries overlap. An archive has 6,400 entries that nobody needs and a few that are needed; here only
the position of the needed ones is kept, and what is hostile is refused before any content is read.
"""

from __future__ import annotations

import os
import struct
from array import array
from collections.abc import Callable, Iterator

from msgspec import Struct

from chatops.archive.trouble import Source

MOST_ENTRIES = 1_000_000
MOST_BYTES = 256 * 1024 * 1024
"""Archives have thousands of entries; the largest, at X's 50 GB a part, some hundred thousand."""

_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")
_ENTRY = struct.Struct("<4s6H3L5H2L")
_LOCAL = struct.Struct("<4s5H3L2H")

_LONGEST_COMMENT = 0xFFFF
_LONGEST_ENTRY = _ENTRY.size + 3 * 0xFFFF
_WINDOW = 1024 * 1024
_FULL16 = 0xFFFF
_FULL32 = 0xFFFFFFFF
_ZIP64 = 1
_UTF8_NAME = 0x800


class Entry(Struct, frozen=True, gc=False):
    """What the directory says of one file.

    Args:
        raw: The name as it is written.
        start: Where the file's own header stands.
    """

    raw: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    start: int

    @property
    def name(self) -> str:
        """The name with forward slashes, whatever the machine that zipped it."""
        encoding = "utf-8" if self.flags & _UTF8_NAME else "cp437"
        return self.raw.decode(encoding, "replace").replace("\\", "/")


class Extent(Struct, frozen=True):
    """Where the directory stands.

    Args:
        shift: How many bytes stand before the ZIP itself; its own offsets do not count them.
    """

    entries: int
    start: int
    size: int
    shift: int


class Directory:
    """The entries of a ZIP, as far as somebody wants them.

    Args:
        file: The ZIP, opened for reading; others may read from it at the same time.
        wanted: Says by name whether an entry will be asked for.
    """

    def __init__(self, file: int, source: Source, wanted: Callable[[str], bool]) -> None:
        self._file = file
        self._source = source
        self._extent = _extent(file, source)
        self._positions: dict[str, int] = {}
        self._read(wanted)

    def __contains__(self, name: str) -> bool:
        return name in self._positions

    def __iter__(self) -> Iterator[str]:
        return iter(self._positions)

    def entry(self, name: str) -> Entry:
        """Return what the directory says of a wanted file."""
        record = os.pread(self._file, _LONGEST_ENTRY, self._positions[name])
        return self._parsed(record, 0)[0]

    def content(self, entry: Entry, source: Source) -> int:
        """Return where the bytes of a file begin, having compared its own header."""
        header = os.pread(self._file, _LOCAL.size + len(entry.raw), entry.start)
        if len(header) < _LOCAL.size:
            raise source.cut_off()
        signature, *_unused, name_length, extra_length = _LOCAL.unpack_from(header)
        if signature != b"PK\x03\x04" or header[_LOCAL.size :] != entry.raw:
            raise source.garbled()
        start: int = entry.start + _LOCAL.size + name_length + extra_length
        if start + entry.packed > self._extent.start:
            raise source.cut_off()
        return start

    def _read(self, wanted: Callable[[str], bool]) -> None:
        starts = array("Q")
        ends = array("Q")
        for entry, position in self._entries():
            name = entry.name
            if _is_unsafe(name):
                raise self._source.misleading(name)
            starts.append(entry.start)
            ends.append(entry.start + _LOCAL.size + len(entry.raw) + entry.packed)
            if wanted(name):
                if name in self._positions:
                    raise Source(self._source.archive, name).twice()
                self._positions[name] = position
        # X never writes 65,536 entries without ZIP64, but some programs that zip again do.
        if len(starts) & _FULL16 != self._extent.entries & _FULL16:
            raise self._source.garbled()
        _refuse_overlaps(starts, ends, self._extent.start, self._source)

    def _entries(self) -> Iterator[tuple[Entry, int]]:
        """Yield each entry and where it stands, through a window over the directory."""
        position = self._extent.start
        end = position + self._extent.size
        window = b""
        at = 0
        while position < end:
            if len(window) - at < _LONGEST_ENTRY and position + len(window) - at < end:
                missing = min(_WINDOW, end - position - (len(window) - at))
                fresh = os.pread(self._file, missing, position + len(window) - at)
                if not fresh:
                    raise self._source.cut_off()
                window = window[at:] + fresh
                at = 0
                continue
            entry, length = self._parsed(window, at)
            yield entry, position
            at += length
            position += length

    def _parsed(self, window: bytes, at: int) -> tuple[Entry, int]:
        if len(window) - at < _ENTRY.size:
            raise self._source.garbled()
        fields = _ENTRY.unpack_from(window, at)
        signature, _made, _needed, flags, method, _time, _date, crc, packed, size = fields[:10]
        name_length, extra_length, comment_length, _disk, _inner, _outer, start = fields[10:]
        length = _ENTRY.size + name_length + extra_length + comment_length
        if signature != b"PK\x01\x02" or len(window) - at < length:
            raise self._source.garbled()
        name_end = at + _ENTRY.size + name_length
        raw = window[at + _ENTRY.size : name_end]
        if _FULL32 in (packed, size, start):
            extra = window[name_end : name_end + extra_length]
            size, packed, start = _widened(extra, (size, packed, start), self._source)
        entry = Entry(raw, flags, method, crc, packed, size, start + self._extent.shift)
        return entry, length


def _extent(file: int, source: Source) -> Extent:
    length = os.fstat(file).st_size
    tail_start = max(0, length - _LONGEST_COMMENT - _END.size)
    tail = os.pread(file, length - tail_start, tail_start)
    at = tail.rfind(b"PK\x05\x06", 0, len(tail) - _END.size + 4)
    if at < 0:
        head = os.pread(file, 4, 0)
        raise source.cut_off() if head == b"PK\x03\x04" else source.something_else()
    end = tail_start + at
    _sign, disk, first_disk, _here, entries, size, start, _comment = _END.unpack_from(tail, at)
    if not {disk, first_disk} <= {0, _FULL16}:
        raise source.split()
    wide = _wide_extent(file, end, source)
    if wide is not None:
        entries, size, start, end = wide
    shift = end - size - start
    if shift < 0:
        raise source.cut_off()
    if entries > MOST_ENTRIES or size > MOST_BYTES:
        raise source.crowded()
    return Extent(entries, start + shift, size, shift)


def _wide_extent(file: int, end: int, source: Source) -> tuple[int, int, int, int] | None:
    """Return entries, size, start and end of the directory if the ZIP is in the 64-bit form."""
    at = end - _LOCATOR.size
    if at < 0:
        return None
    signature, disk, where, disks = _LOCATOR.unpack(os.pread(file, _LOCATOR.size, at))
    if signature != b"PK\x06\x07":
        return None
    if disk or disks > 1:
        raise source.split()
    # Its own offset is wrong where something was put before the ZIP: then it stands just before.
    for candidate in (where, at - _END64.size):
        if not 0 <= candidate <= at - _END64.size:
            continue
        record = _END64.unpack(os.pread(file, _END64.size, candidate))
        if record[0] == b"PK\x06\x06":
            return record[7], record[8], record[9], candidate
    raise source.garbled()


def _widened(extra: bytes, values: tuple[int, int, int], source: Source) -> tuple[int, int, int]:
    """Replace the values that did not fit 32 bits by those of the extra field."""
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<HH", extra, at)
        at += 4
        if kind == _ZIP64:
            wide = extra[at : at + length]
            if len(wide) < 8 * sum(value == _FULL32 for value in values):
                raise source.garbled()
            found = iter(struct.unpack_from(f"<{len(wide) // 8}Q", wide))
            size, packed, start = (next(found) if value == _FULL32 else value for value in values)
            return size, packed, start
        at += length
    return values


def _is_unsafe(name: str) -> bool:
    return (
        name.startswith("/")
        or "\0" in name
        or name[1:2] == ":"
        or (".." in name and ".." in name.split("/"))
    )


def _refuse_overlaps(starts: array[int], ends: array[int], limit: int, source: Source) -> None:
    order = sorted(range(len(starts)), key=starts.__getitem__)
    last = 0
    for index in order:
        if starts[index] < last:
            raise source.overlapping()
        last = ends[index]
    if last > limit:
        raise source.cut_off()
