"""From an address to database engines, set up the way that every transaction relies on."""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from sqlalchemy import event, make_url
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util.concurrency import await_

from chatops.language import Code, Invalid, _
from chatops.store import eager
from chatops.store.troubles import StoreFolderMissing

_DRIVERS: Final = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+psycopg"}
_EAGERLY: Final = {"async_creator_fn": eager.connecting}
_READERS: Final = 4
_PRIVATE: Final = 0o600


def parsed(address: str) -> URL:
    """Read a store's address.

    Raises:
        Invalid: It is no address, or one of a database that is not supported.
    """
    try:
        url = make_url(address)
        driver = _DRIVERS[url.get_backend_name()]
    except (ArgumentError, KeyError):
        raise _unsupported() from None
    if driver.startswith("sqlite") and (url.database in {None, "", ":memory:"} or url.query):
        raise _unsupported()
    return url.set(drivername=driver)


def create_file(url: URL) -> None:
    """Create a SQLite database's file, readable by its owner alone; an existing one stays."""
    path = Path(url.database or "")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, _PRIVATE))
    except FileNotFoundError:
        raise StoreFolderMissing(
            _("The folder {folder} does not exist.", folder=Code(str(path.parent))),
            _("Create it, or name another file as {key}.", key=Code("[store] url")),
        ) from None
    except OSError:
        # SQLite says the same when it opens the file, and says it with a code.
        return


def writing(url: URL, patience: timedelta) -> AsyncEngine:
    """Return the engine whose transactions write.

    On SQLite it has one connection, so that tasks of this process wait for each other in turn
    instead of polling for the file's lock.
    """
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(
            url,
            hide_parameters=True,
            connect_args=_EAGERLY,
            pool_size=1,
            max_overflow=0,
            pool_timeout=patience.total_seconds(),
        )
        _prepare_sqlite(engine, patience, "BEGIN IMMEDIATE", "PRAGMA journal_mode = WAL")
        return engine
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_timeout=patience.total_seconds(),
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": max(2, int(patience.total_seconds())),
            "options": f"-c lock_timeout={int(patience.total_seconds() * 1000)}",
        },
    )


def reading(writer: AsyncEngine, url: URL, patience: timedelta) -> AsyncEngine:
    """Return the engine whose transactions see one state of the store and cannot write."""
    if url.get_backend_name() == "sqlite":
        engine = create_async_engine(
            url,
            hide_parameters=True,
            connect_args=_EAGERLY,
            pool_size=_READERS,
            max_overflow=0,
            pool_timeout=patience.total_seconds(),
            # Every transaction ends inside `Store.read`: there is nothing left to roll back.
            pool_reset_on_return=None,
        )
        _prepare_sqlite(engine, patience, "BEGIN", "PRAGMA query_only = ON")
        return engine
    return writer.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _prepare_sqlite(engine: AsyncEngine, patience: timedelta, begin: str, access: str) -> None:
    pragmas = (
        f"PRAGMA busy_timeout = {int(patience.total_seconds() * 1000)}",
        "PRAGMA foreign_keys = ON",
        "PRAGMA synchronous = FULL",
        access,
    )

    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
        # The driver would otherwise begin transactions by itself, late, and never immediate.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    def begun(connection: Connection) -> None:
        # Straight to the driver: a cursor of SQLAlchemy's would cost two more thread hops.
        adapted: Any = connection.connection.dbapi_connection
        try:
            await_(adapted.driver_connection.execute(begin))
        except asyncio.CancelledError:
            # It may have begun all the same: whoever gets the connection next would begin again.
            connection.invalidate()
            raise

    def dropped(connection: Any, _record: object, _error: object) -> None:  # noqa: ANN401 - as above
        # Whoever was cancelled may keep an open cursor in his traceback, and closing a connection
        # that has one ends neither its transaction nor its lock.
        with suppress(MissingGreenlet, sqlite3.Error):
            connection.rollback()

    _listen(engine, "connect", connected)
    _listen(engine, "begin", begun)
    _listen(engine, "invalidate", dropped)


def _listen(engine: AsyncEngine, name: str, listener: Callable[..., None]) -> None:
    event.listen(engine.sync_engine, name, listener)


def _unsupported() -> Invalid:
    return Invalid(
        _("The store's address is neither SQLite nor PostgreSQL."),
        _(
            "Write {key} as {sqlite} or as {postgresql}.",
            key=Code("[store] url"),
            sqlite=Code("sqlite:///quitx.db"),
            postgresql=Code("postgresql://user:password@host/database"),
        ),
    )
