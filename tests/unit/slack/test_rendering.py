from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.slack import limits
from adapters.slack.home import blocks as home_blocks
from adapters.slack.mrkdwn import weight
from adapters.slack.rendering import Rendered, render
from chatops.conversation.fallbacks import adapt
from chatops.conversation.reply import (
    Block,
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
    choices_of,
)
from chatops.language import ENGLISH, Code, Link, Speaker, Strong, Text, _, verbatim
from tests.support.slack.reading import labels, read_blocks
from tests.support.slack.validation import check_blocks, check_view

_HOSTILE = st.sampled_from(
    ["<!channel>", "<@U1>", "<https://evil.test|x>", "*b*", "`c`", ":x:", "&", "\x07", "\ud800",
     "\n", "\r", "\u202e", "a\u0301" * 40, "👨‍👩‍👧‍👦", "word " * 300, "W" * 3_000, "<" * 1_500]
)  # fmt: skip
DATA = st.lists(st.one_of(_HOSTILE, st.text(max_size=12)), max_size=5).map("".join)
_URLS = st.sampled_from(
    ["https://example.org/" + "a" * 3_000, "https://example.org", "javascript:x", "http://[", ""]
)


def texts() -> st.SearchStrategy[Text]:
    values = st.one_of(
        DATA, DATA.map(Code), DATA.map(Strong), st.builds(Link, _URLS, DATA), st.integers(0, 10**9)
    )
    return st.one_of(
        DATA.map(verbatim),
        st.builds(lambda one, two: _("First {one}, then {two}.", one=one, two=two), values, values),
    )


def blocks() -> st.SearchStrategy[Block]:
    words = texts()
    counts = st.integers(-5, 10**9)
    choice = st.builds(
        Choice, words, DATA, st.sampled_from(["", "✅"]), st.just("danger"), st.booleans()
    )
    return st.one_of(
        st.builds(Heading, words),
        st.builds(Paragraph, words),
        st.builds(Note, words),
        st.builds(Fields, st.lists(st.builds(Field, words, words), max_size=6).map(tuple)),
        st.builds(Listing, st.lists(words, max_size=60).map(tuple), st.booleans()),
        st.builds(Quote, DATA, st.none() | words),
        st.builds(Progress, words, counts, counts),
        st.builds(Picture, DATA, st.binary(max_size=3), words),
        st.builds(Document, DATA, st.binary(max_size=3), words),
        st.builds(Choices, st.lists(choice, max_size=12).map(tuple)),
    )


REPLIES = st.builds(
    Reply,
    st.lists(blocks(), max_size=8).map(tuple),
    st.booleans(),
    st.none() | st.builds(Complaint, st.just("abc123"), texts(), texts(), DATA),
)


def fitting(reply: Reply) -> Reply:
    from adapters.slack.speaking import CAPABILITIES  # noqa: PLC0415 - beside the SDK
    from chatops.conversation.addresses import Place  # noqa: PLC0415

    return adapt(reply, CAPABILITIES, Place("slack", "T1", "C1"))


def rendered(*parts: Block, complaint: Complaint | None = None) -> Rendered:
    return render(Reply(parts, complaint=complaint), ENGLISH)


def shown(result: Rendered) -> str:
    return "\n".join(
        read_blocks([dict(block) for block in page.blocks], str, str).text for page in result.pages
    )


def elements(result: Rendered) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def walk(value: object) -> None:
        if isinstance(value, dict):
            found.append(value)
            for each in value.values():
                walk(each)
        elif isinstance(value, list | tuple):
            for each in value:
                walk(each)

    walk([page.blocks for page in result.pages])
    return found


@settings(max_examples=25, deadline=None)
@given(REPLIES)
def test_whatever_is_said_stays_within_every_limit(reply: Reply) -> None:
    result = render(fitting(reply), ENGLISH, mark="unlisted-" + "f" * 24)
    assert 1 <= len(result.pages) <= limits.PAGES
    for page in result.pages:
        assert check_blocks(json.loads(json.dumps(page.blocks))) == []
        assert 0 < len(page.text) <= 4_000
        ids = [block["block_id"] for block in page.blocks if "block_id" in block]
        assert len(ids) == len(set(ids))


@settings(max_examples=25, deadline=None)
@given(REPLIES)
def test_no_data_pings_formats_or_links(reply: Reply) -> None:
    result = render(fitting(reply), ENGLISH)
    kinds = {each.get("type") for each in elements(result)}
    assert not kinds & {"mrkdwn", "user", "usergroup", "broadcast", "channel"}
    allowed = {
        value.url
        for block in reply.blocks
        if isinstance(block, Paragraph)
        for value in block.text.values.values()
        if isinstance(value, Link)
    }
    for page in result.pages:
        reading = read_blocks([dict(block) for block in page.blocks], str, str)
        assert not reading.pings
        assert "<" not in page.text
        for link in reading.links:
            assert link.startswith(("https://", "http://"))
    if len(reply.blocks) == 1 and isinstance(reply.blocks[0], Paragraph):
        links = [each["url"] for each in elements(result) if each.get("type") == "link"]
        assert set(links) <= allowed


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("ab &<*\n", max_size=2_000), min_size=1, max_size=30))
def test_every_sign_of_a_reply_is_on_a_page_or_in_the_file(words: list[str]) -> None:
    result = rendered(*(Paragraph(verbatim(each)) for each in words))
    whole = "".join(each.data.decode() for each in result.uploads) or shown(result)
    assert "".join(whole.split()).startswith("".join("".join(words).split()) or "–")


