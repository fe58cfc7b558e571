"""People read what the client would show them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.slack.emoji import named
from tests.support.slack.mrkdwn import encoded, plain, read, written
from tests.support.slack.reading import labels, read_blocks

NAMES = {"U1": "Amal", "C1": "general"}


def name(some_id: str) -> str:
    return NAMES.get(some_id, some_id)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("*bold* and _italic_ and ~gone~", "bold and italic and gone"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("a * b * c", "a * b * c"),
        ("*\u2060not bold*", "*not bold*"),
        ("`*code*` and ```a\nb```", "*code* and a\nb"),
        ("Tom &amp; Jerry &lt;3 &amp;amp;", "Tom & Jerry <3 &amp;"),
        ("hello <@U1> in <#C1>", "hello @Amal in #general"),
        ("<https://a.org|here> or <https://b.org>", "here or https://b.org"),
        ("<!date^1|at noon>", "at noon"),
        (":white_check_mark: done :not_one:", "✅ done :not_one:"),
        ("&gt; quoted\nnot", "quoted\nnot"),
        ("*<@U1>*", "@Amal"),
    ],
)
def test_marks_are_taken_away(raw: str, shown: str) -> None:
    assert read(raw, name, name).text == shown


def test_whom_a_text_pings_is_told() -> None:
    assert read("<!channel> <!here> <@U1>", name, name).pings == {"channel", "here", "U1"}
    assert read("&lt;!channel&gt; `<!here>`", name, name).pings == set()


@settings(max_examples=60)
@given(st.text(st.characters(exclude_characters=":\u200b\u200c\u2060\ufeff"), max_size=60))
def test_whatever_is_escaped_is_read_as_it_was_typed_and_pings_nobody(typed: str) -> None:
    assert plain(encoded(typed)).text == typed
    assert read(encoded(typed), name, name).pings == set()


@settings(max_examples=60)
@given(st.text(alphabet="*_~`<>!@|&; ahttps:/\n\u200b\ue000\ue001 0", max_size=40))
def test_no_text_is_too_odd_to_be_read(raw: str) -> None:
    reading = read(raw, name, name)
    assert "\u200b" not in reading.text


def test_what_links_is_told() -> None:
    assert read("<https://a.org|b> https://c.org.", name, name).links == [
        "https://a.org",
        "https://c.org",
    ]
    assert read("https://c.org", name, name, verbatim=True).links == []


def test_what_is_set_in_bold_is_told() -> None:
    assert read("*a* `b` c*d", name, name).formatted == ["b", "a"]


def test_in_plain_text_no_mark_means_anything() -> None:
    assert plain("*a* <!channel> :x:").text == "*a* <!channel> ❌"


def test_rich_text_is_read_with_its_lists() -> None:
    item = {"type": "rich_text_section", "elements": [{"type": "text", "text": "*one*"}]}
    reading = read_blocks(
        [
            {
                "type": "rich_text",
                "elements": [
                    {"type": "rich_text_list", "style": "ordered", "elements": [item, item]},
                    {
                        "type": "rich_text_quote",
                        "elements": [
                            {"type": "user", "user_id": "U1"},
                            {"type": "broadcast", "range": "here"},
                            {"type": "text", "text": "b", "style": {"bold": True}},
                        ],
                    },
                ],
            }
        ],
        name,
        name,
    )
    assert reading.text == "1. *one*\n2. *one*\n@Amal@hereb"
    assert reading.pings == {"U1", "here"}
    assert reading.formatted == ["b"]


def test_buttons_are_known_by_their_labels() -> None:
    button = {"type": "button", "text": {"type": "plain_text", "text": "Yes :+1:"}}
    menu = {"type": "overflow", "options": [{"text": {"type": "plain_text", "text": "Later"}}]}
    blocks: list[dict[str, Any]] = [
        {"type": "actions", "elements": [button]},
        {"type": "section", "text": {"type": "plain_text", "text": "a"}, "accessory": menu},
    ]
    assert labels(blocks) == ["Yes 👍", "Later"]


def test_what_a_person_types_is_sent_as_the_client_sends_it() -> None:
    people, channels = {"Amal": "U1", "Amal Bé": "U2"}, {"general": "C1"}
    typed = "@Amal Bé & @Amal: <b> in #general, see https://a.org/?b=c&d ✅ @channel a@b.org"
    assert written(typed, people, channels) == (
        "<@U2> &amp; <@U1>: &lt;b&gt; in <#C1>, see <https://a.org/?b=c&amp;d> "
        ":white_check_mark: <!channel> a@b.org"
    )


def test_an_emoji_is_kept_by_its_name_with_or_without_its_look() -> None:
    assert named("❤️❤") == ":heart::heart:"
