"""A task that reads in a snapshot sees one state of the store, until it writes."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError

from chatops.store import GroupCommit, Store
from chatops.store.tables import people


async def put(store: Store, person: int) -> None:
    async with store.write() as connection:
        await connection.execute(insert(people).values(id=person, name="Awa"))


async def count(store: Store) -> int:
    async with store.read() as connection:
        return (await connection.execute(select(func.count()).select_from(people))).scalar_one()


async def put_by_somebody_else(store: Store, person: int) -> None:
    await asyncio.create_task(put(store, person))


async def test_what_others_write_meanwhile_is_not_seen(store: Store) -> None:
    async with store.snapshot():
        assert await count(store) == 0
        await put_by_somebody_else(store, 1)
        assert await count(store) == 0
    assert await count(store) == 1


async def test_what_the_task_itself_writes_is_seen(store: Store) -> None:
    async with store.snapshot():
        assert await count(store) == 0
        await put(store, 1)
        assert await count(store) == 1
        await put_by_somebody_else(store, 2)
        assert await count(store) == 2


async def test_what_is_written_in_a_group_is_seen(store: Store) -> None:
    async def write(connection: object, ids: Sequence[int]) -> list[None]:
        del connection
        assert list(ids) == [1]
        return [None]

    async with store.snapshot():
        assert await count(store) == 0
        await put_by_somebody_else(store, 1)
        await GroupCommit(store, write).add(1)
        assert await count(store) == 1


async def test_whoever_leaves_it_sees_what_is_new(store: Store) -> None:
    async with store.snapshot():
        assert await count(store) == 0
        await put_by_somebody_else(store, 1)
        await store.leave_snapshot()
        assert await count(store) == 1


async def test_another_task_sees_its_own_state(store: Store) -> None:
    async with store.snapshot():
        assert await count(store) == 0
        await put_by_somebody_else(store, 1)
        assert await asyncio.create_task(count(store)) == 1
        assert await count(store) == 0


async def test_an_inner_snapshot_is_the_outer_one(store: Store) -> None:
    async with store.snapshot():
        assert await count(store) == 0
        await put_by_somebody_else(store, 1)
        async with store.snapshot():
            assert await count(store) == 0
        assert await count(store) == 0


async def test_after_an_error_one_can_read_on(store: Store) -> None:
    async with store.snapshot():
        assert await count(store) == 0
        with pytest.raises(DBAPIError):
            async with store.read() as connection:
                await connection.execute(text("SELECT nonsense FROM nowhere"))
        await put_by_somebody_else(store, 1)
        assert await count(store) == 1


async def test_a_task_that_is_cancelled_gives_its_connection_back(store: Store) -> None:
    async def waits(reads: asyncio.Event) -> None:
        async with store.snapshot():
            await count(store)
            reads.set()
            await asyncio.sleep(60)

    for _round in range(20):
        reads = asyncio.Event()
        waiting = asyncio.create_task(waits(reads))
        await reads.wait()
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
    async with asyncio.timeout(5):
        assert await count(store) == 0
