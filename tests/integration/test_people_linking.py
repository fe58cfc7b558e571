"""Being one person on two platforms; on both stores where they may differ."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import select

from chatops.conversation.addresses import Member, Place
from chatops.organisations.records import Role
from chatops.store import Store
from chatops.store.tables import people, role_changes
from chatops.testing import WORDS_ONLY, MemoryPlatform
from commands import link, members
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking

DIRECT = Place("memory", "home", "@U1", direct=True)
OTHER = Member("memory", "second", "A1", "Anna at the second")
OTHER_ROOM = Place("memory", "second", "room")


@asynccontextmanager
async def _talking(store: Store) -> AsyncIterator[Talk]:
    """A bot of one organisation, in which Anna edits here, and approves elsewhere."""
    async with talking(store, commands=[link.blueprint, members.blueprint]) as opened:
        organisation = await opened.found()
        await opened.grant(organisation, ANNA, Role.EDITOR)
        await opened.grant(organisation, OTHER, Role.APPROVER)
        yield opened


@pytest_asyncio.fixture
async def talk(sqlite_store: Store) -> AsyncIterator[Talk]:
    async with _talking(sqlite_store) as opened:
        yield opened


@pytest_asyncio.fixture
async def talk_on_both(store: Store) -> AsyncIterator[Talk]:
    async with _talking(store) as opened:
        yield opened


async def _code(talk: Talk, member: Member = ANNA, place: Place = DIRECT) -> str:
    said = await talk.say(member, "link", place)
    found = re.search(r"/quitx link (\S+-\S+-\S+)\.", said.text)
    assert found is not None
    return found[1]


async def _linked(talk: Talk) -> None:
    code = await _code(talk)
    asked = await talk.say(OTHER, f"link {code}", OTHER_ROOM)
    await talk.platform.press(OTHER, asked.ref, asked.choices[0].says)
    await talk.answer()


async def test_two_members_become_one_person_with_the_roles_of_both(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await _linked(talk)
    here = await talk.people.recognise(ANNA.who, ANNA.name)
    there = await talk.people.recognise(OTHER.who, OTHER.name)

    assert here.id == there.id
    assert await talk.people.roles(talk.home.id, here.id) == {Role.EDITOR, Role.APPROVER}
    (colleague,) = await talk.people.colleagues(talk.home.id)
    assert colleague.members == (ANNA.who, OTHER.who)


async def test_it_is_asked_first_whose_code_it_is(talk: Talk) -> None:
    code = await _code(talk)
    asked = await talk.say(OTHER, f"relier {code}", OTHER_ROOM)

    assert "asked for by U1 on Memory" in asked.text
    assert asked.asked.private
    assert code not in asked.text
    assert all(code not in choice.says for choice in asked.choices)
    here = await talk.people.recognise(ANNA.who, ANNA.name)
    assert await talk.people.members_of(here.id) == [ANNA.who]


async def test_the_code_is_told_in_private_only(sqlite_store: Store) -> None:
    words = MemoryPlatform(capabilities=WORDS_ONLY)
    async with talking(sqlite_store, words, commands=[link.blueprint]) as talk:
        said = await talk.say(ANNA, "link")
        assert "Others would read the code here" in said.text
        assert re.search(r"\w{4}-\w{4}-\w{4}", said.text) is None
        assert await _code(talk)


async def test_where_answers_can_be_private_it_can_be_asked_for_anywhere(talk: Talk) -> None:
    assert (await talk.say(BEN, "link")).asked.private


async def test_one_s_own_code_is_refused(talk: Talk) -> None:
    code = await _code(talk)

    assert "You asked for this code" in (await talk.say(ANNA, f"link {code}")).text


async def test_a_code_is_kept_for_whoever_typed_it_first(talk_on_both: Talk) -> None:
    talk = talk_on_both
    code = await _code(talk)
    await talk.say(OTHER, f"link {code}", OTHER_ROOM)

    assert "not known" in (await talk.say(EVE, f"link {code}")).text
    assert "code is missing" in (await talk.say(EVE, "link sure=yes")).text


async def test_a_code_works_for_ten_minutes_and_once(talk: Talk) -> None:
    code = await _code(talk)
    talk.now += timedelta(minutes=11)
    assert "too old" in (await talk.say(OTHER, f"link {code}", OTHER_ROOM)).text
    await _linked(talk)
    assert "code is missing" in (await talk.say(OTHER, "link sure=yes", OTHER_ROOM)).text


async def test_the_organisations_are_told(talk: Talk) -> None:
    await _linked(talk)

    told = [said for said in talk.platform.said if said.address.place == ROOM]
    assert "Anna at the second" in told[-1].text
    assert "U1 on Memory" in told[-1].text


async def test_what_was_done_before_can_still_be_told(talk: Talk) -> None:
    there = await talk.people.recognise(OTHER.who, OTHER.name)
    await _linked(talk)
    here = await talk.people.recognise(ANNA.who, ANNA.name)

    async with talk.store.read() as connection:
        assert (
            await connection.scalar(select(people.c.same_as).where(people.c.id == there.id))
            == here.id
        )
        changes = await connection.execute(
            select(role_changes.c.person_id, role_changes.c.role, role_changes.c.change).order_by(
                role_changes.c.id
            )
        )
        assert [tuple(row) for row in changes] == [
            (here.id, "editor", "granted"),
            (there.id, "approver", "granted"),
            (here.id, "approver", "joined"),
        ]


async def test_a_third_one_joins_and_everybody_before_goes_along(talk_on_both: Talk) -> None:
    talk = talk_on_both
    third = Member("memory", "third", "X1", "Anna X")
    there = await talk.people.recognise(OTHER.who, OTHER.name)
    await _linked(talk)
    code = await _code(talk, third, Place("memory", "third", "@X1", direct=True))
    asked = await talk.say(ANNA, f"link {code}")
    await talk.platform.press(ANNA, asked.ref, asked.choices[0].says)
    await talk.answer()
    whole = await talk.people.recognise(third.who, third.name)

    assert len(await talk.people.members_of(whole.id)) == 3
    assert await talk.people.roles(talk.home.id, whole.id) == {Role.EDITOR, Role.APPROVER}
    async with talk.store.read() as connection:
        assert (
            await connection.scalar(select(people.c.same_as).where(people.c.id == there.id))
            == whole.id
        )


async def test_the_language_that_either_chose_goes_on(talk: Talk) -> None:
    await talk.say(OTHER, "language french", OTHER_ROOM)
    await _linked(talk)

    assert (await talk.people.recognise(ANNA.who, ANNA.name)).language == "fr"
