"""What people read where there is no button."""

from __future__ import annotations

import pytest

from tests.support.dialogues.words import InWords, line_of, standing_for


def test_a_line_and_a_reaction_stand_for_a_choice() -> None:
    text = "Shall I?\n1. Go on: type !quitx migrate start 4, or react with ✅\n2. Leave it: type x"
    assert standing_for("Go on", text) == InWords("/quitx migrate start 4", "✅")


def test_french_says_it_with_other_words() -> None:
    text = "1. Annuler : tapez !quitx annuler k7qm2x, ou réagissez avec ❌"
    assert standing_for("Annuler", text) == InWords("/quitx annuler k7qm2x", "❌")


def test_a_line_alone_stands_for_a_choice_too() -> None:
    assert standing_for("Go on", "- Go on: type !quitx status") == InWords("/quitx status", "")


def test_what_is_not_offered_is_not_found() -> None:
    with pytest.raises(AssertionError, match="nothing stands for 'Go'"):
        standing_for("Go", "There is nothing to do. Going on is for later.")


def test_a_form_is_said_as_a_line() -> None:
    assert line_of("greet", {"name": "Zoé et Léa", "tone": "warm"}) == (
        '/quitx greet name="Zoé et Léa" tone=warm'
    )
