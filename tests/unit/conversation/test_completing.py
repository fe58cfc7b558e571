"""What could be typed next."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.bootstrap import registry
from chatops.conversation.completing import Endings
from chatops.language import Language

REGISTRY = registry()


def endings(line: str, language: Language = "en") -> list[str]:
    return [ending.text for ending in Endings(REGISTRY, language).of(line)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("mig", ["migrate"]),
        ("dém", ["déménager"]),
        ("dem", ["déménager"]),
        ("migrate pl", ["plan"]),
        ("migrate plan a.zip to", ["to="]),
        ("migrate plan a.zip to=bl", ["bluesky"]),
        ("migrate plan a.zip kinds=posts,th", ["threads"]),
        ("language fr", ["french"]),
        ("nothing known ", []),
    ],
)
def test_a_word_that_was_begun_is_ended(line: str, expected: list[str]) -> None:
    assert endings(line) == expected


def test_names_of_the_other_language_show_only_once_begun() -> None:
    assert "migrate" in endings("")
    assert "déménager" not in endings("")
    assert "déménager" in endings("", "fr")


def test_what_was_given_is_not_offered_again() -> None:
    assert "to=" not in endings("migrate plan a.zip to=bluesky ")
    assert "since=" in endings("migrate plan a.zip to=bluesky ")


def test_where_an_archive_goes_a_file_is_wanted() -> None:
    (ending,) = Endings(REGISTRY, "en").of("migrate plan qui")
    assert ending.file
    assert (ending.text, ending.replaces) == ("qui", 3)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_can_be_completed(line: str) -> None:
    for ending in Endings(REGISTRY, "fr").of(line):
        assert 0 <= ending.replaces <= len(line)
