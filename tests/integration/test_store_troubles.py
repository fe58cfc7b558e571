"""What goes wrong with a database is told in words that a person can act on."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url

from chatops.store import Store
from chatops.store.tables import people
from chatops.store.troubles import (
    StoreBusy,
    StoreFolderMissing,
    StoreFull,
    StoreRefused,
    StoreUnreachable,
    StoreUnreadable,
)
from tests.support.ports import free_port

BRIEFLY = timedelta(seconds=0.3)


@pytest_asyncio.fixture
async def hasty(store_url: str) -> AsyncIterator[Store]:
    """Open a store that does not wait long."""
    opened = await Store.open(store_url, patience=BRIEFLY)
    yield opened
    await opened.close()


async def test_a_file_that_is_not_a_database(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Not a database, but long enough to have a header that could be one.\n" * 40)
    with pytest.raises(StoreUnreadable, match=r"notes\.txt"):
        await Store.open(f"sqlite:///{file}")


async def test_a_damaged_database(sqlite_url: str, tmp_path: Path) -> None:
    await (await Store.open(sqlite_url)).close()
    file = tmp_path / "quitx.db"
    content = bytearray(file.read_bytes())
    content[100:] = b"\xff" * (len(content) - 100)
    file.write_bytes(content)
    with pytest.raises(StoreUnreadable):
        await Store.open(sqlite_url)


async def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(StoreFolderMissing, match="nowhere"):
        await Store.open(f"sqlite:///{tmp_path / 'nowhere' / 'quitx.db'}")


async def test_a_folder_instead_of_a_file(tmp_path: Path) -> None:
    with pytest.raises(StoreRefused):
        await Store.open(f"sqlite:///{tmp_path}")


async def test_a_database_that_another_process_holds(hasty: Store, store_url: str) -> None:
    if hasty.url.get_backend_name() == "sqlite":
        other = sqlite3.connect(make_url(store_url).database or "", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreBusy):
            async with hasty.write():
                pass
        other.execute("ROLLBACK")
        other.close()
    else:
        second = await Store.open(store_url)
        async with second.write() as holder:
            await holder.execute(text("LOCK TABLE people"))
            with pytest.raises(StoreBusy):
                async with hasty.write() as connection:
                    await connection.execute(text("LOCK TABLE people"))
        await second.close()
    async with hasty.write() as connection:
        await connection.execute(select(people))


async def test_a_database_that_another_process_holds_while_it_is_opened(
    sqlite_url: str, tmp_path: Path
) -> None:
    other = sqlite3.connect(tmp_path / "quitx.db", isolation_level=None)
    other.execute("CREATE TABLE another (a)")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreBusy):
        await Store.open(sqlite_url, patience=BRIEFLY)
    other.close()
    await (await Store.open(sqlite_url)).close()


async def test_a_full_disk_and_going_on_once_there_is_room(sqlite_store: Store) -> None:
    async with sqlite_store.write() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1"))
    with pytest.raises(StoreFull):
        async with sqlite_store.write() as connection:
            await connection.execute(insert(people).values(id=1, name="x" * 100_000))
    async with sqlite_store.write() as connection:
        await connection.execute(text("PRAGMA max_page_count = 1000000"))
    async with sqlite_store.write() as connection:
        await connection.execute(insert(people).values(id=2, name="x" * 100_000))
    async with sqlite_store.read() as connection:
        assert (await connection.execute(select(people.c.id))).scalars().all() == [2]


async def test_a_server_that_is_not_there() -> None:
    with pytest.raises(StoreUnreachable) as caught:
        await Store.open(f"postgresql://quitx:secret@127.0.0.1:{free_port()}/quitx")
    assert "secret" not in str(caught.value)


async def test_a_server_that_does_not_know_the_password(postgres_url: str) -> None:
    url = make_url(postgres_url).set(password="wrong")
    with pytest.raises(StoreRefused) as caught:
        await Store.open(url.render_as_string(hide_password=False))
    assert "wrong" not in str(caught.value)


async def test_a_database_that_the_server_does_not_have(postgres_url: str) -> None:
    url = make_url(postgres_url).set(database="nowhere")
    with pytest.raises(StoreRefused):
        await Store.open(url.render_as_string(hide_password=False))


async def test_the_file_belongs_to_its_owner_alone(sqlite_store: Store, tmp_path: Path) -> None:
    async with sqlite_store.write():
        modes = {entry.name: stat.S_IMODE(entry.stat().st_mode) for entry in os.scandir(tmp_path)}
    assert modes == {"quitx.db": 0o600, "quitx.db-wal": 0o600, "quitx.db-shm": 0o600}


async def test_sqlite_survives_a_power_cut(sqlite_store: Store) -> None:
    async with sqlite_store.write() as connection:
        pragmas = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
