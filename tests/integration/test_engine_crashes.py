"""The durable engine survives what happens to processes: kill -9, freezing, a second start."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import ColumnClause, column, select, table, text

from chatops.engine import DurableEngine, Task
from chatops.engine.presence import Taken
from chatops.language import Invalid
from chatops.store import Store
from tests.support.engines import SOON, until
from tests.support.worker import Worker

Hire = Callable[..., Worker]


@pytest.fixture
def hire(store: Store, store_url: str, tmp_path: Path) -> Iterator[Hire]:
    """Start workers of the store, and end those that the test did not."""
    assert store.url.database, "the store is there before its workers"
    hired: list[Worker] = []

    def start(name: str = "") -> Worker:
        hired.append(Worker(store_url, tmp_path / "journal", name))
        return hired[-1]

    yield start
    for worker in hired:
        worker.kill()


@pytest_asyncio.fixture
async def engine(store: Store) -> AsyncIterator[DurableEngine]:
    """Make an engine in this process that is ended whatever happens."""
    made = DurableEngine(store, "bee", dead_after=timedelta(seconds=1.5))
    yield made
    await made.stop()


on_postgresql = pytest.mark.parametrize("store_url", ["postgresql"], indirect=True)
on_sqlite = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


async def ask(store: Store, *tasks: Task) -> None:
    """Ask as a program does that only writes rows."""
    engine = DurableEngine(store)
    await engine.prepare()
    async with store.write() as connection:
        for task in tasks:
            await engine.ask(connection, task)
    await engine.stop()


async def test_work_that_was_killed_midway_runs_again_and_completes(
    store: Store, hire: Hire
) -> None:
    first = hire()
    await ask(store, Task("slow", "a"), Task("slow", "b"))
    await until(lambda: len(first.lines()) == 2)
    first.kill()
    second = hire()
    await until(lambda: len(second.lines()) == 4)
    second.let_go()
    await until(lambda: len(second.lines()) == 6)
    assert sorted(second.lines()) == sorted(
        2 * [" begins a 0", " begins b 0"] + [" ends a 0", " ends b 0"]
    )
    assert second.end() == (0, "")


@on_sqlite
async def test_a_far_task_survives_the_night_and_starts_on_time(
    store: Store, engine: DurableEngine
) -> None:
    began: list[datetime] = []

    async def note(subject: str, run: int) -> None:
        assert (subject, run) == ("a", 0)
        began.append(datetime.now(UTC))

    at = datetime.now(UTC) + timedelta(seconds=8)
    await ask(store, Task("note", "a", at=at))
    async with store.read() as connection:
        states = (await connection.execute(text("SELECT status FROM workflow_status"))).scalars()
        assert states.all() == ["DELAYED"], "only the last seconds may cost memory"
    engine.register("note", note)
    await engine.start()
    await until(lambda: bool(began), timedelta(seconds=20))
    assert timedelta(0) <= began[0] - at < timedelta(seconds=1)


async def test_work_that_was_asked_for_by_an_older_version_of_the_program_runs(
    store: Store, hire: Hire
) -> None:
    worker = hire()
    worker.let_go()
    await ask(store, Task("slow", "a"))
    await until(lambda: " ends a 0" in worker.lines())
    async with store.read() as connection:
        schema = "dbos" if connection.dialect.name == "postgresql" else None
        version: ColumnClause[str] = column("application_version")
        versions = await connection.execute(
            select(version).select_from(table("workflow_status", version, schema=schema))
        )
        assert versions.scalars().all() == ["1"], "a version that changes strands older work"


async def test_a_second_process_that_would_do_the_same_work_is_refused(
    store: Store, hire: Hire, engine: DurableEngine
) -> None:
    worker = hire("bee")
    with pytest.raises(Taken) as caught:
        await engine.start()
    named = str(worker.pid) if store.url.get_backend_name() == "sqlite" else "bee"
    assert named in str(caught.value)
    worker.kill()
    await engine.start()


async def test_starting_and_stopping_says_nothing_and_is_clean(store: Store, hire: Hire) -> None:
    worker = hire()
    await ask(store, Task("quick", "a"))
    await until(lambda: " ends a 0" in worker.lines())
    assert worker.end() == (0, "")


async def test_stopping_in_the_middle_of_a_work_is_clean_too(store: Store, hire: Hire) -> None:
    worker = hire()
    await ask(store, Task("slow", "a"))
    await until(lambda: len(worker.lines()) == 1)
    ending = asyncio.create_task(asyncio.to_thread(worker.end))
    await asyncio.sleep(0.3)
    worker.let_go()
    assert await ending == (0, "")
    assert worker.lines() == [" begins a 0", " ends a 0"]


async def test_what_is_asked_for_starts_at_once(store: Store, engine: DurableEngine) -> None:
    delays: list[float] = []
    began = asyncio.Event()

    async def note(subject: str, run: int) -> None:
        assert subject == str(run)
        began.set()

    engine.register("note", note)
    await engine.start()
    for run in range(15):
        began.clear()
        async with store.write() as connection:
            await engine.ask(connection, Task("note", str(run), run))
        committed = time.perf_counter()
        await asyncio.wait_for(began.wait(), SOON.total_seconds())
        delays.append(time.perf_counter() - committed)
    assert sorted(delays)[len(delays) // 2] < 0.1, delays


@on_postgresql
async def test_nobody_may_be_named_like_everybody(store: Store) -> None:
    with pytest.raises(Invalid, match="local"):
        DurableEngine(store, "local")


@on_postgresql
async def test_a_dead_replica_s_work_goes_on_elsewhere(store: Store, hire: Hire) -> None:
    ant = hire("ant")
    await ask(store, Task("slow", "a"))
    await until(lambda: ant.lines() == ["ant begins a 0"])
    bee = hire("bee")
    ant.kill()
    ant.let_go()
    await until(lambda: ant.lines()[1:] == ["bee begins a 0", "bee ends a 0"])
    assert bee.end() == (0, "executor ant is dead, its work goes on here\n")


@on_postgresql
async def test_a_frozen_replica_keeps_its_work(store: Store, hire: Hire) -> None:
    ant = hire("ant")
    await ask(store, Task("slow", "a"))
    await until(lambda: ant.lines() == ["ant begins a 0"])
    bee = hire("bee")
    ant.freeze()
    await ask(store, Task("quick", "b"))
    await until(lambda: "bee ends b 0" in bee.lines())
    await asyncio.sleep(3)
    assert bee.lines() == ["ant begins a 0", "bee ends b 0"]
    assert bee.end() == (0, "")


@on_postgresql
async def test_a_replica_whose_connections_were_cut_goes_on(
    store: Store, engine: DurableEngine
) -> None:
    ran: list[str] = []

    async def note(subject: str, run: int) -> None:
        assert run == 0
        ran.append(subject)

    engine.register("note", note)
    await engine.start()
    async with store.write() as connection:
        await connection.execute(
            text(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
    await asyncio.sleep(1.5)
    async with store.write() as connection:
        await engine.ask(connection, Task("note", "a"))
    await until(lambda: ran == ["a"])
    with pytest.raises(Taken):
        await DurableEngine(store, "bee").start()


@pytest.mark.soak
async def test_nothing_is_lost_when_killed_at_random_moments(store: Store, hire: Hire) -> None:
    asked = [str(number) for number in range(300)]
    engine = DurableEngine(store)
    await engine.prepare()
    chance = random.Random(2026)
    for kill in range(10):
        worker = hire()
        async with store.write() as connection:
            for subject in asked[kill * 30 : kill * 30 + 30]:
                await engine.ask(connection, Task("quick", subject))
        await asyncio.sleep(chance.uniform(0, 1.5))
        worker.kill()
    await engine.stop()
    last = hire()
    await until(lambda: {line.split()[1] for line in last.lines()} == set(asked))
    assert last.end() == (0, "")
    assert len(last.lines()) < 1.2 * len(asked), "again only what was cut off"
