"""From a file's bytes to typed records, one batch of elements at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import TypeAlias, TypeVar

import msgspec

from chatops.archive.elements import batches
from chatops.archive.javascript import to_json
from chatops.archive.trouble import Source

_LARGEST_OBJECT = 16 * 1024 * 1024
_UNDECODABLE = (msgspec.DecodeError, RecursionError, ValueError)

Found = TypeVar("Found")
_inner = attrgetter("inner")

Shape: TypeAlias = Callable[[bytes], Sequence[Found]]
"""Decodes an array of elements; raises `msgspec.DecodeError`."""


def wrapped(name: str, record: type[Found]) -> Shape[Found]:
    """Return the shape of elements that hold a record under a name; numbers may be strings."""
    row = msgspec.defstruct("Row", [("inner", record)], rename={"inner": name}, gc=False)
    decoder = msgspec.json.Decoder(list[row], strict=False)  # type: ignore[valid-type]
    return lambda batch: list(map(_inner, decoder.decode(batch)))


def bare(record: type[Found]) -> Shape[Found]:
    """Return the shape of elements that are the record itself."""
    return msgspec.json.Decoder(list[record], strict=False).decode  # type: ignore[valid-type]


def records(
    chunks: Iterator[bytes], shapes: Sequence[Shape[Found]], source: Source
) -> Iterator[Sequence[Found]]:
    """Yield the elements of a file, many at a time.

    Args:
        shapes: What elements may look like; the first that fits the first batch is kept.
    """
    position = 1
    for batch in batches(chunks, source):
        for shape in shapes:
            found = _attempt(batch, shape)
            if found is None:
                continue
            if found:
                shapes = (shape,)
            yield found
            position += len(found)
            break
        else:
            raise source.unreadable(position)


def read_object(chunks: Iterator[bytes], record: type[Found], source: Source) -> Found:
    """Return the one object that a small file assigns, such as the manifest."""
    content = b""
    for chunk in chunks:
        content += chunk
        if len(content) > _LARGEST_OBJECT:
            raise source.too_large(_LARGEST_OBJECT)
    text = content[max(0, content.find(b"{")) :].rstrip(b" \t\r\n;")
    found = _attempt(text, msgspec.json.Decoder(record, strict=False).decode)
    if found is None:
        raise source.unreadable(1)
    return found


def moment(iso: str) -> datetime | None:
    """Read a time as X writes it outside of tweets; None where it is something else."""
    try:
        at = datetime.fromisoformat(iso)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def _attempt(text: bytes, decode: Callable[[bytes], Found]) -> Found | None:
    """Decode JSON, or JavaScript that is nearly JSON; None where it is neither or does not fit."""
    try:
        return decode(text)
    except msgspec.ValidationError:
        return None
    except _UNDECODABLE:
        pass
    try:
        return decode(to_json(text))
    except _UNDECODABLE:
        return None
