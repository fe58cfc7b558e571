"""Blocks: each by its own rule, all of them together, and then by slack_sdk's models."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Literal

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.blocks import Block, BlockElement

from tests.support.slack.records import Json
from tests.support.slack.validation.elements import ACCESSORY, ACTION, CONTEXT, INPUT
from tests.support.slack.validation.rich_text import RICH_TEXT
from tests.support.slack.validation.rules import (
    Report,
    Rule,
    flag,
    items,
    number,
    one_of,
    say,
    shape,
    string,
    text,
    typed,
    url,
)

Surface = Literal["message", "modal", "home"]

MOST: Mapping[Surface, int] = {"message": 50, "modal": 100, "home": 100}
TOO_LONG = 13_200
"""Characters in all blocks of a message from which Slack answers `msg_blocks_too_long`."""

_ID = {"block_id": string(255)}
_CELL = typed(
    {
        "raw_text": shape({"text": string(3000)}),
        "rich_text": shape({"elements": RICH_TEXT}),
    }
)


def _section(value: object, at: str, report: Report) -> None:
    shape(
        {},
        {
            **_ID,
            "text": text(3000, mrkdwn=True),
            "fields": items(text(2000, mrkdwn=True), most=10),
            "accessory": ACCESSORY,
            "expand": flag,
        },
    )(value, at, report)
    if isinstance(value, dict) and not {"text", "fields"} & value.keys():
        say(report, "must have text or fields", at)


_EVERYWHERE: Mapping[str, Rule] = {
    "section": _section,
    "header": shape({"text": text(150)}, _ID),
    "divider": shape({}, _ID),
    "context": shape({"elements": items(CONTEXT, most=10)}, _ID),
    "actions": shape({"elements": items(ACTION, most=25)}, _ID),
    "image": shape({"image_url": url(), "alt_text": string(2000)}, {**_ID, "title": text(2000)}),
    "rich_text": shape({"elements": RICH_TEXT}, _ID),
    "input": shape(
        {"label": text(2000), "element": INPUT},
        {**_ID, "hint": text(2000), "optional": flag, "dispatch_action": flag},
    ),
}
_SLACK_FILE = shape({}, {"id": string(255), "url": url()})
_MESSAGES: Mapping[str, Rule] = {
    "markdown": shape({"text": string(12_000)}, _ID),
    "image": shape(
        {"alt_text": string(2000)},
        {**_ID, "title": text(2000), "image_url": url(), "slack_file": _SLACK_FILE},
    ),
    "table": shape(
        {"rows": items(items(_CELL, most=20), most=100)},
        {
            **_ID,
            "column_settings": items(
                shape({}, {"align": one_of("left", "center", "right"), "is_wrapped": flag}),
                most=20,
            ),
        },
    ),
    "alert": shape(
        {"text": text(200, mrkdwn=True)},
        {**_ID, "level": one_of("default", "info", "warning", "error", "success")},
    ),
    "context_actions": shape(
        {
            "elements": items(
                typed({"feedback_buttons": shape({}, {}), "icon_button": shape({}, {})}), most=5
            )
        },
        _ID,
    ),
    "video": shape(
        {
            "alt_text": string(2000),
            "title": text(200),
            "thumbnail_url": url(),
            "video_url": url(),
        },
        {**_ID, "description": text(200), "height": number(1, 10_000)},
    ),
}
_OF: Mapping[Surface, Rule] = {
    "message": typed({**_EVERYWHERE, **_MESSAGES}),
    "modal": typed(_EVERYWHERE),
    "home": typed(_EVERYWHERE),
}


def check_blocks(blocks: object, surface: Surface = "message", at: str = "/blocks") -> Report:
    """Return what is wrong with these blocks, in Slack's words; nothing when they are accepted."""
    report: Report = []
    items(_OF[surface], most=MOST[surface], least=0)(blocks, at, report)
    if not report and isinstance(blocks, list):
        _unique(blocks, at, report)
        _fitting(blocks, surface, at, report)
        report.extend(_by_models(blocks, at))
    return report


def length(blocks: list[Json]) -> int:
    """Return how many characters people would read in all of these blocks."""

    def within(value: object) -> int:
        match value:
            case {"text": str(words), **rest}:
                return len(words) + within(rest)
            case dict():
                return sum(within(member) for member in value.values())
            case list():
                return sum(within(member) for member in value)
            case _:
                return 0

    return within(blocks)


def interactive(blocks: list[Json]) -> Iterator[tuple[Json, Json]]:
    """Yield everything that people can act on, with the block in which it stands."""
    for block in blocks:
        match block:
            case {"type": "actions", "elements": elements}:
                yield from ((block, element) for element in elements)
            case {"type": "section", "accessory": {"type": kind} as element} if kind != "image":
                yield block, element
            case {"type": "input", "element": element}:
                yield block, element


def _unique(blocks: list[Json], at: str, report: Report) -> None:
    seen: set[str] = set()
    for index, block in enumerate(blocks):
        name = block.get("block_id")
        if name is not None and name in seen:
            say(report, f"block_id `{name}` already exists", f"{at}/{index}/block_id")
        seen.add(name or "")
        actions: set[str] = set()
        for place, element in enumerate(block.get("elements", ())):
            action = element.get("action_id")
            if action is not None and action in actions:
                where = f"{at}/{index}/elements/{place}/action_id"
                say(report, f"action_id `{action}` already exists", where)
            actions.add(action or "")


def _fitting(blocks: list[Json], surface: Surface, at: str, report: Report) -> None:
    markdown = sum(len(block["text"]) for block in blocks if block["type"] == "markdown")
    if markdown > 12_000:
        say(report, "markdown blocks have more than 12000 characters together", at)
    if sum(block["type"] == "table" for block in blocks) > 1:
        say(report, "only_one_table_allowed", at)
    for index, (_, element) in enumerate(interactive(blocks)):
        if element["type"] == "file_input" and surface != "modal":
            say(report, "unsupported type: file_input", f"{at}/{index}/element")
        _chosen_from(element, f"{at}/{index}", report)


def _chosen_from(element: Json, at: str, report: Report) -> None:
    """Demand that what is chosen at first is one of the choices."""
    offered = [
        *element.get("options", ()),
        *(each for group in element.get("option_groups", ()) for each in group["options"]),
    ]
    initial = [element[key] for key in ("initial_option",) if key in element]
    if element["type"] in ("external_select", "multi_external_select"):
        return
    for option in [*initial, *element.get("initial_options", ())]:
        if option not in offered:
            say(report, "initial_option does not match any of the options", at)
    values = [option["value"] for option in offered]
    if len(set(values)) != len(values):
        say(report, "option values must be unique", at)


def _by_models(blocks: list[Json], at: str) -> Iterator[str]:
    for index, block in enumerate(blocks):
        where = f"[json-pointer:{at}/{index}]"
        parsed = Block.parse(json.loads(json.dumps(block)))
        if parsed is None:
            yield f"unsupported type: {block['type']} {where}"
            continue
        try:
            parsed.validate_json()
            for _, element in interactive([block]):
                model = BlockElement.parse(dict(element))
                if isinstance(model, BlockElement):
                    model.validate_json()
        except SlackObjectFormationError as error:
            yield f"{error} {where}"
