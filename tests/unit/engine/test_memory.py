"""The engine in memory, with a clock that is moved by hand."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.engine import HandClock, MemoryEngine, Task
from chatops.store import Store
from tests.support.engines import SOON, until

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)
HOUR = timedelta(hours=1)


async def test_tasks_run_when_the_clock_is_moved_past_their_time(sqlite_store: Store) -> None:
    ran: list[str] = []

    async def note(subject: str, run: int) -> None:
        assert run == 0
        ran.append(subject)

    clock = HandClock(MIDNIGHT)
    engine = MemoryEngine(clock)
    engine.register("note", note)
    await engine.start()
    async with sqlite_store.write() as connection:
        for hours in (3, 1, 2):
            await engine.ask(connection, Task("note", str(hours), at=MIDNIGHT + hours * HOUR))
    assert await engine.settled(SOON)
    assert ran == []
    await clock.advance(HOUR)
    assert await engine.settled(SOON)
    assert ran == ["1"]
    await clock.advance(2 * HOUR)
    assert await engine.settled(SOON)
    assert sorted(ran) == ["1", "2", "3"]
    await engine.stop()


async def test_sweeps_keep_to_the_clock_too(sqlite_store: Store) -> None:
    rounds = 0

    async def sweep() -> None:
        nonlocal rounds
        rounds += 1

    assert sqlite_store.url.database
    clock = HandClock(MIDNIGHT)
    engine = MemoryEngine(clock)
    engine.sweep("rounds", HOUR, sweep)
    await engine.start()
    await until(lambda: rounds == 1)
    await clock.advance(HOUR / 2)
    await asyncio.sleep(0.02)
    assert rounds == 1
    await clock.advance(HOUR / 2)
    await until(lambda: rounds == 2)
    await engine.stop()


async def test_pauses_grow_and_end(sqlite_store: Store) -> None:
    tries: list[datetime] = []
    clock = HandClock(MIDNIGHT)

    async def fail(subject: str, run: int) -> None:
        tries.append(clock.now())
        raise ZeroDivisionError(f"{subject}{run}")

    engine = MemoryEngine(clock, pauses=(HOUR, 2 * HOUR))
    engine.register("fail", fail)
    await engine.start()
    async with sqlite_store.write() as connection:
        await engine.ask(connection, Task("fail", "a"))
    for count, pause in ((1, HOUR), (2, 2 * HOUR), (3, 3 * HOUR)):
        await until(lambda count=count: len(tries) == count)  # type: ignore[misc]
        assert not await engine.settled(timedelta(0)) or count == 3
        await clock.advance(pause)
    assert await engine.settled(SOON)
    assert [moment - MIDNIGHT for moment in tries] == [0 * HOUR, HOUR, 3 * HOUR]
    await engine.stop()


def test_a_task_s_id_tells_kind_subject_and_run() -> None:
    assert Task("post", "organisation:7", 2).id == "post:organisation:7:2"


@given(st.text(), st.text(), st.integers(0), st.text(), st.text(), st.integers(0))
def test_different_tasks_have_different_ids(
    kind: str, subject: str, run: int, other_kind: str, other_subject: str, other_run: int
) -> None:
    try:
        one, other = Task(kind, subject, run), Task(other_kind, other_subject, other_run)
    except ValueError:
        return
    assert (one == other) == (one.id == other.id)


@pytest.mark.parametrize("kind", ["", "post:due"])
def test_a_kind_is_one_word_without_a_colon(kind: str) -> None:
    with pytest.raises(ValueError, match="kind"):
        Task(kind, "a")


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        Task("note", "a", at=datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point
