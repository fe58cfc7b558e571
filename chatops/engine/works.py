"""What the engines have in common: the works, their times, their retries, and the sweeps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from chatops.engine.port import Sweep, Task, Work
from chatops.engine.timer import Timer

log = logging.getLogger(__name__)

PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (0.5, 2, 8, 30))
GRACE: Final = timedelta(seconds=10)
_SLOTS: Final = 32


class GaveUp(Exception):
    """A work raised once more than there are pauses between its tries."""


class Works:
    """The registered works and sweeps, and the tasks that are being carried out.

    Args:
        clock: The time by which tasks are due.
        pauses: How long to wait before each further try of a work that raised.
    """

    def __init__(self, clock: Timer, pauses: Sequence[timedelta]) -> None:
        self._clock = clock
        self._pauses = tuple(pauses)
        self._works: dict[str, Work] = {}
        self._sweeps: dict[str, tuple[timedelta, Sweep]] = {}
        self._sweeping: list[asyncio.Task[None]] = []
        self._slots = asyncio.Semaphore(_SLOTS)
        self._open = False
        # Who is here, and with which task; of them, those whose time has not come, by their task;
        # and those who wait for anything at all before they can go on.
        self._present: dict[asyncio.Task[Any], str] = {}
        self._early: dict[str, asyncio.Task[Any]] = {}
        self._resting: set[asyncio.Task[Any]] = set()

    def register(self, kind: str, work: Work) -> None:
        """File a work under its kind."""
        if self._open or kind in self._works:
            raise RuntimeError(f"too late for a work of {kind!r}, or it has one already")
        self._works[Task(kind, "").kind] = work

    def sweep(self, name: str, every: timedelta, work: Sweep) -> None:
        """File a sweep under its name."""
        if self._open or name in self._sweeps:
            raise RuntimeError(f"too late for a sweep {name!r}, or there is one already")
        self._sweeps[name] = (every, work)

    @property
    def busy(self) -> bool:
        """Whether a task is being carried out whose time has come."""
        return bool(self._present.keys() - set(self._early.values()))

    @property
    def present(self) -> frozenset[str]:
        """The ids of the tasks that are here, until their outcome is recorded."""
        return frozenset(self._present.values())

    @property
    def early(self) -> frozenset[str]:
        """The ids of the tasks that are here and wait for their time."""
        return frozenset(self._early)

    def call_off(self, task: Task) -> None:
        """Send a task away that waits for its time, and no other."""
        if task.id in self._early:
            self._early[task.id].cancel()

    def open(self) -> None:
        """Let tasks be carried out."""
        self._open = True

    def begin_sweeping(self, before: Sweep) -> None:
        """Run every sweep now and again in its rhythm, each time after what comes before it."""
        self._sweeping = [
            asyncio.create_task(
                self._keep_sweeping(name, every, work, before), name=f"sweep {name}"
            )
            for name, (every, work) in self._sweeps.items()
        ]

    async def close(self, grace: timedelta) -> None:
        """Let works that run come to their end, for a while, and cancel everything else."""
        self._open = False
        sweeping, self._sweeping = self._sweeping, []
        ending = {*sweeping, *self._present}
        for task in (*sweeping, *self._resting):
            task.cancel()
        for _ in range(2):
            if ending:
                _done, ending = await asyncio.wait(ending, timeout=grace.total_seconds())
            for task in ending:
                task.cancel()

    async def carry_out(self, task: Task) -> None:
        """Do a task at its time, trying again as long as there are pauses left.

        Raises:
            GaveUp: The last try failed too.
            asyncio.CancelledError: The works are closed, and the task is to be done another day.
        """
        if not self._open:
            raise asyncio.CancelledError
        with self._attending(task) as me:
            if task.at is not None and task.at > self._clock.now():
                await self._wait_for_time(task, task.at, me)
            for pause in (*self._pauses, None):
                try:
                    await self._try(task, me)
                except Exception as error:  # noqa: BLE001 - whatever a work raises is told
                    await self._failed(task, pause, error, me)
                else:
                    return

    async def _wait_for_time(self, task: Task, at: datetime, me: asyncio.Task[Any]) -> None:
        self._early[task.id] = me
        try:
            with self._rest(me):
                await self._clock.sleep_until(at)
        finally:
            del self._early[task.id]

    async def _try(self, task: Task, me: asyncio.Task[Any]) -> None:
        with self._rest(me):
            await self._slots.acquire()
        try:
            await self._works[task.kind](task.subject, task.run)
        finally:
            self._slots.release()

    async def _failed(
        self, task: Task, pause: timedelta | None, error: Exception, me: asyncio.Task[Any]
    ) -> None:
        if pause is None:
            log.error("task %s failed and waits for the next sweep", task.id, exc_info=error)
            raise GaveUp(task.id) from error
        seconds = pause.total_seconds()
        log.warning("task %s failed, next try in %s s", task.id, seconds, exc_info=error)
        if not self._open:
            raise asyncio.CancelledError
        with self._rest(me):
            await self._clock.sleep_until(self._clock.now() + pause)

    @contextmanager
    def _rest(self, me: asyncio.Task[Any]) -> Iterator[None]:
        self._resting.add(me)
        try:
            yield
        finally:
            self._resting.discard(me)

    @contextmanager
    def _attending(self, task: Task) -> Iterator[asyncio.Task[Any]]:
        me = asyncio.current_task()
        assert me is not None, "tasks are carried out by asyncio tasks"
        self._present[me] = task.id
        # Not sooner: an engine still has to record the outcome before its task has ended.
        me.add_done_callback(self._present.pop)
        yield me

    async def _keep_sweeping(
        self, name: str, every: timedelta, work: Sweep, before: Callable[[], Awaitable[None]]
    ) -> None:
        while True:
            try:
                await before()
                await work()
            except Exception:
                log.exception("sweep %s failed and runs again later", name)
            await self._clock.sleep_until(self._clock.now() + every)
