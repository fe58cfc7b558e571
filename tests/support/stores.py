"""Fixtures of the store: the same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from chatops.store import Store

PATIENCE = timedelta(seconds=0.4)
"""Of a store that gives up quickly; a busy machine still opens and writes it within that."""


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Name a database that does not exist yet, in the test's own folder."""
    return f"sqlite:///{tmp_path / 'quitx.db'}"


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """Name an empty database, once on SQLite and once on PostgreSQL."""
    fixture = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(fixture)
    return url


@pytest_asyncio.fixture
async def store(store_url: str) -> AsyncIterator[Store]:
    """Open a fresh store, once on SQLite and once on PostgreSQL."""
    opened = await Store.open(store_url)
    yield opened
    await opened.close()


@pytest_asyncio.fixture
async def impatient(sqlite_url: str) -> AsyncIterator[Store]:
    """Open a fresh store that gives up quickly while somebody else writes."""
    opened = await Store.open(sqlite_url, patience=PATIENCE)
    yield opened
    await opened.close()


@asynccontextmanager
async def held_by_another(url: str) -> AsyncIterator[None]:
    """Keep a SQLite store from being written, for longer than an impatient one waits."""
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        free = asyncio.get_running_loop().call_later(2.5 * PATIENCE.total_seconds(), other.rollback)
        try:
            yield
        finally:
            free.cancel()
            other.rollback()
