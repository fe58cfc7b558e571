"""Record keys are the same every time and sort by time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256

from hypothesis import given
from hypothesis import strategies as st

from adapters.bluesky.keys import clock_bits, record_key, tid

MOMENT = datetime(2016, 3, 4, 5, 6, 7, tzinfo=UTC)
SECONDS = timedelta(days=94 * 365).total_seconds()
MOMENTS = st.floats(0, SECONDS).map(
    lambda seconds: datetime(2006, 3, 21, tzinfo=UTC) + timedelta(seconds=seconds)
)
LETTERS = "234567abcdefghijklmnopqrstuvwxyz"


def test_a_known_source_has_its_known_key() -> None:
    clock = clock_bits(sha256(b"twitter:123").digest())
    assert tid(int(MOMENT.timestamp()) * 1_000_000, clock) == "3dhacddgfi2dh"


@given(st.text(max_size=20), MOMENTS, st.integers(0, 50))
def test_a_key_is_always_the_same_and_always_a_tid(source: str, at: datetime, part: int) -> None:
    key = record_key(source, at, part)
    assert key == record_key(source, at, part)
    assert len(key) == 13
    assert set(key) <= set(LETTERS)
    assert key[0] in "234567abcdefghij"


@given(st.text(max_size=20), MOMENTS)
def test_parts_sort_in_their_order(source: str, at: datetime) -> None:
    keys = [record_key(source, at, part) for part in range(30)]
    assert keys == sorted(set(keys))


@given(st.text(max_size=20), st.text(max_size=20), MOMENTS)
def test_a_later_millisecond_sorts_later(one: str, other: str, at: datetime) -> None:
    assert record_key(one, at, 0) < record_key(other, at + timedelta(milliseconds=1), 0)


def test_posts_of_the_same_millisecond_differ() -> None:
    keys = {record_key(f"post:{number}", MOMENT, 0) for number in range(100)}
    assert len(keys) == 100


def test_the_zone_of_a_time_does_not_matter() -> None:
    elsewhere = MOMENT.astimezone().isoformat()
    assert record_key("a", MOMENT, 0) == record_key("a", datetime.fromisoformat(elsewhere), 0)
