"""The rows of migrations and of their items; nothing here decides."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Row, bindparam, delete, func, insert, select, update

from chatops.clock import Clock
from chatops.conversation.addresses import Place
from chatops.language import Code, Conflict, Missing, Text, _
from chatops.migrations.records import Item, Migration, Stands, Summary, Tally
from chatops.migrations.states import TABLE, Hold, ItemState, Phase, Step, phases_before
from chatops.organisations.records import AccountRow, Mode, Organisation, Person
from chatops.posts.post import Post
from chatops.store import Store
from chatops.store.tables import items, migrations

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_LARGEST = (1 << 63) - 1
_LONGEST = len(str(_LARGEST))

_POST = msgspec.json.Decoder(Post)
_STANDS = msgspec.json.Decoder(Stands)
_SUMMARY = msgspec.json.Decoder(Summary)
_PLACE = msgspec.json.Decoder(Place)


class Ledger:
    """Reads and writes migrations and their items."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def open(
        self,
        organisation: Organisation,
        account: AccountRow,
        person: Person,
        place: Place,
        archive: Path,
    ) -> int:
        """Create a migration that is being planned; return its number."""
        async with self._store.write() as connection:
            made = await connection.scalar(
                insert(migrations)
                .values(
                    organisation_id=organisation.id,
                    account_id=account.id,
                    network=account.network,
                    mode=organisation.mode,
                    phase=Phase.PLANNING.value,
                    hold=Hold.NONE.value,
                    run=0,
                    archive=str(archive),
                    fingerprint="",
                    place=msgspec.json.encode(place),
                    planned_by=person.id,
                    created_at=self._clock(),
                    changed_at=self._clock(),
                )
                .returning(migrations.c.id)
            )
        assert made is not None
        return int(made)

    async def get(self, migration_id: int) -> Migration:
        """Return a migration, which must exist."""
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(migrations).where(migrations.c.id == migration_id)
            )
            return _migration(rows.one())

    async def find(self, organisation_id: int, migration_id: int | None) -> Migration:
        """Return an organisation's migration by its number, or its newest.

        Raises:
            Missing: The organisation has none, or none with this number.
        """
        of = select(migrations).where(migrations.c.organisation_id == organisation_id)
        if migration_id is not None:
            of = of.where(migrations.c.id == migration_id)
        async with self._store.read() as connection:
            rows = await connection.execute(of.order_by(migrations.c.id.desc()).limit(1))
            row = rows.one_or_none()
        if row is not None:
            return _migration(row)
        plan = Code("/quitx migrate plan")
        if migration_id is None:
            raise Missing(
                _("No migration has been planned yet."),
                _("Plan one with {command} and the archive.", command=plan),
            )
        raise Missing(
            _("There is no migration number {number}.", number=str(migration_id)),
            _("See the newest one with {command}.", command=Code("/quitx migrate status")),
        )

    async def of(self, organisation_id: int, limit: int = 5) -> Sequence[Migration]:
        """Return an organisation's newest migrations."""
        return await self._many(
            select(migrations)
            .where(migrations.c.organisation_id == organisation_id)
            .order_by(migrations.c.id.desc())
            .limit(limit)
        )

    async def in_phases(self, phases: Iterable[Phase]) -> Sequence[Migration]:
        """Return every migration in some phases."""
        return await self._many(
            select(migrations).where(migrations.c.phase.in_([phase.value for phase in phases]))
        )

    async def step(
        self,
        connection: AsyncConnection,
        migration: Migration,
        step: Step,
        **changes: Any,  # noqa: ANN401 - columns of different types
    ) -> Phase:
        """Take a step of the table, in the caller's transaction; return the new phase.

        Raises:
            Conflict: The step cannot be taken in the phase in which the migration now is.
        """
        phase = TABLE.get((migration.phase, step))
        taken = 0
        if phase is not None:
            changed = await connection.execute(
                update(migrations)
                .where(
                    migrations.c.id == migration.id,
                    migrations.c.phase == migration.phase.value,
                    migrations.c.phase.in_([p.value for p in phases_before(step)]),
                )
                .values(phase=phase.value, changed_at=self._clock(), **changes)
            )
            taken = changed.rowcount
        if phase is None or not taken:
            raise Conflict(
                _("Migration {number} is not at that point.", number=str(migration.id)),
                _(
                    "See where it is with {command}.",
                    command=Code(f"/quitx migrate status {migration.id}"),
                ),
            )
        return phase

    async def change(
        self,
        connection: AsyncConnection,
        migration: Migration,
        **changes: Any,  # noqa: ANN401 - columns of different types
    ) -> bool:
        """Change a migration's other columns; False where its run or phase is another by now."""
        changed = await connection.execute(
            update(migrations)
            .where(
                migrations.c.id == migration.id,
                migrations.c.run == migration.run,
                migrations.c.phase == migration.phase.value,
            )
            .values(changed_at=self._clock(), **changes)
        )
        return changed.rowcount == 1

    def age(self, migration: Migration) -> timedelta:
        """Return how long ago a migration changed."""
        return self._clock() - migration.changed_at

    async def next_run(self, connection: AsyncConnection, migration_id: int) -> int:
        """Make every run before this one an old one, in the caller's transaction."""
        run = await connection.scalar(
            update(migrations)
            .where(migrations.c.id == migration_id)
            .values(run=migrations.c.run + 1)
            .returning(migrations.c.run)
        )
        assert run is not None
        return int(run)

    async def hold(self, connection: AsyncConnection, migration_id: int, hold: Hold) -> None:
        """Hold a migration or let it go on, in the caller's transaction."""
        await connection.execute(
            update(migrations)
            .where(migrations.c.id == migration_id)
            .values(
                hold=hold.value,
                changed_at=self._clock(),
                resume_at=None,
                reason=None,
                mend=None,
            )
        )

    async def remove_all(self, connection: AsyncConnection, migration_id: int) -> None:
        """Remove a migration with its items, in the caller's transaction."""
        await connection.execute(delete(items).where(items.c.migration_id == migration_id))
        await connection.execute(delete(migrations).where(migrations.c.id == migration_id))

    async def add(self, migration_id: int, new: Sequence[Item]) -> None:
        """Write items of a migration that is being planned; of one position, the last counts.

        Raises:
            Conflict: It is no longer being planned.
        """
        rows = {
            item.position: {
                "migration_id": migration_id,
                "position": item.position,
                "parent": _position(item.post.replies_to),
                "kind": item.kind,
                "state": item.state.value,
                "post": msgspec.json.encode(item.post),
                "reason": item.reason,
                "mend": item.mend,
            }
            for item in new
        }
        async with self._store.write() as connection:
            planning = await connection.execute(
                update(migrations)
                .where(migrations.c.id == migration_id, migrations.c.phase == Phase.PLANNING.value)
                .values(changed_at=self._clock())
            )
            if not planning.rowcount:
                raise Conflict(
                    _("The plan was given up while the archive was being read."),
                    _("Plan again with {command}.", command=Code("/quitx migrate plan")),
                )
            await connection.execute(insert(items), list(rows.values()))

    async def skip_continuations(self, migration_id: int, reason: Text) -> int:
        """Skip the author's own continuations of skipped answers; return how many.

        They are told apart from answers by their parent only, which may come later in an archive.
        """
        mine = items.c.migration_id == migration_id
        answers = select(items.c.position).where(
            mine, items.c.kind == "reply", items.c.state == ItemState.SKIPPED.value
        )
        below = answers.cte("below", recursive=True)
        below = below.union(
            select(items.c.position).where(mine, items.c.parent == below.c.position)
        )
        continuing = (
            mine,
            items.c.kind == "thread",
            items.c.state == ItemState.PLANNED.value,
            items.c.position.in_(select(below.c.position)),
        )
        async with self._store.write() as connection:
            # SQLite's driver does not count what an update with a common table expression changes.
            count = await connection.scalar(select(func.count()).where(*continuing))
            await connection.execute(
                update(items)
                .where(*continuing)
                .values(state=ItemState.SKIPPED.value, reason=reason)
            )
        return count or 0

    async def tally(self, migration_id: int) -> Tally:
        """Count a migration's items by state."""
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(items.c.state, func.count())
                .where(items.c.migration_id == migration_id)
                .group_by(items.c.state)
            )
            return Tally({ItemState(state): count for state, count in rows})

    async def next(self, migration_id: int, after: int, limit: int) -> Sequence[Item]:
        """Return the next items to move, the oldest first."""
        return await self._items(
            items.c.migration_id == migration_id,
            items.c.state == ItemState.PLANNED.value,
            items.c.position > after,
            limit=limit,
        )

    async def page(self, migration_id: int, after: int, limit: int = 1000) -> Sequence[Item]:
        """Return items in any state, the oldest first."""
        return await self._items(
            items.c.migration_id == migration_id, items.c.position > after, limit=limit
        )

    async def moved(self, migration_id: int, limit: int) -> Sequence[Item]:
        """Return the oldest moved items."""
        return await self._items(
            items.c.migration_id == migration_id,
            items.c.state == ItemState.MOVED.value,
            limit=limit,
        )

    async def stands(self, migration_id: int, source_ids: Iterable[str]) -> Mapping[str, Stands]:
        """Return where items stand, of those that do."""
        known = (_position(source_id) for source_id in source_ids)
        positions = [position for position in known if position is not None]
        if not positions:
            return {}
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(items.c.position, items.c.stands).where(
                    items.c.migration_id == migration_id,
                    items.c.position.in_(positions),
                    items.c.state == ItemState.MOVED.value,
                )
            )
            return {str(row.position): _STANDS.decode(row.stands) for row in rows}

    async def mark(
        self, connection: AsyncConnection, migration_id: int, changed: Sequence[Item]
    ) -> None:
        """Write the state, place and reason of items, in the caller's transaction."""
        if not changed:
            return
        await connection.execute(
            update(items)
            .where(
                items.c.migration_id == migration_id, items.c.position == bindparam("at_position")
            )
            .values(
                state=bindparam("to_state"),
                stands=bindparam("at_stands"),
                reason=bindparam("why"),
                mend=bindparam("next"),
            ),
            [
                {
                    "at_position": item.position,
                    "to_state": item.state.value,
                    "at_stands": None if item.stands is None else msgspec.json.encode(item.stands),
                    "why": item.reason,
                    "next": item.mend,
                }
                for item in changed
            ],
        )

    async def settle(self, migration_id: int, changed: Sequence[Item]) -> None:
        """Write the state, place and reason of items, in a transaction of its own."""
        async with self._store.write() as connection:
            await self.mark(connection, migration_id, changed)

    async def claim(
        self, connection: AsyncConnection, migration_id: int, positions: Sequence[int]
    ) -> None:
        """Mark items as moving, in the caller's transaction."""
        await connection.execute(
            update(items)
            .where(items.c.migration_id == migration_id, items.c.position.in_(positions))
            .values(state=ItemState.MOVING.value)
        )

    async def remove(
        self, connection: AsyncConnection, migration: Migration, positions: Sequence[int]
    ) -> None:
        """Mark items as removed, in the caller's transaction.

        Other migrations to the same account that count the same posts as theirs are told, too.
        """
        same_account = select(migrations.c.id).where(
            migrations.c.account_id == migration.account_id, migrations.c.mode == migration.mode
        )
        await connection.execute(
            update(items)
            .where(
                items.c.migration_id.in_(same_account),
                items.c.position.in_(positions),
                items.c.state.in_([ItemState.MOVED.value, ItemState.MOVING.value]),
            )
            .values(state=ItemState.REMOVED.value, stands=None)
        )

    async def turn(self, migration_id: int, before: ItemState, after: ItemState) -> int:
        """Bring all items of one state into another; return how many."""
        async with self._store.write() as connection:
            changed = await connection.execute(
                update(items)
                .where(items.c.migration_id == migration_id, items.c.state == before.value)
                .values(state=after.value, reason=None, mend=None)
            )
            return changed.rowcount

    async def _items(self, *where: Any, limit: int) -> Sequence[Item]:  # noqa: ANN401 - SQLAlchemy conditions
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(items).where(*where).order_by(items.c.position).limit(limit)
            )
            return [_item(row) for row in rows]

    async def _many(self, query: Any) -> Sequence[Migration]:  # noqa: ANN401 - a SQLAlchemy select
        async with self._store.read() as connection:
            return [_migration(row) for row in await connection.execute(query)]


