"""The application command, made from the declarations.

`/quitx verb action` is one command with groups and subcommands. What does not fit into Discord's
limits is reached by `/quitx line`, which takes any line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

from msgspec import Struct

from adapters.discord.limits import (
    COMMAND_CHARACTERS,
    COMMAND_DESCRIPTION,
    COMMAND_NAME,
    OPTIONS,
    TYPED,
    length,
    shortened,
)
from adapters.discord.options import TEXT, Asked, options_of
from chatops.conversation.command import Command, Names
from chatops.conversation.registry import FieldOf, Registry
from chatops.conversation.usage import PREFIX
from chatops.language import ENGLISH, Speaker, Text, _

Json: TypeAlias = dict[str, Any]

NAME: Final = PREFIX[1:]
LINE: Final = Names("line", "ligne")
"""The subcommand that takes any line."""

_SUBCOMMAND: Final = 1
_GROUP: Final = 2
_CHAT_INPUT: Final = 1
_FRENCH: Final = Speaker("fr")
_ALONE: Final = Names("show", "montrer")
"""What the command is called that is a verb alone, where that verb has actions as well."""

_UNUSUAL: Final = re.compile(r"[^-_'\w]")


class Entry(Struct, frozen=True):
    """What a path of the tree stands for.

    Args:
        command: None for the one that takes any line.
        asked: What is asked for, by the names of the options.
    """

    command: Command[Any] | None
    asked: Mapping[str, Asked]


class Tree(Struct, frozen=True):
    """The command as Discord is told it.

    Args:
        spelled: As the API spells it.
        entries: By the names of group and subcommand.
        left_out: Commands that found no room.
    """

    spelled: Json
    entries: Mapping[tuple[str, ...], Entry]
    left_out: tuple[Command[Any], ...] = ()


def tree_of(registry: Registry) -> Tree:
    """Return all commands as one, with every verb that finds room."""
    verbs = list(_verbs(registry).values())
    for terse in (False, True):
        tree = _tree(registry, verbs[: OPTIONS - 1], verbs[OPTIONS - 1 :], terse=terse)
        if weight(tree.spelled) <= COMMAND_CHARACTERS:
            return tree
    kept = min(len(verbs), OPTIONS - 1)
    while weight(tree.spelled) > COMMAND_CHARACTERS:
        kept -= 1
        tree = _tree(registry, verbs[:kept], verbs[kept:], terse=True)
    return tree


def weight(spelled: Any) -> int:  # noqa: ANN401 - any piece of a command
    """Return how many characters Discord counts: of several languages, the longest."""
    match spelled:
        case dict():
            own = 0
            for key in ("name", "description", "value"):
                words = [spelled.get(key), *(spelled.get(f"{key}_localizations") or {}).values()]
                own += max(length(word) if isinstance(word, str) else 0 for word in words)
            inner = (spelled.get("options") or (), spelled.get("choices") or ())
            return own + sum(weight(each) for part in inner for each in part)
        case _:
            return 0


def named(names: Names) -> Json:
    """Return a name in both languages, as Discord allows names to be."""
    english, french = _usable(names.en), _usable(names.fr)
    localised = {"name_localizations": {"fr": french}} if french != english else {}
    return {"name": english} | localised


def described(text: Text) -> Json:
    """Return a description in both languages."""
    english, french = (_one_line(speaker.say(text)) for speaker in (ENGLISH, _FRENCH))
    localised = {"description_localizations": {"fr": french}} if french != english else {}
    return {"description": english} | localised


def _verbs(registry: Registry) -> dict[str, list[Command[Any]]]:
    """Return the commands by their verbs; answers to questions have buttons and come last."""
    verbs: dict[str, list[Command[Any]]] = {}
    for command in sorted(registry.commands, key=lambda command: command.answers):
        verbs.setdefault(command.path[0].en, []).append(command)
    return verbs


def _tree(
    registry: Registry,
    verbs: Sequence[Sequence[Command[Any]]],
    others: Iterable[Sequence[Command[Any]]],
    *,
    terse: bool,
) -> Tree:
    writing = _Writing(registry, terse=terse)
    options = [writing.verb(commands) for commands in verbs]
    options.append(writing.line())
    about = described(_("Leave X together, and well."))
    spelled: Json = {"type": _CHAT_INPUT, "name": NAME, **about, "options": options}
    # For servers that added the bot, in channels and in direct messages with it.
    spelled |= {"integration_types": [0], "contexts": [0, 1]}
    left = [command for commands in others for command in commands]
    return Tree(spelled, writing.entries, (*left, *writing.left_out))


class _Writing:
    """Spells the commands, and notes what each path stands for.

    Args:
        terse: Whether options go without a description of their own.
    """

    def __init__(self, registry: Registry, *, terse: bool) -> None:
        self.entries: dict[tuple[str, ...], Entry] = {}
        self.left_out: list[Command[Any]] = []
        self._registry = registry
        self._terse = terse

    def verb(self, commands: Sequence[Command[Any]]) -> Json:
        """Return a verb: a subcommand, or a group where it has actions."""
        verb = commands[0].path[0]
        if len(commands) == 1 and len(commands[0].path) == 1:
            return self._subcommand(verb, commands[0], ())
        group = named(verb)
        kept, rest = commands[:OPTIONS], commands[OPTIONS:]
        self.left_out += rest
        taken = {_usable(command.path[-1].en) for command in kept if len(command.path) > 1}
        options = [
            self._subcommand(_action(command, taken), command, (group["name"],)) for command in kept
        ]
        # Discord wants a description of the group, and shows it nowhere.
        about = described(commands[0].summary)
        return {"type": _GROUP, **group, **about, "options": options}

    def line(self) -> Json:
        """Return the subcommand that takes any line."""
        asked = Asked(
            LINE,
            _("What would stand after {name}.", name=PREFIX),
            type=TEXT,
            required=True,
            completed=True,
        )
        about = described(_("Type any command as a line of words."))
        name = named(LINE)
        self.entries[(name["name"],)] = Entry(None, {name["name"]: asked})
        return {"type": _SUBCOMMAND, **name, **about, "options": [self._option(asked)]}

    def _subcommand(self, names: Names, command: Command[Any], under: tuple[str, ...]) -> Json:
        fields: Sequence[FieldOf] = self._registry.fields(command)
        asked = options_of(fields)[:OPTIONS]
        spelled = named(names)
        by_name = {_usable(each.names.en): each for each in asked}
        self.entries[(*under, spelled["name"])] = Entry(command, by_name)
        options = [self._option(each) for each in asked]
        about = described(command.summary)
        return {"type": _SUBCOMMAND, **spelled, **about, "options": options}

    def _option(self, asked: Asked) -> Json:
        about = described(asked.summary)
        if self._terse:
            about = {
                key.replace("name", "description"): value
                for key, value in named(asked.names).items()
            }
        option: Json = {"type": asked.type, **named(asked.names), **about}
        if asked.required:
            option["required"] = True
        if asked.completed:
            option["autocomplete"] = True
        if asked.choices:
            option["choices"] = [choice.spelled for choice in asked.choices]
        if asked.type == TEXT and not asked.choices:
            option["max_length"] = TYPED
        if asked.least is not None:
            option["min_value"] = asked.least
        if asked.most is not None:
            option["max_value"] = asked.most
        return option


def _action(command: Command[Any], taken: set[str]) -> Names:
    verb, *action = command.path
    if action:
        return action[0]
    return verb if _ALONE.en in taken else _ALONE


def _usable(name: str) -> str:
    plain = name.lower().replace("’", "'").replace(" ", "-")
    return _UNUSUAL.sub("", plain)[:COMMAND_NAME]


def _one_line(words: str) -> str:
    return shortened(" ".join(words.split()), COMMAND_DESCRIPTION)
