"""The routes of application commands."""

from __future__ import annotations

from tests.support.discord.asking import Asked, Reply, Route, ok
from tests.support.discord.command_rules import command_problems
from tests.support.discord.records import Json
from tests.support.discord.refusals import (
    MISSING_ACCESS,
    UNKNOWN_APPLICATION,
    UNKNOWN_COMMAND,
    Refusal,
    invalid,
)

_LOCALIZED = ("name_localizations", "description_localizations")
_KEPT = (
    "name",
    "description",
    "name_localizations",
    "description_localizations",
    "contexts",
    "nsfw",
    "handler",
)
_OPTION = (
    "type",
    "name",
    "description",
    "name_localizations",
    "description_localizations",
    "required",
    "autocomplete",
    "channel_types",
    "min_value",
    "max_value",
    "min_length",
    "max_length",
)


def _scope(asked: Asked) -> str | None:
    """Return whose commands are meant: a guild's, or the global ones."""
    if asked.path["application_id"] != asked.application.id:
        raise Refusal(UNKNOWN_APPLICATION, violation=True)
    guild_id = asked.path.get("guild_id")
    if guild_id is None:
        return None
    guild = asked.world.guilds.get(guild_id)
    if guild is None or asked.me.id not in guild.members:
        raise Refusal(MISSING_ACCESS)
    return guild_id


def _registered(asked: Asked) -> list[Json]:
    return asked.application.registered.setdefault(_scope(asked), [])


def _list(asked: Asked) -> Reply:
    localized = asked.query.get("with_localizations", "").lower() in ("true", "1")
    found = _registered(asked)
    return ok(found if localized else [_without_languages(one) for one in found])


def _put(asked: Asked) -> Reply:
    scope = _scope(asked)
    commands = asked.body or []
    problems = command_problems(commands)
    if problems:
        raise invalid(*problems)
    before = {(one["type"], one["name"]): one for one in _registered(asked)}
    after = [_stored(asked, scope, one, before) for one in commands]
    asked.application.registered[scope] = after
    asked.application.syncs += 1
    asked.world.touch()
    return ok(after)


def _post(asked: Asked) -> Reply:
    scope, found = _scope(asked), _registered(asked)
    key = (asked.body.get("type") or 1, asked.body["name"])
    others = [one for one in found if (one["type"], one["name"]) != key]
    problems = command_problems([*others, asked.body])
    if problems:
        raise invalid(*problems)
    before = {(one["type"], one["name"]): one for one in found}
    stored = _stored(asked, scope, asked.body, before)
    asked.application.registered[scope] = [*others, stored]
    asked.application.syncs += 1
    asked.world.touch()
    return Reply(200 if key in before else 201, stored)


def _one(asked: Asked) -> Json:
    for command in _registered(asked):
        if command["id"] == asked.path["command_id"]:
            return command
    raise Refusal(UNKNOWN_COMMAND)


def _get(asked: Asked) -> Reply:
    return ok(_one(asked))


def _delete(asked: Asked) -> Reply:
    _registered(asked).remove(_one(asked))
    asked.world.touch()
    return Reply()


def _stored(
    asked: Asked, scope: str | None, given: Json, before: dict[tuple[int, str], Json]
) -> Json:
    """Return a command as Discord keeps it; one of the same name keeps its id."""
    kind = given.get("type") or 1
    old = before.get((kind, given["name"]))
    permissions = given.get("default_member_permissions")
    command: Json = {key: given[key] for key in _KEPT if given.get(key) is not None}
    command |= {
        "id": old["id"] if old else asked.world.id(),
        "application_id": asked.application.id,
        "version": asked.world.id(),
        "type": kind,
        "description": given.get("description") or "",
        "default_member_permissions": None if permissions is None else str(permissions),
        "integration_types": given.get("integration_types") or [0],
        "nsfw": bool(given.get("nsfw")),
    }
    for key in _LOCALIZED:
        command.setdefault(key, None)
    if scope is not None:
        command["guild_id"] = scope
    else:
        command.setdefault("contexts", None)
        command["dm_permission"] = given.get("dm_permission", True) is not False
    if given.get("options"):
        command["options"] = [_option(one) for one in given["options"]]
    return command


def _option(given: Json) -> Json:
    option: Json = {key: given[key] for key in _OPTION if given.get(key) is not None}
    if given.get("choices"):
        option["choices"] = [
            {key: value for key, value in choice.items() if value is not None}
            for choice in given["choices"]
        ]
    if given.get("options"):
        option["options"] = [_option(one) for one in given["options"]]
    return option


def _without_languages(item: Json) -> Json:
    shape = {key: value for key, value in item.items() if key not in _LOCALIZED}
    for key in ("options", "choices"):
        if key in shape:
            shape[key] = [_without_languages(one) for one in shape[key]]
    return shape


_GLOBAL = "/applications/{application_id}/commands"
_GUILD = "/applications/{application_id}/guilds/{guild_id}/commands"

ROUTES = tuple(
    route
    for base in (_GLOBAL, _GUILD)
    for route in (
        Route("GET", base, _list),
        Route("PUT", base, _put),
        Route("POST", base, _post),
        Route("GET", f"{base}/{{command_id}}", _get),
        Route("DELETE", f"{base}/{{command_id}}", _delete),
    )
)
