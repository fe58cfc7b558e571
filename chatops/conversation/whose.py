"""For which organisation something is said: found by the place, asked where that is not enough."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from chatops.conversation.addresses import Place
from chatops.conversation.registry import ORGANISATION
from chatops.conversation.reply import Block, Choice, Choices, Heading, Note, Reply
from chatops.conversation.turns import Scope, Turn
from chatops.conversation.words import fold
from chatops.language import Code, Missing, Series, _, verbatim
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.records import Organisation, Person


class Whose:
    """Finds the organisations that something can be for."""

    def __init__(self, organisations: Organisations, people: People) -> None:
        self._organisations = organisations
        self._people = people

    async def of(
        self, turn: Turn, person: Person, *, elsewhere: bool = False
    ) -> Sequence[Organisation]:
        """Return the organisations that a turn can be for: one, or those to choose from.

        Args:
            elsewhere: Whether it may be for an organisation whose place this is not.

        Raises:
            Missing: The place belongs to none, or not to the one that was named.
        """
        place = turn.place
        known = list(await self._organisations.at(place.platform, place.workspace, place.channel))
        if elsewhere or (place.direct and not known):
            mine = await self._organisations.of_person(person.id)
            known += [each for each in mine if each not in known]
        if turn.scope.organisation:
            return [_named(turn.scope.organisation, await self._nameable(turn, known))]
        if not known:
            raise _nobody(place)
        if len(known) == 1:
            return known
        mine = [
            each for each in known if await self._people.roles(each.id, person.id, place.platform)
        ]
        return mine or known

    async def _nameable(self, turn: Turn, known: Sequence[Organisation]) -> Sequence[Organisation]:
        """Return the organisations that may be named: in the terminal, all there are."""
        if self._people.trusts(turn.place.platform):
            return await self._organisations.all()
        if not known:
            raise _nobody(turn.place)
        return known


def which(turn: Turn, organisations: Sequence[Organisation]) -> Reply:
    """Ask for which organisation a turn is."""
    choices = tuple(
        Choice(
            verbatim(each.name),
            Scope(str(each.id), turn.scope.audience).before(turn.line),
            attachments=turn.attachments,
        )
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
    return replace(choice, says=Scope(str(organisation.id)).before(choice.says))


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
        _(
            "If you were given a code, type {setup} here. An admin of your organisation adds this "
            "place with {add}.",
            setup=Code("/quitx setup CODE"),
            add=Code("/quitx places add"),
        ),
    )
