"""Pauses between tries, for whatever does not answer."""

from __future__ import annotations

import random
from typing import Protocol


class Bounds(Protocol):
    """How long pauses are, in seconds."""

    @property
    def first(self) -> float:
        """The first one after a failure; each further one is twice as long."""
        ...

    @property
    def longest(self) -> float:
        """The longest."""
        ...


class Pauses:
    """Pauses that grow from failure to failure, each a little off so that not all try at once."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._next = bounds.first

    def next(self, asked: float | None = None) -> float:
        """Return how long to wait now, which is never less than was asked for."""
        pause = self._next * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, no secret
        self._next = min(self._next * 2, self._bounds.longest)
        return max(pause, asked or 0.0)

    def reset(self) -> None:
        """Begin with short pauses again."""
        self._next = self._bounds.first
