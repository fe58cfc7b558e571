"""`Remembered`: what the adapter must know after a restart, in a small database of its own.

token        up to where everything was heard
reaction     what a reaction stands on, since its removal names only the reaction itself
invitation   rooms to which the bot is invited
move         rooms that were upgraded, until the bot is in their successors
files        which files belong to which message
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, Literal, TypeVar

T = TypeVar("T")

Kind = Literal["token", "reaction", "invitation", "move", "files", "limit"]

_SHORT_LIVED: Final[tuple[Kind, ...]] = ("reaction", "files", "invitation")
_KEPT: Final = 180 * 24 * 3600.0
"""Seconds after which nobody takes a reaction back, or comes back to an invitation."""

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS remembered (
    kind TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, at REAL NOT NULL,
    PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""


class Remembered:
    """Keeps short texts by kind and key.

    Args:
        file: The database; it can be read by its owner only.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        # One thread: writes stay in order, and the connection in its own thread.
        self._thread = ThreadPoolExecutor(1, "matrix-remembered")
        self._connection: sqlite3.Connection | None = None

    async def put(self, kind: Kind, key: str, value: str) -> None:
        """Keep a text, replacing the one before."""
        await self.put_all(kind, {key: value})

    async def put_all(self, kind: Kind, values: Mapping[str, str]) -> None:
        """Keep several texts at once."""
        now = time.time()
        rows = [(kind, key, value, now) for key, value in values.items()]
        await self._do(
            lambda connection: connection.executemany(
                "INSERT OR REPLACE INTO remembered VALUES (?, ?, ?, ?)", rows
            )
        )

    async def get(self, kind: Kind, key: str) -> str | None:
        """Return a text, or None where none is kept."""
        query = "SELECT value FROM remembered WHERE kind = ? AND key = ?"
        found = await self._do(lambda connection: connection.execute(query, (kind, key)).fetchone())
        return None if found is None else str(found[0])

    async def all(self, kind: Kind) -> dict[str, str]:
        """Return all texts of a kind, in the order in which they were kept."""
        query = "SELECT key, value FROM remembered WHERE kind = ? ORDER BY at"
        return dict(await self._do(lambda each: each.execute(query, (kind,)).fetchall()))

    async def drop(self, kind: Kind, key: str) -> None:
        """Forget a text."""
        statement = "DELETE FROM remembered WHERE kind = ? AND key = ?"
        await self._do(lambda connection: connection.execute(statement, (kind, key)))

    async def tidy(self) -> None:
        """Forget what nobody asks for any more."""
        before = time.time() - _KEPT
        statement = "DELETE FROM remembered WHERE kind = ? AND at < ?"
        rows = [(kind, before) for kind in _SHORT_LIVED]
        await self._do(lambda connection: connection.executemany(statement, rows))

    def close(self) -> None:
        """Let go of the database, once what is under way is written."""
        self._thread.submit(self._closed).result()
        self._thread.shutdown()

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def done() -> T:
            with self._opened() as connection:
                return work(connection)

        return await asyncio.get_running_loop().run_in_executor(self._thread, done)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            os.close(os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(self._file, timeout=30)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # What a power cut takes is heard again, and known to the core.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(_TABLE)
        return self._connection

    def _closed(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
