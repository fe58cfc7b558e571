"""What a subcommand asks for, made from the kinds of a command's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from adapters.discord.limits import CHOICE_NAME, CHOICES, shortened
from chatops.conversation.command import Names
from chatops.conversation.forms import Option
from chatops.conversation.forms import options_of as form_options
from chatops.conversation.kinds import Colleague, File, Flag, ManyOf, Networks, Number, OneOf
from chatops.conversation.registry import FieldOf
from chatops.language import Text, _

TEXT: Final = 3
INTEGER: Final = 4
BOOLEAN: Final = 5
USER: Final = 6
ATTACHMENT: Final = 11
INSTEAD_OF_FILE: Final = _("Instead of a file: the name of one that is already here.")
_TYPES: Final[Mapping[type, int]] = {Number: INTEGER, Flag: BOOLEAN, Colleague: USER}
_SAFE: Final = 2**53
"""The largest whole number that Discord hands over unchanged."""


class Offered(Struct, frozen=True):
    """A value to choose."""

    value: str
    names: Names

    @property
    def spelled(self) -> dict[str, Any]:
        """The choice as the API spells it."""
        english, french = (shortened(each, CHOICE_NAME) for each in (self.names.en, self.names.fr))
        localised = {"name_localizations": {"fr": french}} if french != english else {}
        return {"name": english, "value": self.value} | localised


class Asked(Struct, frozen=True):
    """One thing that a subcommand asks for.

    Args:
        type: By the API's numbers.
        field: The parameter that it fills; None for the line that can be anything.
        completed: Whether what is typed is completed.
        choices: All that it can be; anything where there are none.
        offered: What a part of it can be, for completing.
        several: Whether several of these can be given, with commas between them.
    """

    names: Names
    summary: Text
    type: int
    field: FieldOf | None = None
    required: bool = False
    completed: bool = False
    choices: tuple[Offered, ...] = ()
    offered: tuple[Offered, ...] = ()
    several: bool = False
    least: int | None = None
    most: int | None = None


def options_of(fields: Sequence[FieldOf]) -> list[Asked]:
    """Return what is asked for, what is required first."""
    asked = [each for field in fields for each in _asked(field)]
    return sorted(asked, key=lambda each: not each.required)


def _asked(field: FieldOf) -> list[Asked]:
    parameter = field.parameter
    kind = parameter.kind
    if isinstance(kind, File):
        # Attached or named: neither can be required by itself.
        names = parameter.names
        other = Names(f"{names.en}-name", f"nom-{names.fr}")
        return [
            Asked(names, parameter.summary, ATTACHMENT, field),
            Asked(other, INSTEAD_OF_FILE, TEXT, field),
        ]
    if isinstance(kind, OneOf | ManyOf | Networks):
        return [_chosen(field)]
    least, most = (kind.least, kind.most) if isinstance(kind, Number) else (None, None)
    return [
        Asked(
            parameter.names,
            parameter.summary,
            _TYPES.get(type(kind), TEXT),
            field,
            field.required,
            least=least,
            most=most if most is not None and most < _SAFE else None,
        )
    ]


def _chosen(field: FieldOf) -> Asked:
    parameter = field.parameter
    offered = _offered(field)
    asked = Asked(parameter.names, parameter.summary, TEXT, field, field.required)
    several = not isinstance(parameter.kind, OneOf)
    if not several and len(offered) <= CHOICES:
        return replace(asked, choices=offered)
    return replace(asked, completed=True, offered=offered, several=several)


def _offered(field: FieldOf) -> tuple[Offered, ...]:
    english = form_options(field.parameter, "en")
    french = form_options(field.parameter, "fr")
    return tuple(_both(one, other) for one, other in zip(english, french, strict=True))


def _both(english: Option, french: Option) -> Offered:
    return Offered(english.value, Names(english.label, french.label))
