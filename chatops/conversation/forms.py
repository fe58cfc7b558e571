"""Forms, derived from declarations: what a modal asks for to fill in one command."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from chatops.conversation.command import Command, Names, Parameter
from chatops.conversation.kinds import File, Flag, ManyOf, Networks, OneOf
from chatops.conversation.registry import FieldOf, Registry, UnknownWords, key_of
from chatops.conversation.reply import Choice
from chatops.conversation.tokens import tokenise
from chatops.conversation.turns import scope_of
from chatops.language import Language, Text, _

_YES_OR_NO = {"yes": Names("yes", "oui"), "no": Names("no", "non")}


class Option(Struct, frozen=True):
    """One thing to choose.

    Args:
        label: What the reader sees.
        value: What is handed in, as if it had been typed.
    """

    label: str
    value: str


class Input(Struct, frozen=True):
    """One thing to fill in.

    Args:
        name: The parameter's name, as a key of `FormSubmitted.values`.
        options: What to choose from; empty where anything can be typed.
        several: Whether more than one option can be chosen, joined by commas.
        lines: Whether the text may have several lines.
        file: Whether a file can be given.
    """

    name: str
    label: str
    hint: Text
    required: bool
    options: tuple[Option, ...] = ()
    several: bool = False
    lines: bool = False
    file: bool = False


class Form(Struct, frozen=True):
    """The form of one command.

    Args:
        verb: The command's words, for `FormSubmitted.verb`.
        inputs: What is required first, else in the order of the declaration.
    """

    verb: str
    title: str
    summary: Text
    inputs: tuple[Input, ...]


def form_of(registry: Registry, command: Command[Any], language: Language) -> Form:
    """Return the form that fills in a command, in a language's names."""
    fields = sorted(registry.fields(command), key=lambda field: not field.required)
    return Form(
        key_of(command),
        command.words(language),
        command.summary,
        tuple(_input(field, language) for field in fields),
    )


def form_choice(registry: Registry, command: Command[Any], language: Language) -> Choice | None:
    """Return the choice that opens a command's form; None where it asks for nothing."""
    if not registry.fields(command):
        return None
    return Choice(_("Fill in a form"), command.words(language), form=True)


def command_of(registry: Registry, says: str, language: Language) -> Command[Any] | None:
    """Return the command whose form a choice opens, whatever its line says before it."""
    _scope, line = scope_of(says)
    words = [token.text for token in tokenise(line)]
    try:
        return registry.find(words, language)[0] if words else None
    except UnknownWords:
        return None


def _input(field: FieldOf, language: Language) -> Input:
    parameter = field.parameter
    return Input(
        name=parameter.names.en,
        label=parameter.names.in_(language),
        hint=parameter.summary,
        required=field.required,
        options=options_of(parameter, language),
        several=isinstance(parameter.kind, ManyOf | Networks),
        lines=parameter.rest,
        file=isinstance(parameter.kind, File),
    )


def options_of(parameter: Parameter, language: Language) -> tuple[Option, ...]:
    """Return what can be chosen for a parameter; nothing where anything can be typed."""
    match parameter.kind:
        case OneOf(names=names) | ManyOf(names=names):
            pass
        case Networks():
            names = {str(name): each for name, each in Networks.names.items()}
        case Flag():
            names = _YES_OR_NO
        case _:
            return ()
    return tuple(Option(each.in_(language), value) for value, each in names.items())
