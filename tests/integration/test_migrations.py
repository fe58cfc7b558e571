"""Migrations from plan to undo, on a network, an engine and a chat in memory."""

from __future__ import annotations

import csv
import io
import random
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from chatops.archive.pictures import pond, seedlings
from chatops.conversation.reply import Document
from chatops.language import ENGLISH, Conflict, Invalid, Missing
from chatops.migrations.records import Selection
from chatops.migrations.report import report
from chatops.migrations.states import Hold, ItemState, Phase
from chatops.posts.network import Window
from chatops.store import Store
from tests.support.archives import tweet
from tests.support.engines import until
from tests.support.moving import Network, at, moving, number, post

MOVED, PLANNED, HELD = ItemState.MOVED, ItemState.PLANNED, ItemState.HELD
CIRCLES = datetime(2022, 10, 1, tzinfo=UTC)
"""A time when X had Circles: posts of then wait for a release."""


async def test_a_migration_moves_every_post_once_and_in_order(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        tweets = [post(hour) for hour in range(20)]
        random.Random(1).shuffle(tweets)
        migration = await house.moved(house.archive(*tweets))

        assert migration.phase is Phase.DONE
        assert house.network.texts == [f"Message {hour}" for hour in range(20)]
        assert await house.states(migration) == [MOVED] * 20
        await house.ledger_agrees()


async def test_live_five_posts_stand_before_anybody_says_yes(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(8))))
        assert migration.phase is Phase.ASKING
        assert house.network.texts == [f"Message {hour}" for hour in range(5)]

        await house.later(timedelta(days=3))
        assert len(house.network.standing) == 5, "nothing goes on without a yes"

        migration = await house.agreed(migration)
        assert migration.phase is Phase.DONE
        assert len(house.network.standing) == 8


@pytest.mark.parametrize("batch", [1, 3, 5, 100])
async def test_the_first_posts_are_five_whatever_a_batch_holds(
    sqlite_store: Store, tmp_path: Path, batch: int
) -> None:
    async with moving(sqlite_store, tmp_path, Network(batch)) as house:
        house.network.refusing = {f"x:{number(1)}#0", f"x:{number(4)}#0"}
        migration = await house.started(house.archive(*(post(hour) for hour in range(9))))
        assert migration.phase is Phase.ASKING
        assert house.network.texts == [f"Message {hour}" for hour in (0, 2, 3, 5, 6)]


async def test_an_archive_of_five_posts_needs_no_yes(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(5))))
        assert migration.phase is Phase.DONE
        assert len(house.network.standing) == 5


async def test_in_practice_everything_is_done_but_nothing_is_published(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path, live=False) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(8))))
        assert migration.phase is Phase.DONE, "a rehearsal waits for nobody"
        assert await house.states(migration) == [MOVED] * 8
        assert not house.network.standing
        assert all("practice" in said.text for said in house.platform.said)


