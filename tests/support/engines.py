"""Fixtures of the engine: one contract, kept by the twin in memory and by the durable engine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest
import pytest_asyncio

from chatops.engine import DurableEngine, Engine, MemoryEngine
from chatops.store import Store

SOON = timedelta(seconds=10)
"""How long tests wait for what should come at once, on a machine that is busy."""

QUICKLY = (timedelta(milliseconds=20),) * 2
"""Pauses between the tries of a work, short enough for tests."""


@pytest_asyncio.fixture
async def sqlite_store(sqlite_url: str) -> AsyncIterator[Store]:
    """Open a fresh store on SQLite."""
    opened = await Store.open(sqlite_url)
    yield opened
    await opened.close()


class Bench:
    """A store and a way to make engines that share it; each is stopped after the test."""

    def __init__(self, store: Store, make: Callable[[], Engine]) -> None:
        self.store = store
        self._make = make
        self._made: list[Engine] = []

    def engine(self) -> Engine:
        """Make an engine that has not started."""
        made = self._make()
        self._made.append(made)
        return made

    async def close(self) -> None:
        """Stop every engine."""
        for made in self._made:
            await made.stop()


@pytest_asyncio.fixture(params=["memory", "sqlite", "postgresql"])
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    """Give each kind of engine in turn, on a fresh store."""
    kind: str = request.param
    url: str = request.getfixturevalue("postgres_url" if kind == "postgresql" else "sqlite_url")
    store = await Store.open(url)
    grace = timedelta(seconds=1)
    bench = Bench(
        store,
        lambda: (
            MemoryEngine(pauses=QUICKLY, grace=grace)
            if kind == "memory"
            else DurableEngine(store, pauses=QUICKLY, grace=grace)
        ),
    )
    yield bench
    await bench.close()
    await store.close()


async def until(true: Callable[[], bool], within: timedelta = SOON) -> None:
    """Wait until something is true, and fail when it does not come true."""
    async with asyncio.timeout(within.total_seconds()):
        while not true():  # noqa: ASYNC110 - what is waited for is anything at all
            await asyncio.sleep(0.005)
