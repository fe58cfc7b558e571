"""Sentences for people that learn their language only when they are shown."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import TypeAlias

from msgspec import Struct


class Code(Struct, frozen=True, tag="code"):
    """Something to be typed or copied to the letter, such as a command or an identifier."""

    value: str


class Strong(Struct, frozen=True, tag="strong"):
    """A word that carries the weight of its sentence."""

    value: str


class Link(Struct, frozen=True, tag="link"):
    """A web address, shown with its label where the platform can, else written out."""

    url: str
    label: str = ""


class Moment(Struct, frozen=True, tag="moment"):
    """A point in time, read back to people with its zone.

    Args:
        at: An aware time.
        zone: The IANA name of the zone in which people read it.
    """

    at: datetime
    zone: str


class Day(Struct, frozen=True, tag="day"):
    """A calendar day."""

    on: date


class Span(Struct, frozen=True, tag="span"):
    """A length of time, shown in its largest useful unit."""

    length: timedelta


class Bytes(Struct, frozen=True, tag="bytes"):
    """A size in bytes, shown in its largest useful unit."""

    size: int


class Series(Struct, frozen=True, tag="series"):
    """Several values joined as the language joins them: "a, b and c".

    Args:
        either: Whether they are alternatives: "a, b or c".
    """

    values: tuple[Value, ...]
    either: bool = False


class Text(Struct, frozen=True, tag="text"):
    """A message of the catalogue with its values, not yet in any language.

    The message is the English sentence, with `{name}` where a value goes. A message whose wording
    depends on a number has a `plural` and a `count`, and may use `{count}`.
    """

    message: str
    values: Mapping[str, Value] = {}
    plural: str = ""
    count: int = 0


Value: TypeAlias = (
    str | int | float | Text | Code | Strong | Link | Moment | Day | Span | Bytes | Series
)
"""What may stand in a sentence; a plain `str` is data and is shown as it is, never formatted."""


def _(message: str, /, **values: Value) -> Text:
    """Mark a message for translation and give it its values."""
    return Text(message, values)


def n_(message: str, plural: str, count: int, /, **values: Value) -> Text:
    """Mark a message that has a plural; `count` chooses the form and fills `{count}`."""
    return Text(message, values, plural, count)


def verbatim(data: str) -> Text:
    """Show data as it is, in every language."""
    return Text("{data}", {"data": data})
