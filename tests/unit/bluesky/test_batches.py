"""What one call carries, and what its answer says of each record."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.bluesky.batches import after, batches, found, refused, suspects, written
from adapters.bluesky.errors import Failure, Kind
from adapters.bluesky.limits import BATCH, BODY_BYTES
from chatops.language import ENGLISH
from chatops.posts.network import Absent, Prepared, Published, RecordRef, Refused, Unknown

HOST = "https://pds.example"


def record(number: int, payload: bytes = b"{}") -> Prepared:
    ref = RecordRef(f"at://did:plc:a/app.bsky.feed.post/{number:013}", f"bafy{number}", HOST)
    return Prepared(f"x:{number}#0", ref, payload, 3, "")


def records(count: int) -> list[Prepared]:
    return [record(number) for number in range(count)]


@given(st.lists(st.integers(0, BODY_BYTES * 2), max_size=250))
def test_batches_hold_everything_in_order_within_what_a_call_carries(sizes: list[int]) -> None:
    every = [record(n, b" " * min(size, 30_000)) for n, size in enumerate(sizes)]
    cut = list(batches(every))
    assert [r for batch in cut for r in batch] == every
    assert all(1 <= len(batch) <= BATCH for batch in cut)
    assert all(sum(len(r.payload) for r in batch) <= BODY_BYTES for batch in cut)


def test_a_record_too_large_for_any_call_is_tried_alone() -> None:
    huge = record(1, b" " * (BODY_BYTES + 1))
    assert list(batches([record(0), huge, record(2)])) == [[record(0)], [huge], [record(2)]]


@given(st.integers(2, 100), st.text(max_size=40), st.integers(0, 200))
def test_a_refused_batch_always_becomes_two_smaller_ones(size: int, words: str, at: int) -> None:
    every = records(size)
    failure = Failure(Kind.INVALID, HOST, "InvalidRequest", f"{words} at $.writes[{at}].record")
    one, other = suspects(every, failure)
    assert one
    assert other
    assert sorted([*one, *other], key=lambda r: r.key) == sorted(every, key=lambda r: r.key)
    if at < size:
        assert one == [every[at]]


def test_the_records_of_a_missing_file_are_set_apart() -> None:
    every = [*records(3), record(3, b'{"$link":"bafkrei1"}')]
    failure = Failure(Kind.INVALID, HOST, "BlobNotFound", "Could not find blob: bafkrei1")
    assert suspects(every, failure) == [every[3:], every[:3]]
    assert "no longer has a file" in ENGLISH.say(refused(failure).reason)


def test_a_refusal_tells_the_words_of_the_server() -> None:
    failure = Failure(Kind.INVALID, HOST, "InvalidRequest", "grapheme too big")
    assert ENGLISH.say(refused(failure).reason) == "Bluesky refuses this post: grapheme too big"
    assert "HTTP 413" in ENGLISH.say(refused(Failure(Kind.INVALID, HOST, "HTTP 413")).reason)


@pytest.mark.parametrize(
    ("kind", "cid", "outcome"),
    [
        (Kind.BROKEN, "", Absent),
        (Kind.BROKEN, "bafy1", Published),
        (Kind.BROKEN, "bafyother", Refused),
        (Kind.LOST, "", Unknown),
        (Kind.LOST, "bafy1", Published),
        (Kind.LOST, "bafyother", Refused),
    ],
)
def test_what_stands_after_a_failure_says_what_became_of_a_record(
    kind: Kind, cid: str, outcome: type
) -> None:
    assert isinstance(after(Failure(kind, HOST), record(1), cid), outcome)


def test_a_foreign_record_in_the_way_is_told_with_its_address() -> None:
    answer = found(record(1), "bafyother")
    assert isinstance(answer, Refused)
    assert HOST in ENGLISH.say(answer.reason)


def test_the_fingerprint_that_the_server_gives_is_the_right_one() -> None:
    one, other = records(2)
    outcomes = written([one, other], {"results": [{"cid": "bafyserver"}, {"cid": "bafy1"}]})
    assert outcomes[other.key] == Published(other.ref)
    assert outcomes[one.key] == Published(RecordRef(one.ref.address, "bafyserver", HOST))
    assert written([one], {}) == {one.key: Published(one.ref)}
