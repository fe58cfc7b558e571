"""Budgets: what may be spent, and when there is more."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chatops.posts.network import Window
from chatops.publishing.budget import time_needed, usable

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BLUESKY = (Window(5_000, HOUR), Window(35_000, DAY))
NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)


def test_a_share_is_left_for_staff() -> None:
    assert usable(BLUESKY[0]) == 4_000


def test_what_fits_into_one_window_takes_no_time() -> None:
    assert time_needed(4_000, BLUESKY) == timedelta(0)


def test_the_tightest_window_decides() -> None:
    assert time_needed(3 * 2_000, BLUESKY) == HOUR
    assert time_needed(3 * 20_000, BLUESKY) == 2 * DAY


def test_without_windows_nothing_takes_time() -> None:
    assert time_needed(10**9, ()) == timedelta(0)


@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_more_never_takes_less_time(one: int, more: int) -> None:
    assert time_needed(one, BLUESKY) <= time_needed(one + more, BLUESKY)


@given(st.integers(1, 10**6))
def test_the_time_needed_is_enough_for_every_window(points: int) -> None:
    length = time_needed(points, BLUESKY)
    for window in BLUESKY:
        allotments = length // window.period + 1
        assert allotments * usable(window) >= points
