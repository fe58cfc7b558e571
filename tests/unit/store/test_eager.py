"""The eager driver does what SQLAlchemy asks of aiosqlite, and leaves nothing open."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from chatops.store.eager import EagerConnection, connecting


@asynccontextmanager
async def opened(file: Path) -> AsyncIterator[EagerConnection]:
    connection = connecting(str(file), isolation_level=None, timeout=20)
    await connection
    yield connection
    await connection.close()


async def test_a_statement_is_run_and_its_rows_are_there(tmp_path: Path) -> None:
    async with opened(tmp_path / "file") as connection:
        cursor = connection.cursor()
        await cursor.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT)")
        assert connection.cursor().description is None
        await cursor.executemany("INSERT INTO people (name) VALUES (?)", [("Awa",), ("Bo",)])
        assert cursor.rowcount == 2
        await cursor.execute("INSERT INTO people (name) VALUES (?)", ("Chloé",))
        assert cursor.lastrowid == 3
        await cursor.execute("UPDATE people SET name = 'Zoé' WHERE id > ? RETURNING id", (1,))
        assert cursor.rowcount == 2
        assert [*await cursor.fetchall()] == [(2,), (3,)]
        await cursor.execute("SELECT name FROM people ORDER BY id")
        assert cursor.description[0][0] == "name"
        assert [*await cursor.fetchall()] == [("Awa",), ("Zoé",), ("Zoé",)]


async def test_a_wrong_statement_is_told_and_the_next_one_runs(tmp_path: Path) -> None:
    async with opened(tmp_path / "file") as connection:
        cursor = connection.cursor()
        with pytest.raises(sqlite3.OperationalError):
            await cursor.execute("SELECT nonsense")
        await cursor.execute("SELECT 1")
        assert [*await cursor.fetchall()] == [(1,)]


async def test_whoever_is_cancelled_leaves_no_lock_behind(tmp_path: Path) -> None:
    slow = (
        "WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 200000) "
        "INSERT INTO numbers SELECT n FROM up RETURNING n"
    )
    async with opened(tmp_path / "file") as connection, opened(tmp_path / "file") as other:
        await connection.cursor().execute("CREATE TABLE numbers (n INTEGER)")
        waiting = asyncio.create_task(connection.cursor().execute(slow))
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await other.cursor().execute("DELETE FROM numbers")
