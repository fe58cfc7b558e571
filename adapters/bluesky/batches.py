"""Batches of writes: what one call carries, and what its answer says of each record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from msgspec import Raw
from msgspec.structs import replace

from adapters.bluesky.errors import Failure, Kind
from adapters.bluesky.limits import BATCH, BODY_BYTES
from adapters.bluesky.records import key_of
from adapters.bluesky.service import Answer
from chatops.language import Code, Text, _, verbatim
from chatops.posts.network import (
    Absent,
    Outcome,
    Prepared,
    Published,
    RecordRef,
    Refused,
    Unknown,
)

Batch = Sequence[Prepared]

_WRITE: Final = "com.atproto.repo.applyWrites"
_FILE_GONE: Final = "BlobNotFound"
_PLACE: Final = re.compile(r"\$\.writes\[(\d+)\]")
"""Where a server says which write it means."""


def batches(records: Batch) -> Iterator[Batch]:
    """Cut records into batches that one call can carry."""
    batch: list[Prepared] = []
    size = 0
    for record in records:
        if len(batch) == BATCH or (batch and size + len(record.payload) > BODY_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(record)
        size += len(record.payload)
    if batch:
        yield batch


def creation(record: Prepared) -> dict[str, Any]:
    """Return the write that makes a record stand, its bytes unchanged."""
    return {"$type": f"{_WRITE}#create", **_place(record.ref), "value": Raw(record.payload)}


def removal(ref: RecordRef) -> dict[str, Any]:
    """Return the write that removes a record."""
    return {"$type": f"{_WRITE}#delete", **_place(ref)}


def suspects(batch: Batch, failure: Failure) -> list[Batch]:
    """Cut a refused batch in two, so that the record that it was refused for is alone soon."""
    place = _PLACE.search(failure.message)
    named = {int(place[1])} if place else _with_missing_file(batch, failure)
    blamed = [record for number, record in enumerate(batch) if number in named]
    others = [record for number, record in enumerate(batch) if number not in named]
    if blamed and others:
        return [blamed, others]
    half = len(batch) // 2
    return [batch[:half], batch[half:]]


def independent(pending: Iterable[Batch], missing: Batch) -> Iterator[Batch]:
    """Leave out the records that point at missing ones, and those that point at these."""
    gone = [record.ref.address.encode() for record in missing]
    for batch in pending:
        kept: list[Prepared] = []
        for record in batch:
            if any(address in record.payload for address in gone):
                gone.append(record.ref.address.encode())
            else:
                kept.append(record)
        if kept:
            yield kept


def written(batch: Batch, answer: Answer) -> dict[str, Outcome]:
    """Return what the server says of the records that it has written."""
    results = answer.get("results") or [{}] * len(batch)
    return {
        record.key: Published(replace(record.ref, fingerprint=result["cid"]))
        if result.get("cid")
        else Published(record.ref)
        for record, result in zip(batch, results, strict=True)
    }


def found(record: Prepared, cid: str) -> Outcome:
    """Return what the CID that stands at a record's address says of it; empty for none."""
    if not cid:
        return Absent()
    if cid == record.ref.fingerprint:
        return Published(record.ref)
    return Refused(
        _("Another post already stands at {url}.", url=Code(record.ref.url)),
        _("Look at it. If it is not meant to be there, delete it on Bluesky and try again."),
    )


def after(failure: Failure, record: Prepared, cid: str) -> Outcome:
    """Return what became of a record whose batch failed, by what stands at its address.

    A server that said that it failed has finished, so what does not stand was not written. One
    whose answer was lost may still be writing.
    """
    if failure.kind is Kind.LOST and not cid:
        return Unknown(no_answer(failure))
    return found(record, cid)


def no_answer(failure: Failure) -> Text:
    """Say that nobody knows what became of a write."""
    return _("{service} broke off before it said what became of it.", service=Code(failure.service))


def refused(failure: Failure) -> Refused:
    """Return why the server never takes a record as it is."""
    if failure.name == _FILE_GONE:
        return Refused(
            _("Bluesky no longer has a file of this post: it waited too long for it."),
            _("Try this post again: its files are uploaded anew."),
        )
    return Refused(
        _("Bluesky refuses this post: {words}", words=verbatim(failure.message or failure.name)),
        _("Change the post, or leave it out."),
    )


def _place(ref: RecordRef) -> dict[str, str]:
    _repository, collection, key = key_of(ref)
    return {"collection": collection, "rkey": key}


def _with_missing_file(batch: Batch, failure: Failure) -> set[int]:
    """Return which records link to the file that the failure is about."""
    if failure.name != _FILE_GONE:
        return set()
    cid = failure.message.rpartition(" ")[2].encode()
    return {number for number, record in enumerate(batch) if cid in record.payload}
