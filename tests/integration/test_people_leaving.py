"""Who leaves loses roles, and places come and go; on both stores where they may differ."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from msgspec.structs import replace

from chatops.conversation.addresses import Address, Member, Place
from chatops.conversation.events import MemberLeft, PlaceLost, PlaceMoved
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import ENGLISH, _
from chatops.organisations.records import Role
from chatops.store import Store
from commands import members
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking

SECOND = Place("memory", "home", "second")
ABROAD = Place("memory", "abroad", "room")
WORKSPACE = Place("memory", "home", "")


@asynccontextmanager
async def _talking(store: Store) -> AsyncIterator[Talk]:
    """A bot of one organisation with two places, in which Anna is an admin and Ben an editor."""
    async with talking(store, commands=[members.blueprint]) as opened:
        organisation = await opened.found()
        await opened.places.give(organisation.id, SECOND.spot)
        await opened.grant(organisation, ANNA, Role.ADMIN)
        await opened.grant(organisation, BEN, Role.EDITOR)
        yield opened


@pytest_asyncio.fixture
async def talk(sqlite_store: Store) -> AsyncIterator[Talk]:
    async with _talking(sqlite_store) as opened:
        yield opened


@pytest_asyncio.fixture
async def talk_on_both(store: Store) -> AsyncIterator[Talk]:
    async with _talking(store) as opened:
        yield opened


async def _roles(talk: Talk, member: Member) -> frozenset[Role]:
    person = await talk.people.recognise(member.who, member.name)
    return await talk.people.roles(talk.home.id, person.id)


async def _left(talk: Talk, place: Place, member: Member) -> str:
    event_id = f"left {place.workspace} {place.channel} {member.id}"
    await talk.conversation.receive(MemberLeft(event_id, place, member))
    await talk.conversation.settled()
    return talk.platform.said[-1].text if talk.platform.said else ""


async def test_who_leaves_the_workspace_loses_every_role_and_the_admins_are_told(
    talk_on_both: Talk,
) -> None:
    talk = talk_on_both
    said = await _left(talk, WORKSPACE, BEN)

    assert await _roles(talk, BEN) == set()
    assert talk.platform.said[-1].address.place == ROOM
    assert "Ben has left" in said
    assert "They were editor in Les Amis" in said
    assert "/quitx grant" in said


async def test_who_leaves_the_only_room_they_were_met_in_loses_every_role(talk: Talk) -> None:
    await talk.say(BEN, "greet Lina")
    await _left(talk, ROOM, BEN)

    assert await _roles(talk, BEN) == set()


async def test_who_is_still_met_in_another_room_keeps_the_role(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(BEN, "greet Lina")
    await talk.say(BEN, "greet Lina", SECOND)
    await _left(talk, ROOM, BEN)
    assert await _roles(talk, BEN) == {Role.EDITOR}

    await _left(talk, SECOND, BEN)
    assert await _roles(talk, BEN) == set()


async def test_who_is_still_met_elsewhere_as_another_member_keeps_the_role(
    talk_on_both: Talk,
) -> None:
    talk = talk_on_both
    await talk.places.give(talk.home.id, ABROAD.spot)
    twin = Member("memory", "abroad", "B1", "Ben abroad")
    await talk.say(twin, "greet Lina", ABROAD)
    ben = await talk.people.recognise(BEN.who, BEN.name)
    other = await talk.people.recognise(twin.who, twin.name)
    async with talk.store.write() as connection:
        await talk.people.join(connection, stays=ben.id, goes=other.id)
    await _left(talk, WORKSPACE, BEN)
    assert await _roles(talk, BEN) == {Role.EDITOR}

    await _left(talk, replace(ABROAD, channel=""), twin)
    assert await _roles(talk, BEN) == set()


async def test_a_place_of_nobody_can_be_left_at_will(talk: Talk) -> None:
    await _left(talk, Place("memory", "home", "canteen"), BEN)

    assert await _roles(talk, BEN) == {Role.EDITOR}
    assert talk.platform.said == []


async def test_a_stranger_who_leaves_is_not_talked_about(talk: Talk) -> None:
    await _left(talk, WORKSPACE, EVE)

    assert talk.platform.said == []


async def test_who_comes_back_has_no_role_until_it_is_given_back(talk: Talk) -> None:
    await _left(talk, WORKSPACE, BEN)
    assert "needs the role reader" in (await talk.say(BEN, "greet Lina")).text
    await talk.say(ANNA, "grant Ben editor")

    assert await _roles(talk, BEN) == {Role.EDITOR}


async def test_the_last_admin_who_leaves_is_told_to_the_operator(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    said = await _left(talk, WORKSPACE, ANNA)
    command = f"quitx setup --recover {talk.home.id}"

    assert command in said
    assert command in caplog.text
    assert await talk.organisations.without_admin() == [talk.home]


async def test_the_same_happening_acts_once(talk: Talk) -> None:
    event = MemberLeft("once", WORKSPACE, BEN)
    for _delivery in range(3):
        await talk.conversation.receive(event)
    await talk.conversation.settled()

    assert len(talk.platform.said) == 1


async def test_a_lost_place_is_told_where_the_bot_still_is(talk: Talk) -> None:
    talk.platform.closed.add(ROOM.channel)
    await talk.conversation.receive(PlaceLost("lost", ROOM))
    await talk.conversation.settled()

    (said,) = talk.platform.said
    assert said.address.place == SECOND
    assert "memory home room" in said.text
    assert (await talk.say(BEN, "greet Lina", SECOND)).text == "Hello Lina!"


async def test_a_thread_that_is_deleted_loses_nobody_the_channel_around_it(talk: Talk) -> None:
    await talk.conversation.receive(PlaceLost("lost", replace(ROOM, thread="T1")))
    await talk.conversation.settled()

    assert talk.platform.said == []
    assert not any(place.lost for place in await talk.places.of(talk.home.id))


async def test_where_no_place_is_left_the_admins_are_told_in_private(talk: Talk) -> None:
    await talk.conversation.receive(PlaceLost("one", ROOM))
    await talk.conversation.receive(PlaceLost("two", SECOND))
    await talk.conversation.settled()

    assert talk.platform.said[-1].address.place == Place("memory", "home", "@U1", direct=True)
    assert "memory home second" in talk.platform.said[-1].text


async def test_a_lost_workspace_is_all_of_its_places(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.places.give(talk.home.id, ABROAD.spot)
    await talk.conversation.receive(PlaceLost("lost", WORKSPACE))
    await talk.conversation.settled()

    (said,) = talk.platform.said
    assert said.address.place == ABROAD
    assert "2 places" in said.text
    assert [place.lost for place in await talk.places.of(talk.home.id)] == [True, True, False]


async def test_a_place_that_is_heard_from_again_is_no_longer_lost(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(BEN, "greet Lina")
    await talk.conversation.receive(PlaceLost("lost", ROOM))
    await talk.conversation.settled()
    assert await talk.places.home(talk.home.id) == SECOND.spot

    await talk.say(BEN, "greet Lina")
    assert await talk.places.home(talk.home.id) == ROOM.spot


async def _moved(talk: Talk, to: Place, *, with_messages: bool) -> None:
    await talk.conversation.receive(PlaceMoved("moved", ROOM, to, with_messages=with_messages))
    await talk.conversation.settled()


async def test_a_place_that_moved_is_still_the_organisation_s(talk: Talk) -> None:
    new = replace(ROOM, channel="upgraded")
    await _moved(talk, new, with_messages=False)

    assert (await talk.say(BEN, "greet Lina", new)).text == "Hello Lina!"
    assert await talk.places.home(talk.home.id) == new.spot
    assert "belongs to no organisation" in (await talk.say(BEN, "greet Lina")).text


async def test_messages_that_moved_along_can_still_be_answered(talk_on_both: Talk) -> None:
    talk = talk_on_both
    preview = await talk.say(BEN, "post send to=bluesky one")
    new = replace(ROOM, channel="renamed")
    await _moved(talk, new, with_messages=True)
    preview.ref = replace(preview.ref, place=new)
    await talk.platform.press(BEN, preview.ref, preview.choices[0].says)
    await talk.answer()

    assert talk.ledger.done == ["Ben sent 'one' to bluesky"]
    assert "Ben confirmed." in preview.text


@pytest.mark.parametrize("again", [False, True])
async def test_what_is_meant_for_the_old_place_is_said_in_the_new_one(
    talk_on_both: Talk,
    again: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    talk = talk_on_both
    new = replace(ROOM, channel="upgraded")
    await _moved(talk, new, with_messages=False)
    if again:
        newest = replace(ROOM, channel="newest")
        await talk.conversation.receive(PlaceMoved("again", new, newest))
        await talk.conversation.settled()
        new = newest
    reply = Reply((Paragraph(_("Progress")),), topic="work")
    await talk.outbox.tell(talk.home, ROOM, reply, key="first")
    await talk.outbox.flush()
    await talk.outbox.say(Address(replace(ROOM, thread="t")), reply, key="x", speaker=ENGLISH)
    await talk.outbox.flush()

    assert [said.address.place for said in talk.platform.said] == [new, new]


async def test_a_move_is_known_after_a_restart(sqlite_store: Store) -> None:
    new = replace(ROOM, channel="upgraded")
    async with talking(sqlite_store) as before:
        await before.found()
        await _moved(before, new, with_messages=False)
    async with talking(sqlite_store) as after:
        await after.outbox.say(Address(ROOM), Reply((Paragraph(_("News")),)), key="news")
        await after.outbox.flush()
        assert after.platform.said[-1].address.place == new


async def test_two_places_of_one_organisation_can_become_one(talk: Talk) -> None:
    await _moved(talk, SECOND, with_messages=False)

    (place,) = await talk.places.of(talk.home.id)
    assert place.home
    assert place.spot == SECOND.spot
