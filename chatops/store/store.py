"""`Store`: the database, seen as transactions that read and transactions that write."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import timedelta
from typing import Any, Final, cast
from weakref import WeakValueDictionary

from sqlalchemy import text
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from chatops.store import address, schema, troubles
from chatops.store.snapshot import Snapshot

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=15)
_NEXT_TRY: Final = 0.5
"""Seconds until somebody who waits to be alone looks again."""
_TRY_LOCK: Final = text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))")
_UNLOCK: Final = text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))")
_AFTER_COMMIT: Final = "quitx.after_commit"


def after_commit(connection: AsyncConnection, callback: Callable[[], None]) -> None:
    """Call back on the event loop once the transaction of `Store.write` has been committed.

    A transaction that is rolled back forgets its callbacks. A process that dies right after the
    commit never calls them: they may only speed up what rows already say.

    Raises:
        RuntimeError: The connection does not come from `Store.write`.
    """
    callbacks = cast("list[Callable[[], None]] | None", _info(connection).get(_AFTER_COMMIT))
    if callbacks is None:
        raise RuntimeError("only a connection of Store.write has a commit to wait for")
    callbacks.append(callback)


class Store:
    """One database, open for the life of the process. Made by `Store.open`.

    `read` and `write` turn database errors that a person can mend into `Trouble`; constraint
    violations (`IntegrityError`) and faults of the program pass as they are. A transaction on a
    SQLite store keeps every other writer waiting, so it never waits for anything but the store.
    """

    def __init__(self, url: URL, writer: AsyncEngine, reader: AsyncEngine) -> None:
        self.url = url
        self._writer = writer
        self._reader = reader
        self._writing: set[asyncio.Task[Any] | None] = set()
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._snapshots: dict[asyncio.Task[Any] | None, Snapshot] = {}

    @classmethod
    async def open(cls, url: str, patience: timedelta = PATIENCE) -> Store:
        """Open the database at an address, creating it and bringing it up to date as needed.

        Args:
            url: `sqlite:///FILE`, `postgresql://...` or `postgresql+psycopg://...`.
            patience: How long to wait for another process before giving up.

        Raises:
            Trouble: It cannot be opened, and why.
        """
        target = address.parsed(url)
        if target.get_backend_name() == "sqlite":
            await asyncio.to_thread(address.create_file, target)
        writer = address.writing(target, patience)
        store = cls(target, writer, address.reading(writer, target, patience))
        try:
            await store._bring_up_to_date()
        except BaseException:
            await store.close()
            raise
        return store

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection that sees one unchanging state of the store and cannot write."""
        snapshot = self._snapshots.get(asyncio.current_task())
        with self._told(writing=False):
            async with snapshot.read() if snapshot else self._reader.begin() as connection:
                yield connection

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[None]:
        """Let all that this task reads see the same state, in one transaction, until it writes.

        It costs less than a transaction for each, and keeps a connection: whatever waits for more
        than the store calls `leave_snapshot` first.
        """
        task = asyncio.current_task()
        if task in self._snapshots:
            yield
            return
        self._snapshots[task] = Snapshot(self._reader)
        try:
            yield
        finally:
            await self.leave_snapshot()

    async def leave_snapshot(self) -> None:
        """From here on, let what this task reads be as new as it can be."""
        snapshot = self._snapshots.pop(asyncio.current_task(), None)
        if snapshot is not None:
            with self._told(writing=False):
                await snapshot.close()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Give a connection whose work is committed on leaving, or rolled back on an error.

        On SQLite writers follow one another. On PostgreSQL they run beside one another (READ
        COMMITTED), so whoever claims a row says so in one statement: `UPDATE ... WHERE state`.

        Raises:
            RuntimeError: This task is already writing; on SQLite it would wait for itself.
        """
        await self.prepare_to_write()
        task = asyncio.current_task()
        self._writing.add(task)
        callbacks: list[Callable[[], None]] = []
        try:
            with self._told(writing=True):
                async with self._writer.begin() as connection:
                    info = _info(connection)
                    info[_AFTER_COMMIT] = callbacks
                    try:
                        yield connection
                    finally:
                        info.pop(_AFTER_COMMIT, None)
        finally:
            self._writing.discard(task)
        for callback in callbacks:
            try:
                callback()
            except Exception:
                # The transaction stands: its writer must not believe that it failed.
                log.exception("a callback after a commit failed")

    async def prepare_to_write(self) -> None:
        """Make sure that this task may write, and that it sees afterwards what was written.

        Raises:
            RuntimeError: It is inside `write` already; on SQLite it would wait for itself.
        """
        if asyncio.current_task() in self._writing:
            raise RuntimeError("this task is already inside Store.write: hand its connection on")
        await self.leave_snapshot()

    @asynccontextmanager
    async def alone(self, name: str) -> AsyncIterator[None]:
        """Wait until nobody else is inside under this name, and keep others out meanwhile.

        On PostgreSQL that holds for every process, as long as the connection does: it spares work
        that would be done twice, and what must not happen twice is decided in the rows. A SQLite
        store has one process that works.
        """
        async with self._turns.setdefault(name, asyncio.Lock()):
            if self.url.get_backend_name() == "sqlite":
                yield
                return
            async with self._writer.connect() as plain:
                connection = await plain.execution_options(isolation_level="AUTOCOMMIT")
                while not await connection.scalar(_TRY_LOCK, {"name": name}):  # noqa: ASYNC110 - another process has it
                    await asyncio.sleep(_NEXT_TRY)
                try:
                    yield
                finally:
                    # What is inside may have ended the connection, and its lock with it.
                    with suppress(SQLAlchemyError):
                        await connection.execute(_UNLOCK, {"name": name})

    async def close(self) -> None:
        """Release every connection; may be called twice."""
        await self._reader.dispose()
        await self._writer.dispose()

    async def _bring_up_to_date(self) -> None:
        async with self.read() as connection:
            revision = await connection.run_sync(schema.current)
        if revision == schema.known()[-1]:
            return
        if revision is not None and revision not in schema.known():
            raise troubles.too_new(self.url, revision)
        async with self.write() as connection:
            await connection.run_sync(schema.upgrade)

    @contextmanager
    def _told(self, *, writing: bool) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, sqlite3.Error) as error:
            trouble = troubles.translated(error, self.url, writing=writing)
            if trouble is None:
                raise
            raise trouble from error


def _info(connection: AsyncConnection) -> dict[Any, Any]:
    sync = connection.sync_connection
    assert sync is not None, "a connection of Store is always started"
    return sync.info
