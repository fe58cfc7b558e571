"""Telling Discord of the command, only when it has changed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from discord.http import Route

from adapters.discord.client import Client
from adapters.discord.errors import told
from adapters.discord.tree import NAME

log = logging.getLogger(__name__)

Json: TypeAlias = Mapping[str, Any]

_CHAT_INPUT: Final = 1
_COMPARED: Final = (
    "type",
    "name",
    "name_localizations",
    "description",
    "description_localizations",
    "options",
    "required",
    "autocomplete",
    "choices",
    "value",
    "min_value",
    "max_value",
    "max_length",
    "integration_types",
    "contexts",
)


async def sync(client: Client, spelled: Json) -> bool:
    """Make the application's command the one that is spelled; return whether it was another.

    It is global, so that every server has it once; other commands of the application stay.
    """
    application = client.application_id
    assert application is not None
    async with told():
        route = Route("GET", "/applications/{application_id}/commands", application_id=application)
        commands = await client.http.request(route, params={"with_localizations": "true"})
        for command in cast("Sequence[Json]", commands):
            if command.get("type", _CHAT_INPUT) == _CHAT_INPUT and command["name"] == NAME:
                if same(command, spelled):
                    return False
                break
        await client.http.upsert_global_command(application, cast("Any", spelled))
    log.info("the command /%s was told to Discord", NAME)
    return True


def same(one: Json, other: Json) -> bool:
    """Whether two commands are the same, whatever stands in them that says nothing."""
    return _plain(one) == _plain(other)


def _plain(spelled: object) -> object:
    match spelled:
        case {"name": _} as command:
            kept = {key: _plain(cast("Json", command).get(key)) for key in _COMPARED}
            # What is left out means the same as what is empty.
            return {
                key: value
                for key, value in kept.items()
                if value is not None and value is not False and value not in ([], {})
            }
        case list() | tuple() as several:
            return [_plain(each) for each in several]
        case _:
            return spelled
