"""For which organisation something is said: found by the place, asked where that is not enough."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from chatops.conversation.addresses import Place
from chatops.conversation.registry import ORGANISATION
from chatops.conversation.reply import Block, Choice, Choices, Heading, Note, Reply
from chatops.conversation.turns import Turn
from chatops.conversation.words import fold
from chatops.language import Code, Missing, Series, _, verbatim
from chatops.organisations.directory import Organisations
from chatops.organisations.records import Organisation, Person


async def organisations_of(
    turn: Turn, person: Person, directory: Organisations
) -> Sequence[Organisation]:
    """Return the organisations that a turn can be for: one, or those to choose from.

    Raises:
        Missing: The place belongs to none, or not to the one that was named.
    """
    place = turn.place
    known = await directory.at(place.platform, place.workspace, place.channel)
    if not known and place.direct:
        known = await directory.of_person(person.id)
    if not known:
        raise _nobody(place)
    if turn.organisation:
        return [_named(turn.organisation, known)]
    if len(known) > 1:
        mine = [each for each in known if await directory.roles(each.id, person.id, place.platform)]
        return mine or known
    return known


def which(turn: Turn, organisations: Sequence[Organisation]) -> Reply:
    """Ask for which organisation a turn is."""
    choices = tuple(
        Choice(verbatim(each.name), f"{ORGANISATION.en}={each.id} {turn.line}".strip())
        for each in organisations
    )
    return Reply(
        (
            Heading(_("For which organisation?")),
            Choices(choices),
            Note(
                _(
                    "In words, put {name} before the command.",
                    name=Code(f"{ORGANISATION.en}={organisations[0].id}"),
                )
            ),
        ),
        private=True,
    )


def scoped(reply: Reply, organisation: Organisation) -> Reply:
    """Return a reply whose choices are for the organisation that was chosen."""
    blocks: tuple[Block, ...] = tuple(
        Choices(tuple(_for(choice, organisation) for choice in block.choices))
        if isinstance(block, Choices)
        else block
        for block in reply.blocks
    )
    return replace(reply, blocks=blocks)


def _for(choice: Choice, organisation: Organisation) -> Choice:
    return replace(choice, says=f"{ORGANISATION.en}={organisation.id} {choice.says}")


def _named(name: str, known: Sequence[Organisation]) -> Organisation:
    for each in known:
        if name == str(each.id) or fold(name) == fold(each.name):
            return each
    names = Series(tuple(Code(f"{ORGANISATION.en}={each.id}") for each in known), either=True)
    raise Missing(
        _("The organisation {name} is not served here.", name=Code(name)),
        _("Choose from {names}.", names=names),
    )


def _nobody(place: Place) -> Missing:
    if place.direct:
        return Missing(
            _("You have no role in any organisation here yet."),
            _("Ask an admin of your organisation to give you one."),
        )
    return Missing(
        _("This place belongs to no organisation yet."),
        _("Ask the person who installed the bot to add this place to your organisation."),
    )
