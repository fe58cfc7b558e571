"""One contract, kept by the engine in memory and by the durable one on both stores."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from chatops.engine import Engine, Task
from tests.support.engines import SOON, Bench, until


class Journal:
    """A work that writes down what it was asked to do."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, int]] = []

    async def __call__(self, subject: str, run: int) -> None:
        self.lines.append((subject, run))


class Gate:
    """A work that waits inside until it is let go."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.ended: list[str] = []
        self.opened = asyncio.Event()

    async def __call__(self, subject: str, run: int) -> None:
        assert run == 0
        self.begun.append(subject)
        await self.opened.wait()
        self.ended.append(subject)


async def ask(bench: Bench, engine: Engine, *tasks: Task) -> None:
    async with bench.store.write() as connection:
        for task in tasks:
            await engine.ask(connection, task)


def in_(seconds: float) -> datetime:
    return datetime.now(UTC) + timedelta(seconds=seconds)


async def test_what_was_asked_for_in_a_committed_transaction_runs(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    await ask(bench, engine, Task("note", "a", 3))
    assert await engine.settled(SOON)
    assert journal.lines == [("a", 3)]


async def test_what_was_rolled_back_does_not_run(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the statement
        async with bench.store.write() as connection:
            await engine.ask(connection, Task("note", "lost"))
            raise ZeroDivisionError
    await ask(bench, engine, Task("note", "kept"))
    assert await engine.settled(SOON)
    assert journal.lines == [("kept", 0)]


async def test_nothing_runs_before_the_commit(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    async with bench.store.write() as connection:
        await engine.ask(connection, Task("note", "a"))
        await asyncio.sleep(0.2)
        assert journal.lines == []
    assert await engine.settled(SOON)
    assert journal.lines == [("a", 0)]


async def test_the_same_task_runs_once_however_often_it_is_asked_for(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    await ask(bench, engine, Task("note", "a"), Task("note", "a"))
    await ask(bench, engine, Task("note", "a"))
    assert await engine.settled(SOON)
    await ask(bench, engine, Task("note", "a"), Task("note", "a", at=in_(0.1)))
    assert await engine.settled(SOON)
    assert journal.lines == [("a", 0)]


async def test_another_run_is_another_task(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    await ask(bench, engine, Task("note", "a"), Task("note", "a", 1))
    assert await engine.settled(SOON)
    assert sorted(journal.lines) == [("a", 0), ("a", 1)]


async def test_a_work_may_ask_for_the_next_task_and_settled_waits_for_it(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()

    async def count_down(subject: str, run: int) -> None:
        await journal(subject, run)
        if run < 3:
            await ask(bench, engine, Task("count", subject, run + 1))

    engine.register("count", count_down)
    await engine.start()
    await ask(bench, engine, Task("count", "a"))
    assert await engine.settled(SOON)
    assert journal.lines == [("a", 0), ("a", 1), ("a", 2), ("a", 3)]


async def test_a_task_waits_for_its_time_and_settled_does_not_wait_for_the_task(
    bench: Bench,
) -> None:
    times: list[datetime] = []
    engine = bench.engine()

    async def note(subject: str, run: int) -> None:
        assert (subject, run) == ("a", 0)
        times.append(datetime.now(UTC))

    engine.register("note", note)
    await engine.start()
    at = in_(1)
    await ask(bench, engine, Task("note", "a", at=at))
    assert await engine.settled(SOON)
    assert times == []
    await until(lambda: bool(times))
    assert times[0] >= at


async def test_a_time_that_has_passed_is_now(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    await ask(bench, engine, Task("note", "a", at=in_(-3600)))
    assert await engine.settled(SOON)
    assert journal.lines == [("a", 0)]


async def test_what_was_asked_for_before_the_start_runs_after_it(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.prepare()
    await ask(bench, engine, Task("note", "a"), Task("note", "b", at=in_(0.05)))
    await asyncio.sleep(0.1)
    assert journal.lines == []
    assert not await engine.settled(timedelta(milliseconds=100))
    await engine.start()
    assert await engine.settled(SOON)
    assert sorted(journal.lines) == [("a", 0), ("b", 0)]


async def test_a_cancelled_task_does_not_run(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    now, soon, late = Task("note", "now"), Task("note", "soon", at=in_(0.5)), in_(3600)
    await ask(bench, engine, soon, Task("note", "late", at=late))
    await asyncio.sleep(0.1)
    async with bench.store.write() as connection:
        await engine.ask(connection, now)
        for task in (now, soon, Task("note", "late", at=late)):
            await engine.cancel(connection, task)
    await asyncio.sleep(0.7)
    assert await engine.settled(SOON)
    assert journal.lines == []


async def test_a_cancellation_that_was_rolled_back_changes_nothing(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    task = Task("note", "a", at=in_(0.3))
    await ask(bench, engine, task)
    with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction is the statement
        async with bench.store.write() as connection:
            await engine.cancel(connection, task)
            raise ZeroDivisionError
    await until(lambda: journal.lines == [("a", 0)])


async def test_work_that_has_begun_cannot_be_called_off(bench: Bench) -> None:
    gate, engine = Gate(), bench.engine()
    engine.register("gate", gate)
    await engine.start()
    await ask(bench, engine, Task("gate", "a"))
    await until(lambda: gate.begun == ["a"])
    async with bench.store.write() as connection:
        await engine.cancel(connection, Task("gate", "a"))
    gate.opened.set()
    assert await engine.settled(SOON)
    assert gate.ended == ["a"]


async def test_a_rescheduled_task_runs_once_at_its_new_time(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    task = Task("note", "a", at=in_(3600))
    await ask(bench, engine, task)
    async with bench.store.write() as connection:
        moved = await engine.reschedule(connection, task, in_(0.1))
    assert moved.run == 1
    await until(lambda: bool(journal.lines))
    assert await engine.settled(SOON)
    assert journal.lines == [("a", 1)]


async def test_work_that_fails_is_tried_again(bench: Bench) -> None:
    tries: list[str] = []
    engine = bench.engine()

    async def stumble(subject: str, run: int) -> None:
        tries.append(f"{subject}{run}")
        if len(tries) < 3:
            raise ZeroDivisionError

    engine.register("stumble", stumble)
    await engine.start()
    await ask(bench, engine, Task("stumble", "a"))
    assert await engine.settled(SOON)
    assert tries == ["a0", "a0", "a0"]


async def test_work_that_keeps_failing_is_told_and_left_for_the_next_sweep(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    tries, mended = 0, False
    engine = bench.engine()

    async def fail(subject: str, run: int) -> None:
        nonlocal tries
        tries += 1
        if not mended:
            raise ZeroDivisionError(f"{subject}{run}")

    async def sweep() -> None:
        await ask(bench, engine, Task("fail", "a"))

    engine.register("fail", fail)
    engine.sweep("failures", timedelta(seconds=1), sweep)
    await engine.start()
    await until(lambda: "task fail:a:0 failed and waits for the next sweep" in caplog.text)
    assert tries == 3
    mended = True
    await until(lambda: tries == 4)
    assert await engine.settled(SOON)
    assert "dbos" not in {record.name for record in caplog.records}


async def test_a_sweep_runs_at_the_start_and_again_and_survives_its_failures(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    rounds = 0
    engine = bench.engine()

    async def sweep() -> None:
        nonlocal rounds
        rounds += 1
        raise ZeroDivisionError

    engine.sweep("rounds", timedelta(milliseconds=50), sweep)
    await engine.start()
    await until(lambda: rounds >= 3)
    assert "sweep rounds failed" in caplog.text


async def test_stop_lets_running_work_end(bench: Bench) -> None:
    gate, engine = Gate(), bench.engine()
    engine.register("gate", gate)
    await engine.start()
    await ask(bench, engine, Task("gate", "a"))
    await until(lambda: gate.begun == ["a"])
    stopping = asyncio.create_task(engine.stop())
    await asyncio.sleep(0.1)
    gate.opened.set()
    await stopping
    assert gate.ended == ["a"]
    await engine.start()
    assert await engine.settled(SOON)
    assert gate.begun == ["a"]


async def test_work_that_stop_cuts_off_runs_again_after_the_next_start(bench: Bench) -> None:
    gate, engine = Gate(), bench.engine()
    engine.register("gate", gate)
    await engine.start()
    await ask(bench, engine, Task("gate", "a"), Task("gate", "later", at=in_(2)))
    await until(lambda: gate.begun == ["a"])
    await engine.stop()
    assert gate.ended == []
    gate.opened.set()
    await engine.start()
    assert await engine.settled(SOON)
    assert (gate.begun.count("a"), gate.ended.count("a")) == (2, 1)
    await until(lambda: gate.ended == ["a", "later"])
    assert gate.begun.count("later") == 1


async def test_stop_may_be_called_twice_and_before_the_start(bench: Bench) -> None:
    engine = bench.engine()
    await engine.stop()
    await engine.start()
    await engine.stop()
    await engine.stop()
    assert await asyncio.to_thread(lambda: "threads still work") == "threads still work"


async def test_many_tasks_at_once_all_run_once(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()
    engine.register("note", journal)
    await engine.start()
    await ask(bench, engine, *(Task("note", str(number)) for number in range(100)))
    assert await engine.settled(3 * SOON)
    assert sorted(journal.lines) == sorted((str(number), 0) for number in range(100))


async def test_asking_needs_an_engine_that_is_prepared_and_a_transaction(bench: Bench) -> None:
    engine = bench.engine()
    async with bench.store.write() as connection:
        with pytest.raises(RuntimeError, match="prepare"):
            await engine.ask(connection, Task("note", "a"))
    await engine.prepare()
    async with bench.store.read() as connection:
        with pytest.raises(RuntimeError, match="only a connection"):
            await engine.ask(connection, Task("note", "a"))


async def test_works_and_sweeps_are_registered_once_and_before_the_start(bench: Bench) -> None:
    journal, engine = Journal(), bench.engine()

    async def sweep() -> None:
        pass

    engine.register("note", journal)
    engine.sweep("all", timedelta(hours=1), sweep)
    with pytest.raises(RuntimeError, match="note"):
        engine.register("note", journal)
    with pytest.raises(RuntimeError, match="all"):
        engine.sweep("all", timedelta(hours=1), sweep)
    await engine.start()
    with pytest.raises(RuntimeError, match="late"):
        engine.register("late", journal)
    with pytest.raises(RuntimeError, match="late"):
        engine.sweep("late", timedelta(hours=1), sweep)
