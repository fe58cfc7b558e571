"""Who may speak when, while the homeserver wants fewer messages than there are.

It says only how long to wait, to everybody the same. So that not all come back at once, to be sent
away again and in the end give up, each gets a turn of their own.
"""

from __future__ import annotations

import time
from typing import Final

from adapters.matrix.errors import AGAIN
from chatops.conversation.platform import PlatformUnavailable
from chatops.language import _

_SLACK: Final = 0.05
_FORGOTTEN: Final = 300.0
"""Seconds after which a turn that nobody took is given up."""


class Turns:
    """Gives turns by the names of what is to be said."""

    def __init__(self) -> None:
        self._given: dict[str, float] = {}
        self._next = 0.0
        self._between = 0.0

    def take(self, name: str) -> None:
        """Go on, if it is its turn.

        Raises:
            PlatformUnavailable: It is not; it says when to come again.
        """
        now = time.monotonic()
        turn = self._given.get(name)
        if now >= (self._next if turn is None else turn) - _SLACK:
            self._given.pop(name, None)
            return
        raise self._at(name, self._next if turn is None else turn)

    def refused(self, name: str, wait: float) -> PlatformUnavailable:
        """Note that the homeserver asked to wait; return when to come again."""
        now = time.monotonic()
        self._between = wait
        self._given = {each: turn for each, turn in self._given.items() if turn > now - _FORGOTTEN}
        return self._at(name, max(self._next, now + wait))

    def _at(self, name: str, turn: float) -> PlatformUnavailable:
        if self._given.get(name) != turn:
            self._given[name] = turn
            self._next = turn + self._between
        left = max(0.0, turn - time.monotonic())
        return PlatformUnavailable(_("The Matrix homeserver asks to wait."), AGAIN, left)
