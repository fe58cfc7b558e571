"""Whoever does not answer is left alone for longer and longer."""

from __future__ import annotations

import pytest
from msgspec import Struct

from chatops.conversation.pauses import Pauses


class Seconds(Struct, frozen=True):
    first: float = 1.0
    longest: float = 8.0


def test_pauses_grow_up_to_the_longest_and_begin_anew() -> None:
    pauses = Pauses(Seconds())
    for wanted in (1, 2, 4, 8, 8):
        assert pauses.next() == pytest.approx(wanted, rel=0.21)
    pauses.reset()
    assert pauses.next() == pytest.approx(1, rel=0.21)


def test_nobody_is_asked_again_before_the_time_they_said() -> None:
    assert Pauses(Seconds()).next(60) == 60
