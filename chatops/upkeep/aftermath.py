"""What becomes of the rows once a backup was put back.

Theory. A backup knows nothing of what was done after it was made, so nothing that it tells as not
done may be believed. A delivery that does not stand in it is `unknown`: the network is asked before
anything is written, also about records of which it has no row (`Publisher` does that for ever, for
a plan may be made again that had been made in the lost time). Work that was under way waits for a
person, who may have stopped or undone it in that time. What was heard is not acted on again, what
was asked is not answered any more, and one-time codes are void. Everybody is told.

It is settled at the first opening after the restore, in one transaction with the mark that it is.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import delete, func, select, update

from chatops.clock import Clock
from chatops.conversation.addresses import Place
from chatops.conversation.openings import opened
from chatops.conversation.promises import Promise, Promises
from chatops.conversation.reply import Heading, Listing, Paragraph, Reply
from chatops.engine import Engine
from chatops.language import Code, Moment, Text, _
from chatops.migrations import replies
from chatops.migrations.ledger import Ledger
from chatops.migrations.records import Migration
from chatops.migrations.states import WORKED, Hold
from chatops.organisations.organisations import Organisations
from chatops.organisations.places import Places
from chatops.publishing.states import Delivery
from chatops.store import Store
from chatops.store.tables import (
    codes,
    confirmations,
    deliveries,
    events,
    executors,
    migrations,
    promises,
    restores,
)

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger(__name__)

_DOUBTFUL = tuple(
    state.value for state in Delivery if state not in (Delivery.PUBLISHED, Delivery.REMOVING)
)
"""The states in which a record may stand all the same, sent after the backup was made."""


class Restore(Struct, frozen=True):
    """The last time that a backup was put back.

    Args:
        made_at: When it was made.
    """

    id: int
    made_at: datetime
    restored_at: datetime
    settled: bool

    @property
    def name(self) -> str:
        """What tells this time apart from the lost one, in keys that outside has seen."""
        return f"@{self.restored_at:%Y%m%dT%H%M%S}"


async def last_restore(store: Store) -> Restore | None:
    """Return the last time that a backup was put back; None where none ever was."""
    async with store.read() as connection:
        rows = await connection.execute(select(restores).order_by(restores.c.id.desc()).limit(1))
        row = rows.one_or_none()
    if row is None:
        return None
    return Restore(row.id, row.made_at, row.restored_at, row.settled_at is not None)


class Aftermath:
    """Settles what a restore has left open; to be called before anything works.

    Args:
        executor: Names this process, which goes on with what another one had begun.
    """

    def __init__(
        self,
        store: Store,
        clock: Clock,
        engine: Engine,
        executor: str,
    ) -> None:
        self._store = store
        self._clock = clock
        self._engine = engine
        self._executor = executor
        self._organisations = Organisations(store, clock)
        self._places = Places(store, clock)
        self._ledger = Ledger(store, clock)
        self._promises = Promises(store, clock, executor)

    async def settle(self, restore: Restore) -> None:
        """Change the rows; whoever has to know is told as soon as the bot speaks again."""
        await self._engine.forget_waiting()
        stopped = [m for m in await self._ledger.in_phases(WORKED) if m.hold is Hold.NONE]
        news = [await self._news(restore, migration) for migration in stopped]
        news += await self._notices(restore)
        async with self._store.write() as connection:
            await self._doubt(connection)
            await self._silence(connection)
            await self._hold(connection, restore, stopped)
            for promise in news:
                await self._promises.make(connection, promise)
            await connection.execute(
                update(restores).where(restores.c.id == restore.id).values(settled_at=self._clock())
            )
        log.warning(
            "a backup of %s was put back; %d migrations wait", restore.made_at, len(stopped)
        )

    async def _doubt(self, connection: AsyncConnection) -> None:
        """Believe of no delivery that it does not stand."""
        await connection.execute(
            update(deliveries)
            .where(deliveries.c.state.in_(_DOUBTFUL))
            .values(state=Delivery.UNKNOWN.value, changed_at=self._clock(), reason=None, mend=None)
        )

    async def _silence(self, connection: AsyncConnection) -> None:
        """Act on nothing that was heard, asked or handed out before."""
        now = self._clock()
        await connection.execute(
            update(events)
            .where(events.c.handled_at.is_(None))
            .values(begun_at=func.coalesce(events.c.begun_at, events.c.received_at))
        )
        await connection.execute(update(events).values(executor=self._executor))
        await connection.execute(update(promises).values(executor=self._executor))
        await connection.execute(
            update(confirmations)
            .where(confirmations.c.state == "waiting")
            .values(state="void", settled_at=now)
        )
        await connection.execute(
            update(codes)
            .where(codes.c.used_at.is_(None), codes.c.expires_at > now)
            .values(expires_at=now)
        )
        await connection.execute(delete(executors))

    async def _hold(
        self, connection: AsyncConnection, restore: Restore, stopped: Sequence[Migration]
    ) -> None:
        for migration in stopped:
            await connection.execute(
                update(migrations)
                .where(migrations.c.id == migration.id)
                .values(
                    hold=Hold.STOPPED.value,
                    changed_at=self._clock(),
                    resume_at=None,
                    reason=_reason(restore, await self._zone(migration.organisation_id)),
                    mend=_mend(migration),
                )
            )

    async def _zone(self, organisation_id: int) -> str:
        return (await self._organisations.get(organisation_id)).zone

    async def _news(self, restore: Restore, migration: Migration) -> Promise:
        """Tell whoever started a migration that it waits."""
        organisation = await self._organisations.get(migration.organisation_id)
        reason = _reason(restore, organisation.zone)
        reply = opened(replies.stopped(migration, reason, _mend(migration)), organisation)
        key = f"restore:{migration.subject}{restore.name}"
        return Promise(key, migration.place, reply, organisation.language)

    async def _notices(self, restore: Restore) -> list[Promise]:
        """Tell every organisation, where it is at home, what to look through."""
        notices = []
        for organisation in await self._organisations.all():
            home = await self._places.home(organisation.id)
            if home is None:
                continue
            place = Place(home.platform, home.workspace, home.channel)
            reply = _notice(restore, organisation.zone)
            key = f"restore:{organisation.id}{restore.name}"
            notices.append(Promise(key, place, opened(reply, organisation), organisation.language))
        return notices


def _notice(restore: Restore, zone: str) -> Reply:
    return Reply(
        (
            Heading(_("A backup was put back")),
            Paragraph(_reason(restore, zone)),
            Listing(
                (
                    _(
                        "Members, roles, places and accounts are again as they were then. Look "
                        "through them: {members}, {places}, {accounts}.",
                        members=Code("/quitx members"),
                        places=Code("/quitx places"),
                        accounts=Code("/quitx accounts"),
                    ),
                    _(
                        "What was said to me since then is not heard again, and what waited for "
                        "a confirmation no longer counts, nor do one-time codes. Ask again."
                    ),
                    _(
                        "Migrations wait for you. Before anything is published, the network is "
                        "asked what stands: nothing is published twice."
                    ),
                )
            ),
        ),
    )


def _reason(restore: Restore, zone: str) -> Text:
    return _(
        "The bot goes on from a backup of {moment}, and does not know what was done after it.",
        moment=Moment(restore.made_at, zone),
    )


def _mend(migration: Migration) -> Text:
    return _(
        "If this migration is still wanted, go on with {command}: what stands is found first.",
        command=Code(f"/quitx migrate resume {migration.id}"),
    )
