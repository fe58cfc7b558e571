"""X archives that are dropped where others can open them: they hold private messages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from chatops.conversation.command import Command
from chatops.conversation.events import Attachment
from chatops.conversation.kinds import File
from chatops.conversation.registry import Registry

# As X names it, and as a browser or a phone names the second copy.
_ARCHIVE: Final = re.compile(
    r"twitter-(?:[a-z]+-)?\d{4}-\d{2}-\d{2}-[0-9a-f]{8,}.*\.zip", re.IGNORECASE
)


def holds_archive(attachments: Sequence[Attachment]) -> bool:
    """Whether one of the files is named as X names an archive."""
    return any(_ARCHIVE.fullmatch(file.name.strip()) for file in attachments)


def takes_private_file(registry: Registry, command: Command[Any]) -> bool:
    """Whether a command takes a file that only the bot may see."""
    kinds = (field.parameter.kind for field in registry.fields(command))
    return any(isinstance(kind, File) and kind.private for kind in kinds)


def called_by_file(registry: Registry, attachments: Sequence[Attachment]) -> str:
    """Return the words of the command that a file calls when it is sent alone; empty for none."""
    names = [file.name.strip().casefold() for file in attachments]
    for command in registry.commands:
        if command.on_file and any(name.endswith(command.on_file) for name in names):
            return command.words("en")
    return ""
