"""Who speaks in the console, where, and with which files in hand."""

from __future__ import annotations

import re
import shlex
import unicodedata
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from adapters.console.messages import Messages
from chatops.conversation.addresses import Member, Place
from chatops.conversation.events import Attachment
from chatops.language import Code, Invalid, Missing, _

PLATFORM: Final = "console"
HOME: Final = Place(PLATFORM, "", "console", direct=True)
"""Where the console begins: a direct conversation, so that archives can be shared in it."""

_THREAD: Final = re.compile(r"(.+)/([mu]\d+)")


class Scene:
    """What `:as`, `:in`, `:thread` and `:attach` change.

    Names compare without case, as the channels and members of other platforms do: `:in #Salon` and
    `:in salon` are one place. `:in @NAME` is a direct conversation.
    """

    def __init__(self, messages: Messages, member: str) -> None:
        self._messages = messages
        self.place = HOME
        self.first_member = self._member(member)
        self.member = self.first_member
        self.attachments: tuple[Attachment, ...] = ()

    def speak_as(self, name: str) -> None:
        """Let another member speak."""
        self.member = self._member(name)

    def go_to(self, place: str) -> None:
        """Go elsewhere; without a place, back to where the console began."""
        in_thread = _THREAD.fullmatch(place)
        channel = _id(in_thread[1] if in_thread else place)
        if channel in {"", HOME.channel}:
            self.place = HOME
        else:
            self.place = Place(PLATFORM, "", channel, direct=channel.startswith("@"))
        if in_thread:
            self.enter_thread(in_thread[2])

    def enter_thread(self, message: str) -> None:
        """Go under a message; without one, back out."""
        place = self.place
        thread = ""
        if message:
            found = self._messages.named(message, self.member).ref
            place, thread = found.place, found.id
        self.place = Place(
            place.platform, place.workspace, place.channel, thread, place.direct, place.shared
        )

    def attach(self, path: str) -> None:
        """Take a file in hand for the next command, message or form.

        Raises:
            Missing: There is none.
            Invalid: It is a folder.
        """
        found = next((each for each in map(_existing, _readings(path)) if each is not None), None)
        if found is None:
            raise Missing(
                _("There is no file {path}.", path=Code(path)),
                _("Check the path; it counts from {folder}.", folder=Code(str(Path.cwd()))),
            )
        if not found.is_file():
            raise Invalid(
                _("{path} is not a file.", path=Code(path)),
                _("Attach a file; a folder can only be named in a command."),
            )
        whole = found.resolve()
        attachment = Attachment(str(whole), whole.name, whole.stat().st_size)
        self.attachments = (*self.attachments, attachment)

    def hand_over(self) -> tuple[Attachment, ...]:
        """Let go of the files in hand."""
        handed, self.attachments = self.attachments, ()
        return handed

    def label(self, place: Place) -> str:
        """Return a place as `:in` takes it."""
        thread = f"/{self._messages.short(place.thread)}" if place.thread else ""
        return f"{place.channel}{thread}"

    def _member(self, name: str) -> Member:
        return Member(PLATFORM, "", _id(name), name)


def _id(name: str) -> str:
    return unicodedata.normalize("NFC", " ".join(name.split())).casefold()


def _existing(path: str) -> Path | None:
    try:
        found = Path(path).expanduser()
        return found if found.exists() else None
    except (OSError, RuntimeError, ValueError):
        # Too long, of an unknown user, or with a character that no file name can hold.
        return None


def _readings(path: str) -> list[str]:
    """Return what a path may mean as typed, as dropped into a terminal, or as an address."""
    readings = [path]
    try:
        words = shlex.split(path)
    except ValueError:
        words = []
    if len(words) == 1:
        readings += words
    if path.startswith("file://"):
        readings.append(unquote(urlsplit(path).path))
    return readings
