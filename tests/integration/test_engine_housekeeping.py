"""What the durable engine clears away, and what it finds again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import BigInteger, String, column, table, update

from chatops.engine import DurableEngine, Task
from chatops.store import Store
from tests.support.engines import SOON, until

_DAY = timedelta(days=1)


class Kept:
    """A store, its engine, and what the engine's one work has done."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.engine = DurableEngine(store, "bee")
        self.engine.register("note", self._note)
        self.ran: list[str] = []

    async def ask(self, task: Task) -> None:
        """Ask for a task."""
        async with self.store.write() as connection:
            await self.engine.ask(connection, task)

    async def _note(self, subject: str, run: int) -> None:
        assert run == 0
        self.ran.append(subject)


@pytest_asyncio.fixture
async def kept(store: Store) -> AsyncIterator[Kept]:
    """Start an engine on a fresh store."""
    made = Kept(store)
    await made.engine.start()
    yield made
    await made.engine.stop()


async def test_a_task_that_ended_long_ago_is_forgotten_and_a_recent_one_is_not(
    kept: Kept,
) -> None:
    task, workflows = Task("note", "a"), kept.engine._prepared()
    await kept.ask(task)
    assert await kept.engine.settled(SOON)
    await asyncio.to_thread(workflows.forget_ended, datetime.now(UTC) - _DAY)
    await kept.ask(task)
    assert await kept.engine.settled(SOON)
    assert kept.ran == ["a"]
    await asyncio.to_thread(workflows.forget_ended, datetime.now(UTC) + _DAY)
    await kept.ask(task)
    assert await kept.engine.settled(SOON)
    assert kept.ran == ["a", "a"], "only rows can refuse work that the engine has forgotten"


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
async def test_a_task_that_was_begun_and_lost_sight_of_is_begun_again(kept: Kept) -> None:
    far = Task("note", "a", at=datetime.now(UTC) + timedelta(seconds=8))
    await kept.ask(far)
    async with kept.store.write() as connection:
        statuses = table(
            "workflow_status",
            column("status", String),
            column("executor_id", String),
            column("started_at_epoch_ms", BigInteger),
        )
        mine = kept.engine._presence.executor_id
        await connection.execute(
            update(statuses).values(status="PENDING", executor_id=mine, started_at_epoch_ms=1)
        )
    release = kept.engine._prepared().release
    lost = datetime.now(UTC) - timedelta(minutes=1)
    assert await asyncio.to_thread(release, mine, {far.id}, lost) == 0, "it is here"
    assert await asyncio.to_thread(release, mine, (), lost) == 1
    await until(lambda: kept.ran == ["a"], timedelta(seconds=20))
