"""What `--json` prints: one object a line, in the reader's language, with a schema.

These records are a contract with scripts. A field may be added; none is renamed or removed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Final, Literal, TypeAlias

import msgspec
from msgspec import Meta, Struct

from adapters.console.rendering import percent
from adapters.console.visible import encodable, escaped
from chatops.conversation import reply as said
from chatops.language import Speaker, Text

SCHEMA_FILE: Final = "docs/reply.schema.json"


class Heading(Struct, frozen=True, tag_field="type", tag="heading"):
    """The line that says what the message is about."""

    text: str


class Paragraph(Struct, frozen=True, tag_field="type", tag="paragraph"):
    """A few sentences."""

    text: str


class Note(Struct, frozen=True, tag_field="type", tag="note"):
    """Something to know that is not the point."""

    text: str


class Field(Struct, frozen=True):
    """One named value."""

    name: str
    value: str


class Fields(Struct, frozen=True, tag_field="type", tag="fields"):
    """Named values."""

    fields: tuple[Field, ...]


class Listing(Struct, frozen=True, tag_field="type", tag="list"):
    """A list, numbered or not."""

    items: tuple[str, ...]
    numbered: bool


class Quote(Struct, frozen=True, tag_field="type", tag="quote"):
    """Words of somebody else, such as a post as it will stand."""

    text: str
    caption: str | None


class Progress(Struct, frozen=True, tag_field="type", tag="progress"):
    """How far a long work is; a total of 0 is one that nobody knows."""

    label: str
    done: int
    total: int
    percent: Annotated[int, Meta(ge=0, le=100)]


class Picture(Struct, frozen=True, tag_field="type", tag="picture"):
    """A picture, by its description."""

    name: str
    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    description: str


class Document(Struct, frozen=True, tag_field="type", tag="document"):
    """A file, saved on this machine."""

    name: str
    size: Annotated[int, Meta(ge=0, description="Bytes.")]
    description: str
    path: Annotated[str | None, Meta(description="Where it was saved.")]


class Choice(Struct, frozen=True):
    """Something the reader can do now: `:press LABEL`, `:react EMOJI`, or `/quitx SAYS`."""

    label: str
    says: str
    emoji: Annotated[str, Meta(description="Empty where no reaction means the same.")]
    style: Literal["normal", "primary", "danger"]
    form: Annotated[
        bool, Meta(description="It opens the form of SAYS: `:form SAYS key=value`, not `:press`.")
    ]


class Choices(Struct, frozen=True, tag_field="type", tag="choices"):
    """What the reader can do now."""

    choices: tuple[Choice, ...]


Block: TypeAlias = (
    Heading | Paragraph | Note | Fields | Listing | Quote | Progress | Picture | Document | Choices
)


class Reply(Struct, frozen=True):
    """What the bot says: a document from top to bottom."""

    blocks: tuple[Block, ...]
    topic: Annotated[str, Meta(description="Names a message that is edited in place.")]


class Error(Struct, frozen=True):
    """Why something did not work."""

    id: Annotated[str, Meta(description="The log has the rest under it.")]
    cause: str
    next: Annotated[str, Meta(description="What to do now.")]


class Line(Struct, frozen=True):
    """One line of `quitx console --json`."""

    id: Annotated[str, Meta(description="The message that it is about: m1, m2, ...")]
    event: Literal["message", "edit", "delete", "reaction"]
    place: Annotated[str, Meta(description="As `:in` takes it.")]
    to: Annotated[str | None, Meta(description="The only member who sees it.")]
    private: bool
    text: Annotated[
        str, Meta(description="The reply as a terminal shows it; the emoji of a reaction.")
    ]
    reply: Reply | None
    error: Error | None


def error_of(complaint: said.Complaint | None, speaker: Speaker) -> Error | None:
    """Put a complaint into the reader's language."""
    if complaint is None:
        return None
    return Error(complaint.id, speaker.say(complaint.cause), speaker.say(complaint.next))


def reply_of(reply: said.Reply, speaker: Speaker, saved: Mapping[str, str] | None = None) -> Reply:
    """Put a reply into the reader's language.

    Args:
        reply: What is said.
        speaker: The reader's language.
        saved: Where the files of the reply were saved, by their names.
    """
    spoken = _Spoken(speaker, saved or {})
    return Reply(tuple(spoken.block(block) for block in reply.blocks), reply.topic)


def encoded(line: Line) -> str:
    """Return a line of JSON that is harmless to show in a terminal."""
    plain = msgspec.to_builtins(line)
    return escaped(encodable(json.dumps(plain, ensure_ascii=False, separators=(",", ":"))))


def schema() -> str:
    """Return what `docs/reply.schema.json` holds: the schema of `reply`, and `Line` around it."""
    _references, components = msgspec.json.schema_components(
        (Reply, Line), ref_template="#/$defs/{name}"
    )
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The `reply` of `quitx console --json`",
        "description": "null for a deletion and a reaction; the whole line is `$defs/Line`.",
        "anyOf": [{"$ref": "#/$defs/Reply"}, {"type": "null"}],
        "$defs": components,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


class _Spoken:
    def __init__(self, speaker: Speaker, saved: Mapping[str, str]) -> None:
        self._speaker = speaker
        self._saved = saved

    def block(self, block: said.Block) -> Block:  # noqa: C901, PLR0911 - one line for each kind
        say = self._speaker.say
        match block:
            case said.Heading(text=text):
                return Heading(say(text))
            case said.Paragraph(text=text):
                return Paragraph(say(text))
            case said.Note(text=text):
                return Note(say(text))
            case said.Fields(fields=fields):
                return Fields(tuple(Field(say(each.name), say(each.value)) for each in fields))
            case said.Listing(items=items, numbered=numbered):
                return Listing(tuple(map(say, items)), numbered)
            case said.Quote(text=text, caption=caption):
                return Quote(text, self._optional(caption))
            case said.Progress(label=label, done=done, total=total):
                return Progress(say(label), done, total, percent(block))
            case said.Picture(name=name, data=data, description=description):
                return Picture(name, len(data), say(description))
            case said.Document(name=name, data=data, description=description):
                return Document(name, len(data), say(description), self._saved.get(name))
            case said.Choices(choices=choices):
                return Choices(tuple(map(self._choice, choices)))

    def _choice(self, choice: said.Choice) -> Choice:
        label = self._speaker.say(choice.label)
        return Choice(label, choice.says, choice.emoji, choice.style, choice.form)

    def _optional(self, text: Text | None) -> str | None:
        return None if text is None else self._speaker.say(text)
