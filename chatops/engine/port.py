"""`Engine`: the port through which rooms ask for durable work.

Rows are the truth. A room writes a row and, in the same transaction, asks for a task that names the
row. When the task runs, its work re-reads the row, does one thing, and records it. The engine is
the alarm clock and the retry machine, nothing else: whatever it forgets, a sweep asks for again.

Lifecycle. `register` and `sweep` come before `start`. A program that only writes rows calls
`prepare` instead of `start`; its tasks run wherever an engine of the same store runs. `stop` waits
for running work as long as its grace lasts, then cancels it; what was cancelled, and what a killed
process was doing, runs again after the next start.

Tasks. A task's id is made of its kind, subject and run, and is used once: asking for it again
changes nothing, also after it has run. Other work on the same subject, or the same work at another
time, is another run, and the row says which run is its own.

Work. It may run twice, also at the same time when a replica was believed dead. It may be asked for
too early by a clock that is ahead, and runs late when the process was down. When it raises, it is
tried again after growing pauses; when it still raises, that is logged as an error and the task is
forgotten before the next sweep, which may then ask for it again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncConnection

Work: TypeAlias = Callable[[str, int], Awaitable[None]]
"""Does what a task asks for, given its subject and its run."""

Sweep: TypeAlias = Callable[[], Awaitable[None]]
"""Asks again for everything that rows say is due."""


class Task(Struct, frozen=True):
    """Something to be done once.

    Args:
        kind: Which work does it; without a colon.
        subject: The row that it is about.
        run: Tells apart several tasks about the same row.
        at: When it is due, an aware time; None for now.
    """

    kind: str
    subject: str
    run: int = 0
    at: datetime | None = None

    def __post_init__(self) -> None:
        """Refuse what would not name a task or a moment."""
        if not self.kind or ":" in self.kind:
            raise ValueError(f"not a kind of task: {self.kind!r}")
        if self.at is not None and self.at.tzinfo is None:
            raise ValueError(f"naive time: {self.at!r}")

    @property
    def id(self) -> str:
        """Return the name under which the task runs once."""
        return f"{self.kind}:{self.subject}:{self.run}"


class Engine(Protocol):
    """Runs tasks at least once, at their time, across restarts."""

    @property
    def running(self) -> bool:
        """Whether tasks are run, between `start` and `stop`."""
        ...

    def register(self, kind: str, work: Work) -> None:
        """Say which work does the tasks of a kind.

        Raises:
            RuntimeError: The kind has its work already, or the engine has started.
        """
        ...

    def sweep(self, name: str, every: timedelta, work: Sweep) -> None:
        """Have rows looked through after every start, and again each time a while has passed.

        A sweep that raises is logged, and runs again next time.

        Raises:
            RuntimeError: The name is taken, or the engine has started.
        """
        ...

    async def prepare(self) -> None:
        """Make the store ready for `ask`; `start` does it too, and it may be called twice."""
        ...

    async def start(self) -> None:
        """Begin to run tasks, first those that became due while nothing ran.

        Raises:
            Conflict: Another process does the work of this store, or of this executor.
        """
        ...

    async def stop(self) -> None:
        """End in good order: nothing new begins, running work gets its grace.

        May be called twice, and `start` may follow.
        """
        ...

    async def ask(self, connection: AsyncConnection, task: Task) -> None:
        """Ask for a task in the transaction of a `Store.write`: if that is committed, it runs.

        Raises:
            RuntimeError: Neither `prepare` nor `start` was called, or the connection does not come
                from `Store.write`.
        """
        ...

    async def cancel(self, connection: AsyncConnection, task: Task) -> None:
        """Call off a task that has not begun, in the transaction of a `Store.write`.

        Work that has begun, or begins in this moment, goes on: the row decides, and this only
        saves a useless run.
        """
        ...

    async def reschedule(self, connection: AsyncConnection, task: Task, at: datetime) -> Task:
        """Cancel a task, ask for its next run at another time, and return that run for the row."""
        ...

    async def forget_waiting(self) -> None:
        """Forget every task that has not ended; rows ask again for what is still wanted.

        For a store that was put back from a backup, before anybody starts to work with it.
        """
        ...

    async def settled(self, within: timedelta) -> bool:
        """Wait until no work is running and none is due, tasks that work asks for included.

        Returns:
            Whether that came true in time.
        """
        ...
