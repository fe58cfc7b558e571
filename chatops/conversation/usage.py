"""How a command is typed: derived from its declaration, in one language."""

from __future__ import annotations

from typing import Any

from chatops.conversation.command import Command
from chatops.conversation.registry import FieldOf
from chatops.language import Language

PREFIX = "/quitx"


def usage_of(command: Command[Any], fields: tuple[FieldOf, ...], language: Language) -> str:
    """Return a line that shows where each value goes: `migrate plan ARCHIVE [to=...]`."""
    parts = [command.words(language)]
    ordered = sorted(fields, key=lambda field: (field.parameter.rest, field.parameter.named))
    for field in ordered:
        name = field.parameter.names.in_(language)
        shown = f"{name}=…" if field.parameter.named else name.upper()
        parts.append(shown if field.required else f"[{shown}]")
    return " ".join(parts)


def typed(line: str) -> str:
    """Return a line as people type it: with the bot's name before it."""
    return f"{PREFIX} {line}".strip()
