"""The present, as a parameter: rooms are told the time, so that tests can travel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Returns the present as an aware time in UTC."""


def utc_now() -> datetime:
    """Return the machine's present in UTC."""
    return datetime.now(UTC)
