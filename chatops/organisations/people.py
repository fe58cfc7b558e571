"""`People`: who is behind a member, and what they may do.

A person who speaks on two platforms is one person with two members once they have said so. The row
that is given up then stays and names the one that goes on: what was done under it is still theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final, Literal

from sqlalchemy import ColumnElement, Select, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from chatops.clock import Clock
from chatops.language import Conflict, Language, _
from chatops.organisations.places import EVERYWHERE
from chatops.organisations.records import Colleague, MemberId, Organisation, Person, Role
from chatops.store import Store
from chatops.store.tables import (
    members,
    organisations,
    people,
    places,
    presences,
    role_changes,
    roles,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

Change = Literal["granted", "revoked", "left", "joined"]
"""Why a role came or went: `joined` is that of a person who turned out to be the same."""


class LastAdmin(Conflict):
    """Without this admin the organisation would have none."""


class People:
    """Recognises people, and says who may do what.

    Args:
        trusted: Platforms whose every member is an admin: the console, since whoever has the
            terminal has the machine.
    """

    def __init__(self, store: Store, clock: Clock, trusted: frozenset[str] = frozenset()) -> None:
        self._store = store
        self._clock = clock
        self._trusted = trusted

    def trusts(self, platform: str) -> bool:
        """Whether every member of a platform is an admin."""
        return platform in self._trusted

    async def recognise(self, member: MemberId, name: str) -> Person:
        """Return the person behind a member, who is made known at the first call.

        A name that has changed on the platform is learnt; an empty one is not.
        """
        async with self._store.read() as connection:
            row = (await connection.execute(_BEHIND, _keys(member))).one_or_none()
        if row is not None and row.called in {name, name or row.called}:
            return Person(row.id, row.name, row.language)
        try:
            async with self._store.write() as connection:
                row = (await connection.execute(_BEHIND, _keys(member))).one_or_none()
                if row is None:
                    return await _introduce(connection, member, name)
                await _rename(connection, member, row.id, name)
        except IntegrityError:
            # Two first calls of one member at once: the other one has made them known.
            return await self.recognise(member, name)
        return Person(row.id, name, row.language)

    async def known(self, member: MemberId) -> Person | None:
        """Return the person behind a member, if that one has ever been met."""
        async with self._store.read() as connection:
            row = (await connection.execute(_BEHIND, _keys(member))).one_or_none()
        return None if row is None else Person(row.id, row.name, row.language)

    async def members_of(self, person_id: int) -> Sequence[MemberId]:
        """Return who a person is on each platform."""
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(members.c.platform, members.c.workspace, members.c.member)
                .where(members.c.person_id == person_id)
                .order_by(members.c.platform, members.c.workspace, members.c.member)
            )
            return [MemberId(*row) for row in rows]

    async def roles(
        self, organisation_id: int, person_id: int, platform: str = ""
    ) -> frozenset[Role]:
        """Return what a person may do in an organisation, speaking on a platform."""
        if platform in self._trusted:
            return frozenset({Role.ADMIN})
        async with self._store.read() as connection:
            return await _roles_of(connection, organisation_id, person_id)

    async def colleagues(self, organisation_id: int) -> Sequence[Colleague]:
        """Return everybody who has a role in an organisation, by name."""
        with_roles = (
            select(people.c.id, people.c.name, people.c.language, roles.c.role)
            .join(roles, roles.c.person_id == people.c.id)
            .where(roles.c.organisation_id == organisation_id)
        )
        async with self._store.read() as connection:
            held = (await connection.execute(with_roles)).all()
            their_members = (
                await connection.execute(
                    select(members).where(members.c.person_id.in_({row.id for row in held}))
                )
            ).all()
        colleagues = [
            Colleague(
                person,
                frozenset(Role(row.role) for row in held if row.id == person.id),
                tuple(
                    sorted(
                        MemberId(row.platform, row.workspace, row.member)
                        for row in their_members
                        if row.person_id == person.id
                    )
                ),
            )
            for person in {row.id: Person(row.id, row.name, row.language) for row in held}.values()
        ]
        return sorted(colleagues, key=lambda each: (each.person.name.casefold(), each.person.id))

    async def acquaintances(self, organisation_id: int) -> Sequence[Person]:
        """Return everybody who was met in an organisation's places, or has ever had a role in it.

        The oldest acquaintance comes first.
        """
        here = (
            select(members.c.person_id)
            .join(
                presences,
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
            .where(places.c.organisation_id == organisation_id)
        )
        once = select(role_changes.c.person_id).where(
            role_changes.c.organisation_id == organisation_id
        )
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(people.c.id, people.c.name, people.c.language)
                .where(or_(people.c.id.in_(here), people.c.id.in_(once)))
                .where(people.c.same_as.is_(None))
                .order_by(people.c.id)
            )
            return [Person(*row) for row in rows]

    async def grant(
        self, organisation_id: int, person_id: int, role: Role, by: int | None = None
    ) -> bool:
        """Give a person a role; return False where they have it already."""
        async with self._store.write() as connection:
            return await self.give(connection, organisation_id, person_id, role, by=by)

    async def give(
        self,
        connection: AsyncConnection,
        organisation_id: int,
        person_id: int,
        role: Role,
        *,
        by: int | None = None,
        change: Change = "granted",
    ) -> bool:
        """Give a person a role in the caller's transaction."""
        await _in_turn(connection, organisation_id)
        if role in await _roles_of(connection, organisation_id, person_id):
            return False
        await connection.execute(
            insert(roles).values(
                organisation_id=organisation_id, person_id=person_id, role=role.value
            )
        )
        await self._note(connection, organisation_id, person_id, (role,), change, by)
        return True

    async def revoke(
        self, organisation: Organisation, person: Person, role: Role, by: int | None = None
    ) -> bool:
        """Take a role from a person; return False where they do not have it.

        Raises:
            LastAdmin: Nobody could do an admin's work any more.
        """
        async with self._store.write() as connection:
            await _in_turn(connection, organisation.id)
            admins = set(await connection.scalars(_admins(organisation.id)))
            if role is Role.ADMIN and admins == {person.id}:
                raise LastAdmin(
                    _(
                        "{name} is the only admin of {organisation}.",
                        name=person.name,
                        organisation=organisation.name,
                    ),
                    _("Make somebody else an admin first."),
                )
            taken = await connection.execute(
                delete(roles).where(_held(organisation.id, person.id), roles.c.role == role.value)
            )
            if taken.rowcount:
                await self._note(connection, organisation.id, person.id, (role,), "revoked", by)
        return bool(taken.rowcount)

    async def take_all(
        self, connection: AsyncConnection, organisation_id: int, person_id: int
    ) -> frozenset[Role]:
        """Take every role from a person who has left, in the caller's transaction."""
        await _in_turn(connection, organisation_id)
        held = await _roles_of(connection, organisation_id, person_id)
        await connection.execute(delete(roles).where(_held(organisation_id, person_id)))
        await self._note(connection, organisation_id, person_id, held, "left", None)
        return held

    async def join(self, connection: AsyncConnection, stays: int, goes: int) -> None:
        """Make two people one, in the caller's transaction: the first has the roles of both."""
        theirs = await connection.execute(
            select(roles.c.organisation_id, roles.c.role).where(roles.c.person_id == goes)
        )
        for organisation_id, role in sorted(theirs.all()):
            await self.give(
                connection, organisation_id, stays, Role(role), by=goes, change="joined"
            )
        await connection.execute(delete(roles).where(roles.c.person_id == goes))
        await connection.execute(
            update(members).where(members.c.person_id == goes).values(person_id=stays)
        )
        language = await connection.scalar(select(people.c.language).where(people.c.id == goes))
        await connection.execute(
            update(people)
            .where(people.c.id == stays, people.c.language.is_(None))
            .values(language=language)
        )
        # Those who had been joined before go along, so that one step finds who goes on.
        await connection.execute(
            update(people)
            .where((people.c.id == goes) | (people.c.same_as == goes))
            .values(same_as=stays)
        )

    async def set_language(self, person_id: int, language: Language) -> None:
        """Remember the language that a person chose."""
        async with self._store.write() as connection:
            await connection.execute(
                update(people).where(people.c.id == person_id).values(language=language)
            )

    async def _note(
        self,
        connection: AsyncConnection,
        organisation_id: int,
        person_id: int,
        changed: Iterable[Role],
        change: Change,
        by: int | None,
    ) -> None:
        now = self._clock()
        for role in changed:
            await connection.execute(
                insert(role_changes).values(
                    organisation_id=organisation_id,
                    person_id=person_id,
                    role=role.value,
                    change=change,
                    changed_by=by,
                    changed_at=now,
                )
            )


