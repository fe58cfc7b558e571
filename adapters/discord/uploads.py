"""Files that the bot attaches to a message."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from msgspec import Struct

from adapters.discord.limits import FILE_DESCRIPTION, FILES, shortened
from chatops.conversation.reply import Document, Picture
from chatops.language import Speaker

_UNUSUAL: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 80


class Upload(Struct, frozen=True):
    """A file to attach.

    Args:
        name: In the few signs that Discord leaves as they are, unlike any other of its message.
        description: For people who cannot see it.
        shown: Whether an embed shows it.
    """

    name: str
    data: bytes
    description: str
    shown: bool = False

    @property
    def url(self) -> str:
        """The address by which an embed of the same message shows it."""
        return f"attachment://{self.name}"


class Uploads:
    """Collects the files of one message."""

    def __init__(self, speaker: Speaker) -> None:
        self.files: list[Upload] = []
        self._speaker = speaker

    def add(self, block: Picture | Document) -> Upload | None:
        """Take a file; return None where the message holds no more."""
        if len(self.files) == FILES:
            return None
        name = self._unlike(_usual(block.name))
        words = shortened(self._speaker.say(block.description), FILE_DESCRIPTION)
        upload = Upload(name, block.data, words, isinstance(block, Picture))
        self.files.append(upload)
        return upload

    def _unlike(self, name: str) -> str:
        if all(each.name != name for each in self.files):
            return name
        return f"{len(self.files) + 1}-{name}"


def _usual(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return _UNUSUAL.sub("_", plain)[-_LONGEST:].strip("._") or "file"
