"""Migrations as people meet them in chat: commands, attachments, and other organisations."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from chatops.archive.pictures import pond
from chatops.conversation.addresses import Member, Place
from chatops.migrations.states import ItemState, Phase
from chatops.organisations.records import Role
from chatops.store import Store
from tests.support.engines import until
from tests.support.moving import ANNA, ROOM, House, moving, number, post

ELSEWHERE = Place("memory", "home", "elsewhere")
DIRECT = Place("memory", "home", "anna", direct=True)
BEN = Member("memory", "home", "U2", "Ben")

VERBS = ("start", "status", "pause", "resume", "abandon", "undo", "release", "report")


def inbox(house: House, archive: Path) -> str:
    """Put an archive into the inbox of the association; return its name."""
    archive.rename(house.sources.inbox(house.home) / archive.name)
    return archive.name


def incoming(house: House) -> list[Path]:
    """Return the archives that were sent here and are kept."""
    return list(house.kept.incoming("any").parent.iterdir())


async def test_a_conversation_from_the_plan_to_the_end(store: Store, tmp_path: Path) -> None:
    async with moving(store, tmp_path) as house:
        name = inbox(house, house.archive(*(post(hour) for hour in range(8))))
        planned = await house.says(f"migrate plan {name} to=bluesky")
        assert "Plan 1: @JardinsLoutre to amis.test on Bluesky" in planned.text
        assert "8 posts" in planned.text
        assert "> Message 7" in planned.text

        [start] = planned.choices
        await house.platform.press(ANNA, planned.ref, start.says)
        await house.conversation.settled()
        [question] = house.heard("Nothing has happened yet.")
        assert "8 posts" in question
        assert not house.network.calls
        preview = next(s for s in house.platform.said if s.text == question)
        await house.platform.react_to(ANNA, preview.ref, "✅")
        await house.settled()

        first = next(s for s in house.platform.said if "the first posts stand" in s.text)
        assert [f"> Message {hour}" in first.text for hour in range(6)] == [*[True] * 5, False]
        await house.platform.react_to(ANNA, first.ref, "✅")
        await house.settled()
        assert len(house.network.standing) == 8
        assert house.heard("8 posts stand.")
        assert "done, 8 of 8 posts" in (await house.says("status")).text

        preview = await house.confirms("migrate undo")
        assert "8 posts that migration 1 created would be removed for good." in preview.text
        await house.settled()
        assert not house.network.standing
        assert house.heard("8 posts were removed; nothing else was touched.")
        assert "Nothing of migration 1 stands." in (await house.says("migrate undo")).text
        assert "undone, 8 posts removed" in (await house.says("status")).text


async def test_the_first_posts_can_be_removed_again(sqlite_store: Store, tmp_path: Path) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        migration = await house.started(house.archive(*(post(hour) for hour in range(8))))
        first = next(s for s in house.platform.said if "the first posts stand" in s.text)
        await house.platform.react_to(ANNA, first.ref, "❌")
        await house.conversation.settled()
        await house.platform.react_to(ANNA, house.platform.said[-1].ref, "✅")
        migration = await house.now(migration)
        assert migration.phase is Phase.UNDONE
        assert not house.network.standing


async def test_what_another_migration_moved_is_not_offered_to_be_removed(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        await house.moved(house.archive(*(post(hour) for hour in range(3))))
        await house.moved(house.archive(*(post(hour) for hour in range(5))))
        preview = await house.says("migrate undo 2")
        assert "2 posts that migration 2 created" in preview.text
        await house.moved(house.archive(post(0)))
        assert "Nothing of migration 3 stands." in (await house.says("migrate undo 3")).text


@pytest.mark.parametrize("verb", VERBS)
async def test_an_organisation_cannot_touch_the_migration_of_another(
    sqlite_store: Store, tmp_path: Path, verb: str
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        other = await house.found("Les Autres", ELSEWHERE, live=True)
        await house.connect(other, "autres.test")
        migration = await house.started(house.archive(*(post(hour) for hour in range(8))))
        before = await house.ledger.get(migration.id)

        numbered = await house.said_in(ELSEWHERE, f"migrate {verb} {migration.id}")
        assert "There is no migration number 1." in numbered.text
        newest = await house.said_in(ELSEWHERE, f"migrate {verb}")
        assert "No migration has been planned yet." in newest.text
        await house.settled()
        assert await house.ledger.get(migration.id) == before
        for word in ("Message", "JardinsLoutre", "amis.test"):
            assert word not in numbered.text + newest.text
        assert "Migration" not in (await house.said_in(ELSEWHERE, "status")).text


async def test_an_organisation_cannot_move_to_the_account_of_another(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        other = await house.found("Les Autres", ELSEWHERE, live=True)
        name = house.archive(post(0))
        name.rename(house.sources.inbox(other) / name.name)
        said = await house.said_in(ELSEWHERE, f"migrate plan {name.name} account=amis.test")
        assert "No such account on bluesky is connected." in said.text
        said = await house.says(f"migrate plan {name.name}")
        assert "No archive is called" in said.text, "the inbox of another is closed, too"


@pytest.mark.parametrize("verb", ["undo", "release"])
async def test_an_editor_neither_undoes_nor_releases(
    sqlite_store: Store, tmp_path: Path, verb: str
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        ben = await house.people.recognise(BEN.who, BEN.name)
        await house.people.grant(house.home.id, ben.id, Role.EDITOR)
        await house.moved(house.archive(post(0)))
        await house.platform.call(BEN, ROOM, f"migrate {verb}")
        await house.settled()
        assert house.platform.said[-1].reply.complaint is not None
        assert len(house.network.standing) == 1


async def test_a_plan_that_was_previewed_in_practice_is_not_confirmed_live(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path, live=False) as house:
        await house.planned(house.archive(post(0)))
        preview = await house.says("migrate start")
        await house.organisations.go_live(house.home.id)
        await house.platform.react_to(ANNA, preview.ref, "✅")
        await house.settled()
        assert (await house.ledger.find(house.home.id, 1)).phase is Phase.PLANNED
        said = await house.says("migrate start")
        assert "This plan was made in practice, and you are live now." in said.text
        assert not house.network.calls


async def test_what_began_in_practice_stays_practice_and_says_so(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path, live=False) as house:
        migration = await house.planned(house.archive(post(0)))
        async with house.runs.store.alone(f"migration {migration.id}"):
            await house.migrations.start(house.home, migration)
            await house.organisations.go_live(house.home.id)
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        assert not house.network.standing
        [done] = house.heard("Migration 1 is done")
        assert "practice" in done


async def test_what_was_published_in_practice_is_for_one_s_own_people_only(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path, live=False) as house:
        await house.moved(house.archive(post(0)))
        said = await house.said_in(replace(ROOM, shared=True), "practice show")
        assert "> Message 0" in said.text
        assert said.asked.private
        assert said.text.startswith("Les Amis: practice")
        assert not (await house.says("practice show")).asked.private


async def test_an_attached_archive_is_removed_once_its_files_are_kept(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(
            post(0, "Image", pictures=["a.png"]), media={f"{number(0)}-a.png": pond()}
        )
        attached = house.platform.attach("twitter.zip", archive.read_bytes())
        await house.platform.call(ANNA, DIRECT, "migrate plan", attached)
        await house.conversation.settled()
        assert len(incoming(house)) == 1

        migration = await house.ledger.find(house.home.id, None)
        await house.migrations.start(house.home, migration)
        migration = await house.now(migration)
        assert migration.phase is Phase.DONE
        assert incoming(house) == []
        assert house.network.posts[f"{number(0)}#0"].files == 1


async def test_an_archive_that_is_no_archive_is_not_kept(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        attached = house.platform.attach("holidays.zip", b"no archive at all")
        await house.platform.call(ANNA, DIRECT, "migrate plan", attached)
        await house.conversation.settled()
        assert house.platform.said[-1].reply.complaint is not None
        assert incoming(house) == []


async def test_an_archive_of_a_plan_that_is_given_up_is_not_kept(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        archive = house.archive(post(0))
        attached = house.platform.attach("twitter.zip", archive.read_bytes())
        for _each in range(2):
            await house.platform.call(ANNA, DIRECT, "migrate plan", attached)
            await house.conversation.settled()
        await house.said_in(DIRECT, "migrate abandon 1")
        assert len(incoming(house)) == 1
        await house.later(timedelta(days=31))
        await until(lambda: incoming(house) == [])


async def test_an_archive_that_others_can_open_is_not_taken(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        attached = house.platform.attach("twitter.zip", house.archive(post(0)).read_bytes())
        await house.platform.call(ANNA, ROOM, "migrate plan", attached)
        await house.conversation.settled()
        assert "An archive holds your private messages" in house.platform.said[-1].text
        assert incoming(house) == []


async def test_held_posts_are_told_and_released_by_command(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        circles = 24 * 365 * 3 + 24 * 200
        name = inbox(house, house.archive(post(0), post(circles, "Entre nous")))
        planned = await house.says(f"migrate plan {name}")
        assert "1 post waits for an admin" in planned.text
        await house.confirms("migrate start")
        migration = await house.now(await house.ledger.find(house.home.id, 1))
        assert migration.phase is Phase.DONE
        assert house.network.texts == ["Message 0"]
        asked = await house.says("migrate release")
        assert "for a few people only" in asked.text
        await house.confirms("migrate release")
        await house.settled()
        assert house.network.texts == ["Message 0", "Entre nous"]
        assert await house.states(migration) == [ItemState.MOVED] * 2
        assert "is held back" in (await house.says("migrate release")).text


async def test_what_cannot_be_done_now_is_said_with_the_next_step(
    sqlite_store: Store, tmp_path: Path
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        await house.started(house.archive(*(post(hour) for hour in range(8))))
        for line in ("migrate start", "migrate pause", "migrate undo 7"):
            complaint = (await house.says(line)).reply.complaint
            assert complaint is not None
            assert complaint.next.message
        assert len(house.network.standing) == 5


@pytest.mark.parametrize("own", ["9" * 19, "9" * 20])
async def test_an_id_that_no_post_can_have_is_told(
    sqlite_store: Store, tmp_path: Path, own: str
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        strange = post(0)
        assert isinstance(strange["tweet"], dict)
        strange["tweet"]["id_str"] = own
        name = inbox(house, house.archive(strange))
        said = await house.says(f"migrate plan {name}")
        assert "tweets.js in archive-1.zip cannot be understood" in said.text


@pytest.mark.parametrize("other", ["9" * 19, "9" * 20, "-1", "x"])
async def test_a_post_that_points_at_no_post_moves_alone(
    sqlite_store: Store, tmp_path: Path, other: str
) -> None:
    async with moving(sqlite_store, tmp_path) as house:
        answer = post(0, answers=1)
        assert isinstance(answer["tweet"], dict)
        answer["tweet"]["in_reply_to_status_id_str"] = other
        quote = post(1, f"Voir https://twitter.com/JardinsLoutre/status/{other}")
        migration = await house.moved(house.archive(answer, quote))
        assert migration.phase is Phase.DONE
        assert len(house.network.standing) == 2
