"""Times in ids."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chatops.archive.composing import snowflake, x_date
from chatops.archive.snowflake import (
    FIRST_SNOWFLAKE,
    snowflake_time,
    stated_time,
    tweet_number,
    written_at,
)

_times = st.integers(1_289_000_000_000, 2_840_000_000_000).map(
    lambda ms: datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
)


@given(_times, st.integers(0, (1 << 22) - 1))
def test_an_id_tells_its_millisecond(at: datetime, low: int) -> None:
    assert snowflake_time(snowflake(at, low)) == at


@given(_times)
def test_a_date_as_x_writes_it_tells_its_second(at: datetime) -> None:
    assert stated_time(x_date(at)) == at.replace(microsecond=0)


def test_a_real_id_has_its_real_time() -> None:
    # From X's own documentation, where it is dated "Wed Oct 10 20:19:24 +0000 2018".
    at = snowflake_time(1050118621198921728)
    assert at is not None
    assert at.replace(microsecond=0) == datetime(2018, 10, 10, 20, 19, 24, tzinfo=UTC)


def test_old_ids_take_their_time_from_the_date() -> None:
    date = "Tue Mar 21 20:50:14 +0000 2006"
    assert snowflake_time(FIRST_SNOWFLAKE - 1) is None
    assert written_at(20, date) == datetime(2006, 3, 21, 20, 50, 14, tzinfo=UTC)


def test_an_id_is_more_exact_than_the_date() -> None:
    at = datetime(2020, 5, 1, 12, 0, 0, 250_000, tzinfo=UTC)
    assert written_at(snowflake(at), x_date(at)) == at
    assert written_at(snowflake(at), x_date(at + timedelta(seconds=1))) == at


def test_an_id_that_contradicts_the_date_is_made_up() -> None:
    at = datetime(2020, 5, 1, 12, tzinfo=UTC)
    assert written_at(1_000_000_000_000_000_001, x_date(at)) == at


def test_without_a_date_the_id_must_do_and_without_both_there_is_no_time() -> None:
    at = datetime(2020, 5, 1, 12, tzinfo=UTC)
    assert written_at(snowflake(at), "yesterday") == at
    assert written_at(20, "Sat Foo 09 12:14:18 +0000 2024") is None


def test_only_plain_digits_are_an_id() -> None:
    assert tweet_number("1234") == 1234
    for text in ("", "-1", "12a", "²", "١٢", "9" * 21):
        assert tweet_number(text) is None
