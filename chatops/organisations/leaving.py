"""`Leaving`: which roles somebody loses who leaves a place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct
from sqlalchemy import and_, exists, or_, select

from chatops.organisations.people import People
from chatops.organisations.places import EVERYWHERE, Places
from chatops.organisations.records import MemberId, Person, Role, Spot
from chatops.store import Store
from chatops.store.tables import members, places, presences, roles

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class Left(Struct, frozen=True):
    """What somebody lost who has left.

    Args:
        orphaned: Whether the organisation has no admin any more.
    """

    organisation_id: int
    person: Person
    roles: frozenset[Role]
    orphaned: bool


Told: TypeAlias = "Callable[[AsyncConnection, Left], Awaitable[None]]"


class Leaving:
    """Lets people go."""

    def __init__(self, store: Store, people: People, places: Places) -> None:
        self._store = store
        self._people = people
        self._places = places

    async def let_go(self, spot: Spot, member: MemberId, told: Told) -> None:
        """Take the roles from a member who left a place, or a whole workspace.

        Whoever was met in another place of an organisation, on whatever platform, keeps those that
        they have there.

        Args:
            told: Lets others know, in the same transaction.
        """
        person = await self._people.known(member)
        if person is None:
            return
        async with self._store.write() as connection:
            await self._places.part(connection, spot, member)
            concerned = await self._concerned(connection, spot, person.id)
            for organisation_id in concerned:
                if not await _still_there(connection, organisation_id, person.id):
                    await told(connection, await self._take(connection, organisation_id, person))

    async def _concerned(
        self, connection: AsyncConnection, spot: Spot, person_id: int
    ) -> Sequence[int]:
        """Return the organisations of a place in which a person has a role."""
        where = and_(places.c.platform == spot.platform, places.c.workspace == spot.workspace)
        if spot.channel:
            where = and_(where, places.c.channel.in_((spot.channel, EVERYWHERE)))
        rows = await connection.scalars(
            select(roles.c.organisation_id)
            .join(places, places.c.organisation_id == roles.c.organisation_id)
            .where(roles.c.person_id == person_id, where)
            .distinct()
            .order_by(roles.c.organisation_id)
        )
        return list(rows)

    async def _take(
        self, connection: AsyncConnection, organisation_id: int, person: Person
    ) -> Left:
        held = await self._people.take_all(connection, organisation_id, person.id)
        admin = select(roles.c.person_id).where(
            roles.c.organisation_id == organisation_id, roles.c.role == Role.ADMIN.value
        )
        orphaned = Role.ADMIN in held and not await connection.scalar(select(exists(admin)))
        return Left(organisation_id, person, held, orphaned)


async def _still_there(connection: AsyncConnection, organisation_id: int, person_id: int) -> bool:
    """Whether a person was met in a place of the organisation and has not left it."""
    met = (
        select(presences.c.member)
        .join(
            members,
            and_(
                members.c.platform == presences.c.platform,
                members.c.workspace == presences.c.member_workspace,
                members.c.member == presences.c.member,
            ),
        )
        .join(
            places,
            and_(
                places.c.platform == presences.c.platform,
                places.c.workspace == presences.c.workspace,
                or_(places.c.channel == presences.c.channel, places.c.channel == EVERYWHERE),
            ),
        )
        .where(members.c.person_id == person_id, places.c.organisation_id == organisation_id)
    )
    return bool(await connection.scalar(select(exists(met))))
