"""Nobody's words can move the cursor."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.visible import escaped, visible, visible_line
from tests.unit.console.replies import DATA


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("\x1b[2Jgone", "␛[2Jgone"),
        ("\x9b31m", "<U+009B>31m"),
        ("over\rwritten", "over␍written"),
        ("two\r\nlines", "two\nlines"),
        ("two\u2028lines", "two\nlines"),
        ("a\tb", "a    b"),
        ("del\x7f", "del␡"),
        ("\u202egnp.exe", "<U+202E>gnp.exe"),
        ("half \ud83d", "half \ufffd"),
    ],
)
def test_what_a_terminal_obeys_is_shown_instead(words: str, shown: str) -> None:
    assert visible(words) == shown


@pytest.mark.parametrize(
    "words", ["Bonjour\N{NO-BREAK SPACE}!", "9\u202fh", "👨‍👩‍👧 ❤️ 🇫🇷", "שלום", "漢字", "e\u0301"]
)
def test_what_only_looks_unusual_stays(words: str) -> None:
    assert visible(words) == words


def test_a_label_stays_on_its_line() -> None:
    assert visible_line("Confirm\n[2] Cancel") == "Confirm [2] Cancel"


@given(DATA)
def test_nothing_but_line_ends_is_left_of_control_characters(words: str) -> None:
    assert {char for char in visible(words) if unicodedata.category(char) in {"Cc", "Cs"}} <= {"\n"}


@given(st.text())
def test_escaping_keeps_the_value(words: str) -> None:
    line = escaped(json.dumps(words, ensure_ascii=False))
    assert json.loads(line) == words
    assert not any(unicodedata.category(char) == "Cc" for char in line)
