"""`Linking`: two members who are one person.

The code is asked for as one of them and typed as the other. Whoever types it is asked first whether
the one who asked for it is really themselves: the two then may do what either may.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from msgspec import Struct

from chatops.language import Conflict, _
from chatops.organisations.codes import Code, Codes
from chatops.organisations.people import People
from chatops.organisations.records import MemberId, Person
from chatops.store import Store

LIFE: Final = timedelta(minutes=10)
"""How long a code for linking is good."""


class Twin(Struct, frozen=True):
    """Who asked for a code.

    Args:
        members: Who they are on each platform.
    """

    code: Code
    person_id: int
    members: tuple[MemberId, ...]


class Linking:
    """Makes two people one."""

    def __init__(self, store: Store, people: People, codes: Codes) -> None:
        self._store = store
        self._people = people
        self._codes = codes

    async def offer(self, person: Person) -> str:
        """Return a code to be typed as the other member; an earlier one is void."""
        async with self._store.write() as connection:
            return await self._codes.make(connection, "link", LIFE, made_by=person.id)

    async def twin(self, typed: str | None, person: Person) -> Twin:
        """Return who asked for a code; without one, for the one that is kept for the person.

        Raises:
            Conflict: The person asked for it themselves.
        """
        code = await self._codes.good("link", typed, person.id)
        assert code.made_by is not None, "a code for linking names who asked for it"
        if code.made_by == person.id:
            raise Conflict(
                _("You asked for this code here, or where you are linked already."),
                _("Type it where I do not know you yet: on the other platform."),
            )
        return Twin(code, code.made_by, tuple(await self._people.members_of(code.made_by)))

    async def keep(self, twin: Twin, person: Person) -> None:
        """Keep the code for a person while they make up their mind."""
        await self._codes.keep_for(twin.code, person.id)

    async def join(self, twin: Twin, person: Person) -> None:
        """Make both one: the one who asked goes on, with the members and the roles of both."""
        async with self._store.write() as connection:
            await self._codes.use(connection, twin.code, person.id)
            await self._people.join(connection, stays=twin.person_id, goes=person.id)
