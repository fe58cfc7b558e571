"""What Discord offers while somebody types: the rest of a line, or one of the choices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from adapters.discord.limits import CHOICE_NAME, CHOICES, length
from adapters.discord.options import Asked, Offered
from chatops.conversation.completing import Endings
from chatops.conversation.registry import Registry
from chatops.conversation.words import fold
from chatops.language import Language

_COMMA = ", "


def endings(
    registry: Registry, asked: Asked, typed: str, language: Language
) -> Sequence[tuple[str, str]]:
    """Return what could stand in an option: what is shown, and what it means."""
    found = _lines(registry, typed, language)
    if asked.field is not None:
        found = _offered(asked, typed, language)
    fitting = (each for each in found if max(map(length, each)) <= CHOICE_NAME and each[1])
    return tuple(dict(fitting).items())[:CHOICES]


def _lines(registry: Registry, typed: str, language: Language) -> Iterator[tuple[str, str]]:
    for ending in Endings(registry, language).of(typed):
        line = typed[: len(typed) - ending.replaces] + ending.text
        yield line, line


def _offered(asked: Asked, typed: str, language: Language) -> Iterator[tuple[str, str]]:
    """Complete the last of several choices; those named before stay."""
    named = [each.strip() for each in typed.split(",")] if asked.several else [typed]
    begun = fold(named.pop())
    before = [_value(asked.offered, each) for each in named if each]
    shown = [_shown(asked.offered, each, language) for each in before]
    for each in asked.offered:
        name = each.names.in_(language)
        both = (fold(each.names.en), fold(each.names.fr))
        if each.value not in before and any(begun in known for known in both):
            yield _COMMA.join((*shown, name)), _COMMA.join((*before, each.value))


def _value(offered: Sequence[Offered], typed: str) -> str:
    wanted = fold(typed)
    for each in offered:
        if wanted in {fold(each.value), fold(each.names.en), fold(each.names.fr)}:
            return each.value
    return typed


def _shown(offered: Sequence[Offered], value: str, language: Language) -> str:
    for each in offered:
        if each.value == value:
            return each.names.in_(language)
    return value
