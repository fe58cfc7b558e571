"""Fixtures of the store: the same tests on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from chatops.store import Store


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