def _position(source_id: str) -> int | None:
    """Return the position of the post with this id; None where no post can have it."""
    plain = source_id.isascii() and source_id.isdigit()
    position = int(source_id) if plain and len(source_id) <= _LONGEST else -1
    return position if 0 <= position <= _LARGEST else None


def _item(row: Row[Any]) -> Item:
    return Item(
        position=row.position,
        kind=row.kind,
        state=ItemState(row.state),
        post=_POST.decode(row.post),
        stands=None if row.stands is None else _STANDS.decode(row.stands),
        reason=row.reason,
        mend=row.mend,
    )


def _migration(row: Row[Any]) -> Migration:
    mode: Mode = row.mode
    resume_at: datetime | None = row.resume_at
    reason: Text | None = row.reason
    return Migration(
        id=row.id,
        organisation_id=row.organisation_id,
        account_id=row.account_id,
        network=row.network,
        mode=mode,
        phase=Phase(row.phase),
        hold=Hold(row.hold),
        run=row.run,
        archive=Path(row.archive),
        fingerprint=row.fingerprint,
        summary=None if row.summary is None else _SUMMARY.decode(row.summary),
        place=_PLACE.decode(row.place),
        created_at=row.created_at,
        changed_at=row.changed_at,
        resume_at=resume_at,
        reason=reason,
        mend=row.mend,
    )
