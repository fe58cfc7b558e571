"""Things worth remembering for a while only."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Remembers the newest things for a time.

    Args:
        most: How many at most.
        seconds: How long; None for as long as there is room.
    """

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self._most = most
        self._seconds = seconds
        self._kept: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def put(self, key: K, value: V) -> None:
        """Remember something."""
        self._kept[key] = (time.monotonic(), value)
        self._kept.move_to_end(key)
        while self._kept and (len(self._kept) > self._most or self._past(self._oldest)):
            self._kept.popitem(last=False)

    def get(self, key: K) -> V | None:
        """Return what is remembered; None where nothing is any more."""
        kept = self._kept.get(key)
        return None if kept is None or self._past(kept[0]) else kept[1]

    @property
    def _oldest(self) -> float:
        return next(iter(self._kept.values()))[0]

    def _past(self, since: float) -> bool:
        return self._seconds is not None and time.monotonic() - since > self._seconds