# Built once: these two are asked with every command.
_BEHIND: Final = (
    select(people.c.id, people.c.name, people.c.language, members.c.name.label("called"))
    .join(members, members.c.person_id == people.c.id)
    .where(
        members.c.platform == bindparam("on"),
        members.c.workspace == bindparam("in_workspace"),
        members.c.member == bindparam("who"),
    )
)
_ROLES: Final = select(roles.c.role).where(
    roles.c.organisation_id == bindparam("organisation"), roles.c.person_id == bindparam("person")
)


def _keys(member: MemberId) -> dict[str, str]:
    return {"on": member.platform, "in_workspace": member.workspace, "who": member.id}


def _is(member: MemberId) -> ColumnElement[bool]:
    return and_(
        members.c.platform == member.platform,
        members.c.workspace == member.workspace,
        members.c.member == member.id,
    )


def _held(organisation_id: int, person_id: int) -> ColumnElement[bool]:
    return and_(roles.c.organisation_id == organisation_id, roles.c.person_id == person_id)


async def _roles_of(
    connection: AsyncConnection, organisation_id: int, person_id: int
) -> frozenset[Role]:
    asked = {"organisation": organisation_id, "person": person_id}
    return frozenset(map(Role, await connection.scalars(_ROLES, asked)))


def _admins(organisation_id: int) -> Select[int]:
    return select(roles.c.person_id).where(
        roles.c.organisation_id == organisation_id, roles.c.role == Role.ADMIN.value
    )


async def _in_turn(connection: AsyncConnection, organisation_id: int) -> None:
    """Let one change of an organisation's roles follow the other, also on PostgreSQL."""
    await connection.execute(
        select(organisations.c.id).where(organisations.c.id == organisation_id).with_for_update()
    )


async def _introduce(connection: AsyncConnection, member: MemberId, name: str) -> Person:
    called = name or member.id
    made = await connection.scalar(insert(people).values(name=called).returning(people.c.id))
    assert made is not None
    await connection.execute(
        insert(members).values(
            platform=member.platform,
            workspace=member.workspace,
            member=member.id,
            person_id=made,
            name=called,
        )
    )
    return Person(made, called, None)


async def _rename(connection: AsyncConnection, member: MemberId, person_id: int, name: str) -> None:
    await connection.execute(update(members).where(_is(member)).values(name=name))
    await connection.execute(update(people).where(people.c.id == person_id).values(name=name))
