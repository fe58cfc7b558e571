"""`Runs`: the durable work of migrations. A run re-reads the row, does its phase, records it.

A run may be killed at any moment and begin again: what was sent is recovered from the deliveries
first. Only the newest run of a migration does anything.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from chatops.archive import Archive
from chatops.clock import Clock
from chatops.conversation.outbox import Outbox
from chatops.conversation.reply import Reply
from chatops.engine import Engine, Task
from chatops.language import Conflict, Trouble, Unavailable, _
from chatops.migrations import replies
from chatops.migrations.keeping import KEPT_FOR, KeptFiles
from chatops.migrations.keys import first_key
from chatops.migrations.ledger import Ledger
from chatops.migrations.moving import Between, Mover
from chatops.migrations.records import Migration, Tally
from chatops.migrations.service import TASK, Migrations
from chatops.migrations.states import ENDED, WORKED, Hold, ItemState, Phase, Step
from chatops.migrations.undoing import Undoer
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.posts.network import OverLimit
from chatops.publishing.networks import Networks
from chatops.publishing.publisher import Publisher, Sender
from chatops.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger(__name__)

TRIAL = 5
"""How many posts stand before somebody has to say yes to the rest."""
FIRST_WAIT = timedelta(seconds=5)
LONGEST_WAIT = timedelta(minutes=5)
_TOLD_EVERY = 1.0
_ABANDONED_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Does what the phase of a migration asks for."""

    store: Store
    engine: Engine
    clock: Clock
    organisations: Organisations
    accounts: Accounts
    networks: Networks
    publisher: Publisher
    outbox: Outbox
    migrations: Migrations
    ledger: Ledger
    kept: KeptFiles

    def register(self) -> None:
        """Tell the engine what to call; before it starts."""
        self.engine.register(TASK, self.advance)
        self.engine.sweep("migrations", timedelta(minutes=2), self.sweep)

    async def advance(self, subject: str, run: int) -> None:
        """Do the work of a migration's phase, if this is still its newest run."""
        # A run waits for the one before it, which may still be sending.
        async with self.store.alone(f"{TASK} {subject}"):
            await self._advance(subject, run)

    async def _advance(self, subject: str, run: int) -> None:
        migration = await self.ledger.get(int(subject))
        if run != migration.run or not _is_due(migration):
            return
        try:
            await self._working(migration.phase)(migration)
        except OverLimit as limit:
            # A clock that is ahead must not make it ask without a pause.
            until = max(limit.until or self.clock() + LONGEST_WAIT, self.clock() + FIRST_WAIT)
            await self._postpone(migration, limit, until)
        except Unavailable as trouble:
            wait = _wait(await self.ledger.get(migration.id))
            await self._postpone(migration, trouble, self.clock() + wait)
        except Trouble as trouble:
            await self._stop(migration, trouble)

    async def sweep(self) -> None:
        """Ask again for what the rows say is due, and remove what nobody needs any more."""
        for migration in await self.ledger.in_phases(WORKED):
            if _is_due(migration):
                async with self.store.write() as connection:
                    await self.engine.ask(connection, _task(migration, migration.resume_at))
        for migration in await self.ledger.in_phases({Phase.PLANNING}):
            if self.clock() - migration.changed_at > _ABANDONED_AFTER:
                with suppress(Conflict):
                    await self.migrations.drop(migration)
        await self._forget_files()
        await self.publisher.forget_spendings()

    async def _forget_files(self) -> None:
        """Remove the files of what ended long ago, and the archives of what was never started."""
        long_ago = self.clock() - KEPT_FOR
        present = await asyncio.to_thread(self.kept.present)
        for migration in await self.ledger.in_phases(ENDED):
            if migration.id in present and migration.changed_at < long_ago:
                await asyncio.to_thread(self.kept.forget, migration.id)
        planned = await self.ledger.in_phases({Phase.PLANNED})
        for migration in planned:
            if migration.changed_at < long_ago:
                await asyncio.to_thread(self.kept.discard, migration.archive)
        needed = {m.archive for m in await self.ledger.in_phases({Phase.PLANNING, Phase.KEEPING})}
        needed |= {migration.archive for migration in planned}
        await asyncio.to_thread(self.kept.discard_strays, needed, self.clock() - _ABANDONED_AFTER)

    def _working(self, phase: Phase) -> Callable[[Migration], Awaitable[None]]:
        return {
            Phase.KEEPING: self._keep,
            Phase.TRIAL: self._try,
            Phase.MOVING: self._move,
            Phase.UNDOING: self._undo,
        }[phase]

    async def _keep(self, migration: Migration) -> None:
        """Copy the files of everything that is to move out of the archive."""
        await self._copy_files(migration)
        live = migration.mode == "live"
        async with self.store.write() as connection:
            await self.ledger.step(connection, migration, Step.KEEP if live else Step.REHEARSE)
            await self.migrations.ask(connection, migration)
        await asyncio.to_thread(self.kept.discard, migration.archive)

    async def _copy_files(self, migration: Migration) -> None:
        """Copy also what waits for a release: the archive may be gone by then."""
        archive: Archive | None = None
        after = -1
        try:
            while items := await self.ledger.page(migration.id, after):
                wanted = (ItemState.PLANNED, ItemState.HELD)
                posts = [i.post for i in items if i.post.media and i.state in wanted]
                if posts and archive is None:
                    archive = await asyncio.to_thread(_same_archive, migration)
                if archive is not None:
                    await asyncio.to_thread(self.kept.keep, migration.id, archive, posts)
                after = items[-1].position
        finally:
            if archive is not None:
                await asyncio.to_thread(archive.close)

    async def _try(self, migration: Migration) -> None:
        """Move the first posts, then ask whether they are right."""
        tally = await self.ledger.tally(migration.id)
        mover = await self._mover(migration)
        await mover.recover()
        while (missing := TRIAL - tally[ItemState.MOVED]) > 0 and tally[ItemState.PLANNED]:
            await mover.move(self._between(migration, replies.progress), missing)
            tally = await self.ledger.tally(migration.id)
            if not await self._goes_on(migration):
                return
        if not tally[ItemState.PLANNED]:
            await self._finish(migration, Step.FINISH, replies.done)
            return
        question = await self._first_posts(migration)
        async with self.store.write() as connection:
            await self.ledger.step(connection, migration, Step.TRY)
            await self._promise(connection, migration, question, "first posts")
        await self._tell(await self.ledger.get(migration.id), replies.progress)

    async def _first_posts(self, migration: Migration) -> Reply:
        items = await self.ledger.moved(migration.id, TRIAL)
        keys = [first_key(item) for item in items]
        standing = await self.publisher.standing(await self._sender(migration), keys)
        posts = [(item, standing[key].record.text) for item, key in zip(items, keys, strict=True)]
        organisation = await self.organisations.get(migration.organisation_id)
        return replies.first_posts(migration, posts, organisation.zone)

    async def _move(self, migration: Migration) -> None:
        mover = await self._mover(migration)
        await mover.recover()
        while await self._goes_on(migration):
            await mover.move(self._between(migration, replies.progress))
            tally = await self.ledger.tally(migration.id)
            if not tally[ItemState.PLANNED]:
                await self._finish(migration, Step.FINISH, replies.done)

    async def _undo(self, migration: Migration) -> None:
        sender = await self._sender(migration)
        mover = await self._mover(migration)
        await mover.recover()
        await mover.look_up()
        undoer = Undoer(self.ledger, self.publisher, migration, sender)
        if await undoer.remove(self._between(migration, replies.undoing)):
            await self._finish(migration, Step.FINISH_UNDO, replies.undone)

    async def _finish(
        self, migration: Migration, step: Step, saying: Callable[[Migration, Tally], Reply]
    ) -> None:
        tally = await self.ledger.tally(migration.id)
        async with self.store.write() as connection:
            await self.ledger.step(connection, migration, step)
            await self.ledger.hold(connection, migration.id, Hold.NONE)
            await self._promise(connection, migration, saying(migration, tally), step.value)
        if step is Step.FINISH and await self.migrations.reopen(migration.id):
            return
        ended = await self.ledger.get(migration.id)
        await self._tell(ended, replies.shown(ended.phase))

    def _between(self, migration: Migration, shown: Callable[[Migration, Tally], Reply]) -> Between:
        """Tell the progress now and then, and look whether somebody wants it to stop."""
        told = 0.0

        async def between(through: int) -> bool:
            nonlocal told
            current = await self.ledger.get(migration.id)
            if through and current.reason is not None:
                await self._relieve(current)
                current = await self.ledger.get(migration.id)
            if time.monotonic() - told >= _TOLD_EVERY:
                told = time.monotonic()
                await self._tell(current, shown)
            return _same_work(migration, current)

        return between

    async def _goes_on(self, migration: Migration) -> bool:
        return _same_work(migration, await self.ledger.get(migration.id))

    async def _relieve(self, migration: Migration) -> None:
        """Forget why it had to wait: it moves again."""
        async with self.store.write() as connection:
            await self.ledger.change(connection, migration, resume_at=None, reason=None, mend=None)

    async def _postpone(self, migration: Migration, why: Trouble, until: datetime) -> None:
        """Go on later by itself."""
        async with self.store.write() as connection:
            later = await self.ledger.change(
                connection,
                migration,
                run=migration.run + 1,
                resume_at=until,
                reason=why.reason,
                mend=why.mend,
            )
            if later:
                await self.engine.ask(
                    connection, Task(TASK, str(migration.id), migration.run + 1, until)
                )
        if later:
            level = logging.INFO if isinstance(why, OverLimit) else logging.WARNING
            log.log(level, "migration %s waits until %s: %s", migration.id, until, why)
            await self._tell(await self.ledger.get(migration.id), replies.shown(migration.phase))

    async def _stop(self, migration: Migration, why: Trouble) -> None:
        """Wait for a person, unless one took another step meanwhile."""
        async with self.store.write() as connection:
            stopped = await self.ledger.change(
                connection, migration, hold=Hold.STOPPED.value, reason=why.reason, mend=why.mend
            )
            if stopped:
                said = replies.stopped(migration, why.reason, why.mend)
                await self._promise(connection, migration, said, "stopped")
        if not stopped:
            return
        log.warning("migration %s has stopped: %s", migration.id, why)
        await self._tell(await self.ledger.get(migration.id), replies.shown(migration.phase))

    async def _sender(self, migration: Migration) -> Sender:
        account = await self.accounts.get(migration.account_id)
        network = self.networks.reached(migration.mode, migration.network)
        return Sender(self.accounts.open(account), network)

    async def _mover(self, migration: Migration) -> Mover:
        return Mover(
            self.ledger,
            self.publisher,
            self.kept,
            migration,
            await self._sender(migration),
        )

    async def _tell(self, migration: Migration, shown: Callable[[Migration, Tally], Reply]) -> None:
        """Show the progress in the one message that is edited in place."""
        reply = shown(migration, await self.ledger.tally(migration.id))
        organisation = await self.organisations.get(migration.organisation_id)
        key = _key(migration, f"progress {self.clock().isoformat()}")
        await self.outbox.tell(organisation, migration.place, reply, key=key)

    async def _promise(
        self, connection: AsyncConnection, migration: Migration, reply: Reply, occasion: str
    ) -> None:
        """Say something of its own, in the transaction of what makes it true."""
        organisation = await self.organisations.get(migration.organisation_id)
        key = _key(migration, occasion)
        await self.outbox.promise(connection, organisation, migration.place, reply, key=key)


def _same_archive(migration: Migration) -> Archive:
    """Open the archive that was planned."""
    archive = Archive.open(migration.archive)
    if archive.fingerprint == migration.fingerprint:
        return archive
    archive.close()
    raise Conflict(
        _("Another archive now lies where the planned one was: {name}.", name=archive.name),
        _("Put the planned one back and go on, or abandon this migration and plan again."),
    )


def _key(migration: Migration, occasion: str) -> str:
    return f"{migration.subject}:{migration.run}:{occasion}"


def _task(migration: Migration, at: datetime | None) -> Task:
    return Task(TASK, str(migration.id), migration.run, at)


def _is_due(migration: Migration) -> bool:
    return migration.phase in WORKED and migration.hold is Hold.NONE


def _same_work(before: Migration, now: Migration) -> bool:
    return _is_due(now) and (now.phase, now.run) == (before.phase, before.run)


def _wait(migration: Migration) -> timedelta:
    """Return a wait that doubles while nothing gets through."""
    if migration.resume_at is None:
        return FIRST_WAIT
    return min(LONGEST_WAIT, max(FIRST_WAIT, 2 * (migration.resume_at - migration.changed_at)))
