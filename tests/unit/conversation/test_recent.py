"""What is worth remembering is remembered for a while only."""

from __future__ import annotations

from chatops.conversation.recent import Recent


def test_only_the_newest_things_are_remembered() -> None:
    recent: Recent[int, str] = Recent(3)
    for number in range(5):
        recent.put(number, str(number))
    assert [recent.get(number) for number in range(5)] == [None, None, "2", "3", "4"]


def test_what_is_old_is_forgotten() -> None:
    recent: Recent[int, str] = Recent(3, seconds=0)
    recent.put(1, "one")
    assert recent.get(1) is None


def test_what_was_dropped_is_not_known_any_more() -> None:
    recent: Recent[str, int] = Recent(3)
    recent.put("one", 1)
    recent.put("two", 2)
    recent.drop("one")
    assert "one" not in recent
    assert "two" in recent
    recent.clear()
    assert "two" not in recent
