"""`Setup`: how an organisation gets its first admin and its home.

The operator makes the organisation in the terminal and hands its code to whoever shall run it; that
person types the code in the place that becomes its home. An organisation that has lost its admins
gets a new one in the same way.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from chatops.clock import Clock
from chatops.language import Code as Typed
from chatops.language import Conflict, Language, Missing, Series, _
from chatops.organisations.codes import Code, Codes
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import Organisation, Person, Role, Spot
from chatops.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

LIFE: Final = timedelta(days=7)
"""How long a code for an admin is good."""


class Wish(Struct, frozen=True):
    """An organisation that is to be served."""

    name: str
    language: Language
    zone: str


class Invitation(Struct, frozen=True):
    """A code for the first admin of an organisation.

    Args:
        replaces: What the organisation was called until now; empty where it is a new one.
    """

    organisation: Organisation
    code: str
    until: datetime
    replaces: str = ""


class Invited(Struct, frozen=True):
    """A good code, and the organisation that it is for."""

    code: Code
    organisation: Organisation
    has_home: bool


class Setup:
    """Makes organisations known, and their first admins."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        organisations: Organisations,
        people: People,
        places: Places,
        codes: Codes,
    ) -> None:
        self._store = store
        self._clock = clock
        self._organisations = organisations
        self._people = people
        self._places = places
        self._codes = codes

    async def invite(self, wishes: Sequence[Wish]) -> Sequence[Invitation]:
        """Make organisations and a code for each, all or none.

        One that waits for its first admin gets a new code. A single one takes over the organisation
        of the console, where nobody has begun to set up any.

        Raises:
            Conflict: One of them has an admin already.
        """
        known = {_folded(each.name): each for each in await self._organisations.all()}
        for wish in wishes:
            standing = known.get(_folded(wish.name))
            if standing is not None:
                await self._check_waiting(standing)
        untouched = await self._organisations.untouched() if len(wishes) == 1 else None
        async with self._store.write() as connection:
            return [
                await self._invite(connection, wish, known.get(_folded(wish.name), untouched))
                for wish in wishes
            ]

    async def recover(self, name: str) -> Invitation:
        """Make a code that makes its user an admin of an organisation that stands.

        Args:
            name: Its name or its number.

        Raises:
            Missing: There is no such organisation.
        """
        organisation = _named(name, await self._organisations.all())
        async with self._store.write() as connection:
            return await self._invitation(connection, organisation)

    async def invited(self, typed: str | None, person: Person, spot: Spot | None) -> Invited:
        """Return what a code is for; without one, what is kept for the person.

        Args:
            spot: Where it was typed; None for a place that cannot be a home.

        Raises:
            Conflict: The organisation needs a home, and this place cannot be it.
        """
        code = await self._codes.good("setup", typed, person.id)
        assert code.organisation_id is not None, "a code for an admin names the organisation"
        organisation = await self._organisations.get(code.organisation_id)
        has_home = await self._places.home(organisation.id) is not None
        if not has_home:
            await self._check_free(organisation, spot)
        return Invited(code, organisation, has_home)

    async def keep(self, invited: Invited, person: Person) -> None:
        """Keep a code for a person while they make up their mind."""
        await self._codes.keep_for(invited.code, person.id)

    async def accept(self, invited: Invited, person: Person, spot: Spot | None) -> None:
        """Make the person an admin and, where the organisation has no home, the place its home."""
        async with self._store.write() as connection:
            await self._codes.use(connection, invited.code, person.id)
            await self._people.give(
                connection, invited.organisation.id, person.id, Role.ADMIN, by=person.id
            )
            if spot is not None and not invited.has_home:
                await self._places.add(connection, invited.organisation.id, spot)

    async def _check_waiting(self, organisation: Organisation) -> None:
        for colleague in await self._people.colleagues(organisation.id):
            if Role.ADMIN in colleague.roles:
                raise Conflict(
                    _("{organisation} has an admin already.", organisation=organisation.name),
                    _(
                        "An admin grants roles in chat. To make a new admin: {command}.",
                        command=Typed(f"quitx setup --recover {organisation.id}"),
                    ),
                )

    async def _check_free(self, organisation: Organisation, spot: Spot | None) -> None:
        if spot is None:
            raise Conflict(
                _("A direct conversation cannot be the home of an organisation."),
                _("Type it in the channel or room in which your team works. It is still good."),
            )
        here = await self._organisations.at(spot.platform, spot.workspace, spot.channel)
        others = [each for each in here if each != organisation]
        if others:
            raise Conflict(
                _("This place belongs to {organisation} already.", organisation=others[0].name),
                _("Type it in another place of your team. It is still good."),
            )

    async def _invite(
        self, connection: AsyncConnection, wish: Wish, standing: Organisation | None
    ) -> Invitation:
        if standing is None:
            organisation = await self._organisations.add(
                connection, wish.name, wish.language, wish.zone
            )
            return await self._invitation(connection, organisation)
        organisation = await self._organisations.rename(
            connection, standing, wish.name, wish.language, wish.zone
        )
        return await self._invitation(connection, organisation, standing.name)

    async def _invitation(
        self, connection: AsyncConnection, organisation: Organisation, before: str = ""
    ) -> Invitation:
        code = await self._codes.make(connection, "setup", LIFE, organisation_id=organisation.id)
        replaces = before if before != organisation.name else ""
        return Invitation(organisation, code, self._clock() + LIFE, replaces)


def _folded(name: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def _named(name: str, known: Iterable[Organisation]) -> Organisation:
    names = {_folded(each.name): each for each in known}
    numbers = {str(each.id): each for each in names.values()}
    found = numbers.get(name.strip()) or names.get(_folded(name))
    if found is not None:
        return found
    near = difflib.get_close_matches(_folded(name), names, cutoff=0.6) or list(names)[:5]
    raise Missing(
        _("No organisation is called {name}.", name=name),
        _(
            "Choose from {names}.",
            names=Series(tuple(Typed(names[each].name) for each in near), either=True),
        ),
    )
