"""The page `docs/commands.md`, derived from declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chatops.conversation.command import Command
from chatops.conversation.help import EFFECTS, details_of, parameter_line
from chatops.conversation.permissions import needed
from chatops.conversation.registry import Registry
from chatops.conversation.usage import typed, usage_of
from chatops.language import LANGUAGES, Code, Language, Piece, Speaker, Text, _


def page(registry: Registry) -> str:
    """Return all commands as Markdown, in every language, one after the other."""
    return "\n".join(line for language in LANGUAGES for line in _section(registry, language))


def _section(registry: Registry, language: Language) -> Iterator[str]:
    speaker = Speaker(language)
    title = _("Commands")
    yield f"# {_marked(speaker, title)}"
    yield ""
    intro = _(
        "Everything can be said in English and in French, wherever you are. Type the line after "
        "the bot's name, and values in any order as long as they have a name."
    )
    yield _marked(speaker, intro)
    for command in registry.commands:
        yield from _entry(registry, command, speaker)
    yield ""


def _entry(registry: Registry, command: Command[Any], speaker: Speaker) -> Iterator[str]:
    language = speaker.language
    fields = registry.fields(command)
    yield ""
    yield f"## {command.words(language)}"
    yield ""
    yield _marked(speaker, command.summary)
    yield ""
    yield f"    {typed(usage_of(command, fields, language))}"
    yield ""
    for field in fields:
        yield f"- {_marked(speaker, parameter_line(field, language))}"
    if fields:
        yield ""
    for detail in details_of(command):
        yield _marked(speaker, detail)
        yield ""
    yield f"{_marked(speaker, EFFECTS[command.effect])} {_marked(speaker, needed(command))}"
    if command.examples:
        yield ""
    for example in command.examples:
        line = Code(typed(example.line.in_(language)))
        shown = _("{line}: {summary}", line=line, summary=example.summary)
        yield f"- {_marked(speaker, shown)}"


def _marked(speaker: Speaker, text: Text) -> str:
    return "".join(_markdown(piece) for piece in speaker.pieces(text))


def _markdown(piece: Piece) -> str:
    match piece.style:
        case "code":
            return f"`{piece.words}`"
        case "strong":
            return f"**{piece.words}**"
        case "link":
            return f"[{piece.words}]({piece.url})"
        case _:
            return piece.words
