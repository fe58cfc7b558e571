"""Who is who: organisations by place, people by member, roles by person."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Row, and_, insert, or_, select, update

from chatops.clock import Clock
from chatops.language import Conflict, Language, Missing, _
from chatops.organisations.records import Mode, Organisation, Person, Role
from chatops.store import Store
from chatops.store.tables import members, organisations, people, places, roles

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

EVERYWHERE = "*"
"""As a place's channel: every channel of the workspace."""

_ORGANISATION = (
    organisations.c.id,
    organisations.c.name,
    organisations.c.language,
    organisations.c.zone,
    organisations.c.mode,
)


class Organisations:
    """Finds organisations and people, and says who may do what.

    Args:
        trusted: Platforms whose every member is an admin: the console, since whoever has the
            terminal has the machine.
    """

    def __init__(self, store: Store, clock: Clock, trusted: frozenset[str]) -> None:
        self._store = store
        self._clock = clock
        self._trusted = trusted

    async def found(
        self, name: str, language: Language, zone: str, home: tuple[str, str, str]
    ) -> Organisation:
        """Create an organisation, in practice, with a place that belongs to it.

        Args:
            home: Platform, workspace and channel; the channel may be `EVERYWHERE`.
        """
        async with self._store.write() as connection:
            made = await connection.scalar(
                insert(organisations)
                .values(
                    name=name,
                    language=language,
                    zone=zone,
                    mode="practice",
                    created_at=self._clock(),
                )
                .returning(organisations.c.id)
            )
            assert made is not None
            platform, workspace, channel = home
            await connection.execute(
                insert(places).values(
                    platform=platform, workspace=workspace, channel=channel, organisation_id=made
                )
            )
        return Organisation(made, name, language, zone, "practice")

    async def all(self) -> Sequence[Organisation]:
        """Return every organisation, the oldest first."""
        async with self._store.read() as connection:
            rows = await connection.execute(select(*_ORGANISATION).order_by(organisations.c.id))
            return [_organisation(row) for row in rows]

    async def get(self, organisation_id: int) -> Organisation:
        """Return one organisation.

        Raises:
            Missing: There is none with this number.
        """
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(*_ORGANISATION).where(organisations.c.id == organisation_id)
            )
            row = rows.one_or_none()
        if row is None:
            raise Missing(
                _("There is no organisation number {number}.", number=str(organisation_id)),
                _("Ask the person who installed the bot."),
            )
        return _organisation(row)

    async def at(self, platform: str, workspace: str, channel: str) -> Sequence[Organisation]:
        """Return the organisations whose place this is."""
        here = and_(
            places.c.platform == platform,
            places.c.workspace == workspace,
            or_(places.c.channel == channel, places.c.channel == EVERYWHERE),
        )
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(*_ORGANISATION)
                .join(places, places.c.organisation_id == organisations.c.id)
                .where(here)
                .distinct()
                .order_by(organisations.c.id)
            )
            return [_organisation(row) for row in rows]

    async def of_person(self, person_id: int) -> Sequence[Organisation]:
        """Return the organisations in which a person has a role."""
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(*_ORGANISATION)
                .join(roles, roles.c.organisation_id == organisations.c.id)
                .where(roles.c.person_id == person_id)
                .distinct()
                .order_by(organisations.c.id)
            )
            return [_organisation(row) for row in rows]

    async def recognise(self, platform: str, workspace: str, member: str, name: str) -> Person:
        """Return the person behind a member, who is made known at the first call."""
        who = and_(
            members.c.platform == platform,
            members.c.workspace == workspace,
            members.c.member == member,
        )
        known = (
            select(people.c.id, people.c.name, people.c.language)
            .join(members, members.c.person_id == people.c.id)
            .where(who)
        )
        async with self._store.read() as connection:
            row = (await connection.execute(known)).one_or_none()
        if row is None:
            async with self._store.write() as connection:
                row = (await connection.execute(known)).one_or_none()
                if row is None:
                    return await _introduce(connection, (platform, workspace, member), name)
        return Person(row.id, row.name, row.language)

    async def roles(
        self, organisation_id: int, person_id: int, platform: str = ""
    ) -> frozenset[Role]:
        """Return what a person may do in an organisation, speaking on a platform."""
        if platform in self._trusted:
            return frozenset({Role.ADMIN})
        async with self._store.read() as connection:
            rows = await connection.scalars(
                select(roles.c.role).where(
                    roles.c.organisation_id == organisation_id, roles.c.person_id == person_id
                )
            )
            return frozenset(Role(role) for role in rows)

    async def grant(self, organisation_id: int, person_id: int, role: Role) -> None:
        """Give a person a role; giving it again changes nothing."""
        async with self._store.write() as connection:
            held = await connection.scalar(
                select(roles.c.role).where(
                    roles.c.organisation_id == organisation_id,
                    roles.c.person_id == person_id,
                    roles.c.role == role.value,
                )
            )
            if held is None:
                await connection.execute(
                    insert(roles).values(
                        organisation_id=organisation_id, person_id=person_id, role=role.value
                    )
                )

    async def set_language(self, person_id: int, language: Language) -> None:
        """Remember the language that a person chose."""
        async with self._store.write() as connection:
            await connection.execute(
                update(people).where(people.c.id == person_id).values(language=language)
            )

    async def go_live(self, organisation_id: int) -> None:
        """Leave practice, once.

        Raises:
            Conflict: The organisation is live already.
        """
        async with self._store.write() as connection:
            changed = await connection.execute(
                update(organisations)
                .where(organisations.c.id == organisation_id, organisations.c.mode == "practice")
                .values(mode="live")
            )
        if not changed.rowcount:
            raise Conflict(
                _("The organisation is live already."),
                _("There is nothing to do: what is published is real."),
            )


async def _introduce(
    connection: AsyncConnection, member: tuple[str, str, str], name: str
) -> Person:
    made = await connection.scalar(insert(people).values(name=name).returning(people.c.id))
    assert made is not None
    platform, workspace, member_id = member
    await connection.execute(
        insert(members).values(
            platform=platform, workspace=workspace, member=member_id, person_id=made, name=name
        )
    )
    return Person(made, name, None)


def _organisation(row: Row[int, str, Language, str, Mode]) -> Organisation:
    return Organisation(row.id, row.name, row.language, row.zone, row.mode)
