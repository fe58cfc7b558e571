"""Discord's markdown, as a reader sees it."""

from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.discord.reading import Reader

READER = Reader({"1": "Amal", "2": "general", "3": "staff"})
_PUNCTUATION = re.compile(f"([{re.escape(string.punctuation)}])")


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("**bold** _and_ __more__", "bold and more"),
        ("a_b_c and 2*3*4", "a_b_c and 234"),
        (r"\*not bold\*", "*not bold*"),
        ("`**code**`", "**code**"),
        ("```py\nx = 1\n```after", "x = 1after"),
        ("# Title\ntext", "Title\ntext"),
        (r"\# no title", "# no title"),
        ("- one\n- two\n1. three", "• one\n• two\n1. three"),
        ("> quoted", "quoted"),
        ("<@1> in <#2> for <@&3>", "@Amal in #general for @staff"),
        (r"\<@1>", "<@1>"),
        ("<@9>", "@unknown"),
        ("</quitx plan:12>", "/quitx plan"),
        ("<t:0:F>", "1970-01-01 00:00 UTC"),
        ("[text](https://a.fr)", "text"),
        ("||hidden||", "hidden"),
    ],
)
def test_a_text_is_read(written: str, seen: str) -> None:
    assert READER.read(written).text == seen


@pytest.mark.parametrize(
    ("written", "links"),
    [
        ("see https://a.fr.", ["https://a.fr"]),
        ("<https://a.fr>", ["https://a.fr"]),
        ("[x](https://a.fr)", ["https://a.fr"]),
        (r"https\://a.fr", []),
        ("`https://a.fr`", []),
        ("a.fr", []),
    ],
)
def test_links_are_what_a_click_would_open(written: str, links: list[str]) -> None:
    assert READER.read(written).links == links


def test_what_stands_out_is_told() -> None:
    marks = READER.read("# A\n**b** [c](https://a.fr) `d`").marks
    assert marks == [("heading", "A"), ("bold", "b"), ("link", "c"), ("code", "d")]


def test_names_that_are_mentioned_are_told_outside_of_code_only() -> None:
    assert READER.read("<@1> `<@2>` \\<@3>").mentions == ["1"]


@given(st.text())
def test_anything_can_be_read(text: str) -> None:
    READER.read(text)


@given(st.text(alphabet=string.punctuation + "ab1 \n"))
def test_what_is_escaped_is_read_as_it_was(text: str) -> None:
    reading = READER.read(_PUNCTUATION.sub(r"\\\1", text))
    assert reading.text == text
    assert not reading.marks
    assert not reading.links
