"""When a tweet was written, from its id."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

FIRST_SNOWFLAKE = 29_700_000_000
"""Ids below, from before November 2010, were counted and carry no time."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_X_EPOCH_MS = 1_288_834_974_657
_TIME_SHIFT = 22
_LARGEST_ID = (1 << 63) - 1
_LONGEST_ID = len(str(_LARGEST_ID))
_MONTHS = {
    name: number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}
_TOLERANCE = timedelta(seconds=2)
"""Where id and date differ by more (measured: never by more than a second), the id is made up."""


def tweet_number(id_str: str) -> int | None:
    """Read an id; None where it is not one."""
    plain = id_str.isascii() and id_str.isdigit() and len(id_str) <= _LONGEST_ID
    return int(id_str) if plain and int(id_str) <= _LARGEST_ID else None


def snowflake_time(tweet_id: int) -> datetime | None:
    """Return the time in an id, to the millisecond; None for ids that carry none."""
    if tweet_id < FIRST_SNOWFLAKE:
        return None
    return _EPOCH + timedelta(milliseconds=(tweet_id >> _TIME_SHIFT) + _X_EPOCH_MS)


def stated_time(created_at: str) -> datetime | None:
    """Read `Sat Nov 09 12:14:18 +0000 2024`, to the second; None where it is something else."""
    try:
        return datetime(
            int(created_at[26:30]),
            _MONTHS[created_at[4:7]],
            int(created_at[8:10]),
            int(created_at[11:13]),
            int(created_at[14:16]),
            int(created_at[17:19]),
            tzinfo=UTC,
        )
    except (KeyError, ValueError):
        return None


def written_at(tweet_id: int, created_at: str) -> datetime | None:
    """Return when a tweet was written: its id knows best, unless its date contradicts it."""
    stated = stated_time(created_at)
    exact = snowflake_time(tweet_id)
    if exact is None or stated is None:
        return exact or stated
    return exact if abs(exact - stated) <= _TOLERANCE else stated
