"""`setup`: the first admin of an organisation, and the place that becomes its home."""

from __future__ import annotations

from typing import Annotated

from msgspec import Struct

from chatops.conversation.addresses import Place
from chatops.conversation.command import (
    Blueprint,
    Command,
    Effect,
    Example,
    Names,
    Parameter,
    Visit,
)
from chatops.conversation.kinds import Flag, RestOfLine
from chatops.conversation.outbox import Outbox
from chatops.conversation.reply import Choice, Choices, Heading, Note, Paragraph, Reply
from chatops.language import Code, Strong, _
from chatops.organisations.places import Places
from chatops.organisations.setup import Invited, Setup

blueprint = Blueprint()


class Invitation(Struct, frozen=True):
    """What `setup` is told."""

    code: Annotated[
        str | None,
        Parameter(
            Names("code", "code"),
            RestOfLine(),
            _("The code that you were given."),
            rest=True,
            secret=True,
        ),
    ] = None
    sure: Annotated[
        bool,
        Parameter(
            Names("sure", "certain"),
            Flag(),
            _("Whether to go on although others read the place."),
            named=True,
        ),
    ] = False


async def set_up(visit: Visit, invitation: Invitation) -> Reply:
    """Make whoever has the code an admin, and the place the organisation's home."""
    setup = visit.service(Setup)
    spot = None if visit.place.direct else visit.place.spot
    invited = await setup.invited(invitation.code, visit.person, spot)
    if visit.place.shared and not invited.has_home and not invitation.sure:
        await setup.keep(invited, visit.person)
        return _others_read(invited)
    await setup.accept(invited, visit.person, spot)
    if invited.has_home:
        return await _admin_again(visit, invited)
    return _at_home(visit, invited)


def _others_read(invited: Invited) -> Reply:
    return Reply(
        (
            Paragraph(
                _(
                    "People outside {organisation} can read this place. Drafts and requests would "
                    "stand here.",
                    organisation=invited.organisation.name,
                )
            ),
            Paragraph(
                _(
                    "Type {command} in a place of your own team instead. The code is kept for you: "
                    "nobody else can use it.",
                    command=Code("/quitx setup"),
                )
            ),
            Choices((Choice(_("Make this the home anyway"), "setup sure=yes"),)),
        ),
        private=True,
    )


def _at_home(visit: Visit, invited: Invited) -> Reply:
    name = Strong(invited.organisation.name)
    return Reply(
        (
            Heading(_("{organisation} is at home here", organisation=name)),
            Paragraph(
                _(
                    "{name} is its first admin. What nobody asked for is told in this place, and "
                    "everything starts in practice: nothing is published.",
                    name=Strong(visit.person.name),
                )
            ),
            Paragraph(
                _(
                    "Give your colleagues their roles with {grant}. {status} shows where things "
                    "stand.",
                    grant=Code("/quitx grant"),
                    status=Code("/quitx status"),
                )
            ),
            Choices((Choice(_("Where things stand"), "status", style="primary"),)),
        )
    )


async def _admin_again(visit: Visit, invited: Invited) -> Reply:
    organisation = invited.organisation
    news = Reply(
        (
            Heading(_("{organisation} has an admin", organisation=organisation.name)),
            Paragraph(
                _(
                    "{name} is now an admin, with a code that was made in the terminal.",
                    name=Strong(visit.person.name),
                )
            ),
            Note(_("{members} shows everybody.", members=Code("/quitx members"))),
        )
    )
    home = await visit.service(Places).home(organisation.id)
    if home is not None and home != visit.place.spot:
        await visit.service(Outbox).tell(
            organisation, Place.at(home), news, key=f"admin {visit.event_id}"
        )
    return news


blueprint.add(
    Command(
        path=(Names("setup", "installer"),),
        summary=_("Become the first admin of your organisation, and make this place its home."),
        parameters=Invitation,
        run=set_up,
        role=None,
        effect=Effect.INSIDE,
        examples=(
            Example(
                Names("setup K7QM-2XVD-9PRT", "installer K7QM-2XVD-9PRT"),
                _("Use the code that the person who installed the bot gave you."),
            ),
        ),
        details=(
            _("The code works once, and is deleted from the chat where that is possible."),
            _("Type it in the channel or room in which your team works, not in a public one."),
        ),
        answers=True,
    )
)
