"""How patiently the homeserver is asked, and how soon again."""

from __future__ import annotations

import random

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Seconds; tests hurry.

    Args:
        answer: For the answer to any request.
        poll: How long the homeserver may hold a sync open when nothing happens.
        state: For the answer to a sync that tells everything.
        first: The first pause after a failure; each further one is twice as long.
        longest: The longest of these pauses.
        refused: How often what was refused is tried again.
        late: How long a key may come after the message that needs it.
    """

    answer: float = 30.0
    poll: float = 30.0
    state: float = 300.0
    first: float = 0.5
    longest: float = 60.0
    refused: float = 600.0
    late: float = 60.0


class Pauses:
    """Pauses that grow from failure to failure, each a little off so that not all try at once."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._next = pace.first

    def next(self, asked: float | None = None) -> float:
        """Return how long to wait now, which is never less than was asked for."""
        pause = self._next * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, no secret
        self._next = min(self._next * 2, self._pace.longest)
        return max(pause, asked or 0.0)

    def reset(self) -> None:
        """Begin with short pauses again."""
        self._next = self._pace.first