async def test_a_plan_counts_what_moves_and_what_stays(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        archive = house.archive(
            post(0),
            post(1, "long " * 100),
            post(2, answers=0),
            post(3, quotes=0),
            post(4, "RT @Voisine: bonjour"),
            tweet(int(number(5)), "@Voisine merci", at(5), in_reply_to_user_id_str="7"),
            tweet(text="Entre nous", at=CIRCLES),
            post(7, "Regardez", pictures=["a.png"]),
            media={f"{number(7)}-a.png": seedlings()},
        )
        migration = await house.planned(archive)
        summary = migration.summary
        assert summary is not None
        assert summary.moves == {"post": 3, "thread": 1, "quote": 1}
        assert (summary.total, summary.records, summary.held) == (5, 6, 1)
        assert [reason.count for reason in summary.skipped] == [1, 1]
        assert (summary.first, summary.last) == (at(0), at(7))
        assert await house.states(migration) == [
            *[PLANNED] * 4,
            *[ItemState.SKIPPED] * 2,
            PLANNED,
            HELD,
        ]
        assert not house.network.calls, "nothing has been published"


async def test_a_plan_keeps_to_its_days_and_kinds(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(post(0), post(24), post(25, answers=24), post(48))
        day = date(2019, 3, 2)
        selection = Selection("Europe/Paris", frozenset({"post"}), since=day, until=day)
        await house.moved(archive, selection)
        assert house.network.texts == ["Message 24"]


async def test_the_duration_of_a_plan_is_that_of_the_network(
    sqlite_store: Store, tmp_path: Path
) -> None:
    windows = (Window(15, timedelta(hours=1)),)
    async with moving(sqlite_store, tmp_path, Network(windows=windows)) as house:
        migration = await house.planned(house.archive(*(post(hour) for hour in range(20))))
        assert migration.summary is not None
        assert migration.summary.duration == timedelta(hours=4), "12 of 15 points an hour are ours"


async def test_an_archive_that_cannot_be_read_leaves_nothing(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        whole = house.archive(*(post(hour) for hour in range(600))).read_bytes()
        cut = tmp_path / "cut.zip"
        cut.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(Invalid):
            await house.planned(cut)
        broken = house.archive(*(post(hour) for hour in range(600)), tweet(1, created_at="then"))
        with pytest.raises(Invalid):
            await house.planned(broken)
        for migration in await house.ledger.of(house.home.id):
            assert migration.phase is Phase.ABANDONED
            assert not await house.items(migration)


async def test_threads_and_quotes_point_at_the_records_that_they_meant(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        thread = [post(0), *(post(hour, answers=hour - 1) for hour in range(1, 8))]
        await house.moved(house.archive(*thread, post(8, quotes=2), post(9, answers=8)))

        posts = house.network.posts
        root = f"memory:x:{number(0)}#0"
        assert (posts[f"{number(0)}#0"].root, posts[f"{number(0)}#0"].parent) == ("", "")
        for hour in range(1, 8):
            record = posts[f"{number(hour)}#0"]
            assert (record.root, record.parent) == (root, f"memory:x:{number(hour - 1)}#0")
        assert posts[f"{number(8)}#0"].quoted == f"memory:x:{number(2)}#0"
        assert posts[f"{number(9)}#0"].root == f"memory:x:{number(8)}#0"


async def test_a_thread_goes_on_below_the_last_part_of_a_long_post(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        await house.moved(
            house.archive(
                post(0),
                post(1, "word " * 100, answers=0),
                post(2, answers=1),
                post(3, quotes=1),
            )
        )
        posts = house.network.posts
        assert posts[f"{number(1)}#1"].parent == f"memory:x:{number(1)}#0"
        assert posts[f"{number(2)}#0"].parent == f"memory:x:{number(1)}#1"
        assert {posts[f"{number(1)}#1"].root, posts[f"{number(2)}#0"].root} == {
            f"memory:x:{number(0)}#0"
        }
        assert posts[f"{number(3)}#0"].quoted == f"memory:x:{number(1)}#0"


async def test_a_thread_moves_without_a_beginning_that_stays_behind(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(
            post(0), post(24, answers=0), post(25, answers=24), post(26, quotes=0)
        )
        await house.moved(archive, Selection("Europe/Paris", since=date(2019, 3, 2)))
        posts = house.network.posts
        assert (posts[f"{number(24)}#0"].root, posts[f"{number(24)}#0"].parent) == ("", "")
        assert posts[f"{number(25)}#0"].root == f"memory:x:{number(24)}#0"
        assert posts[f"{number(26)}#0"].quoted == ""


@pytest.mark.parametrize("batch", [1, 3])
async def test_a_thread_moves_without_a_beginning_that_was_refused(
    sqlite_store: Store, tmp_path: Path, batch: int
) -> None:
    async with moving(sqlite_store, tmp_path, Network(batch)) as house:
        house.network.refusing = {f"x:{number(8)}#0"}
        own = [post(hour) for hour in range(9)]
        migration = await house.moved(
            house.archive(*own, post(9, answers=8), post(10, quotes=8), post(11, answers=9))
        )
        posts = house.network.posts
        assert (posts[f"{number(9)}#0"].root, posts[f"{number(9)}#0"].parent) == ("", "")
        assert posts[f"{number(10)}#0"].quoted == ""
        assert posts[f"{number(11)}#0"].root == f"memory:x:{number(9)}#0"
        states = (await house.items(migration)).items()
        assert {key for key, item in states if item.state is ItemState.FAILED} == {number(8)}


async def test_of_an_edited_post_the_last_version_moves(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.moved(
            house.archive(
                post(0, "Frist", versions=(0, 1)),
                post(1, "First", versions=(0, 1)),
                post(2, answers=0),
                post(3, quotes=0),
            )
        )
        assert house.network.texts == ["First", "Message 2", "Message 3"]
        posts = house.network.posts
        assert posts[f"{number(2)}#0"].parent == f"memory:x:{number(1)}#0"
        assert posts[f"{number(3)}#0"].quoted == f"memory:x:{number(1)}#0"
        assert await house.states(migration) == [MOVED] * 3


async def test_a_pause_stops_after_the_batch_and_a_resume_goes_on(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(20))))
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        migration = await house.migrations.pause(await house.ledger.get(migration.id))
        house.network.go_on()
        migration = await house.now(migration)
        assert (migration.phase, migration.hold) == (Phase.MOVING, Hold.PAUSED)
        assert len(house.network.standing) == 5 + 3

        await house.later(timedelta(days=1))
        assert len(house.network.standing) == 5 + 3

        await house.migrations.resume(migration)
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        assert house.network.texts == [f"Message {hour}" for hour in range(20)]


async def test_a_pause_and_a_resume_during_one_batch_change_nothing(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(20))))
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        migration = await house.migrations.pause(await house.ledger.get(migration.id))
        migration = await house.migrations.resume(migration)
        await house.engine_is_idle_or_waits()
        house.network.go_on()
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        assert await house.states(migration) == [MOVED] * 20
        await house.ledger_agrees()


async def test_a_pause_during_the_last_batch_does_not_outlive_the_migration(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(7))))
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        await house.migrations.pause(await house.ledger.get(migration.id))
        house.network.go_on()
        migration = await house.now(migration)
        if migration.phase is not Phase.DONE:
            await house.migrations.resume(migration)
            migration = await house.now(migration)
        assert (migration.phase, migration.hold) == (Phase.DONE, Hold.NONE)
        assert len(house.heard("Migration 1 is done")) == 1


async def test_what_is_abandoned_moves_no_further_and_stays(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(20))))
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        await house.migrations.abandon(await house.ledger.get(migration.id))
        house.network.go_on()
        migration = await house.now(migration)
        assert migration.phase is Phase.ABANDONED
        assert len(house.network.standing) == 5 + 3
        assert await house.states(migration) == [MOVED] * 8 + [PLANNED] * 12
        with pytest.raises(Conflict):
            await house.migrations.resume(migration)
        with pytest.raises(Conflict):
            await house.migrations.pause(migration)
        await house.ledger_agrees()


