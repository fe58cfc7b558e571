"""What many tasks write at about the same time is committed together, and each on its own terms."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.store import GroupCommit, Store
from chatops.store.tables import people
from chatops.store.troubles import StoreBusy


class Clerk:
    """Writes people down, and remembers how many at a time."""

    def __init__(self) -> None:
        self.batches: list[int] = []

    async def write(self, connection: AsyncConnection, ids: Sequence[int]) -> Sequence[str]:
        self.batches.append(len(ids))
        await connection.execute(insert(people), [{"id": each, "name": "Awa"} for each in ids])
        return [f"person {each}" for each in ids]


async def count(store: Store) -> int:
    async with store.read() as connection:
        return (await connection.execute(select(func.count()).select_from(people))).scalar_one()


async def test_what_comes_while_something_is_written_is_written_together(store: Store) -> None:
    clerk = Clerk()
    group = GroupCommit(store, clerk.write)
    found = await asyncio.gather(*(group.add(each) for each in range(1, 101)))
    assert found == [f"person {each}" for each in range(1, 101)]
    assert await count(store) == 100
    assert len(clerk.batches) <= 2


async def test_one_that_cannot_be_written_fails_alone(store: Store) -> None:
    group = GroupCommit(store, Clerk().write)
    await group.add(3)
    found = await asyncio.gather(*(group.add(each) for each in range(1, 6)), return_exceptions=True)
    assert [each for each in found if isinstance(each, str)] == [
        "person 1",
        "person 2",
        "person 4",
        "person 5",
    ]
    assert isinstance(found[2], IntegrityError)
    assert await count(store) == 5


async def test_whoever_stops_waiting_takes_nothing_back(store: Store) -> None:
    group = GroupCommit(store, Clerk().write)
    impatient = asyncio.create_task(group.add(1))
    patient = asyncio.create_task(group.add(2))
    await asyncio.sleep(0)
    impatient.cancel()
    assert await patient == "person 2"
    assert await count(store) == 2


async def test_inside_a_transaction_nobody_waits_for_a_group(store: Store) -> None:
    group = GroupCommit(store, Clerk().write)
    async with store.write():
        with pytest.raises(RuntimeError, match=r"inside Store\.write"):
            await group.add(1)
    assert await count(store) == 0


async def test_more_than_fit_into_one_transaction_are_all_written(store: Store) -> None:
    clerk = Clerk()
    group = GroupCommit(store, clerk.write)
    await asyncio.gather(*(group.add(each) for each in range(1, 701)))
    assert await count(store) == 700
    assert max(clerk.batches) <= 200


async def test_a_store_that_somebody_else_holds_fails_all_who_wait_at_once(
    sqlite_url: str,
) -> None:
    impatient = await Store.open(sqlite_url, patience=timedelta(seconds=0.2))
    try:
        group = GroupCommit(impatient, Clerk().write)
        with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
            other.execute("BEGIN IMMEDIATE")
            began = asyncio.get_running_loop().time()
            found = await asyncio.gather(
                *(group.add(each) for each in range(1, 11)), return_exceptions=True
            )
            waited = asyncio.get_running_loop().time() - began
            other.rollback()
        assert all(isinstance(each, StoreBusy) for each in found)
        # In turn they would have waited for two seconds.
        assert waited < 1.5
    finally:
        await impatient.close()
