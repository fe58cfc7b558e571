"""Commands of a toy bot, which show every way in which a command can be declared."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from msgspec import Struct

from chatops.conversation.command import (
    Blueprint,
    Call,
    Command,
    Effect,
    Example,
    Names,
    Nothing,
    Parameter,
)
from chatops.conversation.events import Attachment
from chatops.conversation.kinds import (
    File,
    Flag,
    Networks,
    Number,
    OneOf,
    PointInTime,
    RestOfLine,
    Word,
    XHandle,
)
from chatops.conversation.reply import Choice, Choices, Paragraph, Reply
from chatops.language import Conflict, Moment, _
from chatops.organisations.records import Role
from chatops.posts.network import NetworkName


@dataclass
class Ledger:
    """The toy's only service: what was really done."""

    done: list[str] = field(default_factory=list)
    numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))


class Greeting(Struct, frozen=True):
    """What `greet` is told."""

    name: Annotated[str, Parameter(Names("name", "nom"), Word(), _("Whom to greet."))]
    tone: Annotated[
        str,
        Parameter(
            Names("tone", "ton"),
            OneOf({"warm": Names("warm", "chaleureux"), "formal": Names("formal", "formel")}),
            _("How."),
            named=True,
        ),
    ] = "warm"


class Publication(Struct, frozen=True):
    """What `post send` is told."""

    to: Annotated[
        frozenset[NetworkName],
        Parameter(Names("to", "vers"), Networks(), _("Where."), named=True),
    ]
    text: Annotated[
        str, Parameter(Names("text", "texte"), RestOfLine(), _("What to say."), rest=True)
    ]
    at: Annotated[
        datetime | None,
        Parameter(Names("at", "quand"), PointInTime(), _("When."), named=True),
    ] = None


class Removal(Struct, frozen=True):
    """What `post remove` is told."""

    number: Annotated[int, Parameter(Names("number", "numéro"), Number(1), _("Which one."))]
    quietly: Annotated[
        bool,
        Parameter(Names("quietly", "discrètement"), Flag(), _("Whether to tell."), named=True),
    ] = False


class Reminder(Struct, frozen=True):
    """What `remind` is told."""

    at: Annotated[datetime, Parameter(Names("at", "quand"), PointInTime(), _("When."))]
    on: Annotated[
        frozenset[NetworkName],
        Parameter(Names("on", "sur"), Networks(), _("Where."), named=True),
    ] = frozenset({"bluesky"})


class LookUp(Struct, frozen=True):
    """What `lookup` is told."""

    handle: Annotated[str, Parameter(Names("handle", "compte"), XHandle(), _("Whom to look for."))]


class Reading(Struct, frozen=True):
    """What `read` is told."""

    file: Annotated[
        Attachment | str, Parameter(Names("file", "fichier"), File(), _("What to read."))
    ]


async def greet(_call: Call, greeting: Greeting) -> Reply:
    """Greet somebody."""
    text = _("Good day {name}.", name=greeting.name)
    if greeting.tone == "warm":
        text = _("Hello {name}!", name=greeting.name)
    return Reply((Paragraph(text),))


async def preview(_call: Call, publication: Publication) -> Reply:
    """Show what would be published."""
    if publication.text == "impossible":
        raise Conflict(_("That cannot be said."), _("Say something else."))
    return Reply((Paragraph(_("This would be published: {text}", text=publication.text)),))


async def send(call: Call, publication: Publication) -> Reply:
    """Publish it."""
    networks = "+".join(sorted(publication.to))
    call.service(Ledger).done.append(f"{call.person.name} sent {publication.text!r} to {networks}")
    return Reply((Paragraph(_("It is published.")),))


async def count(call: Call, _nothing: Nothing) -> Reply:
    """Do something that must not be done twice."""
    number = next(call.service(Ledger).numbers)
    call.service(Ledger).done.append(f"count {number}")
    return Reply((Paragraph(_("This is number {number}.", number=number)),))


async def offer(_call: Call, _nothing: Nothing) -> Reply:
    """Offer a choice."""
    choice = Choice(_("Count"), "count", "👍")
    return Reply((Paragraph(_("Shall I count?")), Choices((choice,))))


async def remove(call: Call, removal: Removal) -> Reply:
    """Remove something."""
    call.service(Ledger).done.append(f"removed {removal.number}")
    return Reply((Paragraph(_("Removed.")),))


async def remind(call: Call, reminder: Reminder) -> Reply:
    """Say when somebody will be reminded."""
    at = Moment(reminder.at, call.organisation.zone)
    return Reply((Paragraph(_("You will be reminded {moment}.", moment=at)),))


async def look_up(_call: Call, look: LookUp) -> Reply:
    """Look somebody up."""
    return Reply((Paragraph(_("Looking for {handle}.", handle=look.handle)),))


async def read(_call: Call, reading: Reading) -> Reply:
    """Read a file."""
    name = reading.file if isinstance(reading.file, str) else f"attached {reading.file.name}"
    return Reply((Paragraph(_("Reading {name}.", name=name)),))


async def break_down(_call: Call, _nothing: Nothing) -> Reply:
    """Fail as no command should."""
    raise RuntimeError("the toy is broken")


POST = Names("post", "billet")
blueprint = Blueprint()
blueprint.add(
    Command(
        path=(Names("greet", "saluer"),),
        summary=_("Greet somebody."),
        parameters=Greeting,
        run=greet,
        role=Role.READER,
        examples=(Example(Names("greet Zoé", "saluer Zoé"), _("Say hello to Zoé.")),),
    )
)
blueprint.add(
    Command(
        path=(POST, Names("send", "envoyer")),
        summary=_("Publish a text."),
        parameters=Publication,
        run=send,
        preview=preview,
        confirm=_("Publish"),
        role=Role.EDITOR,
        effect=Effect.OUTSIDE,
    )
)
blueprint.add(
    Command(
        path=(POST, Names("remove", "retirer")),
        summary=_("Remove a text."),
        parameters=Removal,
        run=remove,
        role=Role.ADMIN,
        effect=Effect.INSIDE,
    )
)
blueprint.add(
    Command(
        path=(Names("count", "compter"),),
        summary=_("Count."),
        parameters=Nothing,
        run=count,
        role=Role.READER,
        effect=Effect.INSIDE,
    )
)
blueprint.add(
    Command(
        path=(Names("offer", "proposer"),),
        summary=_("Offer to count."),
        parameters=Nothing,
        run=offer,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(Names("remind", "rappeler"),),
        summary=_("Be reminded."),
        parameters=Reminder,
        run=remind,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(Names("lookup", "retrouver"),),
        summary=_("Look somebody up."),
        parameters=LookUp,
        run=look_up,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(Names("read", "lire"),),
        summary=_("Read a file."),
        parameters=Reading,
        run=read,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(Names("break", "casser"),),
        summary=_("Fail."),
        parameters=Nothing,
        run=break_down,
        role=Role.READER,
    )
)
