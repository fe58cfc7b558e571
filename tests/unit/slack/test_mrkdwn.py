from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.slack.emoji import emoji_of, name_of
from adapters.slack.mrkdwn import (
    clean,
    emoji_in,
    escaped,
    typed,
    unescaped,
    unnamed_channels,
    weight,
)


@given(st.text())
def test_what_is_escaped_comes_back(words: str) -> None:
    assert unescaped(escaped(words)) == words
    assert weight(words) == len(escaped(words))


@given(st.text(alphabet=st.characters(exclude_characters=":")))
def test_what_a_member_types_is_heard_letter_for_letter(words: str) -> None:
    assert typed(escaped(words)) == words


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ("a &lt;b&gt; &amp;amp;", "a <b> &amp;"),
        ("<@U1> <@U1|anna>", "<@U1> <@U1|anna>"),
        ("<#C1|general> <#C1> <#C2|>", "#general #salon #C2"),
        ("<!here> <!channel|channel> <!subteam^S1|@editors>", "@here @channel @editors"),
        ("<!date^1700000000^{date}|yesterday>", "yesterday"),
        ("<https://x.org/a?b=1&amp;c|x.org/a?b=1&amp;c>", "x.org/a?b=1&c"),
        ("<https://x.org>", "https://x.org"),
        ("<https://x.org|our bank>", "our bank (https://x.org)"),
        ("<mailto:a@x.org|a@x.org>", "a@x.org"),
        ("<tel:+331>", "+331"),
        ("vote :+1::skin-tone-3: :tada: :unknown: 10:30:00", "vote 👍 🎉 :unknown: 10:30:00"),
        ("5 < 6 > 4", "5 < 6 > 4"),
    ],
)
def test_slacks_markup_becomes_what_was_typed(told: str, heard: str) -> None:
    assert typed(told, channels={"C1": "salon"}) == heard


def test_an_emoji_that_only_the_message_knows_is_taken_from_its_blocks() -> None:
    blocks = [
        {
            "type": "rich_text",
            "elements": [
                {
                    "type": "rich_text_section",
                    "elements": [
                        {"type": "emoji", "name": "otter", "unicode": "1f9a6"},
                        {"type": "emoji", "name": "flag-fr", "unicode": "1f1eb-1f1f7"},
                        {"type": "emoji", "name": "broken", "unicode": "zz"},
                    ],
                }
            ],
        }
    ]
    assert typed(":otter: :flag-fr: :broken:", emoji_in(blocks)) == "🦦 🇫🇷 :broken:"


def test_channels_without_a_name_are_found_once() -> None:
    assert unnamed_channels("<#C1> <#C1|> <#C2|general> <#C3>") == ["C1", "C3"]


def test_what_no_message_can_hold_is_taken_out() -> None:
    assert clean("a\x00b\r\nc\x1b[2J\td\ud800") == "ab\nc[2J\td\ufffd"


@pytest.mark.parametrize("emoji", ["✅", "❌", "👍", "1️⃣", "⚠️"])
def test_an_emoji_comes_back_by_its_name(emoji: str) -> None:
    assert emoji_of(name_of(emoji)) == emoji.replace("\ufe0f", "")
    assert emoji_of("party_parrot") == "party_parrot"
