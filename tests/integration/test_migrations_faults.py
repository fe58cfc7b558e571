"""Migrations over a network that is away, asks to wait, loses answers, or fails on one record."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.archive.pictures import pond
from chatops.language import Conflict, _
from chatops.migrations.records import Migration
from chatops.migrations.states import ENDED, Hold, ItemState, Phase
from chatops.posts.network import (
    Account,
    Draft,
    Outcome,
    Prepared,
    Published,
    Unknown,
    Window,
)
from chatops.posts.post import Post, Words
from chatops.publishing.publisher import Sender
from chatops.store import Store
from tests.support.moving import House, Network, moving, number, post

MOVED, FAILED = ItemState.MOVED, ItemState.FAILED
HOUR = timedelta(hours=1)


class Troubled(Network):
    """Falls into the next trouble of a schedule each time that it was written to."""

    def __init__(self, troubles: Sequence[tuple[str, int]] = (), batch: int = 3) -> None:
        super().__init__(batch)
        self.troubles = list(troubles)

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        answers = await super().publish(account, records)
        if self.troubles:
            trouble, count = self.troubles.pop(0)
            if trouble == "waiting":
                self.waiting = (count, None)
            elif trouble == "forgetting":
                # The answer is lost, and it is away when it is asked about it.
                self.away = count
                return [Unknown(_("The answer was lost.")) for _each in answers]
            else:
                setattr(self, trouble, count)
        return answers


def key(hour: int) -> str:
    return f"x:{number(hour)}#0"


async def asking(house: House, posts: int) -> Migration:
    """Bring a migration to where its first five posts stand."""
    return await house.started(house.archive(*(post(hour) for hour in range(posts))))


async def wait_of(house: House, migration: Migration) -> timedelta:
    current = await house.ledger.get(migration.id)
    assert current.resume_at is not None
    return current.resume_at - house.clock.now()


async def see_through(house: House, migration: Migration, patience: int = 30) -> Migration:
    """Let time pass until the migration has ended or needs a person."""
    for _each in range(patience):
        migration = await house.now(migration)
        if migration.resume_at is None:
            break
        await house.later(migration.resume_at - house.clock.now())
    return await house.ledger.get(migration.id)


async def test_a_limit_is_waited_for_until_the_network_said(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        migration = await asking(house, 12)
        until = house.clock.now() + timedelta(minutes=37)
        house.network.waiting = (1, until)
        migration = await house.agreed(migration)
        assert (migration.phase, migration.hold) == (Phase.MOVING, Hold.NONE)
        assert migration.resume_at == until
        assert house.heard("The network asks to wait.")

        await house.later(timedelta(minutes=36))
        assert len(house.network.standing) == 5
        await house.later(timedelta(minutes=1))
        migration = await house.ledger.get(migration.id)
        assert migration.phase is Phase.DONE
        assert not house.heard("The network asks to wait.")


@pytest.mark.parametrize("past", [None, timedelta(0), -timedelta(hours=2)])
async def test_a_limit_without_a_sensible_end_is_not_asked_for_without_a_pause(
    sqlite_store: Store, tmp_path: Path, past: timedelta | None
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 12)
        house.network.waiting = (1, None if past is None else house.clock.now() + past)
        migration = await house.agreed(migration)
        assert await wait_of(house, migration) >= timedelta(seconds=5)
        assert (await see_through(house, migration)).phase is Phase.DONE


async def test_the_waits_grow_while_the_network_is_away(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 12)
        house.network.away = 9
        await house.migrations.resume(migration)
        await house.settled()
        waits = []
        while (await house.ledger.get(migration.id)).phase is Phase.MOVING:
            waits.append((await wait_of(house, migration)).total_seconds())
            await house.later(timedelta(seconds=waits[-1]))
        assert waits == [5, 10, 20, 40, 80, 160, 300, 300, 300]
        assert len(house.network.standing) == 12
        await house.ledger_agrees()


async def test_the_waits_begin_anew_once_something_moved(
    sqlite_store: Store, tmp_path: Path
) -> None:
    network = Troubled([("away", 4), ("away", 1)], batch=1)
    async with moving(sqlite_store, tmp_path, network) as house:
        migration = await asking(house, 30)
        waits = []
        while (await house.ledger.get(migration.id)).phase is Phase.TRIAL:
            waits.append(await wait_of(house, migration))
            await house.later(waits[-1])
        assert waits == [timedelta(seconds=seconds) for seconds in (5, 10, 20, 40, 5)]


async def test_a_refused_credential_stops_it_until_it_was_mended(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 12)
        house.network.locked_out = True
        migration = await house.agreed(migration)
        assert (migration.phase, migration.hold) == (Phase.MOVING, Hold.STOPPED)
        [said] = house.heard("Migration 1 has stopped")
        assert "The password is no longer right." in said
        assert "Connect it again." in said
        await house.later(timedelta(days=2))
        assert len(house.heard("Migration 1 has stopped")) == 1, "it is told once"
        refused = await house.says("migrate pause")
        assert "not under way" in refused.text
        assert "The password is no longer right." in (await house.says("migrate status")).text

        house.network.locked_out = False
        await house.says("migrate resume")
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        assert await house.states(migration) == [MOVED] * 12
        await house.ledger_agrees()


async def test_lost_answers_are_looked_up(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        house.network.losing = 100
        migration = await house.moved(house.archive(*(post(hour) for hour in range(12))))
        assert migration.phase is Phase.DONE
        assert house.network.texts == [f"Message {hour}" for hour in range(12)]
        await house.ledger_agrees()


async def test_nothing_is_sent_while_it_is_not_known_what_stands(
    store: Store, tmp_path: Path
) -> None:
    network = Troubled()
    async with moving(store, tmp_path, network) as house:
        thread = [post(0), *(post(hour, answers=hour - 1) for hour in range(1, 14))]
        migration = await house.started(house.archive(*thread))
        network.calls.clear()
        network.troubles = [("forgetting", 1)]
        migration = await house.agreed(migration)
        assert len(network.calls) == 1, "nothing that could point at it is sent before"
        assert (await house.states(migration)).count(ItemState.MOVING) == 3

        assert (await see_through(house, migration)).phase is Phase.DONE
        assert network.writes == [key(hour) for hour in range(14)]
        parents = [network.posts[f"{number(hour)}#0"].parent for hour in range(1, 14)]
        assert parents == [f"memory:{key(hour)}" for hour in range(13)]
        await house.ledger_agrees()


async def test_another_migration_waits_for_what_the_first_one_does_not_know(
    sqlite_store: Store, tmp_path: Path
) -> None:
    network = Troubled()
    async with moving(sqlite_store, tmp_path, network) as house:
        archive = house.archive(*(post(hour) for hour in range(12)))
        first = await house.started(archive)
        network.troubles = [("forgetting", 1)]
        first = await house.agreed(first)
        await house.migrations.abandon(first)

        second = await house.moved(archive)
        assert (second.phase, second.hold) == (Phase.MOVING, Hold.NONE)
        assert second.resume_at is not None, "it does not ask in a circle"
        second = await see_through(house, second)
        assert second.phase is Phase.DONE
        assert await house.states(second) == [MOVED] * 12
        assert sorted(network.writes) == sorted(key(hour) for hour in range(12))
        await house.ledger_agrees()


@pytest.mark.parametrize("poison", [0, 2, 4, 7, 11, 12, 29])
@pytest.mark.parametrize("batch", [3, 10])
async def test_one_poison_record_is_blamed_and_the_rest_moves(
    sqlite_store: Store, tmp_path: Path, poison: int, batch: int
) -> None:
    async with moving(sqlite_store, tmp_path, Network(batch)) as house:
        house.network.poison = {key(poison)}
        migration = await house.started(house.archive(*(post(hour) for hour in range(30))))
        migration = await house.agreed(await see_through(house, migration))
        migration = await see_through(house, migration)

        assert migration.phase is Phase.DONE
        assert house.heard("1 post could not be moved.")
        expected = [MOVED] * 30
        expected[poison] = FAILED
        assert await house.states(migration) == expected
        await house.ledger_agrees()


async def test_the_last_post_is_blamed_only_after_more_than_an_hour(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 8)
        house.network.poison = {key(7)}
        begun = house.clock.now()
        migration = await house.agreed(migration)
        migration = await see_through(house, migration)

        assert await house.states(migration) == [*[MOVED] * 7, FAILED]
        assert house.clock.now() - begun > timedelta(hours=1)


async def test_nobody_is_blamed_before_the_network_had_time_to_recover(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 30)
        house.network.poison = {key(7)}
        migration = await house.agreed(migration)
        assert FAILED not in await house.states(migration)
        assert migration.resume_at is not None
        house.network.poison = set()
        assert (await see_through(house, migration)).phase is Phase.DONE
        assert await house.states(migration) == [MOVED] * 30


async def test_poison_costs_little_of_the_budget(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path, Network(batch=100)) as house:
        house.network.poison = {key(60)}
        migration = await asking(house, 205)
        sent_before = len(house.network.calls)
        migration = await see_through(house, await house.agreed(migration))
        assert migration.phase is Phase.DONE
        sent = sum(len(call) for call in house.network.calls[sent_before:])
        assert sent < 200 + 500


@pytest.mark.parametrize("failing", [2, 3, 4, 5])
async def test_a_spell_of_illness_breaks_no_thread(
    sqlite_store: Store, tmp_path: Path, failing: int
) -> None:
    network = Troubled([*[("away", 0)] * 5, ("failing", failing)], batch=1)
    async with moving(sqlite_store, tmp_path, network) as house:
        thread = [post(6), *(post(hour, answers=hour - 1) for hour in range(7, 12))]
        own = [*(post(hour) for hour in range(6)), *(post(hour) for hour in range(12, 20))]
        migration = await house.moved(house.archive(*own, *thread))
        migration = await see_through(house, migration)
        assert migration.phase is Phase.DONE
        parents = [house.network.posts[f"{number(hour)}#0"].parent for hour in range(7, 12)]
        assert parents == [f"memory:{key(hour)}" for hour in range(6, 11)]


async def test_what_continues_a_poison_record_moves_on_its_own(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        house.network.poison = {key(7)}
        own = [post(hour) for hour in range(8)]
        migration = await house.started(
            house.archive(*own, post(8, answers=7), post(9, answers=8), post(10, quotes=7))
        )
        migration = await see_through(house, await house.agreed(migration))
        assert migration.phase is Phase.DONE
        posts = house.network.posts
        assert posts[f"{number(8)}#0"].parent == ""
        assert posts[f"{number(9)}#0"].parent == f"memory:{key(8)}"
        assert posts[f"{number(10)}#0"].quoted == ""


@pytest.mark.parametrize("failing", [1, 2, 3, 10])
@pytest.mark.parametrize("already", [False, True])
async def test_a_network_that_was_ill_for_a_while_blames_nobody(
    sqlite_store: Store, tmp_path: Path, failing: int, *, already: bool
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(*(post(hour) for hour in range(20)))
        if already:
            some = house.archive(*(post(hour) for hour in range(6, 20, 2)))
            await house.moved(some)
        migration = await house.started(archive)
        house.network.failing = failing
        migration = await see_through(house, await house.agreed(migration))
        assert migration.phase is Phase.DONE
        assert await house.states(migration) == [MOVED] * 20


async def test_a_network_that_takes_nothing_blames_nobody_and_is_not_pestered(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 20)
        house.network.failing = 10**9
        migration = await house.agreed(migration)
        house.network.calls.clear()
        waits = []
        for _each in range(20):
            waits.append((await wait_of(house, migration)).total_seconds())
            await house.later(timedelta(seconds=waits[-1]))
        assert waits == [5, 10, 20, 40, 80, 160, *[300] * 14]
        assert len(house.network.calls) <= 20 * 4
        assert FAILED not in await house.states(migration)
        assert house.heard("The network takes nothing at the moment.")
        house.network.failing = 0
        assert (await see_through(house, migration)).phase is Phase.DONE
        assert await house.states(migration) == [MOVED] * 20


async def test_the_first_posts_wait_for_a_network_that_takes_nothing(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        house.network.failing = 10**9
        migration = await asking(house, 20)
        assert migration.phase is Phase.TRIAL
        assert len(house.network.calls) <= 4, "it is not asked in a circle"
        house.network.failing = 0
        migration = await see_through(house, migration)
        assert migration.phase is Phase.ASKING
        assert len(house.network.standing) == 5


async def test_the_network_that_refuses_everything_is_told_post_by_post(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        house.network.refusing = {key(hour) for hour in range(12)}
        migration = await asking(house, 12)
        assert migration.phase is Phase.DONE
        assert await house.states(migration) == [FAILED] * 12
        assert house.heard("12 posts could not be moved.")


async def test_a_share_of_the_budget_is_left_for_people(
    sqlite_store: Store, tmp_path: Path
) -> None:
    # 80 of 100 points an hour are ours: 26 posts, of 3 points each.
    network = Network(batch=10, windows=(Window(100, HOUR), Window(200, timedelta(days=1))))
    async with moving(sqlite_store, tmp_path, network) as house:
        migration = await house.moved(house.archive(*(post(hour) for hour in range(70))))
        assert len(network.standing) == 26
        assert migration.resume_at is not None
        assert house.heard("A share is left for your own posts.")

        await house.later(timedelta(minutes=59))
        assert len(network.standing) == 26
        await house.later(timedelta(minutes=2))
        assert len(network.standing) == 52
        await house.later(timedelta(hours=2))
        assert len(network.standing) == 53, "160 points are those of a day"
        migration = await see_through(house, migration)
        assert migration.phase is Phase.DONE
        assert len(network.standing) == 70
        assert house.clock.now() - migration.created_at > timedelta(days=1)


async def test_removing_fits_into_a_budget_that_is_smaller_than_a_batch(
    sqlite_store: Store, tmp_path: Path
) -> None:
    network = Network(batch=50, windows=(Window(50, HOUR),))
    async with moving(sqlite_store, tmp_path, network) as house:
        migration = await house.moved(house.archive(*(post(hour) for hour in range(45))))
        migration = await see_through(house, migration)
        assert len(network.standing) == 45
        await house.migrations.undo(migration)
        migration = await see_through(house, migration)
        assert migration.phase is Phase.UNDONE
        assert not network.standing


async def test_an_undo_waits_for_a_network_that_is_away(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.moved(house.archive(*(post(hour) for hour in range(9))))
        house.network.away = 3
        await house.migrations.undo(migration)
        migration = await see_through(house, migration)
        assert migration.phase is Phase.UNDONE
        assert not house.network.standing
        assert await house.states(migration) == [ItemState.REMOVED] * 9
        await house.ledger_agrees()


@pytest.mark.parametrize("same", [True, False])
async def test_two_migrations_at_once_move_every_post_once(
    store: Store, tmp_path: Path, *, same: bool
) -> None:
    async with moving(store, tmp_path) as house:
        own = house.archive(*(post(hour) for hour in range(20)))
        other = own if same else house.archive(*(post(hour) for hour in range(10, 30)))
        one, two = await house.planned(own), await house.planned(other)
        for migration in (one, two):
            await house.migrations.start(house.home, migration)
        await house.settled()
        for migration in (one, two):
            await house.migrations.resume(await see_through(house, migration))
        for migration in (one, two):
            ended = await see_through(house, migration)
            assert ended.phase is Phase.DONE
            assert await house.states(ended) == [MOVED] * 20
        assert len(house.network.writes) == len(set(house.network.writes)) == (20 if same else 30)
        await house.ledger_agrees()


async def test_two_who_claim_a_record_in_the_same_moment_publish_it_once(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        sender = Sender(house.accounts.open(house.account), house.network)
        written = Post("1", "post", house.clock.now(), (Words("Une fois"),))
        records = await house.network.prepare(sender.account, Draft("x:1", written))
        for _each in range(5):
            both = await asyncio.gather(
                house.publisher.deliver(sender, "one", records, Nobody()),
                house.publisher.deliver(sender, "two", records, Nobody()),
            )
            assert any(isinstance(outcomes["x:1#0"], Published) for outcomes in both)
            assert house.network.calls == [["x:1#0"]]
            # Removed, it may be claimed again, now as a row that is known.
            for subject in ("one", "two"):
                keys = await house.publisher.removable(sender, subject, 9)
                await house.publisher.remove(sender, keys, Nobody())
            assert not house.network.standing
            house.network.calls.clear()


class Nobody:
    """Has no rows of its own."""

    async def claimed(self, _connection: AsyncConnection, _keys: Sequence[str]) -> None:
        pass

    async def settled(self, _connection: AsyncConnection, _outcomes: object) -> None:
        pass


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[str, int]]:
    """Draw troubles, each of which begins after a write got through.

    The network is ill once at most: one that is ill whenever a certain post comes could not be told
    from one that fails on that post.
    """
    kinds = st.sampled_from(["away", "losing", "waiting", "forgetting"])
    troubles = draw(st.lists(st.tuples(kinds, st.integers(1, 4)), max_size=12))
    illness = ("failing", draw(st.integers(0, 9)))
    troubles.insert(draw(st.integers(0, len(troubles))), illness)
    return troubles


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(schedules(), st.sets(st.integers(0, 19), max_size=4), st.sampled_from([1, 3, 7]))
async def test_whatever_happens_every_post_stands_once(
    tmp_path: Path, troubles: Sequence[tuple[str, int]], refused: set[int], batch: int
) -> None:
    folder = tempfile.mkdtemp(dir=tmp_path)
    store = await Store.open(f"sqlite:///{folder}/quitx.db")
    network = Troubled(troubles, batch)
    network.refusing = {key(hour) for hour in refused}
    try:
        async with moving(store, Path(folder), network) as house:
            archive = house.archive(
                *(post(hour) for hour in range(10)),
                *(post(hour, answers=hour - 1) for hour in range(10, 20)),
            )
            migration = await see_through(house, await house.started(archive))
            assert migration.phase is Phase.ASKING
            migration = await see_through(house, await house.agreed(migration))
            assert migration.phase is Phase.DONE
            expected = [FAILED if hour in refused else MOVED for hour in range(20)]
            assert await house.states(migration) == expected
            assert len(network.writes) == len(set(network.writes))
            assert set(network.posts) == {f"{number(h)}#0" for h in range(20) if h not in refused}
            await house.ledger_agrees()
    finally:
        await store.close()


async def test_a_wait_can_be_cut_short(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 12)
        house.network.waiting = (1, house.clock.now() + HOUR)
        migration = await house.agreed(migration)
        await house.migrations.resume(migration)
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        house.network.calls.clear()
        await house.later(2 * HOUR)
        assert not house.network.calls
        assert len(house.heard("Migration 1 is done")) == 1


async def test_a_wait_can_be_paused_and_abandoned(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await asking(house, 12)
        house.network.away = 1
        migration = await house.agreed(migration)
        await house.migrations.pause(migration)
        await house.later(HOUR)
        assert len(house.network.standing) == 5
        migration = await house.ledger.get(migration.id)
        house.network.away = 1
        await house.migrations.resume(migration)
        migration = await house.now(migration)
        await house.migrations.abandon(migration)
        await house.later(HOUR)
        assert len(house.network.standing) == 5
        assert (await house.ledger.get(migration.id)).phase is Phase.ABANDONED


class Slow(Network):
    """Has written something long before it says so."""

    def __init__(self) -> None:
        super().__init__()
        self.answering = asyncio.Event()
        self.answering.set()
        self.written = asyncio.Event()

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        answers = await super().publish(account, records)
        self.written.set()
        await self.answering.wait()
        return answers


@pytest.mark.parametrize("written", [True, False])
async def test_a_program_that_stops_in_the_middle_goes_on_after_its_next_start(
    store: Store, tmp_path: Path, *, written: bool
) -> None:
    network = Slow()
    async with moving(store, tmp_path, network) as house:
        migration = await asking(house, 20)
        network.written.clear()
        if written:
            network.answering.clear()
        else:
            network.hold_up()
        await house.migrations.resume(migration)
        await (network.written if written else network.writing).wait()
        await house.engine.stop()
        assert (await house.states(migration)).count(ItemState.MOVING) == 3

        network.answering.set()
        network.go_on()
        await house.engine.start()
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        assert network.writes == [key(hour) for hour in range(20)]
        await house.ledger_agrees()


async def test_a_database_that_is_full_for_a_while_loses_nothing(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path, Network(batch=50)) as house:
        migration = await asking(house, 400)
        await limit_pages(sqlite_store, 20)
        await house.migrations.resume(migration)
        for step in range(200):
            # The engine has pauses, too, where not even the wait could be written down.
            await house.clock.advance(timedelta(seconds=5))
            await asyncio.sleep(0.05)
            if step == 10:
                assert 5 < len(house.network.standing) < 400
                await limit_pages(sqlite_store, 1 << 30)
            if (await house.ledger.get(migration.id)).phase is Phase.DONE:
                break
        assert house.heard("posts moved")
        assert await house.states(migration) == [MOVED] * 400
        assert house.network.writes == [key(hour) for hour in range(400)]
        await house.ledger_agrees()


async def test_reads_that_are_broken_off_leave_nothing_behind(sqlite_store: Store) -> None:
    async def read() -> None:
        async with sqlite_store.read() as connection:
            await connection.exec_driver_sql("SELECT 1")

    # A migration breaks off the preparation of the next batch whenever one fails.
    for step in range(200):
        reading = asyncio.create_task(read())
        await asyncio.sleep(step % 20 / 20_000)
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)
    for _each in range(8):
        await read()


async def limit_pages(store: Store, more: int) -> None:
    """Let the database have so many more pages than it has now."""
    async with store.write() as connection:
        count = await connection.exec_driver_sql("PRAGMA page_count")
        most = int(count.scalar_one()) + more
        limited = await connection.exec_driver_sql(f"PRAGMA max_page_count = {most}")
        assert limited.scalar_one() >= most or more > 1000


async def test_pictures_for_which_there_is_no_room_are_waited_for(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        house.kept.folder(1).rmdir()
        in_the_way = tmp_path / "kept" / "migration-1"
        await asyncio.to_thread(in_the_way.touch)
        migration = await house.started(
            house.archive(
                post(0, "Image", pictures=["a.png"]), media={f"{number(0)}-a.png": pond()}
            )
        )
        assert (migration.phase, migration.hold) == (Phase.KEEPING, Hold.NONE)
        assert house.heard("could not be kept")
        await asyncio.to_thread(in_the_way.unlink)
        migration = await see_through(house, migration)
        assert migration.phase is Phase.DONE
        assert house.network.posts[f"{number(0)}#0"].files == 1


STEPS = st.one_of(
    st.sampled_from(["pause", "resume", "restart", "agree", "later", "release"]).map(
        lambda step: (step, 0)
    ),
    st.tuples(
        st.sampled_from(["away", "losing", "forgetting", "waiting", "locked out"]),
        st.integers(1, 3),
    ),
)


async def take(house: House, network: Troubled, migration: Migration, step: str, n: int) -> None:
    """Do to a migration what people and networks do, whether it can be done now or not."""
    current = await house.ledger.get(migration.id)
    match step:
        case "pause" | "resume" | "release":
            with suppress(Conflict):
                await getattr(house.migrations, step)(current)
        case "agree":
            if current.phase is Phase.ASKING:
                await house.migrations.resume(current)
        case "later":
            await house.clock.advance(timedelta(seconds=7))
        case "restart":
            await house.engine.stop()
            await house.engine.start()
        case "locked out":
            network.locked_out = not network.locked_out
        case _:
            network.troubles.append((step, n))
    # Not long enough for all that is due, so that the next step meets work under way.
    await asyncio.sleep(0.002 * n)


async def calm_down(house: House, network: Troubled, migration: Migration) -> Migration:
    """End every trouble, let time pass, and go on wherever somebody has to say so."""
    network.troubles.clear()
    network.locked_out, network.away, network.losing, network.waiting = False, 0, 0, (0, None)
    for _each in range(30):
        migration = await see_through(house, migration)
        if migration.phase in ENDED:
            break
        if migration.hold is not Hold.NONE or migration.phase is Phase.ASKING:
            await house.migrations.resume(migration)
    return migration


@settings(
    max_examples=20,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(STEPS, max_size=25), st.lists(STEPS, max_size=15))
async def test_whatever_people_do_meanwhile_every_post_stands_once_and_can_be_removed(
    tmp_path: Path,
    moving_steps: Sequence[tuple[str, int]],
    undoing_steps: Sequence[tuple[str, int]],
) -> None:
    folder = Path(tempfile.mkdtemp(dir=tmp_path))
    store = await Store.open(f"sqlite:///{folder}/quitx.db")
    network = Troubled()
    try:
        async with moving(store, folder, network) as house:
            thread = (post(hour, answers=hour - 1) for hour in range(8, 16))
            archive = house.archive(*(post(hour) for hour in range(8)), *thread)
            migration = await house.planned(archive)
            await house.migrations.start(house.home, migration)
            for step, n in moving_steps:
                await take(house, network, migration, step, n)
            migration = await calm_down(house, network, migration)
            assert migration.phase is Phase.DONE
            assert await house.states(migration) == [MOVED] * 16
            assert sorted(network.writes) == sorted(key(hour) for hour in range(16))
            await house.ledger_agrees()

            await house.migrations.undo(migration)
            for step, n in undoing_steps:
                await take(house, network, migration, step, n)
            migration = await calm_down(house, network, migration)
            assert migration.phase is Phase.UNDONE
            assert not network.standing
            await house.ledger_agrees()
    finally:
        await store.close()
