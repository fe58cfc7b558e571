"""Replies as a person reads them in a terminal or on a pipe."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.console.rendering import render, unfinished
from adapters.console.wrapping import width_of
from chatops.conversation.reply import Choice, Choices, Field, Fields, Paragraph, Progress, Reply
from chatops.language import ENGLISH, Speaker, _, verbatim
from tests.unit.console.replies import COMPLAINT, PLAN, replies

FRENCH = Speaker("fr")
SGR = re.compile(r"\x1b\[[0-9;]*m")


def test_a_reply_on_a_pipe() -> None:
    assert render(PLAN, ENGLISH, saved={"report.csv": "/tmp/m1/report.csv"}) == (  # noqa: S108 - shown only
        """\
Practice: Les Amis du vélo
Type /quitx help or read the plan (https://example.org/plan).

Posts     1,200
Pictures  48

│ Sample 1 of 3
│ Bonjour à tous
│   demain 9 h

1. one
2. two

Moving posts
▓▓▓▓▓▓▓▓▓▓▓▓░░░░░░░░ 62\N{NO-BREAK SPACE}% (620/1,000)

Picture chart.png: A chart.

File report.csv (4\N{NO-BREAK SPACE}B): Every post. Saved as /tmp/m1/report.csv

ℹ Nothing was published.

[1] ✅ Confirm   [2] Not now"""
    )


def test_a_reply_in_a_narrow_terminal() -> None:
    assert render(PLAN, ENGLISH, 24) == (
        """\
Practice: Les Amis du
vélo
Type /quitx help or read
the plan
(https://example.org/pla
n).

Posts     1,200
Pictures  48

│ Sample 1 of 3
│ Bonjour à tous
│   demain 9 h

1. one
2. two

Moving posts
▓▓▓▓░░░░ 62\N{NO-BREAK SPACE}%
(620/1,000)

Picture chart.png: A
chart.

File report.csv (4\N{NO-BREAK SPACE}B):
Every post.

ℹ Nothing was published.

[1] ✅ Confirm
[2] Not now"""
    )


def test_a_complaint_comes_first_with_cause_next_step_and_id() -> None:
    assert render(COMPLAINT, ENGLISH) == (
        """\
✗ There is no verb statsu.
→ Did you mean status?
  You typed: statsu « now »
  Error k3f9qz"""
    )


def test_colour_only_adds_styles() -> None:
    coloured = render(PLAN, ENGLISH, 60, colour=True)
    assert SGR.search(coloured)
    assert SGR.sub("", coloured) == render(PLAN, ENGLISH, 60)


def test_figures_follow_the_language() -> None:
    reply = Reply((Progress(verbatim("x"), 620, 1000),))
    assert render(reply, FRENCH).endswith("62\N{NO-BREAK SPACE}% (620/1\u202f000)")


def test_names_of_fields_are_aligned_whatever_the_script() -> None:
    fields = Fields(
        (Field(verbatim("漢字"), verbatim("one")), Field(verbatim("nom"), verbatim("two")))
    )
    assert render(Reply((fields,)), ENGLISH) == "漢字  one\nnom   two"


def test_a_long_name_stands_above_its_value() -> None:
    fields = Fields((Field(verbatim("n" * 30), verbatim("one")),))
    assert render(Reply((fields,)), ENGLISH) == f"{'n' * 30}\n{' ' * 26}one"


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [
        (0, 10, "░" * 20 + " 0\N{NO-BREAK SPACE}% (0/10)"),
        (999, 1000, "▓" * 19 + "░ 99\N{NO-BREAK SPACE}% (999/1,000)"),
        (10, 10, "▓" * 20 + " 100\N{NO-BREAK SPACE}% (10/10)"),
        (12, 10, "▓" * 20 + " 100\N{NO-BREAK SPACE}% (12/10)"),
        (7, 0, "7 so far"),
    ],
)
def test_a_bar_is_full_only_at_the_end(done: int, total: int, shown: str) -> None:
    assert render(Reply((Progress(verbatim("x"), done, total),)), ENGLISH) == f"x\n{shown}"


def test_what_still_goes_on_is_found() -> None:
    ended, going_on = Progress(verbatim("a"), 3, 3), Progress(verbatim("b"), 1, 3)
    assert unfinished(Reply((ended, going_on))) is going_on
    assert unfinished(Reply((ended,))) is None


def test_hostile_words_cannot_forge_a_button() -> None:
    label = _("Delete {name}", name="x\n[2] \x1b[32mConfirm")
    assert render(Reply((Choices((Choice(label, "no"),)),)), ENGLISH) == (
        "[1] Delete x [2] ␛[32mConfirm"
    )


def test_an_empty_reply_is_empty() -> None:
    assert render(Reply(), ENGLISH) == ""
    assert render(Reply((Paragraph(verbatim("")),)), ENGLISH) == ""


@settings(max_examples=150, deadline=None)
@given(replies(), st.sampled_from([0, 20, 33, 80]), st.sampled_from([ENGLISH, FRENCH]))
def test_no_control_character_reaches_the_output(
    reply: Reply, width: int, speaker: Speaker
) -> None:
    plain = render(reply, speaker, width)
    assert {char for char in plain if unicodedata.category(char) in {"Cc", "Cs"}} <= {"\n"}
    assert "\u202e" not in plain
    coloured = SGR.sub("", render(reply, speaker, width, colour=True))
    assert "\x1b" not in coloured
    if width:
        assert all(width_of(line) <= width for line in plain.split("\n"))
