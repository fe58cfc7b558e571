"""Discord's Markdown: whatever people write stays what they wrote."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.discord.markdown import atoms, clean, code, escaped, link, plain_atoms, strong
from chatops.language import ENGLISH, Code, Link, Strong, _
from tests.support.discord.reading import Reader

READER = Reader({})
TRICKY = st.text(
    st.one_of(
        st.sampled_from("\\`*_~|<>[]()#-+@:/.!1 \t\n"),
        st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Z", "C")),
    )
)
PHRASES = st.lists(
    st.sampled_from(
        [
            "@everyone",
            "@here",
            "<@1>",
            "<@&1>",
            "<#1>",
            "<t:0:R>",
            "</quitx:1>",
            "<:a:1>",
            ":smile:",
            "https://a.example/b?c=d",
            "[a](https://b.example)",
            "**a**",
            "__a__",
            "~~a~~",
            "||a||",
            "`a`",
            "```a```",
            "\n# a",
            "\n-# a",
            "\n- a",
            "\n1. a",
            "\n> a",
            "\n>>> a",
            "\\",
            " ",
            "a",
        ]
    )
).map("".join)
WORDS = st.one_of(TRICKY, PHRASES)


@given(WORDS)
def test_words_of_people_read_as_they_are_and_nothing_stands_out(words: str) -> None:
    reading = READER.read(escaped(words))
    assert reading.text == clean(words)
    assert (reading.marks, reading.links, reading.mentions) == ([], [], [])


@given(WORDS)
def test_words_that_are_cut_say_the_same_as_before(words: str) -> None:
    cut = list(plain_atoms(words))
    assert "".join(atom.plain for atom in cut) == clean(words)
    assert "".join(atom.marked for atom in cut) == escaped(words)


@given(WORDS)
def test_words_on_a_line_of_their_own_begin_nothing(words: str) -> None:
    for atom in plain_atoms(words):
        reading = READER.read(atom.marked)
        assert not reading.marks
        assert not reading.links


@given(WORDS)
def test_what_is_to_be_copied_links_and_pings_nothing(words: str) -> None:
    reading = READER.read(code(words))
    assert " ".join(reading.text.split()) == " ".join(clean(words).split())
    assert (reading.links, reading.mentions) == ([], [])


@given(WORDS)
def test_a_word_of_weight_is_bold_and_nothing_else(words: str) -> None:
    reading = READER.read(strong(words))
    assert {kind for kind, _text in reading.marks} <= {"bold"}
    assert reading.text == " ".join(clean(words).split("\n"))
    assert (reading.links, reading.mentions) == ([], [])


@given(WORDS)
def test_only_web_addresses_are_links(address: str) -> None:
    assert not READER.read(link("label", address)).links or address.startswith("http")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://a.example/(x)", "[the page](https://a.example/%28x%29)"),
        ("https://a.example/é", "[the page](https://a.example/%C3%A9)"),
        ("javascript:alert(1)", "the page (javascript:alert(1))"),
    ],
)
def test_an_address_stands_behind_its_label(address: str, shown: str) -> None:
    assert link("the page", address) == shown


def test_an_address_without_a_label_is_shown_itself() -> None:
    assert link("https://a.example", "https://a.example") == "<https://a.example>"


def test_a_label_cannot_pose_as_another_address() -> None:
    assert READER.read(link("https://good.example", "https://b.example")).text == (
        "https://b.example"
    )


def test_styles_of_a_sentence_are_kept() -> None:
    text = _(
        "{who} types {line} on {page}.",
        who=Strong("A*"),
        line=Code("/quitx `x`"),
        page=Link("https://a.example", "the page"),
    )
    marked = "".join(atom.marked for atom in atoms(ENGLISH.pieces(text)))
    assert marked == "**A\\*** types ``/quitx `x` `` on [the page](https://a.example)."


@pytest.mark.parametrize(
    ("sign", "shown"),
    [("\u202e", "U+202E"), ("\x00", "U+0000"), ("\ud800", "\N{REPLACEMENT CHARACTER}")],
)
def test_signs_that_would_move_others_are_shown(sign: str, shown: str) -> None:
    assert clean(f"a{sign}b") == f"a{shown}b"
