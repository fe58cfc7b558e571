"""What could be typed next after `/quitx `: verbs, actions, names of values, choices, files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from chatops.conversation.command import Command, Names
from chatops.conversation.kinds import File
from chatops.conversation.registry import FieldOf, Registry, UnknownWords
from chatops.conversation.words import fold, fold_name
from chatops.language import Language, Text


class Ending(Struct, frozen=True):
    """A way to go on.

    Args:
        text: What would stand there.
        replaces: How many characters at the end of the line it replaces.
        summary: What it means; None where it speaks for itself.
        file: Whether the name of a file follows.
    """

    text: str
    replaces: int
    summary: Text | None = None
    file: bool = False


class Endings:
    """Completes lines, in one language first; names of the other are completed once begun."""

    def __init__(self, registry: Registry, language: Language) -> None:
        self._registry = registry
        self._language: Language = language

    def of(self, line: str) -> Iterator[Ending]:
        """Go through the ways to end the last word of a line."""
        words = line.split()
        begun = "" if not line or line[-1].isspace() else words.pop()
        if not words:
            yield from self._named(begun, self._verbs())
            return
        actions = [c for c in self._registry.under(words[0]) if len(c.path) > 1]
        if actions and len(words) == 1:
            yield from self._named(begun, [(c.path[1], c.summary) for c in actions])
            return
        try:
            command, used = self._registry.find(words, self._language)
        except UnknownWords:
            return
        yield from self._values(begun, command, words[used:])

    def _verbs(self) -> list[tuple[Names, Text | None]]:
        verbs: dict[str, tuple[Names, Text | None]] = {}
        for command in self._registry.commands:
            alone = command.summary if len(command.path) == 1 else None
            verbs.setdefault(command.path[0].en, (command.path[0], alone))
        return list(verbs.values())

    def _named(
        self, begun: str, names: Sequence[tuple[Names, Text | None]], after: str = ""
    ) -> Iterator[Ending]:
        wanted = fold(begun)
        for name, summary in names:
            own, other = name.in_(self._language), name.en if self._language == "fr" else name.fr
            for shown in dict.fromkeys((own, other) if wanted else (own,)):
                if fold(shown).startswith(wanted):
                    yield Ending(shown + after, len(begun), summary)
                    break

    def _values(self, begun: str, command: Command[Any], said: Sequence[str]) -> Iterator[Ending]:
        fields = self._registry.fields(command)
        name, equals, value = begun.partition("=")
        if equals:
            named = next((f for f in fields if _is_called(f, name)), None)
            yield from self._choices(value, named)
            return
        plain = [word for word in said if "=" not in word]
        places = [field for field in fields if not field.parameter.named]
        if len(plain) < len(places):
            field = places[len(plain)]
            if isinstance(field.parameter.kind, File):
                yield Ending(begun, len(begun), field.parameter.summary, file=True)
                return
            yield from self._choices(begun, field)
        given = {fold_name(word.partition("=")[0]) for word in said if "=" in word}
        left = [
            (field.parameter.names, field.parameter.summary)
            for field in fields
            if field.parameter.named and not {fold_name(n) for n in _both(field)} & given
        ]
        yield from self._named(begun, left, after="=")

    def _choices(self, begun: str, field: FieldOf | None) -> Iterator[Ending]:
        names: Mapping[str, Names] = getattr(field and field.parameter.kind, "names", {})
        last = begun.rpartition(",")[2]
        yield from self._named(last, [(name, None) for name in names.values()])


def _both(field: FieldOf) -> tuple[str, str]:
    return field.parameter.names.en, field.parameter.names.fr


def _is_called(field: FieldOf, name: str) -> bool:
    return fold_name(name) in {fold_name(each) for each in _both(field)}
