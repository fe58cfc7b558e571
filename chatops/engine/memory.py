"""`MemoryEngine`: the engine's twin in memory, for tests and for trying things out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.engine.port import Sweep, Task, Work
from chatops.engine.timer import Timer, WallClock
from chatops.engine.works import GRACE, PAUSES, GaveUp, Works
from chatops.store import after_commit

_LOOK: Final = 0.005


class MemoryEngine:
    """Keeps to the contract of `Engine` for as long as the process lives.

    Args:
        clock: The time by which tasks are due; a `HandClock` lets a test decide it.
        pauses: How long to wait before each further try of a work that raised.
        grace: How long `stop` waits for running work.
    """

    def __init__(
        self,
        clock: Timer | None = None,
        pauses: Sequence[timedelta] = PAUSES,
        grace: timedelta = GRACE,
    ) -> None:
        self._clock = clock or WallClock()
        self._works = Works(self._clock, pauses)
        self._grace = grace
        self._prepared = False
        self._started = False
        self._waiting: dict[str, Task] = {}
        self._ended: set[str] = set()
        self._failed: set[str] = set()
        self._runs: dict[str, asyncio.Task[None]] = {}

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
        """Make `ask` possible."""
        self._prepared = True

    async def start(self) -> None:
        """Begin to run tasks."""
        await self.prepare()
        self._started = True
        self._works.open()
        for task in list(self._waiting.values()):
            self._begin(task)
        self._works.begin_sweeping(self._forget_failed)

    async def stop(self) -> None:
        """End in good order; may be called twice."""
        self._started = False
        await self._works.close(self._grace)

    async def ask(self, connection: AsyncConnection, task: Task) -> None:
        """Ask for a task in the transaction of a `Store.write`."""
        self._require_prepared()
        after_commit(connection, lambda: self._accept(task))

    async def cancel(self, connection: AsyncConnection, task: Task) -> None:
        """Call off a task that has not begun, in the transaction of a `Store.write`."""
        self._require_prepared()
        after_commit(connection, lambda: self._call_off(task))

    async def reschedule(self, connection: AsyncConnection, task: Task, at: datetime) -> Task:
        """Cancel a task, ask for its next run at another time, and return that run."""
        await self.cancel(connection, task)
        moved = Task(task.kind, task.subject, task.run + 1, at)
        await self.ask(connection, moved)
        return moved

    async def forget_waiting(self) -> None:
        """Forget every task that has not ended; rows ask again for what is still wanted."""
        self._waiting.clear()

    async def settled(self, within: timedelta) -> bool:
        """Wait until no work is running and none is due."""
        deadline = time.monotonic() + within.total_seconds()
        while self._works.busy or self._due():
            if time.monotonic() > deadline:
                return False
            await asyncio.sleep(_LOOK)
        return True

    def _require_prepared(self) -> None:
        if not self._prepared:
            raise RuntimeError("call `prepare` or `start` first")

    def _accept(self, task: Task) -> None:
        if task.id in self._waiting or task.id in self._ended or task.id in self._failed:
            return
        self._waiting[task.id] = task
        if self._started:
            self._begin(task)

    def _begin(self, task: Task) -> None:
        run = asyncio.create_task(self._run(task), name=task.id)
        self._runs[task.id] = run
        run.add_done_callback(lambda _: self._runs.pop(task.id, None))

    async def _run(self, task: Task) -> None:
        try:
            await self._works.carry_out(task)
        except GaveUp:
            self._failed.add(task.id)
        else:
            self._ended.add(task.id)
        # What was cancelled stays, and runs again after the next start.
        self._waiting.pop(task.id, None)

    def _call_off(self, task: Task) -> None:
        begun = self._works.present - self._works.early
        if task.id in self._waiting and task.id not in begun:
            del self._waiting[task.id]
            self._ended.add(task.id)
            if task.id in self._runs:
                self._runs[task.id].cancel()

    def _due(self) -> bool:
        now = self._clock.now()
        return any(task.at is None or task.at <= now for task in self._waiting.values())

    async def _forget_failed(self) -> None:
        self._failed.clear()
