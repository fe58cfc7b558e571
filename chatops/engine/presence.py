"""That an executor's work is done by one living process, and whose work is left behind.

On SQLite a lock file beside the database lets one process in. On PostgreSQL each executor holds an
advisory lock in its own name, and writes down from time to time that it lives. An executor is dead
when it has long written nothing *and* its lock is free: the first alone is also true of a process
that was frozen and will go on, the second alone of everybody right after the server restarted.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Final, Protocol

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from chatops.language import Code, Conflict, Invalid, _
from chatops.store.tables import executors
from chatops.store.upsert import upsert

log = logging.getLogger(__name__)

BEAT: Final = timedelta(seconds=5)
DEAD_AFTER: Final = timedelta(seconds=30)
_TAKING: Final = timedelta(seconds=5)
_RETRY: Final = 0.1
_KEEPALIVES: Final = (
    "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)
"""How the server notices that a machine is gone, and with it whoever held a lock."""

_ALONE: Final = "quitx"
_NOBODY: Final = "local"

Inherit = Callable[[str], Awaitable[None]]
"""Puts what a dead executor had begun back into the queue."""


class Taken(Conflict):
    """Another process does this work already."""


class Presence(Protocol):
    """A process's right to do an executor's work, from `take` to `leave`."""

    executor_id: str

    async def take(self) -> None:
        """Claim the executor's work.

        Raises:
            Taken: Another process has it.
        """
        ...

    def watch(self, inherit: Inherit) -> None:
        """Show that this executor lives, and take over from those that do not."""
        ...

    async def leave(self) -> None:
        """Give the claim up; may be called twice."""
        ...


def presence(url: URL, executor_id: str, dead_after: timedelta = DEAD_AFTER) -> Presence:
    """Return the presence of an executor at a store, not yet taken.

    Raises:
        Invalid: The id is the one that DBOS gives to everybody.
    """
    if executor_id == _NOBODY:
        raise Invalid(
            _("{id} cannot name a process.", id=Code(_NOBODY)),
            _("Give each process a name of its own as {key}.", key=Code("[engine] executor_id")),
        )
    if url.get_backend_name() == "sqlite":
        return _Alone(Path(url.database or "").with_suffix(".lock"))
    name = executor_id or f"{_ALONE}@{socket.gethostname()}"
    return _Among(url, name, dead_after)


class _Alone:
    """The one process of a SQLite store, which needs no name of its own."""

    def __init__(self, file: Path) -> None:
        self.executor_id = _ALONE
        self._file = file
        self._descriptor: int | None = None

    async def take(self) -> None:
        descriptor = os.open(self._file, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 100, 0).decode(errors="replace").strip()
            os.close(descriptor)
            raise _locked(holder, self._file) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, _process().encode(), 0)
        self._descriptor = descriptor

    def watch(self, inherit: Inherit) -> None:
        """Nobody else can be here."""

    async def leave(self) -> None:
        # The file stays: whoever removed it could remove the one that another process just locked.
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class _Among:
    """One of the replicas that share a PostgreSQL store."""

    def __init__(self, url: URL, executor_id: str, dead_after: timedelta) -> None:
        self.executor_id = executor_id
        self._engine = create_async_engine(
            url,
            poolclass=NullPool,
            isolation_level="AUTOCOMMIT",
            connect_args={"options": _KEEPALIVES},
        )
        self._place = url.set(drivername="postgresql").render_as_string(hide_password=True)
        self._dead_after = dead_after
        self._connection: AsyncConnection | None = None
        self._watching: asyncio.Task[None] | None = None

    async def take(self) -> None:
        connection = await self._engine.connect()
        try:
            await self._lock_own(connection)
            await self._beat(connection)
        except BaseException:
            await connection.close()
            raise
        self._connection = connection

    def watch(self, inherit: Inherit) -> None:
        self._watching = asyncio.create_task(self._watch(inherit), name="presence")

    async def leave(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
            self._watching = None
        if self._connection is not None:
            try:
                await self._connection.execute(executors.delete().where(_is(self.executor_id)))
            except SQLAlchemyError:
                log.warning("executor %s leaves without saying so", self.executor_id)
        await self._disconnect()
        await self._engine.dispose()

    async def _lock_own(self, connection: AsyncConnection) -> None:
        # The server takes a moment to notice that a predecessor was killed.
        try:
            async with asyncio.timeout(_TAKING.total_seconds()):
                while not await _lock(connection, self.executor_id):  # noqa: ASYNC110 - a server's lock
                    await asyncio.sleep(_RETRY)
        except TimeoutError:
            raise _namesake(self.executor_id, self._place) from None

    async def _beat(self, connection: AsyncConnection) -> None:
        await upsert(connection, executors, {"id": self.executor_id}, {"beat_at": func.now()})

    async def _watch(self, inherit: Inherit) -> None:
        while True:
            try:
                if self._connection is None:
                    await self.take()
                assert self._connection is not None, "`take` connects or raises"
                await self._beat(self._connection)
                await self._take_over(self._connection, inherit)
            except SQLAlchemyError:
                log.exception("executor %s cannot show that it lives", self.executor_id)
                await self._disconnect()
            except Exception:
                log.exception("executor %s cannot take over from others", self.executor_id)
            await asyncio.sleep(min(BEAT, self._dead_after / 3).total_seconds())

    async def _disconnect(self) -> None:
        """Close the connection; the lock is the session's, and ends with it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(SQLAlchemyError):
                await connection.close()

    async def _take_over(self, connection: AsyncConnection, inherit: Inherit) -> None:
        silent = select(executors.c.id).where(
            executors.c.beat_at < func.now() - self._dead_after,
            executors.c.id != self.executor_id,
        )
        for (executor_id,) in (await connection.execute(silent)).all():
            if await _lock(connection, executor_id):
                try:
                    log.warning("executor %s is dead, its work goes on here", executor_id)
                    await inherit(executor_id)
                    await connection.execute(executors.delete().where(_is(executor_id)))
                finally:
                    await _unlock(connection, executor_id)


_KEY: Final = "hashtextextended('quitx.executor.' || :id, 0)"


async def _lock(connection: AsyncConnection, executor_id: str) -> bool:
    locked = text(f"SELECT pg_try_advisory_lock({_KEY})")
    return bool((await connection.execute(locked, {"id": executor_id})).scalar())


async def _unlock(connection: AsyncConnection, executor_id: str) -> None:
    await connection.execute(text(f"SELECT pg_advisory_unlock({_KEY})"), {"id": executor_id})


def _is(executor_id: str) -> ColumnElement[bool]:
    return executors.c.id == executor_id


def _process() -> str:
    return f"{os.getpid()} on {socket.gethostname()}"


def _locked(holder: str, file: Path) -> Taken:
    return Taken(
        _(
            "Another QuitX process ({holder}) works with this database: it holds {file}.",
            holder=holder,
            file=Code(str(file)),
        ),
        _("Stop that one first, or let it work and use its chat."),
    )


def _namesake(executor_id: str, place: str) -> Taken:
    return Taken(
        _(
            "Another QuitX process named {id} works with the database {place}.",
            id=Code(executor_id),
            place=Code(place),
        ),
        _(
            "Stop that one first, or give this one a name of its own as {key}.",
            key=Code("[engine] executor_id"),
        ),
    )