@settings(max_examples=25, deadline=None)
@given(REPLIES)
def test_every_choice_has_its_button_on_the_last_page(reply: Reply) -> None:
    reply = fitting(reply)
    result = render(reply, ENGLISH)
    buttons = [labels([dict(each) for each in page.blocks]) for page in result.pages]
    assert all(not row for row in buttons[:-1])
    assert len(buttons[-1]) == len(choices_of(reply))


@settings(max_examples=25, deadline=None)
@given(REPLIES)
def test_the_home_tab_takes_any_reply(reply: Reply) -> None:
    view = {"type": "home", "blocks": home_blocks(fitting(reply), ENGLISH)}
    assert check_view(json.loads(json.dumps(view)), kind="home") == []


def test_a_reply_reads_from_top_to_bottom() -> None:
    result = rendered(
        Heading(_("Plan")),
        Paragraph(_("Type {line} now.", line=Code("/quitx help"))),
        Fields((Field(_("Posts"), verbatim("12")), Field(_("Name"), verbatim("")))),
        Listing((_("one"), _("two")), numbered=True),
        Quote("a *b*\nc", _("Sample")),
        Progress(_("Moving"), 3, 10),
        Note(_("That is all.")),
    )
    assert shown(result) == (
        "Plan\nType /quitx help now.\n• Posts: 12\n• Name: –\n1. one\n2. two\nSample\na *b*\nc\n"
        "Moving\n▓▓▓▓▓▓░░░░░░░░░░░░░░ 30\N{NO-BREAK SPACE}% (3/10)\nThat is all."
    )
    assert result.pages[0].text.splitlines()[1] == "Type /quitx help now."


def test_a_complaint_tells_the_cause_the_next_step_what_was_typed_and_its_number() -> None:
    complaint = Complaint("k3f9qz", _("No."), _("Try {line}.", line=Code("/quitx")), "statsu")
    assert shown(rendered(complaint=complaint)) == (
        "❌ No.\n→ Try /quitx.\nYou typed: statsu\nError k3f9qz"
    )


def test_a_long_reply_takes_several_messages_with_its_buttons_on_the_last() -> None:
    result = rendered(
        Choices((Choice(_("Go"), "go"),)),
        Heading(_("Long")),
        *(Paragraph(verbatim(f"{number} " + "word " * 200)) for number in range(8)),
    )
    assert len(result.pages) == 3
    assert not result.uploads
    assert result.pages[-1].blocks[-1]["type"] == "actions"
    assert [number for number in range(8) if f"{number} word" in shown(result)] == list(range(8))


def test_what_would_take_too_many_messages_is_attached_and_says_so() -> None:
    lines = tuple(verbatim(f"line {number}") for number in range(3_000))
    result = rendered(Heading(_("Long")), Listing(lines), Choices((Choice(_("Go"), "go"),)))
    assert len(result.pages) == 1
    assert "This is only the beginning: the file holds all of it." in result.pages[0].text
    [upload] = result.uploads
    assert all(f"line {number}" in upload.data.decode() for number in (0, 1_500, 2_999))
    assert result.pages[0].blocks[-1]["type"] == "actions"


def test_a_heading_stays_with_what_it_heads() -> None:
    filler = Paragraph(verbatim("x " * 1_300))
    result = rendered(filler, Heading(_("Second")), filler)
    assert [page.blocks[0]["type"] for page in result.pages] == ["rich_text", "header"]


def test_a_numbered_list_goes_on_counting_on_the_next_message() -> None:
    lines = tuple(verbatim(f"{number} " + "x" * 300) for number in range(1, 31))
    result = rendered(Listing(lines, numbered=True))
    lists = [each for each in elements(result) if each.get("type") == "rich_text_list"]
    counted = 0
    for each in lists:
        assert each.get("offset", 0) == counted
        counted += len(each["elements"])
    assert counted == 30


def test_a_label_that_no_button_holds_stands_above_it() -> None:
    label = "A very long label " * 10
    result = rendered(Choices((Choice(verbatim(label), "say it"),)))
    [button] = labels([dict(each) for each in result.pages[0].blocks])
    assert len(button) <= limits.BUTTON
    assert label.strip() in shown(result)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "http://", "ftp://x.org/a", "https://a b"])
def test_an_address_that_leads_nowhere_is_only_words(url: str) -> None:
    result = rendered(Paragraph(_("See {link}.", link=Link(url, "this"))))
    assert not [each for each in elements(result) if each.get("type") == "link"]


def test_pictures_and_documents_are_described_and_uploaded() -> None:
    result = rendered(
        Picture("chart.png", b"PNG", _("A chart.")), Document("a.csv", b"a,b\n", _("Every post."))
    )
    assert [(each.name, each.data, each.title) for each in result.uploads] == [
        ("chart.png", b"PNG", "A chart."),
        ("a.csv", b"a,b\n", "Every post."),
    ]
    assert "Picture chart.png: A chart." in shown(result)


def test_a_reader_is_spoken_to_in_their_language() -> None:
    reply = Reply(complaint=Complaint("abc", verbatim("x"), verbatim("y"), "z"))
    assert "Vous avez" in render(reply, Speaker("fr")).pages[0].text


def test_escapes_count_towards_the_limit() -> None:
    assert weight("a<b>&") == len("a&lt;b&gt;&amp;")
    result = rendered(Paragraph(verbatim("&" * 2_000)))
    assert all(len(page.text) <= 4_000 for page in result.pages)
    assert shown(result).count("&") == 2_000
