"""Commands, bound once: found by their words in either language, checked against each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import Struct

from chatops.conversation.command import Command, Effect, Names, Parameter, Visit
from chatops.conversation.tokens import tokenise
from chatops.conversation.words import fold, fold_name, near
from chatops.language import Language

ORGANISATION: Final = Names("organisation", "association")
"""The name of the value, before any command, that says for which organisation it is."""


AUDIENCE: Final = Names("answer", "réponse")
"""The name of the value, before any command, that says who may read the answer."""

AUDIENCES: Final = {"here": Names("here", "ici"), "private": Names("private", "privé")}


class BindError(ValueError):
    """Commands that cannot stand beside each other, or a declaration that contradicts itself."""


class FieldOf(Struct, frozen=True):
    """One field of a command's record.

    Args:
        name: The field's name in the record.
    """

    name: str
    parameter: Parameter
    required: bool


class Suggestion(Struct, frozen=True):
    """A command that may have been meant, and how many of the typed words it replaces."""

    words: str
    replaced: int


class UnknownWords(Exception):
    """No command has these words.

    Args:
        verb: The verb, where that one is known and only its action is not; empty otherwise.
        typed: The word that is not known; empty where it is missing.
        suggestions: What may have been meant, or what can follow.
    """

    def __init__(self, verb: str, typed: str, suggestions: tuple[Suggestion, ...]) -> None:
        super().__init__(typed)
        self.verb = verb
        self.typed = typed
        self.suggestions = suggestions


def key_of(command: Command[Any]) -> str:
    """Return a command's English words, which name it in rows and in code."""
    return " ".join(names.en for names in command.path)


class Registry:
    """All commands.

    Raises:
        BindError: Two of them have the same words, or a declaration contradicts itself.
    """

    def __init__(self, blueprints: Iterable[Iterable[Command[Any]]]) -> None:
        self.commands: tuple[Command[Any], ...] = tuple(c for each in blueprints for c in each)
        self._by_words: dict[tuple[str, ...], Command[Any]] = {}
        self._fields: dict[str, tuple[FieldOf, ...]] = {}
        for command in self.commands:
            self._fields[key_of(command)] = fields_of(command)
            self._name(command)
        for command in self.commands:
            _check(command, self.fields(command))
            self._check_verb(command)

    def fields(self, command: Command[Any]) -> tuple[FieldOf, ...]:
        """Return the fields of a command's record, in the order of their declaration."""
        return self._fields[key_of(command)]

    def at(self, key: str) -> Command[Any] | None:
        """Return the command of this key."""
        return self._by_words.get(tuple(fold(word) for word in key.split()))

    def under(self, verb: str) -> tuple[Command[Any], ...]:
        """Return the commands of a verb, in either language."""
        wanted = fold(verb)
        return tuple(
            command
            for command in self.commands
            if wanted in {fold(command.path[0].en), fold(command.path[0].fr)}
        )

    def find(self, words: Sequence[str], language: Language) -> tuple[Command[Any], int]:
        """Return the command that a line's first words name, and how many words name it.

        Raises:
            UnknownWords: None does.
        """
        folded = tuple(fold(word) for word in words[:2])
        for length in (2, 1):
            found = self._by_words.get(folded[:length])
            if found is not None and len(folded) >= length:
                return found, length
        siblings = self.under(words[0])
        if siblings:
            raise _unknown_action(siblings, words, language)
        raise self._unknown_verb(words, language)

    def _name(self, command: Command[Any]) -> None:
        for path in _paths(command.path):
            other = self._by_words.setdefault(path, command)
            if other is not command:
                raise BindError(f"{key_of(other)!r} and {key_of(command)!r} are both {path}")

    def _check_verb(self, command: Command[Any]) -> None:
        """Refuse a verb whose value could be taken for one of its actions."""
        alone = len(command.path) == 1
        if alone and any(not field.parameter.named for field in self.fields(command)):
            siblings = self.under(command.path[0].en)
            if len(siblings) > 1:
                raise BindError(f"{key_of(command)!r} takes a word, and has actions")

    def _unknown_verb(self, words: Sequence[str], language: Language) -> UnknownWords:
        verbs: dict[str, str] = {}
        actions: dict[str, str] = {}
        for command in self.commands:
            verb, *others = command.path
            verbs |= dict.fromkeys((verb.en, verb.fr), verb.in_(language))
            for action in others:
                actions |= dict.fromkeys((action.en, action.fr), command.words(language))
        for known in (verbs, actions):
            close = dict.fromkeys(known[word] for word in near(words[0], known))
            if close:
                break
        return UnknownWords("", words[0], tuple(Suggestion(whole, 1) for whole in close))


