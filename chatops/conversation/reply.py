"""Replies as documents, in no language and in no platform's shape.

An adapter renders a reply as a pure function of the reply, the speaker and its capabilities.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Literal, TypeAlias

from msgspec import Struct

from chatops.conversation.events import Attachment
from chatops.language import Text
from chatops.organisations.records import Mode


class Heading(Struct, frozen=True, tag="heading"):
    """The line that says what the message is about."""

    text: Text


class Paragraph(Struct, frozen=True, tag="paragraph"):
    """A few sentences."""

    text: Text


class Note(Struct, frozen=True, tag="note"):
    """Something to know that is not the point: shown smaller where the platform can."""

    text: Text


class Field(Struct, frozen=True):
    """One named value."""

    name: Text
    value: Text


class Fields(Struct, frozen=True, tag="fields"):
    """Named values, side by side where there is room."""

    fields: tuple[Field, ...]


class Listing(Struct, frozen=True, tag="list"):
    """A list, numbered or not."""

    items: tuple[Text, ...]
    numbered: bool = False


class Quote(Struct, frozen=True, tag="quote"):
    """Words of somebody else, such as a post as it will stand; never formatted."""

    text: str
    caption: Text | None = None


class Progress(Struct, frozen=True, tag="progress"):
    """How far a long work is."""

    label: Text
    done: int
    total: int


class Picture(Struct, frozen=True, tag="picture"):
    """A picture; where the platform shows none, its description stands instead."""

    name: str
    data: bytes
    description: Text


class Document(Struct, frozen=True, tag="document"):
    """A file to download."""

    name: str
    data: bytes
    description: Text


class Choice(Struct, frozen=True):
    """Something the reader can do now: by a button, by a reaction, or by typing its line.

    Args:
        label: What the button says; also `:press LABEL` in the console.
        says: The command line that the choice stands for, without `/quitx`.
        emoji: The reaction that means the same; empty for none.
        style: How the button looks where the platform can.
        form: Whether the button opens the form of the command that `says` names. Where the platform
            has no forms it is left out: how the line is typed stands beside it.
        attachments: Files that go with the line; no adapter shows them.
        typed: The same line in the reader's words, where it differs; people are shown this one.
    """

    label: Text
    says: str
    emoji: str = ""
    style: Literal["normal", "primary", "danger"] = "normal"
    form: bool = False
    attachments: tuple[Attachment, ...] = ()
    typed: str = ""


class Choices(Struct, frozen=True, tag="choices"):
    """What the reader can do now."""

    choices: tuple[Choice, ...]


Block: TypeAlias = (
    Heading | Paragraph | Note | Fields | Listing | Quote | Progress | Picture | Document | Choices
)


class Complaint(Struct, frozen=True):
    """Why something did not work.

    Args:
        id: Six letters or digits under which the log has the rest.
        cause: In plain words.
        next: What to do now.
        typed: What the member typed, so that it is never lost.
    """

    id: str
    cause: Text
    next: Text
    typed: str = ""


class Reply(Struct, frozen=True):
    """What the bot says.

    Args:
        blocks: The document, top to bottom.
        private: Whether only the member who asked may see it.
        complaint: Set when this says that something did not work; adapters show it first.
        topic: Names a message that is edited in place when a later reply has the same topic and
            place, such as the progress of one migration; empty for a message of its own.
        about_publishing: Whether it is about something published, or to be: then it opens with
            the organisation, and with *practice* while that is what it is in.
        mode: In which mode that was or will be, where it may not be the organisation's own.
        accounts: On which accounts that was or will be published.
    """

    blocks: tuple[Block, ...] = ()
    private: bool = False
    complaint: Complaint | None = None
    topic: str = ""
    about_publishing: bool = False
    mode: Mode | None = None
    accounts: tuple[Text, ...] = ()


def choices_of(reply: Reply) -> tuple[Choice, ...]:
    """Return everything that a reply lets its reader do."""
    return tuple(
        choice for block in reply.blocks if isinstance(block, Choices) for choice in block.choices
    )


def mark_of(says: str) -> str:
    """Return a short name of a choice's line, for buttons that cannot hold all of it."""
    return f"#{blake2b(says.encode('utf-8', 'replace'), digest_size=12).hexdigest()}"
