"""Replies as Discord messages: within every limit, and nothing is cut silently."""

from __future__ import annotations

from typing import Any

import discord
import pytest
from discord.http import handle_message_parameters
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.embeds import Embed
from adapters.discord.limits import CAPABILITIES, EMBED_CHARACTERS, length
from adapters.discord.rendering import RED, Message, render
from adapters.discord.sending import as_sent
from chatops.conversation.addresses import Place
from chatops.conversation.fallbacks import adapt
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
from chatops.language import ENGLISH, Code, Link, Speaker, Strong, Text, _, verbatim
from tests.support.discord.description import described, missing
from tests.support.discord.message_rules import message_problems
from tests.support.discord.reading import Reader

ROOM = Place("discord", "1", "2")
LONG = st.integers(1, 900).map(lambda n: "word* " * n)
WORDS = st.one_of(st.text(max_size=40), LONG, st.text(min_size=300, max_size=300))
TEXTS = st.one_of(
    WORDS.map(verbatim),
    st.builds(lambda a, b: _("{a} and {b}.", a=Code(a), b=Strong(b)), WORDS, WORDS),
    st.builds(lambda a: _("See {a}.", a=Link(f"https://a.example/{a}", a)), st.text(max_size=30)),
)
CHOICES = st.builds(
    Choice,
    TEXTS,
    st.text(max_size=300),
    st.sampled_from(["", "✅", "👍🏽", "white_check_mark"]),
    st.sampled_from(["normal", "primary", "danger"]),
    st.booleans(),
)
NAMES = st.text(max_size=90)
BLOCKS = st.one_of(
    st.builds(Heading, TEXTS),
    st.builds(Paragraph, TEXTS),
    st.builds(Note, TEXTS),
    st.builds(Fields, st.lists(st.builds(Field, TEXTS, TEXTS), max_size=9).map(tuple)),
    st.builds(Listing, st.lists(TEXTS, max_size=5).map(tuple), st.booleans()),
    st.builds(Quote, WORDS, st.one_of(st.none(), TEXTS)),
    st.builds(Progress, TEXTS, st.integers(-1, 9), st.integers(-1, 9)),
    st.builds(Picture, NAMES, st.binary(max_size=9), TEXTS),
    st.builds(Document, NAMES, st.binary(max_size=9), TEXTS),
    st.builds(Choices, st.lists(CHOICES, max_size=9).map(tuple)),
)
COMPLAINTS = st.builds(Complaint, st.just("ABC123"), TEXTS, TEXTS, WORDS)
REPLIES = st.builds(
    Reply,
    st.lists(BLOCKS, max_size=9).map(tuple),
    complaint=st.one_of(st.none(), COMPLAINTS),
)


def rendered(reply: Reply, speaker: Speaker = ENGLISH) -> Message:
    return render(adapt(reply, CAPABILITIES, ROOM), speaker)


async def spelled(message: Message) -> dict[str, Any]:
    """Return the body of the request that the library makes of a message."""
    with handle_message_parameters(**as_sent(message).new) as parameters:
        if parameters.multipart:
            body = parameters.multipart[0]["value"]
            decoded: dict[str, Any] = discord.utils._from_json(body)
            return decoded
        assert parameters.payload is not None
        return parameters.payload


def read(embeds: tuple[Embed, ...]) -> str:
    reader, parts = Reader({}), list[str]()
    for embed in embeds:
        parts.append(reader.read(embed.get("description", "")).text)
        for field in embed.get("fields", ()):
            parts += [reader.inline(field["name"]).text, reader.read(field["value"]).text]
    return "\n".join(parts)


@settings(max_examples=60, deadline=None)
@given(REPLIES)
async def test_every_message_is_one_that_discord_takes(reply: Reply) -> None:
    message = rendered(reply)
    body = await spelled(message)
    assert sum(map(weight, body["embeds"])) <= EMBED_CHARACTERS
    assert not message_problems(body, {file.name for file in message.files})
    if missing() is None:
        description = described()
        assert description is not None
        template = "/channels/{channel_id}/messages"
        assert not description.request("POST", template, numbered(body))


def weight(embed: Embed) -> int:
    fields = embed.get("fields", ())
    inside = sum(length(field["name"]) + length(field["value"]) for field in fields)
    return length(embed.get("description", "")) + inside


