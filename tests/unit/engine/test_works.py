"""When tasks run, whatever their times and however the clock moves."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from chatops.engine import HandClock, Task
from chatops.engine.works import Works

MIDNIGHT = datetime(2026, 11, 22, tzinfo=UTC)


async def _settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


@given(
    st.lists(st.integers(-5, 50), max_size=40),
    st.lists(st.integers(0, 20), max_size=6),
)
def test_a_task_runs_once_as_soon_as_its_time_has_come_and_never_before(
    offsets: list[int], steps: list[int]
) -> None:
    ran: list[int] = []

    async def note(subject: str, run: int) -> None:
        assert subject
        ran.append(run)

    async def scenario() -> None:
        clock = HandClock(MIDNIGHT)
        works = Works(clock, pauses=())
        works.register("note", note)
        works.open()
        tasks = [
            asyncio.create_task(
                works.carry_out(Task("note", "a", run, at=MIDNIGHT + timedelta(seconds=offset)))
            )
            for run, offset in enumerate(offsets)
        ]
        passed = 0
        for step in (0, *steps):
            await clock.advance(timedelta(seconds=step))
            passed += step
            await _settle()
            assert sorted(ran) == [run for run, at in enumerate(offsets) if at <= passed]
            assert len(works.early) == len(offsets) - len(ran)
        await works.close(timedelta(0))
        assert all(task.done() for task in tasks)

    asyncio.run(scenario())


@given(st.integers(1, 200))
def test_however_many_are_due_a_bounded_number_runs_at_a_time(count: int) -> None:
    inside, most = 0, 0

    async def crowd(subject: str, run: int) -> None:
        nonlocal inside, most
        assert subject
        assert run < count
        inside += 1
        most = max(most, inside)
        await asyncio.sleep(0)
        inside -= 1

    async def scenario() -> None:
        works = Works(HandClock(MIDNIGHT), pauses=())
        works.register("crowd", crowd)
        works.open()
        await asyncio.gather(*(works.carry_out(Task("crowd", "a", run)) for run in range(count)))
        assert not works.busy
        await works.close(timedelta(0))

    asyncio.run(scenario())
    assert most <= 32
