"""Turns, while a homeserver wants fewer messages than there are."""

from __future__ import annotations

import pytest

from adapters.matrix import turns as turns_module
from adapters.matrix.turns import Turns
from chatops.conversation.platform import PlatformUnavailable


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(turns_module, "time", clock)
    return clock


def wait(turns: Turns, name: str) -> float:
    """Return how long something has to wait for its turn; 0 where it is its turn."""
    try:
        turns.take(name)
    except PlatformUnavailable as told:
        return told.retry_after or 0.0
    return 0.0


def test_nothing_waits_while_nobody_asks_for_it(clock: Clock) -> None:
    turns = Turns()
    assert [wait(turns, name) for name in "abc"] == [0, 0, 0]
    assert clock.now == 1000.0


def test_each_gets_a_turn_of_its_own_and_keeps_it(clock: Clock) -> None:
    turns = Turns()
    turns.take("a")
    assert turns.refused("a", 5.0).retry_after == 5.0
    assert [wait(turns, name) for name in ("b", "c", "b", "c")] == [10, 15, 10, 15]
    clock.now += 5
    assert wait(turns, "c") == 10
    assert wait(turns, "a") == 0
    clock.now += 5
    assert wait(turns, "b") == 0
    clock.now += 5
    assert wait(turns, "c") == 0
    clock.now += 5
    assert wait(turns, "d") == 0
