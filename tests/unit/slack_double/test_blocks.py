"""The double refuses the blocks that Slack refuses, and takes those at the limit."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.slack.validation import check_blocks
from tests.support.slack.validation.blocks import length

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(text: str = "words", **more: object) -> Json:
    return {"type": "section", "text": mrkdwn(text), **more}


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def button(label: str = "Yes", **more: object) -> Json:
    return {"type": "button", "text": plain(label), **more}


def option(label: str = "One", value: str = "1") -> Json:
    return {"text": plain(label), "value": value}


def select(*options: Json, **more: object) -> Json:
    return {"type": "static_select", "options": list(options), **more}


def asked(element: Json, **more: object) -> Json:
    return {"type": "input", "label": plain("Name"), "element": element, **more}


def rich(*elements: Json) -> Json:
    return {
        "type": "rich_text",
        "elements": [{"type": "rich_text_section", "elements": list(elements)}],
    }


ACCEPTED = {
    "a long section": section("a" * 3000),
    "fields": {"type": "section", "fields": [mrkdwn("a" * 2000)] * 10},
    "a header": {"type": "header", "text": plain("a" * 150)},
    "context": {"type": "context", "elements": [mrkdwn("a")] * 10},
    "25 actions": actions(*(button() for _ in range(25))),
    "a full button": button("a" * 75, value="b" * 2000, action_id="c" * 255, style="primary"),
    "a menu": select(*(option("a" * 75, str(n)) for n in range(100)), placeholder=plain("b" * 150)),
    "an overflow": {"type": "overflow", "options": [option("a", str(n)) for n in range(5)]},
    "an input": asked({"type": "plain_text_input", "max_length": 3000}, hint=plain("a" * 2000)),
    "rich text": rich({"type": "text", "text": "*a*", "style": {"code": True}}),
    "a picture": {"type": "image", "image_url": "https://a.org/b.png", "alt_text": "b"},
    "a picture kept by Slack": {"type": "image", "slack_file": {"id": "F1"}, "alt_text": "b"},
    "markdown": {"type": "markdown", "text": "a" * 12_000},
    "a line": {"type": "divider"},
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_what_stands_at_the_limit_is_accepted(name: str) -> None:
    block = ACCEPTED[name]
    held = block if block["type"] not in ("button", "static_select", "overflow") else actions(block)
    assert check_blocks([held]) == []


REFUSED = {
    "a section that is too long": (section("a" * 3001), "less than 3001 characters"),
    "a section without anything": ({"type": "section"}, "must have text or fields"),
    "an empty text": (section(""), "more than 0 characters"),
    "eleven fields": ({"type": "section", "fields": [mrkdwn("a")] * 11}, "no more than 10 items"),
    "a long field": ({"type": "section", "fields": [mrkdwn("a" * 2001)]}, "less than 2001"),
    "no fields": ({"type": "section", "fields": []}, "no fewer than 1 items"),
    "a long header": ({"type": "header", "text": plain("a" * 151)}, "less than 151"),
    "marks in a header": ({"type": "header", "text": mrkdwn("a")}, "unsupported type: mrkdwn"),
    "emoji beside marks": (section() | {"text": mrkdwn("a") | {"emoji": True}}, "emoji"),
    "eleven of context": ({"type": "context", "elements": [mrkdwn("a")] * 11}, "more than 10"),
    "a button in context": ({"type": "context", "elements": [button()]}, "unsupported type"),
    "26 actions": (actions(*(button() for _ in range(26))), "no more than 25 items allowed"),
    "no actions": (actions(), "no fewer than 1 items"),
    "a long label": (actions(button("a" * 76)), "less than 76 characters"),
    "an empty label": (actions(button("")), "more than 0 characters"),
    "a long value": (actions(button(value="a" * 2001)), "less than 2001"),
    "a long address": (actions(button(url="https://a.org/" + "b" * 3000)), "less than 3001"),
    "no address": (actions(button(url="a.org")), "invalid url"),
    "a long action_id": (actions(button(action_id="a" * 256)), "less than 256"),
    "a style": (actions(button(style="big")), "must be one of primary, danger"),
    "the same action_id": (actions(button(action_id="a"), button(action_id="a")), "already exists"),
    "an empty action_id": (actions(button(action_id="")), "more than 0 characters"),
    "marks on a button": (actions(button() | {"text": mrkdwn("a")}), "unsupported type"),
    "an unknown key": (actions(button(tooltip="a")), "invalid additional property: tooltip"),
    "101 options": (actions(select(*(option("a", str(n)) for n in range(101)))), "more than 100"),
    "a long option": (actions(select(option("a" * 76))), "less than 76"),
    "a long option value": (actions(select(option("a", "b" * 151))), "less than 151"),
    "the same option twice": (actions(select(option(), option())), "must be unique"),
    "options of no kind": (actions({"type": "static_select"}), "either options or option_groups"),
    "a long placeholder": (
        actions(select(option(), placeholder=plain("a" * 151))),
        "less than 151",
    ),
    "a choice that is not offered": (
        actions(select(option(), initial_option=option("Two", "2"))),
        "does not match",
    ),
    "six in an overflow": (
        actions({"type": "overflow", "options": [option("a", str(n)) for n in range(6)]}),
        "no more than 5 items allowed",
    ),
    "a text field among actions": (actions({"type": "plain_text_input"}), "unsupported type"),
    "many from a menu among actions": (
        actions({**select(option()), "type": "multi_static_select"}),
        "unsupported type",
    ),
    "a file to give in a message": (asked({"type": "file_input"}), "unsupported type: file_input"),
    "a long hint": (
        asked({"type": "plain_text_input"}, hint=plain("a" * 2001)),
        "less than 2001",
    ),
    "an input without a label": (
        {"type": "input", "element": {"type": "plain_text_input"}},
        "missing required field: label",
    ),
    "a button as input": (asked(button()), "unsupported type: button"),
    "a date in words": (
        asked({"type": "datepicker", "initial_date": "tomorrow"}),
        "YYYY-MM-DD",
    ),
    "a long confirmation": (
        actions(
            button(
                confirm={
                    "title": plain("a" * 101),
                    "text": plain("b"),
                    "confirm": plain("c"),
                    "deny": plain("d"),
                }
            )
        ),
        "less than 101",
    ),
    "empty rich text": (rich({"type": "text", "text": ""}), "more than 0 characters"),
    "marks in rich text": (rich({"type": "mrkdwn", "text": "a"}), "unsupported type: mrkdwn"),
    "a style of rich text": (rich({"type": "text", "text": "a", "style": {"big": True}}), "big"),
    "a picture without words": (
        {"type": "image", "image_url": "https://a.org/b.png"},
        "missing required field: alt_text",
    ),
    "long markdown": ({"type": "markdown", "text": "a" * 12_001}, "less than 12001"),
    "a long block_id": (section(block_id="a" * 256), "less than 256"),
    "an unknown block": ({"type": "paragraph", "text": "a"}, "unsupported type: paragraph"),
    "no block at all": ("words", "unsupported type"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_one_over_a_limit_is_refused(name: str) -> None:
    block, sentence = REFUSED[name]
    problems = check_blocks([block])
    assert any(sentence in problem for problem in problems), problems


def test_the_place_of_a_mistake_is_told_as_slack_tells_it() -> None:
    (problem,) = check_blocks([section(), actions(button("a" * 76))])
    assert (
        problem == "must be less than 76 characters [json-pointer:/blocks/1/elements/0/text/text]"
    )


def test_a_message_has_at_most_50_blocks_and_a_modal_100() -> None:
    assert check_blocks([section()] * 50) == []
    assert "no more than 50 items" in check_blocks([section()] * 51)[0]
    assert check_blocks([section()] * 100, "modal", "/view/blocks") == []
    assert "no more than 100 items" in check_blocks([section()] * 101, "modal", "/view/blocks")[0]


def test_block_ids_are_unique() -> None:
    (problem,) = check_blocks([section(block_id="a"), section(block_id="a")])
    assert problem == "block_id `a` already exists [json-pointer:/blocks/1/block_id]"


def test_markdown_does_not_stand_in_a_modal() -> None:
    assert check_blocks([{"type": "markdown", "text": "a"}], "modal")


def test_the_length_counts_what_is_read() -> None:
    assert length([section("four"), actions(button("no", value="x" * 50))]) == 6
