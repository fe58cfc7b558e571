"""`members`, `grant` and `revoke`: who may do what in the organisation."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct

from chatops.conversation.addresses import Place
from chatops.conversation.colleagues import colleague, written
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
from chatops.conversation.kinds import Colleague, OneOf
from chatops.conversation.mentions import Whom
from chatops.conversation.outbox import Outbox
from chatops.conversation.permissions import ROLES
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Field,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Reply,
)
from chatops.language import Code, Conflict, Series, Strong, Text, Value, _, verbatim
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import Person, Role

blueprint = Blueprint()

DOES: Final[dict[Role, Text]] = {
    Role.READER: _("sees where things stand, plans and reports; changes nothing"),
    Role.EDITOR: _("prepares: plans, writes, and starts what moves or is published"),
    Role.APPROVER: _("says yes or no to what is to be published"),
    Role.ADMIN: _("does everything, gives and takes roles, and leaves practice"),
}
"""What each role is for."""

_ROLE_NAMES: Final = {
    "reader": Names("reader", "lecture"),
    "editor": Names("editor", "rédaction"),
    "approver": Names("approver", "valideur"),
    "admin": Names("admin", "admin"),
}
_ALL: Final = "all"


_WHO: Final = Parameter(
    Names("who", "qui"), Colleague(), _("The colleague: mentioned with @, or named.")
)


class Granted(Struct, frozen=True):
    """What `grant` is told."""

    who: Annotated[Whom, _WHO]
    role: Annotated[
        str,
        Parameter(Names("role", "rôle"), OneOf(_ROLE_NAMES), _("What they may do from now on.")),
    ]


class Revoked(Struct, frozen=True):
    """What `revoke` is told."""

    who: Annotated[Whom, _WHO]
    role: Annotated[
        str,
        Parameter(
            Names("role", "rôle"),
            OneOf({**_ROLE_NAMES, _ALL: Names("all", "tout")}),
            _("What they may no longer do."),
        ),
    ]


async def members(call: Call, _nothing: Nothing) -> Reply:
    """Show who may do what."""
    people = call.service(People)
    colleagues = await people.colleagues(call.organisation.id)
    fields = tuple(
        Field(verbatim(each.person.name), _("{roles}", roles=_named(each.roles)))
        for each in colleagues
    )
    blocks: list[Block] = [
        Heading(_("Who may do what in {organisation}", organisation=call.organisation.name)),
        Fields(fields) if fields else Paragraph(_("Nobody has a role yet.")),
    ]
    with_role = {each.person.id for each in colleagues}
    others = [
        person
        for person in await people.acquaintances(call.organisation.id)
        if person.id not in with_role
    ]
    if others and Role.ADMIN in call.roles:
        blocks.append(Paragraph(_("Met here, without a role:")))
        blocks.append(Listing(tuple(verbatim(person.name) for person in others)))
    if people.trusts(call.place.platform):
        blocks.append(Note(_("In the terminal, everybody is an admin.")))
    roles = tuple(_("{role}: {does}", role=ROLES[role], does=does) for role, does in DOES.items())
    return Reply((*blocks, Paragraph(_("The roles:")), Listing(roles)), private=True)


async def grant(call: Call, granted: Granted) -> Reply:
    """Give a colleague a role."""
    role = Role(granted.role)
    person = await colleague(call, granted.who, f"grant {{}} {role.value}")
    new = await call.service(People).grant(call.organisation.id, person.id, role, call.person.id)
    values: dict[str, Value] = {
        "name": Strong(person.name),
        "role": ROLES[role],
        "organisation": call.organisation.name,
    }
    if not new:
        return Reply((Paragraph(_("{name} is {role} in {organisation} already.", **values)),))
    reply = Reply(
        (
            Paragraph(_("{name} is now {role} in {organisation}.", **values)),
            Paragraph(_("{role}: {does}", role=ROLES[role], does=DOES[role])),
        )
    )
    await _let_others_know(call, reply)
    return reply


async def revoke(call: Call, revoked: Revoked) -> Reply:
    """Take a role from a colleague."""
    people = call.service(People)
    person = await colleague(call, revoked.who, f"revoke {{}} {revoked.role}")
    held = await people.roles(call.organisation.id, person.id)
    wanted = held if revoked.role == _ALL else held & {Role(revoked.role)}
    if not wanted:
        raise Conflict(
            _("{name} does not have this role.", name=person.name),
            _("{members} shows who has which.", members=Code("/quitx members")),
        )
    for role in sorted(wanted, key=list(Role).index):
        await people.revoke(call.organisation, person, role, call.person.id)
    reply = Reply(
        (
            Paragraph(
                _(
                    "{name} is no longer {roles} in {organisation}.",
                    name=Strong(person.name),
                    roles=_named(wanted),
                    organisation=call.organisation.name,
                )
            ),
            Choices(tuple(_giving_back(person, role) for role in _in_order(wanted))),
        )
    )
    await _let_others_know(call, reply)
    return reply


def _giving_back(person: Person, role: Role) -> Choice:
    label = _("Give back: {role}", role=ROLES[role])
    return Choice(label, f"grant {written(person)} {role.value}")


def _in_order(roles: frozenset[Role]) -> list[Role]:
    return sorted(roles, key=list(Role).index)


def _named(roles: frozenset[Role]) -> Series:
    return Series(tuple(ROLES[role] for role in _in_order(roles)))


async def _let_others_know(call: Call, reply: Reply) -> None:
    """Say in the organisation's home what was decided in private."""
    home = await call.service(Places).home(call.organisation.id) if call.place.direct else None
    if home is None:
        return
    by = Note(_("Decided by {name}.", name=call.person.name))
    news = Reply((*reply.blocks, by))
    key = f"roles {call.event_id}"
    await call.service(Outbox).tell(call.organisation, Place.at(home), news, key=key)


blueprint.add(
    Command(
        path=(Names("members", "membres"),),
        summary=_("See who may do what in the organisation."),
        parameters=Nothing,
        run=members,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(Names("grant", "accorder"),),
        summary=_("Give a colleague a role."),
        parameters=Granted,
        run=grant,
        role=Role.ADMIN,
        effect=Effect.INSIDE,
        examples=(
            Example(
                Names("grant @amal editor", "accorder @amal rédaction"),
                _("Let a colleague prepare what is published."),
            ),
        ),
        details=(_("Somebody who has never spoken to the bot has to be mentioned with @."),),
    )
)
blueprint.add(
    Command(
        path=(Names("revoke", "retirer"),),
        summary=_("Take a role from a colleague."),
        parameters=Revoked,
        run=revoke,
        role=Role.ADMIN,
        effect=Effect.INSIDE,
        examples=(
            Example(
                Names("revoke @amal all", "retirer @amal tout"),
                _("Leave a colleague without any role."),
            ),
        ),
        details=(_("The last admin keeps their role until somebody else has it, too."),),
    )
)
