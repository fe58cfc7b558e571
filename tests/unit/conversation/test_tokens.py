"""A line is cut into words, quoted parts and named values."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.conversation.tokens import quoted, tokenise


def _cut(line: str) -> list[tuple[str, str]]:
    return [(token.name, token.text) for token in tokenise(line)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("a  b\u00a0c\u202fd\ne", [("", each) for each in "abcde"]),
        ('a "b c"', [("", "a"), ("", "b c")]),
        ("“b c”", [("", "b c")]),
        ("„b c“", [("", "b c")]),
        ("”b c”", [("", "b c")]),
        ("«\u00a0b c\u00a0»", [("", "b c")]),
        ("'b c'", [("", "b c")]),
        ("l'eau c'est d'ici", [("", "l'eau"), ("", "c'est"), ("", "d'ici")]),
        ('“b "c" d”', [("", 'b "c" d')]),
        ('“b c"', [("", "b c")]),
        ('to=bluesky at="demain 9h"', [("to", "bluesky"), ("at", "demain 9h")]),
        ("vers=«\u00a0les deux\u00a0»", [("vers", "les deux")]),
        ("jusqu’à=2020", [("jusqu’à", "2020")]),
        ('a=""', [("a", "")]),
        ("https://x.com/a?b=c", [("", "https://x.com/a?b=c")]),
        ("1=2", [("", "1=2")]),
    ],
)
def test_a_line_is_cut_as_people_mean_it(line: str, words: list[tuple[str, str]]) -> None:
    assert _cut(line) == words


def test_a_quote_that_never_closes_is_noted() -> None:
    (token,) = tokenise('"never')

    assert token.unclosed
    assert token.text == '"never'


@given(st.text())
@settings(deadline=None)
def test_any_text_can_be_cut_and_no_word_is_lost(line: str) -> None:
    tokens = tokenise(line)

    covered = {place for token in tokens for place in range(token.start, token.end)}
    words = {
        place
        for place, sign in enumerate(line)
        if not sign.isspace() and sign not in "\u200b\ufeff"
    }
    assert words <= covered
    assert all(a.end <= b.start for a, b in itertools.pairwise(tokens))


_QUOTES = '"\u201c\u201d\u201e\u201f\u00ab\u00bb\u2039\u203a\uff02'
_VALUES = st.text(st.characters(codec="utf-8", exclude_characters=_QUOTES)).map(str.strip)


@given(_VALUES)
@settings(deadline=None)
def test_what_is_quoted_is_read_back(value: str) -> None:
    tokens = tokenise(f"name={quoted(value)} next")

    assert [token.text for token in tokens] == [value, "next"]
