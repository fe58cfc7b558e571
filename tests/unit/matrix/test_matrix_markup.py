"""What stands in Matrix HTML, and in the plain words beside it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.matrix.limits import TEXT_BYTES
from adapters.matrix.markup import JOINER, clean_name, marked, said, typed, unlinked
from adapters.matrix.rendering import render
from chatops.conversation.reply import (
    Choice,
    Choices,
    Complaint,
    Document,
    Field,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Progress,
    Quote,
    Reply,
)
from chatops.language import ENGLISH, Code, Link, Speaker, Strong, _, verbatim
from tests.support.matrix.reading import Page, linkified

WORDS = st.text(max_size=200) | st.sampled_from(
    ["https://evil.example/x?y=1", "@room", "@ana:example.org", "a@b.org", "#r:b.org", "<b>x</b>"]
)


@pytest.mark.parametrize(
    "words",
    [
        "https://evil.example/path?x=1#y",
        "evil.example",
        "see www.evil.example.",
        "mailto:ana@example.org",
        "ana@example.org",
        "@ana:example.org",
        "#room:example.org",
        "matrix:u/ana:example.org",
        "matrix.to/#/@ana:example.org",
        "ftp://evil.example",
    ],
)
def test_no_client_makes_a_link_of_what_somebody_typed(words: str) -> None:
    assert linkified(words)
    assert not linkified(unlinked(words))
    assert typed(unlinked(words)) == words


@pytest.mark.parametrize("words", ["at 12:30", "3.14", "Well: yes", "and so on...", "e. g. this"])
def test_ordinary_words_stay_as_they_are(words: str) -> None:
    assert unlinked(words) == words


@given(WORDS)
def test_any_words_are_read_as_they_are_and_link_nowhere(words: str) -> None:
    shown = said(words)
    page = Page(shown.marked)
    assert not page.links
    assert not linkified(shown.plain)
    assert "@room" not in shown.plain + shown.marked
    if words.isprintable():
        read = " ".join(page.text.split())
        assert read == " ".join(words.replace(JOINER, "").split()).replace("\u200b", "")


def test_styles_of_the_bots_own_sentences() -> None:
    pieces = ENGLISH.pieces(
        _("{a} {b} {c}", a=Code("<x>"), b=Strong("b"), c=Link("https://a.example/?x=1&y", "there"))
    )
    shown = marked(pieces)
    assert shown.marked == (
        '<code>&lt;x&gt;</code> <strong>b</strong> <a href="https://a.example/?x=1&amp;y">there</a>'
    )
    assert shown.plain == "<x> b there (https://a.example/?x=1&y)"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//x.example", ""])
def test_only_web_addresses_are_links(url: str) -> None:
    assert "<a" not in marked(ENGLISH.pieces(_("{l}", l=Link(url, "label")))).marked


def test_a_label_does_not_lie_about_its_address() -> None:
    lying = Link("https://evil.example/", "https://bank.example/")
    assert "bank" not in marked(ENGLISH.pieces(_("{l}", l=lying))).marked


@pytest.mark.parametrize(
    ("name", "clean"),
    [("a.zip", "a.zip"), ("../../etc/x", ".._.._etc_x"), ("a\nb\x00", "a bU+0000"), ("", "file")],
)
def test_names_of_files_are_no_paths(name: str, clean: str) -> None:
    assert clean_name(name) == clean


EVERYTHING = Reply(
    (
        Heading(_("Heading")),
        Paragraph(_("Two\nlines")),
        Note(_("Note")),
        Fields((Field(_("Name"), _("value")),)),
        Listing((_("one"), _("two")), numbered=True),
        Listing((_("three"),)),
        Quote("said\nby others", _("Others")),
        Progress(_("Work"), 1, 4),
        Progress(_("More"), 3, 0),
        Picture("p.png", b"p", _("A picture")),
        Document("d.txt", b"d", _("A file")),
        Choices((Choice(_("Go on"), "go"),)),
    ),
    complaint=Complaint("abc234", _("It broke"), _("Mend it"), "typed so"),
)


def test_every_block_in_its_place() -> None:
    message = render(EVERYTHING, ENGLISH)
    assert Page(message.html).text.split("\n") == [
        "✗ It broke",
        "→ Mend it",
        "You typed: typed so",
        "Error abc234",
        "Heading",
        "Two",
        "lines",
        "Note",
        "• Name: value",
        "1. one",
        "2. two",
        "• three",
        "Others",
        "said",
        "by others",
        "Work",
        "▓▓▓▓▓░░░░░░░░░░░░░░░ 25\N{NO-BREAK SPACE}% (1/4)",
        "More",
        "3 so far",
        "A picture",
        "File d.txt (1\N{NO-BREAK SPACE}B): A file",
        "• Go on",
    ]
    assert [(each.name, each.kind) for each in message.files] == [
        ("p.png", "picture"),
        ("d.txt", "file"),
    ]
    assert "> said\n> by others" in message.body
    assert "Heading\nTwo\nlines\n\nNote" in message.body


def test_a_reply_of_nothing_says_something() -> None:
    assert render(Reply(), Speaker("fr")).body


@given(st.lists(st.text(max_size=3000), max_size=30))
def test_no_message_is_longer_than_an_event_takes(texts: list[str]) -> None:
    blocks = [Quote(each) if at % 2 else Paragraph(verbatim(each)) for at, each in enumerate(texts)]
    message = render(Reply(tuple(blocks)), ENGLISH)
    assert len(json.dumps(message.html)) + len(json.dumps(message.body)) <= TEXT_BYTES
    Page(message.html)


def test_what_does_not_fit_is_attached_whole() -> None:
    items = tuple(verbatim(f"item {number} of many") for number in range(2000))
    message = render(Reply((Heading(_("Long")), Listing(items))), ENGLISH)
    [whole] = message.files
    assert len(json.dumps(message.html)) + len(json.dumps(message.body)) > TEXT_BYTES / 2
    assert "item 1999 of many" in whole.data.decode()
    assert "attached" in Page(message.html).text.split("\n")[-1]


def test_a_single_part_that_is_too_long_is_attached_too() -> None:
    message = render(Reply((Paragraph(verbatim("x" * 40_000)),)), ENGLISH)
    [whole] = message.files
    assert len(whole.data) >= 40_000
