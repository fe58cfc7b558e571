"""Lines that fit the terminal, whatever the script."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from adapters.console.visible import visible
from adapters.console.wrapping import Line, Run, width_of, wrapped
from tests.unit.console.replies import DATA


def words_of(lines: list[Line]) -> list[str]:
    return ["".join(run.words for run in line) for line in lines]


def test_lines_break_between_words() -> None:
    assert words_of(wrapped([Run("one two three")], 8)) == ["one two", "three"]


def test_lines_do_not_break_at_non_breaking_spaces() -> None:
    words = "Attention\N{NO-BREAK SPACE}! Demain"
    assert words_of(wrapped([Run(words)], 12)) == ["Attention\N{NO-BREAK SPACE}!", "Demain"]


def test_wide_characters_take_two_columns() -> None:
    assert words_of(wrapped([Run("漢字漢字")], 4)) == ["漢字", "漢字"]
    assert width_of("👨‍👩‍👧") == 2


def test_a_long_word_is_cut_between_whole_characters() -> None:
    assert words_of(wrapped([Run("👨‍👩‍👧👨‍👩‍👧")], 3)) == ["👨‍👩‍👧", "👨‍👩‍👧"]


def test_a_word_may_change_its_style_in_the_middle() -> None:
    assert wrapped([Run("half"), Run("bold", "1"), Run(" next")], 8) == [
        (Run("half"), Run("bold", "1")),
        (Run("next"),),
    ]


def test_indentation_after_a_line_end_is_kept() -> None:
    assert words_of(wrapped([Run("list:\n  item")], 20)) == ["list:", "  item"]


def test_without_a_width_lines_break_at_line_ends_only() -> None:
    assert words_of(wrapped([Run("a  b " * 50 + "\n"), Run("c")], 0)) == ["a  b " * 50, "c"]


@given(DATA.map(visible), st.integers(2, 30))
def test_no_line_is_wider_and_no_letter_is_lost(words: str, width: int) -> None:
    lines = words_of(wrapped([Run(words)], width))
    assert all(width_of(line) <= width for line in lines)
    assert [char for char in "".join(lines) if char != " "] == [
        char for char in words if char not in " \n"
    ]
