"""`link`: being one person on two platforms."""

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
from chatops.language import Code, Forbidden, Series, Span, Strong, Text, _
from chatops.organisations.linking import LIFE, Linking, Twin
from chatops.organisations.organisations import Organisations
from chatops.organisations.places import Places
from chatops.organisations.records import MemberId

blueprint = Blueprint()


class Given(Struct, frozen=True):
    """What `link` is told."""

    code: Annotated[
        str | None,
        Parameter(
            Names("code", "code"),
            RestOfLine(),
            _("The code that you asked for on the other platform; without it you get one."),
            rest=True,
            secret=True,
        ),
    ] = None
    sure: Annotated[
        bool,
        Parameter(
            Names("sure", "certain"),
            Flag(),
            _("Whether the one who asked for the code is you."),
            named=True,
        ),
    ] = False


async def link(visit: Visit, given: Given) -> Reply:
    """Give a code, ask whether both are one, or make them one."""
    linking = visit.service(Linking)
    if given.code is None and not given.sure:
        return await _offered(visit)
    twin = await linking.twin(given.code, visit.person)
    if not given.sure:
        await linking.keep(twin, visit.person)
        return _is_that_you(twin)
    await linking.join(twin, visit.person)
    await _tell_organisations(visit, twin)
    return Reply(
        (
            Paragraph(
                _(
                    "You are now one person here and {elsewhere}: you may do what either of you "
                    "could, and you count once.",
                    elsewhere=_elsewhere(twin.members),
                )
            ),
        ),
        private=True,
    )


async def _offered(visit: Visit) -> Reply:
    if not visit.confidential:
        raise Forbidden(
            _("Others would read the code here."), _("Ask me for it in a direct message.")
        )
    code = await visit.service(Linking).offer(visit.person)
    return Reply(
        (
            Paragraph(
                _(
                    "Type this on the other platform, where I know you under another name: "
                    "{command}.",
                    command=Code(f"/quitx link {code}"),
                )
            ),
            Note(
                _(
                    "It works once, for {length}. Give it to nobody: whoever uses it becomes you.",
                    length=Span(LIFE),
                )
            ),
        ),
        private=True,
    )


def _is_that_you(twin: Twin) -> Reply:
    return Reply(
        (
            Heading(_("Is that you?")),
            Paragraph(
                _(
                    "This code was asked for by {who}. If that is you, the two become one person: "
                    "each may do what the other may. If somebody else gave it to you, say nothing.",
                    who=_elsewhere(twin.members),
                )
            ),
            Choices((Choice(_("Yes, that is me"), "link sure=yes", "✅", style="primary"),)),
        ),
        private=True,
    )


def _elsewhere(members: tuple[MemberId, ...]) -> Series:
    return Series(tuple(_as_member(member) for member in members))


def _as_member(member: MemberId) -> Text:
    return _(
        "{member} on {platform}", member=Code(member.id), platform=member.platform.capitalize()
    )


async def _tell_organisations(visit: Visit, twin: Twin) -> None:
    """Let every organisation know whose two members are one now."""
    for organisation in await visit.service(Organisations).of_person(twin.person_id):
        home = await visit.service(Places).home(organisation.id)
        if home is None:
            continue
        news = _(
            "{name} here is the same person as {elsewhere}, and has the roles of both. "
            "{members} shows them.",
            name=Strong(visit.person.name),
            elsewhere=_elsewhere(twin.members),
            members=Code("/quitx members"),
        )
        await visit.service(Outbox).tell(
            organisation,
            Place.at(home),
            Reply((Paragraph(news),)),
            key=f"linked {visit.event_id} {organisation.id}",
        )


blueprint.add(
    Command(
        path=(Names("link", "relier"),),
        summary=_("Say that you are the same person on two platforms."),
        parameters=Given,
        run=link,
        role=None,
        effect=Effect.INSIDE,
        examples=(
            Example(Names("link", "relier"), _("Get a code for the other platform.")),
            Example(
                Names("link K7QM-2XVD-9PRT", "relier K7QM-2XVD-9PRT"),
                _("Use the code that you got on the other platform."),
            ),
        ),
        details=(_("Your roles come together, and your votes count once."),),
    )
)
