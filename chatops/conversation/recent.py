"""Things worth remembering for a while only, bounded in number and in age."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by their keys; the oldest go first.

    Args:
        most: How many are kept.
        seconds: For how long each is true; for ever without it.
    """

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self._most = most
        self._seconds = seconds
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return a value that is still true."""
        kept = self._values.get(key)
        return None if kept is None or self._past(kept[0]) else kept[1]

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        self._values[key] = (time.monotonic(), value)
        self._values.move_to_end(key)
        while self._values and (len(self._values) > self._most or self._past(self._oldest)):
            self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a value."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._values.clear()

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None

    @property
    def _oldest(self) -> float:
        return next(iter(self._values.values()))[0]

    def _past(self, since: float) -> bool:
        return self._seconds is not None and time.monotonic() - since > self._seconds
