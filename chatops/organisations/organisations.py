"""`Organisations`: which there are, and which one a place belongs to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from sqlalchemy import Row, bindparam, exists, insert, or_, select, update

from chatops.clock import Clock
from chatops.language import Conflict, Language, Missing, _
from chatops.organisations.places import EVERYWHERE
from chatops.organisations.records import Mode, Organisation, Role
from chatops.store import Store
from chatops.store.tables import codes, organisations, places, role_changes, roles

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_ORGANISATION = (
    organisations.c.id,
    organisations.c.name,
    organisations.c.language,
    organisations.c.zone,
    organisations.c.mode,
)
# These two are built once: they are asked often, and building costs more than asking.
_AT: Final = (
    select(*_ORGANISATION)
    .join(places, places.c.organisation_id == organisations.c.id)
    .where(
        places.c.platform == bindparam("on"),
        places.c.workspace == bindparam("in_workspace"),
        or_(places.c.channel == bindparam("in_channel"), places.c.channel == EVERYWHERE),
    )
    .distinct()
    .order_by(organisations.c.id)
)
_WITHOUT_ADMIN: Final = (
    select(*_ORGANISATION)
    .where(
        exists(
            select(role_changes.c.id).where(
                role_changes.c.organisation_id == organisations.c.id,
                role_changes.c.role == Role.ADMIN.value,
            )
        ),
        ~exists(
            select(roles.c.person_id).where(
                roles.c.organisation_id == organisations.c.id, roles.c.role == Role.ADMIN.value
            )
        ),
    )
    .order_by(organisations.c.id)
)


class Organisations:
    """Makes organisations and finds them."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def found(
        self, name: str, language: Language, zone: str, home: tuple[str, str, str] | None = None
    ) -> Organisation:
        """Create an organisation, in practice.

        Args:
            home: Platform, workspace and channel of a place that belongs to it, if there is one
                yet; where the channel is `EVERYWHERE`, it is not where the organisation is told
                what nobody asked for.
        """
        async with self._store.write() as connection:
            made = await self.add(connection, name, language, zone)
            if home is not None:
                platform, workspace, channel = home
                await connection.execute(
                    insert(places).values(
                        platform=platform,
                        workspace=workspace,
                        channel=channel,
                        organisation_id=made.id,
                        home=channel != EVERYWHERE,
                    )
                )
        return made

    async def add(
        self, connection: AsyncConnection, name: str, language: Language, zone: str
    ) -> Organisation:
        """Create an organisation without a place, in the caller's transaction."""
        made = await connection.scalar(
            insert(organisations)
            .values(
                name=name, language=language, zone=zone, mode="practice", created_at=self._clock()
            )
            .returning(organisations.c.id)
        )
        assert made is not None
        return Organisation(made, name, language, zone, "practice")

    async def rename(
        self,
        connection: AsyncConnection,
        organisation: Organisation,
        name: str,
        language: Language,
        zone: str,
    ) -> Organisation:
        """Call an organisation otherwise, in the caller's transaction."""
        await connection.execute(
            update(organisations)
            .where(organisations.c.id == organisation.id)
            .values(name=name, language=language, zone=zone)
        )
        return Organisation(organisation.id, name, language, zone, organisation.mode)

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
        here = {"on": platform, "in_workspace": workspace, "in_channel": channel}
        async with self._store.read() as connection:
            rows = await connection.execute(_AT, here)
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

    async def without_admin(self) -> Sequence[Organisation]:
        """Return the organisations that had an admin, and have none any more."""
        async with self._store.read() as connection:
            rows = await connection.execute(_WITHOUT_ADMIN)
            return [_organisation(row) for row in rows]

    async def untouched(self) -> Organisation | None:
        """Return the only organisation, where it has no home and nobody has begun to set it up."""
        async with self._store.read() as connection:
            rows = (await connection.execute(select(*_ORGANISATION).limit(2))).all()
            begun = await connection.scalar(
                select(
                    or_(
                        exists(select(places.c.id).where(places.c.home)),
                        exists(select(role_changes.c.id)),
                        exists(select(codes.c.id)),
                    )
                )
            )
        return _organisation(rows[0]) if len(rows) == 1 and not begun else None

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


def _organisation(row: Row[int, str, Language, str, Mode]) -> Organisation:
    return Organisation(row.id, row.name, row.language, row.zone, row.mode)
