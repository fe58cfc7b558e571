"""What could be typed next: commands as the core tells them, directions as the console does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from msgspec import Struct

from adapters.console.directions import BOT, DIRECTIVES
from adapters.console.messages import Messages
from adapters.console.scene import Scene

_MOST_FILES: Final = 200


class Completion(Struct, frozen=True):
    """Something that could be typed next.

    Args:
        text: What would stand there.
        replaces: How many characters before the cursor it replaces.
        summary: What it means, in the reader's language; empty for nothing to say.
        path: Whether the path of a file is wanted after `text`: `replaces` then counts `text` and
            what is typed of the path.
    """

    text: str
    replaces: int
    summary: str = ""
    path: bool = False


Completer: TypeAlias = Callable[[str], Sequence[Completion]]
"""Returns what could follow a command typed so far: all that stands after `/quitx `."""


def nothing(_line: str) -> Sequence[Completion]:
    """Complete no command."""
    return ()


class Completions:
    """Completes a whole line of the console."""

    def __init__(self, commands: Completer, scene: Scene, messages: Messages) -> None:
        self._commands = commands
        self._scene = scene
        self._messages = messages

    def of(self, line: str) -> Iterator[Completion]:
        """Go through what could be typed at the end of a line."""
        begun = line.lstrip()
        if begun.startswith(":"):
            yield from self._direction(begun[1:])
            return
        name, space, command = begun.partition(" ")
        if not space:
            called = f"/{BOT}"
            if called.startswith(name.casefold() or "/"):
                yield Completion(f"{called} ", len(name))
        elif name.casefold() in {f"/{BOT}", f"!{BOT}"}:
            for completion in self._commands(command):
                if completion.path:
                    yield from _paths(completion, line)
                else:
                    yield completion

    def _direction(self, words: str) -> Iterator[Completion]:
        name, space, rest = words.partition(" ")
        if not space:
            for each, directive in DIRECTIVES.items():
                if each.startswith(name.casefold()):
                    yield Completion(f":{each} ", len(name) + 1, directive.usage)
            return
        match name.casefold():
            case "attach":
                yield from _paths(Completion("", len(rest), path=True), rest, quoted=False)
            case "press":
                yield from self._labels(rest)
            case "react":
                yield from self._emoji(rest)
            case "thread":
                yield from self._names(rest)
            case _:
                pass

    def _labels(self, typed: str) -> Iterator[Completion]:
        asking = self._messages.asking(self._scene.member)
        if asking is None or asking.speaker is None:
            return
        for choice in asking.choices:
            label = asking.speaker.say(choice.label)
            if label.casefold().startswith(typed.casefold()):
                yield Completion(label, len(typed), f"{asking.name} {choice.emoji}".strip())
        _label, space, begun = typed.rpartition(" ")
        if space and begun.startswith("m"):
            yield from self._names(begun)

    def _emoji(self, typed: str) -> Iterator[Completion]:
        emoji, space, begun = typed.partition(" ")
        if space:
            yield from self._names(begun)
            return
        asking = self._messages.asking(self._scene.member)
        if asking is None or asking.speaker is None:
            return
        for choice in asking.choices:
            if choice.emoji and choice.emoji.startswith(emoji):
                yield Completion(choice.emoji, len(typed), asking.speaker.say(choice.label))

    def _names(self, typed: str) -> Iterator[Completion]:
        for name in self._messages.names(self._scene.member):
            if name.startswith(typed.casefold()):
                yield Completion(name, len(typed))


def _paths(wanted: Completion, line: str, *, quoted: bool = True) -> Iterator[Completion]:
    """Go through the files that a path could go on to; one with a space is put in quotes."""
    typed = line[len(line) - wanted.replaces :] if wanted.replaces else ""
    begun = typed.removeprefix(wanted.text)
    opened = begun.startswith('"')
    begun = begun.removeprefix('"')
    folder, _slash, name = begun.rpartition("/")
    prefix = begun[: len(begun) - len(name)]
    for entry in _entries(folder or ("/" if prefix else "."), name):
        path = f"{prefix}{entry.name}{'/' if entry.is_dir() else ''}"
        if quoted and (opened or " " in path):
            path = f'"{path}' if entry.is_dir() else f'"{path}"'
        yield Completion(f"{wanted.text}{path}", wanted.replaces, wanted.summary)


def _entries(folder: str, name: str) -> list[os.DirEntry[str]]:
    """Return what a folder shows under a name begun; hidden files need their dot."""
    try:
        with os.scandir(Path(folder).expanduser()) as entries:
            begun = [
                entry
                for entry in entries
                if entry.name.isprintable()
                and (entry.name.startswith(name) if name else entry.name[0] != ".")
            ]
    except (OSError, RuntimeError, ValueError):
        return []
    return sorted(begun, key=lambda entry: entry.name.casefold())[:_MOST_FILES]
