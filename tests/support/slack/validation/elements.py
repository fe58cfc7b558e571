"""What can be pressed, chosen or filled in, with every length that Slack documents."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tests.support.slack.validation.rules import (
    Report,
    Rule,
    flag,
    items,
    number,
    numeral,
    one_of,
    say,
    shape,
    string,
    text,
    typed,
    url,
)

_ACTION = {"action_id": string(255)}
_IDS = items(string(255), most=100)
_CONFIRM = {
    "confirm": shape(
        {
            "title": text(100),
            "text": text(300),
            "confirm": text(30),
            "deny": text(30),
        },
        {"style": one_of("primary", "danger")},
    )
}
_INPUT = {**_ACTION, "focus_on_load": flag}
_PLACEHOLDER = {"placeholder": text(150)}
_DISPATCH = {
    "dispatch_action_config": shape(
        {},
        {"trigger_actions_on": items(one_of("on_enter_pressed", "on_character_entered"), most=2)},
    )
}


def _matching(pattern: str, wanted: str) -> Rule:
    def rule(value: object, at: str, report: Report) -> None:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            say(report, f"must be {wanted}", at)

    return rule


def _option(*, marks: bool = False, link: bool = False) -> Rule:
    return shape(
        {"text": text(75, mrkdwn=marks), "value": string(150)},
        {"description": text(75, mrkdwn=marks), **({"url": url()} if link else {})},
    )


_PLAIN_OPTION = _option()
_GROUP = shape({"label": text(75), "options": items(_PLAIN_OPTION, most=100)})
_OPTIONS = {
    "options": items(_PLAIN_OPTION, most=100),
    "option_groups": items(_GROUP, most=100),
}
_FILTER = {
    "filter": shape(
        {},
        {
            "include": items(one_of("im", "mpim", "private", "public"), most=4),
            "exclude_external_shared_channels": flag,
            "exclude_bot_users": flag,
        },
    )
}
_CHOICE = {**_INPUT, **_CONFIRM, **_PLACEHOLDER}
_MANY = {**_CHOICE, "max_selected_items": number(1, 100)}


def _either_options(check: Rule) -> Rule:
    """Demand options or option groups, not both."""

    def rule(value: object, at: str, report: Report) -> None:
        check(value, at, report)
        if isinstance(value, dict) and ("options" in value) == ("option_groups" in value):
            say(report, "must have either options or option_groups", at)

    return rule


def _select(kind: str, initial: str, initial_rule: Rule) -> Mapping[str, Rule]:
    """Describe a menu of people, conversations or channels, for one and for many."""
    more = _FILTER if kind == "conversations" else {}
    current = {"default_to_current_conversation": flag} if kind == "conversations" else {}
    answering = {} if kind == "users" else {"response_url_enabled": flag}
    return {
        f"{kind}_select": shape(
            {}, {**_CHOICE, **more, **current, **answering, f"initial_{initial}": initial_rule}
        ),
        f"multi_{kind}_select": shape(
            {}, {**_MANY, **more, **current, f"initial_{initial}s": _IDS}
        ),
    }


_BUTTON = shape(
    {"text": text(75)},
    {
        **_ACTION,
        **_CONFIRM,
        "url": url(),
        "value": string(2000, shortest=0),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(75),
    },
)
_IMAGE = shape({"image_url": url(), "alt_text": string(2000)})
_OVERFLOW = shape({"options": items(_option(link=True), most=5)}, {**_ACTION, **_CONFIRM})
_DATE = _matching(r"\d{4}-\d{2}-\d{2}", "in format YYYY-MM-DD")
_TIME = _matching(r"\d{2}:\d{2}", "in format HH:mm")

_MENUS: Mapping[str, Rule] = {
    "static_select": _either_options(
        shape({}, {**_CHOICE, **_OPTIONS, "initial_option": _PLAIN_OPTION})
    ),
    "external_select": shape(
        {}, {**_CHOICE, "initial_option": _PLAIN_OPTION, "min_query_length": number(0, 3000)}
    ),
    **{
        name: rule
        for kind, initial in (
            ("users", "user"),
            ("conversations", "conversation"),
            ("channels", "channel"),
        )
        for name, rule in _select(kind, initial, string(255)).items()
    },
    "multi_static_select": _either_options(
        shape({}, {**_MANY, **_OPTIONS, "initial_options": items(_PLAIN_OPTION, most=100)})
    ),
    "multi_external_select": shape(
        {},
        {
            **_MANY,
            "initial_options": items(_PLAIN_OPTION, most=100),
            "min_query_length": number(0, 3000),
        },
    ),
}
_SINGLE = {name: rule for name, rule in _MENUS.items() if not name.startswith("multi_")}
_BOXES = _option(marks=True)
_PICKERS: Mapping[str, Rule] = {
    "checkboxes": shape(
        {"options": items(_BOXES, most=10)},
        {**_INPUT, **_CONFIRM, "initial_options": items(_BOXES, most=10)},
    ),
    "radio_buttons": shape(
        {"options": items(_BOXES, most=10)}, {**_INPUT, **_CONFIRM, "initial_option": _BOXES}
    ),
    "datepicker": shape({}, {**_CHOICE, "initial_date": _DATE}),
    "timepicker": shape({}, {**_CHOICE, "initial_time": _TIME, "timezone": string(255)}),
}
_MOMENT = {
    "datetimepicker": shape(
        {}, {**_INPUT, **_CONFIRM, "initial_date_time": number(0, 9_999_999_999)}
    )
}
_WRITTEN = {**_INPUT, **_PLACEHOLDER, **_DISPATCH}
_FIELDS: Mapping[str, Rule] = {
    "plain_text_input": shape(
        {},
        {
            **_WRITTEN,
            "initial_value": string(3000, shortest=0),
            "multiline": flag,
            "min_length": number(0, 3000),
            "max_length": number(1, 3000),
        },
    ),
    "email_text_input": shape({}, {**_WRITTEN, "initial_value": string(3000)}),
    "url_text_input": shape({}, {**_WRITTEN, "initial_value": string(3000)}),
    "number_input": shape(
        {"is_decimal_allowed": flag},
        {**_WRITTEN, "initial_value": numeral, "min_value": numeral, "max_value": numeral},
    ),
    "file_input": shape(
        {},
        {**_ACTION, "filetypes": items(string(255), most=100), "max_files": number(1, 10)},
    ),
}

ACCESSORY = typed({"button": _BUTTON, "image": _IMAGE, "overflow": _OVERFLOW, **_MENUS, **_PICKERS})
"""What may stand beside a section."""

ACTION = typed({"button": _BUTTON, "overflow": _OVERFLOW, **_SINGLE, **_PICKERS, **_MOMENT})
"""What may stand in a row of actions."""

INPUT = typed({**_MENUS, **_PICKERS, **_MOMENT, **_FIELDS})
"""What may be filled in."""

CONTEXT = typed(
    {
        "image": _IMAGE,
        "plain_text": text(3000),
        "mrkdwn": text(3000, mrkdwn=True),
    }
)
"""What may stand in a line of context."""
