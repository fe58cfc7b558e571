"""The double's own time, which a test can move on, and the ids that carry it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(2015, 1, 1, tzinfo=UTC)


class Clock:
    """Real time, plus what a test added."""

    def __init__(self) -> None:
        self.on_advance: Callable[[], None] = lambda: None
        self._ahead = 0.0
        self._last = 0

    def advance(self, seconds: float) -> None:
        """Let this much time pass at once, for Discord only."""
        self._ahead += seconds
        self.on_advance()

    def now(self) -> datetime:
        """Return the present, in UTC."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead)

    def seconds(self) -> float:
        """Return a time that only goes forward, for measuring."""
        return time.monotonic() + self._ahead

    def snowflake(self) -> str:
        """Return an id that is larger than every one before."""
        milliseconds = int((self.now() - _EPOCH).total_seconds() * 1000)
        self._last = max(milliseconds << 22, self._last + 1)
        return str(self._last)
