"""A form as a person fills it in: what each field takes, and what the client refuses to send."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from tests.support.slack.mrkdwn import plain
from tests.support.slack.records import File, Impossible, Json

if TYPE_CHECKING:
    from tests.support.slack.places import Team

Value = object
"""A text, an option's label, several of them, a day or time, a person, a channel, or files."""

_TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
_INITIAL = {
    "datepicker": ("initial_date", "selected_date"),
    "timepicker": ("initial_time", "selected_time"),
    "datetimepicker": ("initial_date_time", "selected_date_time"),
    "users_select": ("initial_user", "selected_user"),
    "conversations_select": ("initial_conversation", "selected_conversation"),
    "channels_select": ("initial_channel", "selected_channel"),
    "multi_users_select": ("initial_users", "selected_users"),
    "multi_conversations_select": ("initial_conversations", "selected_conversations"),
    "multi_channels_select": ("initial_channels", "selected_channels"),
    "static_select": ("initial_option", "selected_option"),
    "external_select": ("initial_option", "selected_option"),
    "radio_buttons": ("initial_option", "selected_option"),
    "multi_static_select": ("initial_options", "selected_options"),
    "multi_external_select": ("initial_options", "selected_options"),
    "checkboxes": ("initial_options", "selected_options"),
    **dict.fromkeys(_TEXTS, ("initial_value", "value")),
    "file_input": ("", "files"),
}


def state(blocks: list[Json], team: Team, values: Mapping[str, Value]) -> Json:
    """Return the state of a form with these values; the others stay as the app set them.

    Raises:
        Impossible: There is no such field, or the client would not send it so.
    """
    fields = [block for block in blocks if block["type"] == "input"]
    filled: Json = {}
    left = dict(values)
    for block in fields:
        label, name = plain(block["label"]["text"]).text, block["block_id"]
        element = block["element"]
        key = next((key for key in (name, label, element["action_id"]) if key in left), None)
        told = untouched(element) if key is None else chosen(element, left.pop(key), team)
        if _empty(element, told) and not block.get("optional"):
            raise Impossible(f"“{label}” must be filled in")
        filled.setdefault(name, {})[element["action_id"]] = told
    if left:
        asked = [plain(block["label"]["text"]).text for block in fields]
        raise Impossible(f"there is no field {', '.join(left)}, only {', '.join(asked)}")
    return {"values": filled}


def untouched(element: Json) -> Json:
    """Return what a field holds before anybody touches it."""
    initial, key = _INITIAL[element["type"]]
    value = element.get(initial)
    if value is None and key in ("selected_options", "files"):
        value = []
    return {"type": element["type"], key: value}


def chosen(element: Json, value: Value, team: Team) -> Json:
    """Return what a field holds once this was put in.

    Raises:
        Impossible: It does not take that.
    """
    kind, key = element["type"], _INITIAL[element["type"]][1]
    if kind in _TEXTS:
        told: Value = _text(element, str(value))
    elif key == "selected_option":
        told = option(element, str(value))
    elif key == "selected_options":
        told = [option(element, str(each)) for each in _several(value)]
    elif key == "files":
        told = [_file(team, each) for each in _several(value)]
    elif kind.startswith("multi_"):
        told = [_id(each) for each in _several(value)]
    else:
        told = value if isinstance(value, int) else _id(value)
    return {"type": kind, key: told}


def option(element: Json, wanted: str) -> Json:
    """Return the option of this label or value."""
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": wanted}, "value": wanted}
    offered: list[Json] = [
        *element.get("options", ()),
        *(each for group in element.get("option_groups", ()) for each in group["options"]),
    ]
    for each in offered:
        if wanted in (plain(each["text"]["text"]).text, each["value"]):
            return each
    labels = ", ".join(plain(each["text"]["text"]).text for each in offered)
    raise Impossible(f"there is no option {wanted}, only {labels}")


def _text(element: Json, words: str) -> str | None:
    most = element.get("max_length", 3000)
    least = element.get("min_length", 0)
    if words and not least <= len(words) <= most:
        raise Impossible(f"the field takes {least} to {most} characters")
    if "\n" in words and element["type"] == "plain_text_input" and not element.get("multiline"):
        raise Impossible("the field takes one line")
    pattern = {
        "email_text_input": r"[^@\s]+@[^@\s]+\.[^@\s]+",
        "url_text_input": r"https?://\S+",
        "number_input": r"-?\d+(\.\d+)?" if element.get("is_decimal_allowed") else r"-?\d+",
    }.get(element["type"], "")
    if pattern and words and not re.fullmatch(pattern, words):
        raise Impossible(f"the field does not take {words}")
    return words or None


def _several(value: Value) -> Sequence[Value]:
    return value if isinstance(value, list) else [value]


def _id(value: Value) -> str:
    """Return the id of a person or a channel, or the text itself."""
    whom = getattr(value, "user", value)
    return str(getattr(whom, "id", whom))


def _file(team: Team, value: Value) -> Json:
    if not isinstance(value, tuple):
        raise Impossible("the field takes files: (name, data)")
    name, data = value
    file: File = team.world.new_file(team, name, "")
    file.data, file.complete = data, True
    return {"id": file.id, "name": name, "size": len(data), "url_private": file.address}


def _empty(element: Json, told: Json) -> bool:
    return not told[_INITIAL[element["type"]][1]]
