"""Command declarations: everything about a command that parsers, forms, help and docs derive from.

A command is one frozen value. Its parameters are the fields of a record, each annotated with a
`Parameter`:

    class Plan(Struct, frozen=True):
        archive: Annotated[ArchiveSource, Parameter(Names("archive", "archive"), ...)]

    blueprint = Blueprint()
    blueprint.add(Command(path=(Names("migrate", "déménager"), Names("plan", "prévoir")), ...))

Modules declare into a blueprint and bootstrap binds it; importing a command has no side effects.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.events import Attachment
from chatops.conversation.reply import Reply
from chatops.language import Invalid, Language, Speaker, Text
from chatops.organisations.records import Organisation, Person, Role

P = TypeVar("P", bound=Struct)
S = TypeVar("S")
T_co = TypeVar("T_co", covariant=True)


class Names(Struct, frozen=True):
    """A name in English and in French; both work everywhere, help shows the member's."""

    en: str
    fr: str

    def in_(self, language: Language) -> str:
        """Return the name in a language."""
        return self.fr if language == "fr" else self.en


class Effect(Enum):
    """What running a command changes."""

    NONE = "none"
    """Nothing: it reads the store, and sees one state of it; it waits for nothing else."""
    INSIDE = "inside"
    """The bot's own rows: can be repeated or taken back here."""
    OUTSIDE = "outside"
    """The world: it is previewed first, then confirmed."""


class Reading(Struct, frozen=True):
    """What a parameter may need to know to read what was typed.

    Args:
        now: The present, aware.
        zone: The organisation's IANA zone.
        language: The member's language.
        attachments: Files that came with the command, not yet taken by a parameter.
    """

    now: datetime
    zone: str
    language: Language
    attachments: tuple[Attachment, ...] = ()


class Unreadable(Invalid):
    """A value that its kind cannot read, or could read in more than one way.

    Args:
        offers: What could be typed instead.
    """

    def __init__(self, reason: Text, mend: Text, offers: tuple[str, ...] = ()) -> None:
        super().__init__(reason, mend)
        self.offers = offers


class Kind(Protocol[T_co]):
    """Reads one typed value; an adapter maps a kind to the platform's own option type."""

    @property
    def label(self) -> Text:
        """What it is called in help: "a time", "an X handle"."""
        ...

    def read(self, typed: str, reading: Reading, /) -> T_co:
        """Return the value; raise `Unreadable` with what would be understood."""
        ...


@dataclass(frozen=True, slots=True)
class Parameter:
    """How one field of a command's record is named, read and explained.

    A field with a default is optional. `named` fields are given as `name=value` only; the others
    also by position. `rest` takes everything to the end of the line, so named values stand before
    it.
    """

    names: Names
    kind: Kind[Any]
    summary: Text
    named: bool = False
    rest: bool = False
    secret: bool = False


class Services(Protocol):
    """Finds the one service of a type; bound by bootstrap."""

    def __call__(self, kind: type[S]) -> S:
        """Return the service."""
        ...


Fetch = Callable[[Attachment, Path, int], Awaitable[None]]
"""Writes an attachment to a file, at most so many bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One command, called by somebody somewhere, whoever they are: for no organisation.

    Args:
        confidential: Whether nobody else can read a private reply.
    """

    person: Person
    member: Member
    place: Place
    speaker: Speaker
    now: datetime
    event_id: str
    service: Services
    fetch: Fetch
    confidential: bool
    answers: MessageRef | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Visit):
    """One command, called for an organisation by somebody who may."""

    organisation: Organisation
    roles: frozenset[Role]


Handler = Callable[[Call, P], Awaitable[Reply]]
Pin = Callable[[Call, P], Awaitable[P]]


class Example(Struct, frozen=True):
    """A line that works, in both languages, without `/quitx`."""

    line: Names
    summary: Text


class Nothing(Struct, frozen=True):
    """The record of a command without parameters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Command(Generic[P]):
    """One command.

    Args:
        path: Its words: (verb,) or (verb, action).
        parameters: The record that its parameters fill.
        role: The least that a member must be; None for what anybody may call anywhere, for no
            organisation: then `run` takes a `Visit`.
        run: Does it.
        preview: For `Effect.OUTSIDE`: says what would happen, changing nothing; what it raises
            stops the command before anybody is asked. Its record is kept, and handed to `run`
            once confirmed: what was agreed on is what is done.
        pin: For `Effect.OUTSIDE`: fills in what was left open ("the newest") before it is shown, so
            that a later yes is to what was shown.
        confirm: For `Effect.OUTSIDE`: what the button that confirms says.
        details: Further paragraphs of its help.
        answers: Whether it answers a question of the bot's, which has buttons for it; the menu does
            not offer it then.
        elsewhere: Whether it can also be called in a place that does not belong to the
            organisation, by somebody who has a role in it.
        on_file: How the name of a file ends that calls it when it is sent alone in a direct
            conversation, such as ".zip"; empty for none.
    """

    path: tuple[Names, ...]
    summary: Text
    parameters: type[P]
    run: Handler[P]
    role: Role | None
    effect: Effect = Effect.NONE
    preview: Handler[P] | None = None
    pin: Pin[P] | None = None
    confirm: Text | None = None
    examples: tuple[Example, ...] = ()
    details: tuple[Text, ...] = ()
    answers: bool = False
    elsewhere: bool = False
    on_file: str = ""

    def words(self, language: Language) -> str:
        """Return its words as they are typed: `migrate plan`."""
        return " ".join(names.in_(language) for names in self.path)


@dataclass(slots=True)
class Blueprint:
    """Collects the commands of one module until bootstrap binds them."""

    commands: list[Command[Any]] = field(default_factory=list)

    def add(self, command: Command[P]) -> Command[P]:
        """Declare a command."""
        self.commands.append(command)
        return command

    def __iter__(self) -> Iterator[Command[Any]]:
        """Go through the commands in the order of their declaration."""
        return iter(self.commands)
