"""`DurableEngine`: tasks that survive the process, kept by DBOS in the store itself."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.engine import rows
from chatops.engine.port import Sweep, Task, Work
from chatops.engine.presence import DEAD_AFTER, presence
from chatops.engine.timer import WallClock
from chatops.engine.works import GRACE, PAUSES, Works
from chatops.store import Store, after_commit

if TYPE_CHECKING:
    from chatops.engine.workflows import Workflows

log = logging.getLogger(__name__)

_HOUSEKEEPING: Final = timedelta(minutes=1)
_STRANDED_AFTER: Final = timedelta(minutes=1)
_KEPT: Final = timedelta(days=30)
_LOOK: Final = 0.02


class DurableEngine:
    """Keeps to the contract of `Engine`, whatever happens to the process.

    Args:
        store: Where tasks are kept.
        executor_id: Names this process among the replicas of a PostgreSQL store, the same after
            every restart; empty for a name made from the machine's.
        pauses: How long to wait before each further try of a work that raised.
        grace: How long `stop` waits for running work.
        dead_after: How long a replica must have been silent before its work is taken over.
    """

    def __init__(
        self,
        store: Store,
        executor_id: str = "",
        *,
        pauses: Sequence[timedelta] = PAUSES,
        grace: timedelta = GRACE,
        dead_after: timedelta = DEAD_AFTER,
    ) -> None:
        self._store = store
        self._works = Works(WallClock(), pauses)
        self._grace = grace
        self._presence = presence(store.url, executor_id, dead_after)
        self._workflows: Workflows | None = None
        self._started = False
        self._wanted = asyncio.Event()
        self._chores: list[asyncio.Task[None]] = []

    @property
    def executor_id(self) -> str:
        """The name of this process among its replicas, the same after every restart."""
        return self._presence.executor_id

    @property
    def running(self) -> bool:
        """Whether tasks are run, between `start` and `stop`."""
        return self._started

    def register(self, kind: str, work: Work) -> None:
        """Say which work does the tasks of a kind."""
        self._works.register(kind, work)

    def sweep(self, name: str, every: timedelta, work: Sweep) -> None:
        """Have rows looked through after every start, and again each time a while has passed."""
        self._works.sweep(name, every, work)

    async def prepare(self) -> None:
        """Make the store ready for `ask`; may be called twice."""
        if self._workflows is None:
            self._workflows = await asyncio.to_thread(_opened, self._store.url)

    async def start(self) -> None:
        """Begin to run tasks, first those that became due while nothing ran.

        Raises:
            Conflict: Another process does the work of this store, or of this executor.
        """
        if self._started:
            raise RuntimeError("the engine has started already")
        await self._presence.take()
        try:
            await self.prepare()
            # What a killed predecessor had begun is begun anew.
            await self._inherit(self._presence.executor_id)
            self._works.open()
            mine = self._presence.executor_id
            await self._prepared().launch(mine, self._works.carry_out)
        except BaseException:
            await self._works.close(self._grace)
            await self._presence.leave()
            raise
        self._started = True
        self._presence.watch(self._inherit)
        self._chores = [
            asyncio.create_task(self._claim_on_demand(), name="claims"),
            asyncio.create_task(self._keep_house(), name="housekeeping"),
        ]
        self._works.begin_sweeping(self._forget_failed)

    async def stop(self) -> None:
        """End in good order; may be called twice."""
        chores, self._chores = self._chores, []
        for chore in chores:
            chore.cancel()
        await asyncio.gather(*chores, return_exceptions=True)
        await self._works.close(self._grace)
        if self._started:
            self._started = False
            await self._prepared().destroy()
            await self._hand_over()
        if self._workflows is not None:
            await asyncio.to_thread(self._workflows.close)
            self._workflows = None
        await self._presence.leave()

    async def ask(self, connection: AsyncConnection, task: Task) -> None:
        """Ask for a task in the transaction of a `Store.write`: if that is committed, it runs."""
        workflows = self._prepared()
        # First of all, because it refuses what is not a transaction of the store.
        after_commit(connection, self._wanted.set)
        if not await rows.is_known(connection, task):
            await connection.run_sync(workflows.enqueue, task)

    async def cancel(self, connection: AsyncConnection, task: Task) -> None:
        """Call off a task that has not begun, in the transaction of a `Store.write`."""
        self._prepared()
        await rows.call_off(connection, task, also_begun=task.id in self._works.early)
        after_commit(connection, lambda: self._works.call_off(task))

    async def reschedule(self, connection: AsyncConnection, task: Task, at: datetime) -> Task:
        """Cancel a task, ask for its next run at another time, and return that run."""
        await self.cancel(connection, task)
        moved = Task(task.kind, task.subject, task.run + 1, at)
        await self.ask(connection, moved)
        return moved

    async def forget_waiting(self) -> None:
        """Forget every task that has not ended; rows ask again for what is still wanted."""
        await self.prepare()
        await asyncio.to_thread(self._prepared().forget_waiting)

    async def settled(self, within: timedelta) -> bool:
        """Wait until no work is running and none is due."""
        deadline = time.monotonic() + within.total_seconds()
        while self._works.busy or await self._due():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK)
        return True

    def _prepared(self) -> Workflows:
        if self._workflows is None:
            raise RuntimeError("call `prepare` or `start` first")
        return self._workflows

    async def _due(self) -> bool:
        async with self._store.read() as connection:
            return bool(await rows.due(connection) - self._works.early)

    async def _claim_on_demand(self) -> None:
        workflows = self._prepared()
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            try:
                await asyncio.to_thread(workflows.claim)
            except Exception:
                log.exception("what was asked for is claimed later")

    async def _keep_house(self) -> None:
        workflows, mine = self._prepared(), self._presence.executor_id
        while True:
            await asyncio.sleep(_HOUSEKEEPING.total_seconds())
            now = datetime.now(UTC)
            try:
                await asyncio.to_thread(workflows.forget_ended, now - _KEPT)
                # DBOS sometimes begins a task and then loses sight of it.
                here = self._works.present
                await asyncio.to_thread(workflows.release, mine, here, now - _STRANDED_AFTER)
            except Exception:
                log.exception("housekeeping failed and is done later")

    async def _forget_failed(self) -> None:
        await asyncio.to_thread(self._prepared().forget_failed)

    async def _hand_over(self) -> None:
        """Leave what was cut off to the next one who works here, be it this process again."""
        try:
            await self._inherit(self._presence.executor_id)
        except Exception:
            log.exception("what was cut off goes on once this executor starts again")

    async def _inherit(self, executor_id: str) -> None:
        await asyncio.to_thread(self._prepared().release, executor_id)
        self._wanted.set()


def _opened(url: URL) -> Workflows:
    from chatops.engine.workflows import Workflows  # noqa: PLC0415 - DBOS loads on use

    return Workflows.open(url)