def fields_of(command: Command[Any]) -> tuple[FieldOf, ...]:
    """Return the fields of a command's record.

    Raises:
        BindError: A field has no `Parameter`.
    """
    hints = get_type_hints(command.parameters, include_extras=True)
    fields: list[FieldOf] = []
    for field in msgspec.structs.fields(command.parameters):
        notes = getattr(hints[field.name], "__metadata__", ())
        parameters = [note for note in notes if isinstance(note, Parameter)]
        if len(parameters) != 1:
            raise BindError(f"{key_of(command)!r}: {field.name} needs one Parameter")
        fields.append(FieldOf(field.name, parameters[0], field.required))
    return tuple(fields)


def _paths(path: tuple[Names, ...]) -> set[tuple[str, ...]]:
    """Return every way to write a path, its words in either language."""
    ways: set[tuple[str, ...]] = {()}
    for names in path:
        ways = {(*way, fold(name)) for way in ways for name in (names.en, names.fr)}
    return ways


def _unknown_action(
    siblings: tuple[Command[Any], ...], words: Sequence[str], language: Language
) -> UnknownWords:
    verb = siblings[0].path[0].in_(language)
    actions = {
        name: command
        for command in siblings
        for name in ((command.path[1].en, command.path[1].fr) if len(command.path) > 1 else ())
    }
    typed = words[1] if len(words) > 1 else ""
    close = [actions[word] for word in near(typed, actions)] or list(siblings)
    replaced = 2 if typed else 1
    wholes = dict.fromkeys(command.words(language) for command in close)
    return UnknownWords(verb, typed, tuple(Suggestion(whole, replaced) for whole in wholes))


def _check(command: Command[Any], fields: tuple[FieldOf, ...]) -> None:
    key = key_of(command)
    if not 1 <= len(command.path) <= 2:  # noqa: PLR2004 - a verb, or a verb and an action
        raise BindError(f"{key!r}: a command is a verb, or a verb and an action")
    for names in (*command.path, *(field.parameter.names for field in fields)):
        for name in (names.en, names.fr):
            if [token.name for token in tokenise(f"{name}=x")] != [name]:
                raise BindError(f"{key!r}: {name!r} cannot be typed as one word")
    _check_names(key, fields)
    _check_order(key, fields)
    if (command.effect is Effect.OUTSIDE) != (command.preview is not None):
        raise BindError(f"{key!r}: what has effects outside has a preview, and nothing else has")
    if (command.role is None) != (_caller(command) is Visit):
        raise BindError(f"{key!r}: what anybody may call takes a Visit, and nothing else does")
    if command.role is None and command.effect is Effect.OUTSIDE:
        raise BindError(f"{key!r}: what has effects outside is for an organisation")
    if command.effect is Effect.OUTSIDE:
        # Its record waits in a row until it is confirmed.
        msgspec.json.Decoder(command.parameters)


def _caller(command: Command[Any]) -> object:
    """Return what a command says that it is called with."""
    hints = get_type_hints(command.run)
    return next(iter(hints.values()), None)


def _check_names(key: str, fields: tuple[FieldOf, ...]) -> None:
    taken = {fold_name(name) for each in (ORGANISATION, AUDIENCE) for name in (each.en, each.fr)}
    for field in fields:
        names = {fold_name(field.parameter.names.en), fold_name(field.parameter.names.fr)}
        if names & taken:
            raise BindError(f"{key!r}: {field.name} has a name that is taken")
        taken |= names


def _check_order(key: str, fields: tuple[FieldOf, ...]) -> None:
    by_position = [field for field in fields if not field.parameter.named]
    if any(field.parameter.rest for field in by_position[:-1]):
        raise BindError(f"{key!r}: nothing can follow the rest of the line")
    if any(field.parameter.rest for field in fields if field.parameter.named):
        raise BindError(f"{key!r}: the rest of the line has no name")
    required = [field.required for field in by_position]
    if required != sorted(required, reverse=True):
        raise BindError(f"{key!r}: what is optional comes last")
