"""How fast a network can be fed, and which item it fails on."""

from __future__ import annotations

from collections import Counter
from typing import Final

from chatops.language import _
from chatops.migrations.batch import Batch
from chatops.migrations.records import Item
from chatops.posts.network import NetworkUnavailable

SUSPECTS: Final = 3
"""How many items, each sent alone, the network may fail on before it counts as ill."""


class Pace:
    """How many items go at once, and which of them the network fails on.

    A server may fail on one record and answer as if it were ill. So when it takes nothing of a
    batch, one item goes alone. If that one stands, smaller batches go until the one that it fails
    on is alone, too: a suspect, if the server has been given time to recover. If it takes another
    one then, fails on the suspect again, and takes another one again, the suspect is to blame. When
    it takes none of a few, it is ill indeed.

    Args:
        full: As many as the network likes.
        most: How many are to stand; None for all.
        waited: Whether the network has been given time to recover.
    """

    def __init__(self, full: int, most: int | None, *, waited: bool) -> None:
        self.suspects: list[Item] = []
        self._failures: Counter[int] = Counter()
        self._full = full
        self._size = full
        self._cut = full
        self._end = -1
        self._left = most
        self._waited = waited

    @property
    def size(self) -> int:
        """How many items go next."""
        return self._size if self._left is None else min(self._size, self._left)

    @property
    def done(self) -> bool:
        """Whether as many stand as were wanted."""
        return self._left is not None and self._left <= 0

    def stood(self, count: int) -> None:
        """Count what stands."""
        if self._left is not None:
            self._left -= count

    def nothing_taken(self, batch: Batch) -> int:
        """Slow down; return the position after which to go on.

        Raises:
            NetworkUnavailable: It is not the fault of one item, or not known to be.
        """
        if len(batch.items) > 1:
            self._size, self._cut = 1, len(batch.items) // 2
            self._end = max(self._end, batch.last)
            return -1
        if not self._waited:
            raise takes_nothing()
        self.suspects += batch.items
        self._failures[batch.last] += 1
        if len(self.suspects) >= SUSPECTS:
            raise takes_nothing()
        return batch.last

    def taken(self, batch: Batch) -> list[Item]:
        """Speed up; return the items that are to blame."""
        suspects, self.suspects = self.suspects, []
        blamed = [item for item in suspects if self._failures[item.position] > 1]
        if suspects and not blamed:
            self._size = 1
        elif blamed or batch.last >= self._end:
            self._size, self._end, self._waited = self._full, -1, False
        else:
            self._size = self._cut
        return blamed


def takes_nothing() -> NetworkUnavailable:
    """Return what to raise when the network takes none of what is sent."""
    return NetworkUnavailable(
        _("The network takes nothing at the moment."),
        _("Nothing to do: it is tried again by itself."),
    )
