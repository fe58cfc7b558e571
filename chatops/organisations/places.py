"""`Places`: where an organisation is at home, and who was met where.

A place that the bot was thrown out of stays the organisation's, marked as lost: it counts again as
soon as anything is heard from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, Row, and_, bindparam, delete, insert, select, true, update

from chatops.clock import Clock
from chatops.organisations.records import HeldPlace, MemberId, Spot
from chatops.store import Store
from chatops.store.tables import moves, places, presences
from chatops.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

EVERYWHERE: Final = "*"
"""As a place's channel: every channel of the workspace."""

_PLACE = (
    places.c.id,
    places.c.organisation_id,
    places.c.platform,
    places.c.workspace,
    places.c.channel,
    places.c.home,
    places.c.lost_at,
)
_HELD: Final = (
    select(*_PLACE)
    .where(places.c.organisation_id == bindparam("organisation"))
    .order_by(places.c.home.desc(), places.c.id)
)


class Places:
    """Keeps the places of organisations."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, organisation_id: int) -> Sequence[HeldPlace]:
        """Return an organisation's places, its home first, then the oldest."""
        async with self._store.read() as connection:
            return await self.held_by(connection, organisation_id)

    async def held_by(
        self, connection: AsyncConnection, organisation_id: int
    ) -> Sequence[HeldPlace]:
        """Return an organisation's places, in the caller's transaction."""
        rows = await connection.execute(_HELD, {"organisation": organisation_id})
        return [_held(row) for row in rows]

    async def home(self, organisation_id: int) -> Spot | None:
        """Return where an organisation is told what nobody asked for.

        That is its home, or another place while the bot may not speak there; None where there is
        none at all.
        """
        async with self._store.read() as connection:
            return await self.home_now(connection, organisation_id)

    async def home_now(self, connection: AsyncConnection, organisation_id: int) -> Spot | None:
        """Return the same, in the caller's transaction."""
        held = await self.held_by(connection, organisation_id)
        spots = (place.spot for place in held if not place.lost)
        return next((spot for spot in spots if spot.channel != EVERYWHERE), None)

    async def give(self, organisation_id: int, spot: Spot) -> bool:
        """Add a place; return False where it is the organisation's already."""
        async with self._store.write() as connection:
            return await self.add(connection, organisation_id, spot)

    async def add(self, connection: AsyncConnection, organisation_id: int, spot: Spot) -> bool:
        """Add a place, in the caller's transaction; False where it is the organisation's already.

        The first one that is not a whole workspace becomes its home.
        """
        held = await self.held_by(connection, organisation_id)
        if any(place.spot == spot for place in held):
            return False
        home = spot.channel != EVERYWHERE and not any(place.home for place in held)
        await connection.execute(
            insert(places).values(
                platform=spot.platform,
                workspace=spot.workspace,
                channel=spot.channel,
                organisation_id=organisation_id,
                home=home,
            )
        )
        return True

    async def settle(self, organisation_id: int, spot: Spot) -> None:
        """Make a place the home of an organisation, adding it where needed."""
        async with self._store.write() as connection:
            await self.add(connection, organisation_id, spot)
            await connection.execute(
                update(places).where(places.c.organisation_id == organisation_id).values(home=False)
            )
            await connection.execute(
                update(places)
                .where(places.c.organisation_id == organisation_id, _at(spot))
                .values(home=True)
            )

    async def remove(self, place: HeldPlace) -> None:
        """Let a place go."""
        async with self._store.write() as connection:
            await connection.execute(delete(places).where(places.c.id == place.id))

    async def lose(self, connection: AsyncConnection, spot: Spot) -> Sequence[HeldPlace]:
        """Mark a place, or all of a workspace, as lost, in the caller's transaction.

        Those are returned that were not lost before.
        """
        where = _in_workspace(spot) if not spot.channel else _at(spot)
        unmarked = and_(where, places.c.lost_at.is_(None))
        return await _mark(connection, unmarked, self._clock())

    async def regain(self, spot: Spot) -> Sequence[HeldPlace]:
        """Count a place again; return what was marked as lost."""
        lost = and_(
            _in_workspace(spot),
            places.c.channel.in_((spot.channel, EVERYWHERE)),
            places.c.lost_at.is_not(None),
        )
        async with self._store.read() as connection:
            if await connection.scalar(select(places.c.id).where(lost).limit(1)) is None:
                return []
        async with self._store.write() as connection:
            return await _mark(connection, lost, None)

    async def move(self, old: Spot, new: Spot) -> Sequence[HeldPlace]:
        """Let a place go on under another id; return the places that did."""
        async with self._store.write() as connection:
            rows = (await connection.execute(select(*_PLACE).where(_at(old)))).all()
            taken = set(await connection.scalars(select(places.c.organisation_id).where(_at(new))))
            for row in rows:
                held = _held(row)
                await connection.execute(delete(places).where(places.c.id == held.id))
                if held.organisation_id not in taken:
                    await connection.execute(
                        insert(places).values(
                            id=held.id,
                            platform=new.platform,
                            workspace=new.workspace,
                            channel=new.channel,
                            organisation_id=held.organisation_id,
                            home=held.home,
                        )
                    )
                elif held.home:
                    await connection.execute(
                        update(places)
                        .where(places.c.organisation_id == held.organisation_id, _at(new))
                        .values(home=True)
                    )
            await self._remember_move(connection, old, new)
        return [_held(row) for row in rows]

    async def moved(self) -> dict[Spot, Spot]:
        """Return every place that goes on elsewhere, and where."""
        async with self._store.read() as connection:
            rows = await connection.execute(select(moves))
            return {
                Spot(row.platform, row.workspace, row.channel): Spot(
                    row.platform, row.to_workspace, row.to_channel
                )
                for row in rows
            }

    async def meet(self, spot: Spot, member: MemberId) -> None:
        """Note that a member was met in a place."""
        async with self._store.write() as connection:
            await upsert(
                connection,
                presences,
                {
                    "platform": spot.platform,
                    "workspace": spot.workspace,
                    "channel": spot.channel,
                    "member_workspace": member.workspace,
                    "member": member.id,
                },
                {"met_at": self._clock()},
            )

    async def part(self, connection: AsyncConnection, spot: Spot, member: MemberId) -> None:
        """Note that a member has left a place, or a whole workspace."""
        await connection.execute(
            delete(presences).where(
                presences.c.platform == spot.platform,
                presences.c.workspace == spot.workspace,
                presences.c.channel == spot.channel if spot.channel else true(),
                presences.c.member_workspace == member.workspace,
                presences.c.member == member.id,
            )
        )

    async def _remember_move(self, connection: AsyncConnection, old: Spot, new: Spot) -> None:
        there = {"to_workspace": new.workspace, "to_channel": new.channel}
        await connection.execute(
            update(moves)
            .where(
                moves.c.platform == old.platform,
                moves.c.to_workspace == old.workspace,
                moves.c.to_channel == old.channel,
            )
            .values(**there)
        )
        key = {"platform": old.platform, "workspace": old.workspace, "channel": old.channel}
        await upsert(connection, moves, key, there)
        # A place that was moved back is where it was.
        await connection.execute(
            delete(moves).where(
                moves.c.platform == new.platform,
                moves.c.workspace == new.workspace,
                moves.c.channel == new.channel,
            )
        )


async def _mark(
    connection: AsyncConnection, where: ColumnElement[bool], lost_at: datetime | None
) -> Sequence[HeldPlace]:
    rows = await connection.execute(
        update(places).where(where).values(lost_at=lost_at).returning(*_PLACE)
    )
    return [_held(row) for row in rows]


def _in_workspace(spot: Spot) -> ColumnElement[bool]:
    return and_(places.c.platform == spot.platform, places.c.workspace == spot.workspace)


def _at(spot: Spot) -> ColumnElement[bool]:
    return and_(_in_workspace(spot), places.c.channel == spot.channel)


def _held(row: Row[int, int, str, str, str, bool, datetime]) -> HeldPlace:
    spot = Spot(row.platform, row.workspace, row.channel)
    return HeldPlace(row.id, row.organisation_id, spot, row.home, row.lost_at is not None)
