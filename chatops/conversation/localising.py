"""Commands named in a reply, in the words of the reader's language.

Rooms write `Code("/quitx migrate status 3")` in English, which always works. A French reader is
shown `/quitx déménager état 3`.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from msgspec import Struct

from chatops.conversation.registry import Registry, UnknownWords
from chatops.conversation.reply import Choice, Reply
from chatops.conversation.usage import PREFIX
from chatops.language import Code, Language, Text

V = TypeVar("V")


class Localiser:
    """Rewrites the commands that replies name."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry

    def __call__(self, reply: Reply, language: Language) -> Reply:
        """Return the reply with every command in the language's words."""
        return reply if language == "en" else self._walked(reply, language)

    def _walked(self, value: V, language: Language) -> V:
        """Return a value with the commands inside it rewritten; it is the same where none are."""
        changed: Any = value
        match value:
            case Code():
                changed = Code(self.line(value.value, language))
            case Text():
                values = {name: self._walked(v, language) for name, v in value.values.items()}
                changed = Text(value.message, values, value.plural, value.count)
            case Choice():
                # What a choice says is for the bot, not for people.
                changed = msgspec.structs.replace(value, label=self._walked(value.label, language))
            case Struct():
                fields = {
                    name: self._walked(getattr(value, name), language)
                    for name in value.__struct_fields__
                }
                changed = type(value)(**fields)
            case tuple():
                changed = tuple(self._walked(each, language) for each in value)
            case _:
                pass
        return changed  # type: ignore[no-any-return]

    def line(self, line: str, language: Language) -> str:
        """Return a line that starts with `/quitx`, its command and names in a language."""
        prefix, *words = line.split(" ")
        if prefix != PREFIX or not words:
            return line
        try:
            command, used = self._registry.find(words, language)
        except UnknownWords:
            verb = self._registry.under(words[0])
            return " ".join((prefix, verb[0].path[0].in_(language), *words[1:])) if verb else line
        names = {
            field.parameter.names.en: field.parameter.names.in_(language)
            for field in self._registry.fields(command)
        }
        path = (each.in_(language) for each in command.path)
        return " ".join((prefix, *path, *(_renamed(word, names) for word in words[used:])))


def _renamed(word: str, names: dict[str, str]) -> str:
    name, equals, value = word.partition("=")
    return f"{names.get(name, name)}={value}" if equals else word
