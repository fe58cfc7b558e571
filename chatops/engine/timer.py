"""Time as the engines know it: as it passes, or moved by hand."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Protocol

from chatops.clock import utc_now


class Timer(Protocol):
    """Tells the time, and waits for it."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        ...

    async def sleep_until(self, moment: datetime) -> None:
        """Return at a moment, at once when it has passed."""
        ...


class WallClock:
    """The time as it passes."""

    def now(self) -> datetime:
        """Return the time, UTC."""
        return utc_now()

    async def sleep_until(self, moment: datetime) -> None:
        """Return at a moment, at once when it has passed."""
        while (left := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 - it waits for time itself
            await asyncio.sleep(left)


class HandClock:
    """A clock that stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._moved = asyncio.Condition()

    def now(self) -> datetime:
        """Return the time, UTC."""
        return self._now

    async def sleep_until(self, moment: datetime) -> None:
        """Return once the clock has been moved to a moment."""
        async with self._moved:
            await self._moved.wait_for(lambda: self._now >= moment)

    async def advance(self, length: timedelta) -> None:
        """Move the clock, and wake whoever waits for a time up to the new one."""
        async with self._moved:
            self._now += length
            self._moved.notify_all()