@pytest.mark.parametrize("hours", [7, 20])
async def test_abandoning_during_a_batch_is_not_told_as_trouble(
    sqlite_store: Store, tmp_path: Path, hours: int
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(hours))))
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        await house.migrations.abandon(await house.ledger.get(migration.id))
        house.network.go_on()
        migration = await house.now(migration)
        assert migration.phase is Phase.ABANDONED
        assert not house.heard("has stopped")


async def test_a_paused_migration_that_is_abandoned_is_abandoned(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        await house.started(house.archive(*(post(hour) for hour in range(8))))
        house.network.away = 1000
        await house.says("migrate resume")
        await house.settled()
        assert "paused" in (await house.says("migrate pause")).text
        said = await house.says("migrate abandon")
        assert "abandoned" in said.text
        assert "paused" not in said.text
        assert [choice.says for choice in said.choices] == ["migrate report 1", "migrate undo 1"]
        refused = await house.says("migrate resume")
        assert "not under way" in refused.text


async def test_undo_removes_what_a_migration_created_and_nothing_else(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        await house.moved(house.archive(post(0), post(1, "word " * 100), post(2)))
        before = set(house.network.standing)
        migration = await house.moved(house.archive(*(post(hour) for hour in range(3, 15))))
        assert len(house.network.standing) == 4 + 12

        await house.migrations.undo(migration)
        migration = await house.now(migration)
        assert migration.phase is Phase.UNDONE
        assert set(house.network.standing) == before
        assert await house.states(migration) == [ItemState.REMOVED] * 12
        assert len(house.heard("12 posts were removed; nothing else was touched.")) == 1
        await house.ledger_agrees()


async def test_a_second_migration_of_the_same_archive_publishes_nothing_and_removes_nothing(
    store: Store, tmp_path: Path
) -> None:
    async with moving(store, tmp_path) as house:
        archive = house.archive(*(post(hour) for hour in range(10)), post(10, "word " * 100))
        first = await house.moved(archive)
        standing = dict(house.network.standing)
        house.network.calls.clear()

        second = await house.moved(archive)
        assert second.phase is Phase.DONE
        assert await house.states(second) == [MOVED] * 11
        assert not house.network.calls

        with pytest.raises(Conflict):
            await house.migrations.may_undo(second)
        await house.migrations.undo(second)
        second = await house.now(second)
        assert house.network.standing == standing
        assert await house.migrations.may_undo(first) == 11
        await house.migrations.undo(first)
        await house.settled()
        assert not house.network.standing
        assert await house.states(second) == [ItemState.REMOVED] * 11, "its report does not lie"


async def test_what_was_undone_can_be_moved_again(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(*(post(hour) for hour in range(8)))
        first = await house.moved(archive)
        await house.migrations.undo(first)
        await house.settled()
        await house.moved(archive)
        assert len(house.network.standing) == 8
        await house.ledger_agrees()


async def test_an_undo_during_a_batch_leaves_nothing(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(20))))
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        await house.migrations.undo(await house.ledger.get(migration.id))
        await house.engine_is_idle_or_waits()
        house.network.go_on()
        migration = await house.now(migration)
        assert migration.phase is Phase.UNDONE
        assert not house.network.standing
        await house.ledger_agrees()


async def test_an_undo_can_be_paused_and_goes_on_where_it_was(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.moved(house.archive(*(post(hour) for hour in range(9))))
        house.network.away = 1
        await house.migrations.undo(migration)
        migration = await house.now(migration)
        await house.migrations.pause(migration)
        await house.later(timedelta(hours=1))
        migration = await house.ledger.get(migration.id)
        assert (migration.phase, migration.hold) == (Phase.UNDOING, Hold.PAUSED)
        assert len(house.network.standing) == 9
        await house.migrations.resume(migration)
        assert (await house.now(migration)).phase is Phase.UNDONE
        assert not house.network.standing


async def test_a_plan_made_in_practice_is_not_started_live(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path, live=False) as house:
        migration = await house.planned(house.archive(post(0)))
        await house.organisations.go_live(house.home.id)
        live = await house.organisations.get(house.home.id)
        with pytest.raises(Conflict, match="practice"):
            await house.migrations.start(live, migration)
        assert (await house.ledger.get(migration.id)).phase is Phase.PLANNED


async def test_a_plan_is_started_once(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.planned(house.archive(post(0)))
        await house.migrations.start(house.home, migration)
        with pytest.raises(Conflict):
            await house.migrations.start(house.home, migration)


async def test_live_an_account_is_needed(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path, live=False) as house:
        await house.organisations.go_live(house.home.id)
        live = await house.organisations.get(house.home.id)
        with pytest.raises(Missing):
            await house.migrations.account(live, "bluesky", None)
        await house.connect(live, "one.test")
        await house.connect(live, "two.test")
        with pytest.raises(Invalid):
            await house.migrations.account(live, "bluesky", None)
        assert (await house.migrations.account(live, "bluesky", "two.test")).handle == "two.test"
        with pytest.raises(Missing):
            await house.migrations.account(live, "bluesky", "three.test")


@pytest.mark.parametrize("when", ["before", "in the trial", "during", "after"])
async def test_held_posts_move_once_they_are_released(
    sqlite_store: Store, tmp_path: Path, when: str
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        secret = tweet(text="Entre nous", at=CIRCLES)
        later = tweet(text="Pour tous", at=CIRCLES + timedelta(days=500))
        migration = await house.planned(
            house.archive(secret, later, *(post(hour) for hour in range(8)))
        )
        if when == "before":
            assert await house.migrations.release(migration) == 1
        migration = await house.migrations.start(house.home, migration)
        migration = await house.now(migration)
        if when == "in the trial":
            assert await house.migrations.release(migration) == 1
        house.network.hold_up()
        await house.migrations.resume(migration)
        await house.network.writing.wait()
        if when == "during":
            await house.migrations.release(await house.ledger.get(migration.id))
        house.network.go_on()
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        if when == "after":
            assert len(house.network.standing) == 9
            assert HELD in await house.states(migration)
            assert await house.migrations.release(migration) == 1
            migration = await house.now(migration)
            assert migration.phase is Phase.DONE
        assert sorted(house.network.texts) == sorted(
            ["Entre nous", "Pour tous", *(f"Message {hour}" for hour in range(8))]
        )
        assert await house.migrations.release(migration) == 0


@pytest.mark.parametrize("ended", ["abandoned", "undone"])
async def test_nothing_is_released_that_will_never_move(
    sqlite_store: Store, tmp_path: Path, ended: str
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(post(0), tweet(text="Entre nous", at=CIRCLES))
        migration = await house.moved(archive)
        if ended == "abandoned":
            migration = await house.migrations.abandon(await house.planned(archive))
        else:
            await house.migrations.undo(migration)
            migration = await house.now(migration)
        said = await house.says(f"migrate release {migration.id}")
        assert "now move" not in said.text
        assert HELD in await house.states(migration)


async def test_pictures_move_with_their_posts_and_are_forgotten_after_30_days(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        names = [f"{number(1)}-a.png", f"{number(1)}-b.png", f"{number(2)}-c.png"]
        archive = house.archive(
            post(0),
            post(1, "Deux images", pictures=["a.png", "b.png"]),
            post(2, "RT @Voisine: regardez", pictures=["c.png"]),
            media=dict.fromkeys(names, pond()),
        )
        migration = await house.moved(archive)
        assert house.network.posts[f"{number(1)}#0"].files == 2
        kept = {path.name for path in house.kept.folder(migration.id).iterdir()}
        assert kept == {names[0], names[1]}, "only what a moved post needs is kept"

        await house.later(timedelta(days=29))
        assert house.kept.present() == [migration.id]
        await house.later(timedelta(days=1, minutes=5))
        await until(lambda: house.kept.present() == [])
        assert archive.exists(), "somebody's own file is not touched"


async def test_files_of_a_migration_that_nobody_knows_do_not_stop_the_sweep(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        house.kept.folder(0)
        house.kept.folder(77)
        migration = await house.moved(
            house.archive(
                post(0, "Image", pictures=["a.png"]), media={f"{number(0)}-a.png": pond()}
            )
        )
        await house.later(timedelta(days=31))
        await until(lambda: house.kept.present() == [0, 77])
        assert migration.phase is Phase.DONE


async def test_an_archive_that_is_gone_stops_the_migration_until_it_is_back(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(
            *(post(hour) for hour in range(6)),
            post(6, "Image", pictures=["a.png"]),
            media={f"{number(6)}-a.png": pond()},
        )
        migration = await house.planned(archive)
        elsewhere = archive.rename(tmp_path / "elsewhere.zip")
        await house.migrations.start(house.home, migration)
        migration = await house.now(migration)
        assert (migration.phase, migration.hold) == (Phase.KEEPING, Hold.STOPPED)
        assert migration.reason is not None
        assert archive.name in ENGLISH.say(migration.reason)
        [said] = house.heard("has stopped")
        assert archive.name in said
        assert not house.network.calls

        await house.migrations.resume(migration)
        migration = await house.now(migration)
        assert migration.hold is Hold.STOPPED, "it is still not there"

        elsewhere.rename(archive)
        await house.migrations.resume(migration)
        migration = await house.agreed(await house.now(migration))
        assert migration.phase is Phase.DONE
        assert house.network.posts[f"{number(6)}#0"].files == 1


async def test_another_archive_in_its_place_is_noticed(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        pictured = post(0, "Image", pictures=["a.png"])
        media = {f"{number(0)}-a.png": pond()}
        archive = house.archive(pictured, media=media)
        migration = await house.planned(archive)
        right = archive.read_bytes()
        archive.write_bytes(house.archive(pictured, post(1), media=media).read_bytes())
        await house.migrations.start(house.home, migration)
        migration = await house.now(migration)
        assert (migration.phase, migration.hold) == (Phase.KEEPING, Hold.STOPPED)
        assert house.heard("Another archive now lies where the planned one was")

        archive.write_bytes(right)
        await house.migrations.resume(migration)
        assert (await house.now(migration)).phase is Phase.DONE


async def test_the_report_lists_every_post_once(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        house.network.refusing = {f"x:{number(2)}#0"}
        archive = house.archive(
            *(post(hour) for hour in range(1200)),
            post(1200, "RT @Voisine: bonjour"),
            tweet(text="Entre nous", at=CIRCLES),
        )
        migration = await house.planned(archive)
        await house.migrations.start(house.home, migration)
        migration = await house.now(migration)

        reply = await report(house.ledger, migration, ENGLISH)
        [document] = [block for block in reply.blocks if isinstance(block, Document)]
        head, *rows = csv.reader(io.StringIO(document.data.decode("utf-8-sig")))
        assert len(head) == len(rows[0]) == 6
        addresses = [row[0] for row in rows]
        assert len(addresses) == len(set(addresses)) == 1202
        assert addresses[0] == f"https://x.com/JardinsLoutre/status/{number(0)}"
        states = [row[2] for row in rows]
        assert {state: states.count(state) for state in states} == {
            "moved": 5,
            "failed": 1,
            "still to move": 1194,
            "left out": 1,
            "waits for an admin": 1,
        }
        for row in rows:
            moved = row[2] == "moved"
            assert row[3].startswith("memory:x:") is moved
            assert bool(row[4]) is (row[2] in {"failed", "left out", "waits for an admin"})


async def test_progress_is_one_message_and_the_end_another(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(12))))
        house.network.away = 2
        await house.agreed(migration)
        await house.later(timedelta(minutes=1))
        await house.later(timedelta(minutes=1))
        assert (await house.ledger.get(migration.id)).phase is Phase.DONE
        [progress] = [s for s in house.platform.said if "posts moved" in s.text]
        assert "12/12" in progress.text
        assert progress.earlier, "it was edited"
        assert len(house.heard("Migration 1 is done")) == 1
        assert len(house.heard("the first posts stand")) == 1


async def test_a_question_that_was_lost_is_asked_after_the_next_start(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.planned(house.archive(*(post(hour) for hour in range(8))))
        house.platform.unavailable = 10**6
        await house.migrations.start(house.home, migration)
        await house.engine.settled(timedelta(seconds=30))
        assert (await house.ledger.get(migration.id)).phase is Phase.ASKING
        await house.outbox.stop()
        assert not house.heard("the first posts stand")

        house.platform.unavailable = 0
        for _each in range(3):
            house.outbox.start()
            await house.outbox.recall()
            await house.settled()
            await house.outbox.stop()
        assert len(house.heard("the first posts stand")) == 1


async def test_only_what_waits_can_be_resumed_and_only_what_works_be_paused(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.planned(house.archive(post(0)))
        for step in (house.migrations.resume, house.migrations.pause):
            with pytest.raises(Conflict):
                await step(migration)
        with pytest.raises(Conflict):
            await house.migrations.may_undo(migration)
        await house.migrations.start(house.home, migration)
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        for step in (house.migrations.resume, house.migrations.pause, house.migrations.abandon):
            with pytest.raises(Conflict):
                await step(migration)


async def test_two_who_say_yes_say_it_once(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(8))))
        await house.migrations.resume(migration)
        with pytest.raises(Conflict):
            await house.migrations.resume(migration)
        assert (await house.now(migration)).phase is Phase.DONE
