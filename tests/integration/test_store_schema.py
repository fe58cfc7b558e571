"""The schema that revisions make is the one that the tables say, however the upgrade went."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from chatops.store import Store, schema
from chatops.store.troubles import StoreTooNew
from tests.support.schema import differences


async def test_the_migrated_schema_equals_the_tables(store: Store) -> None:
    def missing(connection: Connection) -> str:
        script = differences(connection)
        assert script.upgrade_ops is not None
        return str(script.upgrade_ops.as_diffs())

    async with store.read() as connection:
        found = await connection.run_sync(missing)
    assert found == "[]", "write the change down: python -m tests.support.schema --rewrite"


async def test_two_processes_may_upgrade_at_once(store_url: str) -> None:
    stores = await asyncio.gather(*(Store.open(store_url) for _ in range(3)))
    async with stores[0].read() as connection:
        assert await connection.run_sync(schema.current) == schema.known()[-1]
    for store in stores:
        await store.close()


async def test_an_upgrade_that_fails_midway_changes_nothing_and_can_be_repeated(
    store_url: str,
) -> None:
    store = await Store.open(store_url)
    async with store.write() as connection:
        tables = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        quoted = ", ".join(table for table in tables)
        if connection.dialect.name == "postgresql":
            await connection.execute(text(f"DROP TABLE {quoted} CASCADE"))
        else:
            await connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            for table in tables:
                await connection.execute(text(f"DROP TABLE {table}"))
        await connection.execute(text("CREATE TABLE spendings (in_the_way INTEGER)"))
    await store.close()

    with pytest.raises(DBAPIError):
        await Store.open(store_url)

    store = await _without_upgrade(store_url)
    async with store.write() as connection:
        names = await connection.run_sync(lambda sync: inspect(sync).get_table_names())
        assert names == ["spendings"]
        await connection.execute(text("DROP TABLE spendings"))
    await store.close()

    await (await Store.open(store_url)).close()


async def test_a_schema_from_the_future_is_refused(store: Store, store_url: str) -> None:
    async with store.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNew, match="9999"):
        await Store.open(store_url)


async def _without_upgrade(url: str) -> Store:
    """Open a store whose schema is not the program's."""
    from chatops.store import address  # noqa: PLC0415 - what Store.open does, but for the upgrade
    from chatops.store.store import PATIENCE  # noqa: PLC0415

    target = address.parsed(url)
    writer = address.writing(target, PATIENCE)
    return Store(target, writer, address.reading(writer, target, PATIENCE))
