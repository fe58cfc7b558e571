"""Commands named in a reply, in the words of the reader's language.

Rooms write `Code("/quitx migrate status 3")` in English, which always works. A French reader is
shown `/quitx déménager état 3`.
"""

from __future__ import annotations

from collections.abc import Iterator
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

    def __call__(self, reply: Reply, language: Language, prefix: str = PREFIX) -> Reply:
        """Return the reply with every command in the language's words, behind a prefix.

        Args:
            prefix: What a command starts with where the reply will stand.
        """
        if language == "en" and prefix == PREFIX:
            return reply
        return _Rewriting(self._registry, language, prefix).walked(reply)

    def line(self, line: str, language: Language) -> str:
        """Return a line that starts with `/quitx`, its command and names in a language."""
        return _Rewriting(self._registry, language, PREFIX).line(line)


class _Rewriting:
    """Rewrites commands for one language and one prefix."""

    def __init__(self, registry: Registry, language: Language, prefix: str) -> None:
        self._registry = registry
        self._language: Language = language
        self._prefix = prefix

    def walked(self, value: V) -> V:
        """Return a value with the commands inside it rewritten; it is the same where none are."""
        changed: Any = value
        match value:
            case Code():
                changed = Code(self.line(value.value))
            case Text():
                values = {name: self.walked(each) for name, each in value.values.items()}
                changed = Text(value.message, values, value.plural, value.count)
            case Choice():
                # What a choice says is for the bot; people are shown how they would type it.
                typed = " ".join(self._words(value.says.split(" ")))
                changed = msgspec.structs.replace(
                    value, label=self.walked(value.label), typed=typed
                )
            case Struct():
                fields = {
                    name: self.walked(getattr(value, name)) for name in value.__struct_fields__
                }
                changed = type(value)(**fields)
            case tuple():
                changed = tuple(self.walked(each) for each in value)
            case _:
                pass
        return changed  # type: ignore[no-any-return]

    def line(self, line: str) -> str:
        """Return a line with its command and names in the language; others stay as they are."""
        prefix, *words = line.split(" ")
        if prefix != PREFIX:
            return line
        return " ".join((self._prefix, *self._words(words))) if words else self._prefix

    def _words(self, words: list[str]) -> Iterator[str]:
        language = self._language
        try:
            command, used = self._registry.find(words, language)
        except UnknownWords:
            verb = self._registry.under(words[0])
            yield from ((verb[0].path[0].in_(language), *words[1:]) if verb else words)
            return
        names = {
            field.parameter.names.en: field.parameter.names.in_(language)
            for field in self._registry.fields(command)
        }
        yield command.words(language)
        yield from (_renamed(word, names) for word in words[used:])


def _renamed(word: str, names: dict[str, str]) -> str:
    name, equals, value = word.partition("=")
    return f"{names.get(name, name)}={value}" if equals else word
