"""What was filled into a subcommand or a form, as the core wants it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from adapters.discord.options import ATTACHMENT, BOOLEAN, USER
from adapters.discord.tree import Entry
from chatops.conversation.events import Attachment

Json: TypeAlias = Mapping[str, Any]


class Filled(Struct, frozen=True):
    """Values by the names of the parameters, and the files beside them."""

    values: Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()


class Said(Struct, frozen=True):
    """Which subcommand was called, and its options.

    Args:
        path: Its group and its name.
    """

    path: tuple[str, ...]
    options: Sequence[Json]


def said(data: Json) -> Said:
    """Return what an application command says."""
    path: list[str] = []
    options: Sequence[Json] = data.get("options") or ()
    while options and options[0]["type"] in (1, 2):
        path.append(options[0]["name"])
        options = options[0].get("options") or ()
    return Said(tuple(path), options)


def filled(entry: Entry, options: Iterable[Json], data: Json) -> Filled:
    """Return what was given to a subcommand."""
    values: dict[str, str] = {}
    attached: dict[str, Attachment] = {}
    for option in options:
        asked = entry.asked.get(option["name"])
        if asked is None or asked.field is None:
            continue
        name, value = asked.field.parameter.names.en, option["value"]
        if option["type"] == ATTACHMENT:
            attached[name] = attachment_of(data["resolved"]["attachments"][value])
        elif option["type"] == BOOLEAN:
            values[name] = "yes" if value else "no"
        elif option["type"] == USER:
            values[name] = f"<@{value}>"
        else:
            values[name] = str(value)
    return with_files(values, attached)


def with_files(values: Mapping[str, str], attached: Mapping[str, Attachment]) -> Filled:
    """Return values and files; of several files it is said which is for what."""
    if len(attached) > 1:
        values = {name: file.name for name, file in attached.items()} | dict(values)
    return Filled(values, tuple(attached.values()))


def attachment_of(spelled: Json) -> Attachment:
    """Return a file that a member attached; its address is its id."""
    return Attachment(spelled["url"], spelled["filename"], int(spelled.get("size") or 0))