def numbered(body: dict[str, Any]) -> dict[str, Any]:
    """Return a body whose attachments have ids as the description has them."""
    attachments = [{**each, "id": str(each["id"])} for each in body.get("attachments", ())]
    return body | ({"attachments": attachments} if attachments else {})


@settings(max_examples=60, deadline=None)
@given(REPLIES)
async def test_what_is_not_in_the_message_is_in_its_file(reply: Reply) -> None:
    message = rendered(reply)
    whole = [file for file in message.files if file.name == "quitx.txt"]
    said = read(message.embeds) + "".join(file.data.decode(errors="replace") for file in whole)
    for block in reply.blocks:
        if isinstance(block, Paragraph):
            for word in ENGLISH.say(block.text).split():
                if word.isalnum():
                    assert word in said


def test_a_document_reads_from_top_to_bottom() -> None:
    reply = Reply(
        (
            Heading(_("Plan")),
            Paragraph(_("Type {line}.", line=Code("/quitx status"))),
            Fields((Field(_("Mode"), _("practice")), Field(_("Posts"), verbatim("12")))),
            Listing((_("one"), _("two")), numbered=True),
            Quote("Hello *all*\n# bye", _("A post")),
            Progress(_("Moving"), 3, 10),
            Note(_("Small.")),
        )
    )
    first, second = rendered(reply).embeds
    assert first == {
        "description": "### Plan\nType `/quitx status`.",
        "fields": [
            {"name": "Mode", "value": "practice", "inline": True},
            {"name": "Posts", "value": "12", "inline": True},
        ],
    }
    assert second == {
        "description": (
            "1. one\n2. two\n\n> -# A post\n> Hello \\*all\\*\n> \\# bye\n\n"
            "Moving\n▓▓▓▓▓▓░░░░░░░░░░░░░░ 30\N{NO-BREAK SPACE}% (3/10)\n\n-# Small."
        )
    }


def test_a_complaint_stands_first_and_in_red() -> None:
    complaint = Complaint("ABC123", _("It broke."), _("Try again."), "plan `x`")
    [embed] = rendered(Reply((Paragraph(_("More.")),), complaint=complaint)).embeds
    assert embed["color"] == RED
    lines = embed["description"].split("\n")
    assert lines[0] == "✗ It broke."
    assert lines[1] == "→ Try again."
    assert lines[-1] == "More."
    assert "ABC123" in embed["description"]
    assert "plan `x`" in Reader({}).read(embed["description"]).text


def test_pictures_stand_where_they_are_told_of() -> None:
    reply = Reply(
        (
            Picture("récap.png", b"1", _("First chart.")),
            Picture("récap.png", b"2", _("Second chart.")),
            Paragraph(_("After.")),
        )
    )
    message = rendered(reply)
    urls = [embed["image"]["url"] for embed in message.embeds if "image" in embed]
    assert urls == ["attachment://recap.png", "attachment://2-recap.png"]
    assert [file.name for file in message.files] == ["recap.png", "2-recap.png"]


def test_files_that_find_no_room_are_told_of() -> None:
    many = tuple(Document(f"{n}.csv", b"a", _("A list.")) for n in range(12))
    message = rendered(Reply(many))
    assert len(message.files) == 10
    assert "11.csv" in read(message.embeds)
    assert "could not be attached" in read(message.embeds)


def test_a_label_that_is_too_long_for_a_button_stands_in_the_text() -> None:
    label = "Go on with everything that was planned " * 4
    message = rendered(Reply((Choices((Choice(verbatim(label), "go"),)),)))
    assert message.rows[0][0].label.endswith("…")
    assert " ".join(label.split()) in " ".join(read(message.embeds).split())


def test_buttons_alone_come_with_a_question() -> None:
    message = rendered(Reply((Choices((Choice(_("Yes"), "confirm x", "✅"),)),)))
    assert message.embeds[0]["description"] == "What would you like to do?"
    [[button]] = message.rows
    assert (button.label, button.emoji, button.style) == ("Yes", "✅", 2)


@pytest.mark.parametrize("words", ["", " ", "\n", "\u200b"])
def test_empty_words_make_no_empty_message(words: str) -> None:
    text: Text = verbatim(words)
    for block in (Paragraph(text), Quote(words), Fields((Field(text, text),)), Heading(text)):
        message = rendered(Reply((block,)))
        assert message.embeds
        assert all(embed.get("description", "x").strip() for embed in message.embeds)
