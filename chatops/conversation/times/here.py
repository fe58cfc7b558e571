"""Where and when a time is read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct


class Here(Struct, frozen=True):
    """The present and the zone in which a time is read.

    Args:
        typed: All that was typed.
        words: The same without a zone.
        suffix: The zone that was typed, for what is offered instead; empty for none.
        now: The present, in UTC.
    """

    typed: str
    words: str
    suffix: str
    zone: ZoneInfo
    now: datetime

    @property
    def today(self) -> date:
        """The present day in the zone."""
        return self.now.astimezone(self.zone).date()

    def both(self, on: date, at: time) -> list[datetime]:
        """Return what clocks that show a time can mean, before and after a change of clocks."""
        local = datetime.combine(on, at, tzinfo=self.zone)
        return sorted({local.replace(fold=fold).astimezone(UTC) for fold in (0, 1)})

    def instants(self, on: date, at: time) -> list[datetime]:
        """Return when clocks show a time: at one instant, at none or at two."""
        local = datetime.combine(on, at)
        return [
            instant
            for instant in self.both(on, at)
            if instant.astimezone(self.zone).replace(tzinfo=None) == local
        ]

    def future(self, on: date, at: time) -> bool:
        """Whether a time is still to come."""
        return any(instant > self.now for instant in self.both(on, at))

    def coming(self, meanings: Iterable[tuple[date, time]]) -> tuple[str, ...]:
        """Write those times that are still to come as people would type them."""
        return tuple(
            f"{on.isoformat()}{self.hour(at)}" for on, at in meanings if self.future(on, at)
        )

    def hour(self, at: time) -> str:
        """Write an hour as it stands behind a day."""
        return f" {at.isoformat('seconds' if at.second else 'minutes')}{self.suffix}"
