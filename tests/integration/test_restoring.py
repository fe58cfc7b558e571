"""Once a backup was put back, nothing is believed that may be otherwise."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from chatops.conversation.events import CommandCalled
from chatops.conversation.heard import EventLog, cleaned
from chatops.engine import DurableEngine, Task
from chatops.migrations.records import Migration
from chatops.migrations.states import Hold, ItemState, Phase
from chatops.organisations.codes import Codes
from chatops.publishing.states import Delivery
from chatops.store import Store
from chatops.store.tables import codes, confirmations, deliveries, events, promises, restores
from chatops.upkeep.aftermath import Aftermath, last_restore
from chatops.upkeep.databases import copy_sqlite
from tests.support.moving import ANNA, ROOM, House, Network, moving, post

MADE = datetime(2026, 1, 20, 12, tzinfo=UTC)
RESTORED = MADE + timedelta(days=1)


class Lost:
    """A house and, as it was at one moment, a copy of its store."""

    def __init__(self, house: House, folder: Path) -> None:
        self.house = house
        self._folder = folder

    async def copied(self) -> Path:
        """Copy the store as it is now."""
        copy = self._folder / "copy.db"
        copy.touch()
        await asyncio.to_thread(copy_sqlite, self._folder / "first.db", copy)
        return copy


@asynccontextmanager
async def losing(folder: Path, network: Network) -> AsyncIterator[Lost]:
    """Open a house whose time since a copy will be lost."""
    store = await Store.open(f"sqlite:///{folder / 'first.db'}")
    try:
        async with moving(store, folder, network) as house:
            yield Lost(house, folder)
    finally:
        await store.close()


@asynccontextmanager
async def put_back(copy: Path, folder: Path, network: Network) -> AsyncIterator[House]:
    """Open the house that goes on from a copy."""
    store = await Store.open(f"sqlite:///{copy}")
    house = House(store, folder, network)
    house.publisher.doubtful = True
    await settle(store, house)
    house.home = await house.organisations.get(1)
    house.anna = await house.people.recognise(ANNA.who, ANNA.name)
    house.runs.register()
    house.outbox.start()
    await house.engine.start()
    await house.conversation.replay()
    listening = asyncio.create_task(house.platform.run(house.conversation.receive))
    await house.platform.connected.wait()
    try:
        yield house
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await house.conversation.stop()
        await house.engine.stop()
        await house.outbox.stop()
        await store.close()


async def settle(store: Store, house: House) -> None:
    async with store.write() as connection:
        await connection.execute(insert(restores).values(made_at=MADE, restored_at=RESTORED))
    restore = await last_restore(store)
    assert restore is not None
    assert not restore.settled
    await Aftermath(store, house.clock.now, house.engine, "").settle(restore)
    restore = await last_restore(store)
    assert restore is not None
    assert restore.settled


def once_each(network: Network) -> None:
    """Check that nothing was handed to the network that stood on it."""
    handed = [key for keys in network.calls for key in keys]
    assert len(handed) == len(set(handed))


async def moved_a_little(house: House, posts: int) -> Migration:
    """Bring a migration to where five of its posts stand."""
    return await house.started(house.archive(*(post(hour) for hour in range(posts))))


async def test_what_moved_since_is_found_and_the_rest_moves(tmp_path: Path) -> None:
    network = Network()
    async with losing(tmp_path, network) as lost:
        migration = await moved_a_little(lost.house, 20)
        network.hold_up()
        await lost.house.migrations.resume(migration)
        await network.writing.wait()
        copy = await lost.copied()
        network.go_on()
        assert (await lost.house.now(migration)).phase is Phase.DONE
    async with put_back(copy, tmp_path, network) as house:
        migration = await house.now(migration)
        assert (migration.phase, migration.hold) == (Phase.MOVING, Hold.STOPPED)
        await house.later(timedelta(hours=1))
        assert [s for s in await house.states(migration) if s is ItemState.MOVED] != []
        assert house.heard("has stopped"), "whoever started it is told"
        assert house.heard("A backup was put back"), "everybody is told"

        await house.migrations.resume(migration)
        assert (await house.now(migration)).phase is Phase.DONE
        assert await house.states(migration) == [ItemState.MOVED] * 20
        once_each(network)


async def test_undoing_removes_also_what_moved_since(tmp_path: Path) -> None:
    network = Network()
    async with losing(tmp_path, network) as lost:
        migration = await moved_a_little(lost.house, 20)
        copy = await lost.copied()
        await lost.house.agreed(migration)
        assert len(network.standing) == 20
    async with put_back(copy, tmp_path, network) as house:
        assert (await house.now(migration)).phase is Phase.ASKING
        await house.migrations.undo(await house.now(migration))
        assert (await house.now(migration)).phase is Phase.UNDONE
        assert not network.standing


async def test_a_plan_of_the_lost_time_can_be_made_again(tmp_path: Path) -> None:
    network = Network()
    async with losing(tmp_path, network) as lost:
        archive = lost.house.archive(*(post(hour) for hour in range(12)))
        copy = await lost.copied()
        await lost.house.moved(archive)
    async with put_back(copy, tmp_path, network) as house:
        again = await house.moved(archive)
        assert again.phase is Phase.DONE
        assert await house.states(again) == [ItemState.MOVED] * 12
        assert len(network.standing) == 12
        once_each(network)
        await house.ledger_agrees()


async def test_while_the_network_does_not_tell_nothing_is_published(tmp_path: Path) -> None:
    network = Network()
    async with losing(tmp_path, network) as lost:
        migration = await moved_a_little(lost.house, 12)
        copy = await lost.copied()
        await lost.house.agreed(migration)
    async with put_back(copy, tmp_path, network) as house:
        network.away = 2
        await house.migrations.resume(await house.now(migration))
        assert (await house.now(migration)).phase is Phase.MOVING
        await house.later(timedelta(minutes=30))
        await house.later(timedelta(minutes=30))
        assert (await house.now(migration)).phase is Phase.DONE
        once_each(network)


@pytest.mark.parametrize("state", list(Delivery))
async def test_only_what_stood_is_believed(
    sqlite_store: Store, tmp_path: Path, state: Delivery
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        await moved_a_little(house, 6)
        async with sqlite_store.write() as connection:
            await connection.execute(update(deliveries).values(state=state.value))
        await settle(sqlite_store, house)
        async with sqlite_store.read() as connection:
            now = set(await connection.scalars(select(deliveries.c.state)))
    believed = state in (Delivery.PUBLISHED, Delivery.REMOVING)
    assert now == {state.value if believed else "unknown"}


async def test_what_was_heard_is_told_as_interrupted_and_not_done(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        log = EventLog(sqlite_store, house.clock.now, "")
        await log.keep(cleaned(CommandCalled("e1", ROOM, ANNA, "live")))
        await settle(sqlite_store, house)
        [heard] = await log.unfinished(["memory"])
        assert heard.begun
        await house.conversation.replay()
        await house.conversation.settled()
        assert house.heard("The program stopped while this was being done.")


async def test_questions_and_codes_of_before_no_longer_count(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.planned(house.archive(*(post(hour) for hour in range(6))))
        preview = await house.says(f"migrate start {migration.id}")
        async with sqlite_store.write() as connection:
            code = await Codes(sqlite_store, house.clock.now).make(
                connection, "setup", timedelta(days=7), organisation_id=house.home.id
            )
        await settle(sqlite_store, house)
        async with sqlite_store.read() as connection:
            assert set(await connection.scalars(select(confirmations.c.state))) == {"void"}
            open_until = await connection.scalar(select(codes.c.expires_at))
        assert open_until is not None
        assert open_until <= house.clock.now(), code
        await house.platform.react_to(ANNA, preview.ref, "✅")
        await house.conversation.settled()
        assert (await house.now(migration)).phase is Phase.PLANNED


async def test_nothing_that_waited_in_the_engine_runs(store: Store) -> None:
    ran: list[str] = []

    async def work(subject: str, _run: int) -> None:
        ran.append(subject)

    before = DurableEngine(store)
    await before.prepare()
    async with store.write() as connection:
        await before.ask(connection, Task("work", "now"))
        later = datetime.now(UTC) + timedelta(seconds=1)
        await before.ask(connection, Task("work", "later", at=later))
    await before.forget_waiting()
    await before.stop()

    after = DurableEngine(store)
    after.register("work", work)
    await after.start()
    await asyncio.sleep(1.5)
    async with store.write() as connection:
        await after.ask(connection, Task("work", "now"))
    assert await after.settled(timedelta(seconds=10))
    await after.stop()
    assert ran == ["now"], "rows may ask for it again"


async def test_a_new_machine_says_what_the_old_one_had_promised(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        async with store.write() as connection:
            await connection.execute(
                insert(promises).values(
                    key="k",
                    platform="memory",
                    executor="quitx@old-machine",
                    payload=b"",
                    promised_at=MADE,
                )
            )
            await connection.execute(
                insert(events).values(
                    platform="memory",
                    event_id="e",
                    executor="quitx@old-machine",
                    payload=b"",
                    received_at=MADE,
                    handled_at=MADE,
                )
            )
            await connection.execute(insert(restores).values(made_at=MADE, restored_at=RESTORED))
        restore = await last_restore(store)
        assert restore is not None
        await Aftermath(store, house.clock.now, house.engine, "quitx@new").settle(restore)
        async with store.read() as connection:
            assert set(await connection.scalars(select(promises.c.executor))) == {"quitx@new"}
            assert set(await connection.scalars(select(events.c.executor))) == {"quitx@new"}
