"""SQLite's driver with one visit to its thread for each statement, where aiosqlite makes four.

A cursor of aiosqlite goes to the connection's thread to be made, to execute, to fetch and to be
closed. Each way there and back costs more than most statements. Here a statement is run and its
rows are fetched on one way, and no cursor stays open: an open one would keep a transaction's lock.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, Self

import aiosqlite

_CHUNK: Final = 64
"""Rows that aiosqlite's own iteration fetches at a time; SQLAlchemy does not iterate."""

_Run = Callable[[sqlite3.Cursor, str, Any], sqlite3.Cursor]


class _Outcome:
    """What is known of a statement once its cursor is closed."""

    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self.description = cursor.description
        self.rows: Sequence[Any] = cursor.fetchall() if cursor.description else ()
        # Of a statement that returns rows it is known only once they are fetched.
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid


class EagerCursor:
    """A cursor that holds the rows of its last statement, and nothing of the database.

    It offers what SQLAlchemy's dialect for aiosqlite uses; results are not streamed.
    """

    arraysize = 1

    def __init__(self, connection: EagerConnection) -> None:
        self._connection = connection
        self._outcome: _Outcome | None = None

    async def __aenter__(self) -> Self:
        """Open nothing: a cursor is made when there is a statement."""
        return self

    @property
    def description(self) -> Any:  # noqa: ANN401 - the driver's own type
        """The columns of the rows; None where the statement returns none."""
        return self._outcome.description if self._outcome else None

    @property
    def rowcount(self) -> int:
        """How many rows were written; -1 where that is not known."""
        return self._outcome.rowcount if self._outcome else -1

    @property
    def lastrowid(self) -> int | None:
        """The key of the row that was inserted last."""
        return self._outcome.lastrowid if self._outcome else None

    async def execute(self, sql: str, parameters: Iterable[Any] = ()) -> Self:
        """Run a statement and fetch its rows."""
        self._outcome = await self._connection.run(sqlite3.Cursor.execute, sql, parameters)
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> Self:
        """Run a statement once for each set of parameters."""
        self._outcome = await self._connection.run(sqlite3.Cursor.executemany, sql, parameters)
        return self

    async def fetchall(self) -> Sequence[Any]:
        """Return the rows."""
        return self._outcome.rows if self._outcome else ()

    async def close(self) -> None:
        """Forget the rows."""
        self._outcome = None


class EagerConnection(aiosqlite.Connection):
    """A connection of aiosqlite whose cursors are eager."""

    def cursor(self) -> EagerCursor:  # type: ignore[override]
        """Return a cursor, without a visit to the thread."""
        return EagerCursor(self)

    async def run(self, method: _Run, sql: str, parameters: object) -> _Outcome:
        """Run a statement on the connection's thread; return what is known of it then."""
        execute: Any = self._execute
        outcome: _Outcome = await execute(self._run, method, sql, parameters)
        return outcome

    def _run(self, method: _Run, sql: str, parameters: object) -> _Outcome:
        cursor = self._conn.cursor()
        try:
            return _Outcome(method(cursor, sql, parameters))
        finally:
            cursor.close()


def connecting(*args: Any, **options: Any) -> EagerConnection:  # noqa: ANN401 - sqlite3's own
    """Return a connection to be awaited; takes what `sqlite3.connect` takes."""
    connection = EagerConnection(lambda: sqlite3.connect(*args, **options), _CHUNK)
    # As SQLAlchemy does for connections that it makes itself: a program that ends does not wait.
    connection._thread.daemon = True  # noqa: SLF001 - aiosqlite has no way to say it
    return connection
