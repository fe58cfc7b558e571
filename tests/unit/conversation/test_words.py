"""Words are compared, and calls heard, whatever phones did to them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.conversation.words import addressed, fold, near

NAMES = ("quitx", "<@U123>", "@quitx:example.org")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Déménager", "demenager"),
        ("ÉTAT", "etat"),
        ("cœur", "COEUR"),
        ("aujourd’hui", "aujourd'hui"),
        ("les\u00a0 deux", "les deux"),
        ("e\u0301tat", "état"),
        ("après\u2011demain", "apres-demain"),
        ("mot\u200bclé\ufe0f", "motcle"),
    ],
)
def test_words_that_people_take_for_the_same_are_the_same(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@given(st.text())
@settings(deadline=None)
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!quitx help", "help"),
        ("! Quitx  help me", "help me"),
        ("/quitx", ""),
        ("\u00a0!QUITX\u00a0état", "état"),
        ("@quitx: status", "status"),
        ("quitx, status", "status"),
        ("Quitx : status", "status"),
        ("<@U123> status", "status"),
        ("@quitx:example.org: status", "status"),
        ("! quitx announce\nfirst line\nsecond line", "announce\nfirst line\nsecond line"),
    ],
)
def test_a_call_is_heard(text: str, said: str) -> None:
    assert addressed(text, NAMES) == said


@pytest.mark.parametrize(
    "text",
    ["", "!important", "!quitxx help", "quitx is nice", "@quitx:other.org help", "say !quitx"],
)
def test_chat_between_people_is_left_alone(text: str) -> None:
    assert addressed(text, NAMES) is None


@given(st.text(), st.lists(st.text(min_size=1, max_size=8), max_size=3))
@settings(deadline=None)
def test_any_text_can_be_asked(text: str, names: list[str]) -> None:
    addressed(text, names)


def test_near_words_are_found_without_their_accents() -> None:
    known = ["déménager", "état", "status"]

    assert near("demenger", known) == ["déménager"]
    assert near("sttaus", known) == ["status"]
    assert near("bonjour", known) == []
