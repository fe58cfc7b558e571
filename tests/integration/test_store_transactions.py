"""Transactions of the store keep their promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.store import Store, after_commit
from chatops.store.tables import events


async def put(connection: AsyncConnection, event_id: str) -> None:
    await connection.execute(
        insert(events).values(
            platform="console", event_id=event_id, payload=b"", received_at=datetime.now(UTC)
        )
    )


async def count(store: Store) -> int:
    async with store.read() as connection:
        return (await connection.execute(select(func.count()).select_from(events))).scalar_one()


async def test_what_was_written_can_be_read(store: Store) -> None:
    async with store.write() as connection:
        await put(connection, "1")
    assert await count(store) == 1


async def test_an_error_takes_everything_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the statement
        async with store.write() as connection:
            await put(connection, "1")
            raise ZeroDivisionError
    assert await count(store) == 0


async def test_a_broken_constraint_reaches_the_caller_as_it_is(store: Store) -> None:
    with pytest.raises(IntegrityError):  # noqa: PT012 - the transaction is the statement
        async with store.write() as connection:
            await put(connection, "1")
            await put(connection, "1")
    assert await count(store) == 0


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.read() as connection:
            await put(connection, "1")
    assert await count(store) == 0


async def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    counted = select(func.count()).select_from(events)
    async with store.read() as reader:
        before = (await reader.execute(counted)).scalar_one()
        async with store.write() as writer:
            await put(writer, "1")
        assert (await reader.execute(counted)).scalar_one() == before
    assert await count(store) == before + 1


async def test_a_write_inside_a_write_is_refused_instead_of_waiting_for_itself(
    store: Store,
) -> None:
    async with store.write():
        with pytest.raises(RuntimeError, match="already inside"):
            async with store.write():
                pass


async def test_a_task_made_inside_a_write_writes_when_its_turn_comes(store: Store) -> None:
    async def write(event_id: str) -> None:
        async with store.write() as connection:
            await put(connection, event_id)

    async with store.write() as connection:
        await put(connection, "1")
        other = asyncio.create_task(write("2"))
        await asyncio.sleep(0.05)
    await other
    assert await count(store) == 2


async def test_many_writers_at_once_lose_nothing(store: Store) -> None:
    async def write(event_id: int) -> None:
        async with store.write() as connection:
            await put(connection, str(event_id))

    await asyncio.gather(*(write(event_id) for event_id in range(40)))
    assert await count(store) == 40


async def test_a_cancelled_writer_leaves_nothing_behind(store: Store) -> None:
    inside = asyncio.Event()

    async def write() -> None:
        async with store.write() as connection:
            await put(connection, "1")
            inside.set()
            while True:
                await connection.execute(select(events))

    writer = asyncio.create_task(write())
    await inside.wait()
    await asyncio.sleep(0.01)
    writer.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writer
    async with store.write() as connection:
        await put(connection, "2")
    assert await count(store) == 1


async def test_a_callback_comes_after_the_commit_and_not_after_a_rollback(store: Store) -> None:
    seen: list[str] = []
    async with store.write() as connection:
        after_commit(connection, lambda: seen.append("committed"))
        assert seen == []
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the statement
        async with store.write() as connection:
            after_commit(connection, lambda: seen.append("rolled back"))
            raise ZeroDivisionError
    async with store.write():
        pass
    assert seen == ["committed"]


async def test_a_failing_callback_does_not_fail_its_writer(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    async with store.write() as connection:
        after_commit(connection, fail)
    assert "a callback after a commit failed" in caplog.text


async def test_a_reader_has_no_commit_to_wait_for(store: Store) -> None:
    async with store.read() as connection:
        with pytest.raises(RuntimeError, match="only a connection"):
            after_commit(connection, lambda: None)


async def test_a_store_can_be_closed_twice_and_opened_again(store_url: str) -> None:
    for _ in range(2):
        store = await Store.open(store_url)
        async with store.write() as connection:
            await connection.execute(events.delete())
            await put(connection, "1")
        await store.close()
        await store.close()
