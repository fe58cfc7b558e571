"""Transactions of the store keep their promises on SQLite and on PostgreSQL."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.store import Store, after_commit
from chatops.store.tables import people


async def put(connection: AsyncConnection, person: int) -> None:
    await connection.execute(insert(people).values(id=person, name="Awa"))


async def count(store: Store) -> int:
    async with store.read() as connection:
        return (await connection.execute(select(func.count()).select_from(people))).scalar_one()


async def test_what_was_written_can_be_read(store: Store) -> None:
    async with store.write() as connection:
        await put(connection, 1)
    assert await count(store) == 1


async def test_an_error_takes_everything_back(store: Store) -> None:
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the statement
        async with store.write() as connection:
            await put(connection, 1)
            raise ZeroDivisionError
    assert await count(store) == 0


async def test_a_broken_constraint_reaches_the_caller_as_it_is(store: Store) -> None:
    with pytest.raises(IntegrityError):  # noqa: PT012 - the transaction is the statement
        async with store.write() as connection:
            await put(connection, 1)
            await put(connection, 1)
    assert await count(store) == 0


async def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises(DBAPIError):
        async with store.read() as connection:
            await put(connection, 1)
    assert await count(store) == 0


async def test_a_reader_sees_one_state_while_others_write(store: Store) -> None:
    counted = select(func.count()).select_from(people)
    async with store.read() as reader:
        before = (await reader.execute(counted)).scalar_one()
        async with store.write() as writer:
            await put(writer, 1)
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
    async def write(person: int) -> None:
        async with store.write() as connection:
            await put(connection, person)

    async with store.write() as connection:
        await put(connection, 1)
        other = asyncio.create_task(write(2))
        await asyncio.sleep(0.05)
    await other
    assert await count(store) == 2


async def test_many_writers_at_once_lose_nothing(store: Store) -> None:
    async def write(person: int) -> None:
        async with store.write() as connection:
            await put(connection, person)

    await asyncio.gather(*(write(person) for person in range(40)))
    assert await count(store) == 40


async def test_a_cancelled_writer_leaves_nothing_behind(store: Store) -> None:
    async def write() -> None:
        async with store.write() as connection:
            await put(connection, 1)
            inside.set()
            while True:
                await connection.execute(select(people))

    for pause in range(20):
        inside = asyncio.Event()
        writer = asyncio.create_task(write())
        await inside.wait()
        await asyncio.sleep(pause / 3_000)
        writer.cancel()
        # Its traceback lives on in the task, as it does in logs.
        await asyncio.wait([writer])
        assert writer.cancelled()
        async with store.write() as connection:
            await put(connection, 2 + pause)
    assert await count(store) == 20


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
            await connection.execute(people.delete())
            await put(connection, 1)
        await store.close()
        await store.close()
