"""What the Discord client lets a person type after `/`, and what it makes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.discord import message_shapes, shapes
from tests.support.discord.drafts import Upload, stored
from tests.support.discord.permissions import EVERYTHING, Permission, in_channel
from tests.support.discord.places import Channel, identity
from tests.support.discord.records import Json, Role, User

if TYPE_CHECKING:
    from tests.support.discord.applications import Application

_BRANCHES = (1, 2)
_STRING, _INTEGER, _BOOLEAN, _USER, _CHANNEL, _ROLE, _MENTIONABLE, _NUMBER, _FILE = range(3, 12)
_LONGEST = 6_000
_IN_GUILDS, _IN_DIRECT = 0, 1


class Impossible(AssertionError):
    """The Discord client does not let this person do that here."""


@dataclass(slots=True)
class Typing:
    """A command that is being typed.

    Args:
        path: The command and its subcommands, the last one holding the options.
        values: What was given, by the option's own name.
    """

    application: Application
    path: list[Json]
    channel: Channel
    user: User
    values: dict[str, object] = field(default_factory=dict)
    resolved: Json = field(default_factory=dict)

    @property
    def words(self) -> str:
        """The command's words."""
        return " ".join(one["name"] for one in self.path)

    @property
    def options(self) -> list[Json]:
        """The options that can be given."""
        options: list[Json] = self.path[-1].get("options", [])
        return options

    def option(self, name: str) -> Json:
        """Return the option of a name, in any language."""
        for option in self.options:
            if name in _names(option, self.user.locale):
                return option
        raise Impossible(f"/{self.words} has no option {name!r}")

    def data(self, focused: str | None = None) -> Json:
        """Return what is sent; with a focused option it is that of an autocompletion."""
        given: list[Json] = []
        for option in self.options:
            name = option["name"]
            if name not in self.values:
                if option.get("required") and focused is None:
                    raise Impossible(f"/{self.words} needs {name}")
                continue
            entry: Json = {"name": name, "type": option["type"]}
            if name == focused:
                given.append(entry | {"value": str(self.values[name]), "focused": True})
            else:
                given.append(entry | {"value": self._value(option, self.values[name])})
        for step in reversed(self.path[1:]):
            given = [{"name": step["name"], "type": step["type"], "options": given}]
        command = self.path[0]
        data: Json = {"id": command["id"], "name": command["name"], "type": 1, "options": given}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        return data | ({"resolved": self.resolved} if self.resolved else {})

    def _value(self, option: Json, value: object) -> object:
        kind = option["type"]
        if option.get("choices"):
            return _chosen(option, value, self.user.locale)
        if kind == _STRING:
            return self._text(option, str(value))
        if kind in (_INTEGER, _NUMBER):
            return _number(option, value)
        if kind == _BOOLEAN:
            return _boolean(option, value)
        return self._thing(option, value)

    def _text(self, option: Json, text: str) -> str:
        least, most = option.get("min_length", 0), option.get("max_length", _LONGEST)
        if not max(least, 1) <= len(text) <= most:
            raise Impossible(f"{option['name']} needs {least} to {most} characters: {text!r}")
        return text

    def _thing(self, option: Json, value: object) -> str:
        """Return the id of a file, user, role or channel, which is sent along."""
        kind = option["type"]
        if isinstance(value, Upload):
            _expect(option, kind == _FILE)
            attachment = stored(self.channel, value, ephemeral=True)
            world = self.channel.world
            self._resolve(
                "attachments", attachment.id, message_shapes.attachment(world, attachment)
            )
            return attachment.id
        if isinstance(value, Channel):
            _expect(option, kind == _CHANNEL)
            self._resolve("channels", value.id, shapes.with_permissions(value, self.user))
            return value.id
        if isinstance(value, Role):
            _expect(option, kind in (_ROLE, _MENTIONABLE))
            self._resolve("roles", value.id, shapes.role(value))
            return value.id
        _expect(option, kind in (_USER, _MENTIONABLE) and not isinstance(value, (str, float)))
        return self._person(value)

    def _person(self, value: object) -> str:
        user = self.channel.world.users[identity(value)]  # type: ignore[arg-type]
        self._resolve("users", user.id, shapes.user(user))
        guild = self.channel.guild
        if guild is not None and user.id in guild.members:
            member = guild.members[user.id]
            may = str(int(in_channel(self.channel, user.id)))
            shape = shapes.partial_member(member) | {"permissions": may}
            self._resolve("members", user.id, shape)
        return user.id

    def _resolve(self, kind: str, id_: str, shape: Json) -> None:
        self.resolved.setdefault(kind, {})[id_] = shape


