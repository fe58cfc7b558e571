"""An organisation's places: added, made the home, let go; on both stores where they may differ."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest_asyncio

from chatops.conversation.addresses import Place
from chatops.organisations.records import Role
from chatops.store import Store
from commands import places
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking

DIRECT = Place("memory", "home", "@U1", direct=True)
ELSEWHERE = Place("memory", "home", "elsewhere")
PUBLIC = Place("memory", "home", "public", shared=True)


@asynccontextmanager
async def _talking(store: Store) -> AsyncIterator[Talk]:
    """A bot of one organisation, in which Anna is an admin and Ben a reader."""
    async with talking(store, commands=[places.blueprint]) as opened:
        organisation = await opened.found()
        await opened.grant(organisation, ANNA, Role.ADMIN)
        await opened.grant(organisation, BEN, Role.READER)
        yield opened


@pytest_asyncio.fixture
async def talk(sqlite_store: Store) -> AsyncIterator[Talk]:
    async with _talking(sqlite_store) as opened:
        yield opened


@pytest_asyncio.fixture
async def talk_on_both(store: Store) -> AsyncIterator[Talk]:
    async with _talking(store) as opened:
        yield opened


async def test_an_admin_adds_a_place_that_belongs_to_nobody(talk_on_both: Talk) -> None:
    talk = talk_on_both
    said = await talk.say(ANNA, "places add", ELSEWHERE)

    assert "now belongs to Les Amis" in said.text
    assert (await talk.say(BEN, "greet Lina", ELSEWHERE)).text == "Hello Lina!"
    assert "belongs to Les Amis already" in (await talk.say(ANNA, "salons ajouter", ELSEWHERE)).text


async def test_others_cannot_add_a_place(talk: Talk) -> None:
    assert "needs the role admin" in (await talk.say(BEN, "places add", ELSEWHERE)).text
    assert "belongs to no organisation" in (await talk.say(EVE, "places add", ELSEWHERE)).text
    assert len(await talk.places.of(talk.home.id)) == 1


async def test_a_direct_conversation_is_no_place(talk: Talk) -> None:
    assert "nobody's but yours" in (await talk.say(ANNA, "places add", DIRECT)).text


async def test_a_place_that_others_read_is_warned_of(talk: Talk) -> None:
    asked = await talk.say(ANNA, "places add", PUBLIC)
    assert "People outside Les Amis" in asked.text
    assert len(await talk.places.of(talk.home.id)) == 1

    await talk.platform.press(ANNA, asked.ref, asked.choices[0].says)
    await talk.answer()
    assert len(await talk.places.of(talk.home.id)) == 2


async def test_the_home_moves(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(ANNA, "places home", ELSEWHERE)

    assert await talk.places.home(talk.home.id) == ELSEWHERE.spot
    assert [place.home for place in await talk.places.of(talk.home.id)] == [True, False]


async def test_the_home_stays_while_there_is_no_other(talk: Talk) -> None:
    assert "This is the home of Les Amis" in (await talk.say(ANNA, "places remove")).text
    assert len(await talk.places.of(talk.home.id)) == 1


async def test_a_place_is_let_go_and_taken_back(talk: Talk) -> None:
    await talk.say(ANNA, "places add", ELSEWHERE)
    said = await talk.say(ANNA, "places remove", ELSEWHERE)
    assert "no longer belongs to Les Amis" in said.text
    assert "belongs to no organisation" in (await talk.say(BEN, "greet Lina", ELSEWHERE)).text

    await talk.platform.press(ANNA, said.ref, said.choices[0].says)
    await talk.answer()
    assert (await talk.say(BEN, "greet Lina", ELSEWHERE)).text == "Hello Lina!"


async def test_a_place_is_let_go_by_its_number(talk: Talk) -> None:
    await talk.say(ANNA, "places add", ELSEWHERE)
    _home, added = await talk.places.of(talk.home.id)
    await talk.say(ANNA, f"places remove {added.id}")

    assert [place.spot for place in await talk.places.of(talk.home.id)] == [ROOM.spot]
    assert "No place has this number" in (await talk.say(ANNA, f"places remove {added.id}")).text


async def test_the_places_of_others_cannot_be_let_go(talk: Talk) -> None:
    others = await talk.found("Les Autres", place=ELSEWHERE)
    (theirs,) = await talk.places.of(others.id)

    assert "No place has this number" in (await talk.say(ANNA, f"places remove {theirs.id}")).text
    assert await talk.places.of(others.id) == [theirs]


async def test_places_lists_them(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(ANNA, "places add", ELSEWHERE)
    home, added = await talk.places.of(talk.home.id)
    said = await talk.say(BEN, "salons", ELSEWHERE)

    assert f"{home.id}: memory room (home)" in said.text
    assert f"{added.id}: memory elsewhere (here)" in said.text


async def test_two_organisations_can_share_a_place_and_each_call_says_whose_it_is(
    talk: Talk,
) -> None:
    others = await talk.found("Les Autres", place=ELSEWHERE)
    await talk.grant(others, BEN, Role.EDITOR)
    await talk.say(ANNA, "places add", ELSEWHERE)

    asked = await talk.say(BEN, "post send to=bluesky one", ELSEWHERE)
    assert [choice.label.values["data"] for choice in asked.choices] == ["Les Amis", "Les Autres"]
    await talk.platform.press(BEN, asked.ref, asked.choices[1].says)
    preview = await talk.answer()
    assert preview.text.startswith("Les Autres: practice")
    assert {choice.says.split()[0] for choice in preview.choices} == {f"organisation={others.id}"}
    await talk.platform.press(BEN, preview.ref, preview.choices[0].says)
    assert (await talk.answer()).text.startswith("Les Autres: practice")
    assert talk.ledger.done == ["Ben sent 'one' to bluesky"]


async def test_what_is_asked_for_keeps_its_file(talk: Talk) -> None:
    await talk.grant(await talk.found("Les Autres"), BEN, Role.READER)
    file = talk.platform.attach("report.pdf", b"...")
    await talk.platform.call(BEN, ROOM, "read", file)
    asked = await talk.answer()
    await talk.platform.press(BEN, asked.ref, asked.choices[0].says)

    assert (await talk.answer()).text == "Reading attached report.pdf."
