"""Reactions are the same whatever hand gives them."""

from __future__ import annotations

import pytest

from chatops.conversation.emoji import same


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("👍", "👍🏿"),
        ("✅", "✅\ufe0f"),
        ("✔\ufe0e", "✔\ufe0f"),
        ("+1::skin-tone-3", "👍"),
        (":white_check_mark:", "✅"),
        ("x", "❌"),
        ("custom", ":custom:"),
    ],
)
def test_the_same_reaction(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(("one", "other"), [("👍", "👎"), ("", ""), ("🏽", ""), ("✅", "✔")])
def test_another_reaction(one: str, other: str) -> None:
    assert not same(one, other)