def typing(channel: Channel, user: User, line: str, options: Mapping[str, object]) -> Typing:
    """Return a command as it stands in the client; options can stand in the line, `name:value`."""
    words = line.removeprefix("/").split(" ")
    for application, command in offered(channel, user):
        if words[0] in _names(command, user.locale):
            typed = _descend(Typing(application, [command], channel, user), words[1:])
            for name, value in options.items():
                option = typed.option(_plain(typed, name))
                typed.values[option["name"]] = value
            return typed
    raise Impossible(f"no application offers /{words[0]} in {channel.name!r}")


def offered(channel: Channel, user: User) -> list[tuple[Application, Json]]:
    """Return the commands that a person can choose from in a channel."""
    held = in_channel(channel, user.id)
    if channel.guild is not None and Permission.USE_APPLICATION_COMMANDS not in held:
        return []
    there = channel.recipients if channel.guild is None else channel.guild.members
    return [
        (application, command)
        for application in channel.world.applications.values()
        if application.bot.id in there
        for command in application.offered(channel.guild)
        if _available(command, channel, held)
    ]


def _available(command: Json, channel: Channel, held: Permission) -> bool:
    contexts = command.get("contexts")
    if channel.guild is None:
        allowed = _IN_DIRECT in contexts if contexts else command.get("dm_permission", True)
        return bool(allowed) and "guild_id" not in command
    if contexts and _IN_GUILDS not in contexts:
        return False
    needed = command.get("default_member_permissions")
    # "0" means administrators only.
    return (
        needed is None
        or (int(needed) != 0 and Permission(int(needed)) in held)
        or held == EVERYTHING
    )


def _descend(typed: Typing, words: list[str]) -> Typing:
    """Find the subcommand, and read the options that are written after it."""
    while any(option["type"] in _BRANCHES for option in typed.options):
        step = words.pop(0) if words else ""
        for option in typed.options:
            if step in _names(option, typed.user.locale):
                typed.path.append(option)
                break
        else:
            raise Impossible(f"/{typed.words} has no subcommand {step!r}")
    _read_options(typed, " ".join(words))
    return typed


def _read_options(typed: Typing, text: str) -> None:
    names = {name: one for one in typed.options for name in _names(one, typed.user.locale)}
    if not text.strip():
        return
    if not names:
        raise Impossible(f"/{typed.words} takes nothing: {text!r}")
    longest_first = sorted(names, key=len, reverse=True)
    starts = re.compile(rf"(?:^|\s)({'|'.join(map(re.escape, longest_first))}):\s*")
    found = list(starts.finditer(text))
    if not found or text[: found[0].start()].strip():
        raise Impossible(f"/{typed.words} takes only name:value, not {text!r}")
    ends = [each.start() for each in found[1:]] + [len(text)]
    for each, end in zip(found, ends, strict=True):
        typed.values[names[each[1]]["name"]] = text[each.end() : end].strip()


def _plain(typed: Typing, name: str) -> str:
    """Return an option's name where Python could not write its hyphens."""
    known = {each for option in typed.options for each in _names(option, typed.user.locale)}
    return name if name in known else name.replace("_", "-")


def _names(item: Json, locale: str) -> tuple[str, ...]:
    localized = (item.get("name_localizations") or {}).get(locale)
    return (item["name"], localized) if localized else (item["name"],)


def _chosen(option: Json, value: object, locale: str) -> object:
    for choice in option["choices"]:
        if value == choice["value"] or value in _names(choice, locale):
            return choice["value"]
    offers = [choice["name"] for choice in option["choices"]]
    raise Impossible(f"{option['name']} is one of {offers}, not {value!r}")


def _number(option: Json, value: object) -> float:
    whole = option["type"] == _INTEGER
    try:
        number = int(str(value)) if whole else float(str(value))
    except ValueError:
        raise Impossible(f"{option['name']} is a number, not {value!r}") from None
    least, most = option.get("min_value", number), option.get("max_value", number)
    if not least <= number <= most:
        raise Impossible(f"{option['name']} is from {least} to {most}, not {number}")
    return number


def _boolean(option: Json, value: object) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise Impossible(f"{option['name']} is True or False, not {value!r}")


def _expect(option: Json, fits: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not fits:
        raise Impossible(f"{option['name']} takes something else")
