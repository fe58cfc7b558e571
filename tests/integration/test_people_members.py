"""Giving and taking roles in chat; on both stores where they may differ."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import pytest_asyncio
from sqlalchemy import select

from chatops.conversation.addresses import Member, Place
from chatops.organisations.people import LastAdmin
from chatops.organisations.records import MemberId, Role
from chatops.store import Store
from chatops.store.tables import role_changes
from chatops.testing import MemoryPlatform
from commands import members
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking

DIRECT = Place("memory", "home", "@U1", direct=True)
TWIN = Member("memory", "home", "U9", "Eve")


@asynccontextmanager
async def _talking(store: Store) -> AsyncIterator[Talk]:
    """A bot of one organisation, in which Anna is an admin and Ben a reader."""
    async with talking(store, commands=[members.blueprint]) as opened:
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


async def _roles(talk: Talk, member: Member) -> frozenset[Role]:
    person = await talk.people.recognise(member.who, member.name)
    return await talk.people.roles(talk.home.id, person.id)


@pytest.mark.parametrize("who", ["<@U3>", "<@!U3>", "<@U3|eve>", "who=<@U3>"])
async def test_somebody_who_never_spoke_is_given_a_role_by_a_mention(talk: Talk, who: str) -> None:
    said = await talk.say(ANNA, f"grant {who} editor")

    assert "is now editor in Les Amis" in said.text
    assert "prepares" in said.text
    assert await _roles(talk, EVE) == {Role.EDITOR}


async def test_somebody_who_was_met_here_is_given_a_role_by_name(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(EVE, "greet Lina")
    said = await talk.say(ANNA, "accorder eve rédaction")

    assert "Eve is now editor" in said.text
    assert await _roles(talk, EVE) == {Role.EDITOR}


async def test_a_name_of_several_words_needs_no_quotes(talk: Talk) -> None:
    zoe = Member("memory", "home", "U7", "Zoé de la Tour")
    await talk.say(zoe, "greet Lina")
    await talk.say(ANNA, "grant Zoe de la Tour approver")

    assert await _roles(talk, zoe) == {Role.APPROVER}


async def test_an_unknown_name_is_not_guessed(talk: Talk) -> None:
    said = await talk.say(ANNA, "grant Benn editor")

    assert "Did you mean Ben?" in said.text
    assert [choice.says for choice in said.choices] == ["grant Ben editor"]
    assert "Mention them with @" in (await talk.say(ANNA, "grant Xavier editor")).text
    assert await _roles(talk, BEN) == {Role.READER}


async def test_a_first_name_is_offered_with_the_last_name(talk: Talk) -> None:
    zoe = Member("memory", "home", "U7", "Zoé Martin")
    await talk.say(zoe, "greet Lina")
    said = await talk.say(ANNA, "grant zoé admin")

    assert [choice.says for choice in said.choices] == ['grant "Zoé Martin" admin']
    await talk.platform.press(ANNA, said.ref, said.choices[0].says)
    await talk.answer()
    assert await _roles(talk, zoe) == {Role.ADMIN}


async def test_of_two_with_one_name_the_right_one_has_to_be_mentioned(talk: Talk) -> None:
    await talk.say(EVE, "greet Lina")
    await talk.say(TWIN, "greet Lina")
    said = await talk.say(ANNA, "grant Eve editor")

    assert "Several people here are called Eve" in said.text
    await talk.say(ANNA, "grant <@U9> editor")
    assert await _roles(talk, EVE) == set()
    assert await _roles(talk, TWIN) == {Role.EDITOR}


async def test_people_of_other_organisations_are_not_known_here(talk: Talk) -> None:
    elsewhere = Place("memory", "home", "elsewhere")
    await talk.grant(await talk.found("Les Autres", place=elsewhere), EVE, Role.ADMIN)
    await talk.say(EVE, "greet Lina", elsewhere)

    said = await talk.say(ANNA, "grant Eve editor")
    assert "I know nobody here who is called Eve" in said.text
    assert "Eve" not in (await talk.say(ANNA, "members")).text


async def test_a_role_that_somebody_has_is_not_given_twice(talk: Talk) -> None:
    assert "reader in Les Amis already" in (await talk.say(ANNA, "grant Ben reader")).text


async def test_only_an_admin_gives_and_takes(talk: Talk) -> None:
    assert "needs the role admin" in (await talk.say(BEN, "grant <@U2> admin")).text
    assert "needs the role admin" in (await talk.say(BEN, "revoke <@U1> admin")).text
    assert await _roles(talk, BEN) == {Role.READER}


async def test_a_role_that_was_taken_is_given_back_with_a_button(talk: Talk) -> None:
    said = await talk.say(ANNA, "revoke Ben reader")
    assert "Ben is no longer reader" in said.text
    assert await _roles(talk, BEN) == set()

    await talk.platform.press(ANNA, said.ref, said.choices[0].says)
    await talk.answer()
    assert await _roles(talk, BEN) == {Role.READER}


async def test_everything_is_taken_at_once(talk: Talk) -> None:
    await talk.say(ANNA, "grant Ben editor")
    said = await talk.say(ANNA, "retirer Ben tout")

    assert "reader and editor" in said.text
    assert await _roles(talk, BEN) == set()
    assert "does not have this role" in (await talk.say(ANNA, "revoke Ben all")).text


async def test_the_last_admin_cannot_be_taken(talk: Talk) -> None:
    said = await talk.say(ANNA, "revoke Anna admin")

    assert "Anna is the only admin of Les Amis" in said.text
    await talk.say(ANNA, "grant Ben admin")
    await talk.say(ANNA, "revoke Anna admin")
    assert await _roles(talk, ANNA) == set()


async def test_two_admins_who_take_each_other_s_role_leave_one(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.grant(talk.home, BEN, Role.ADMIN)
    anna = await talk.people.recognise(ANNA.who, ANNA.name)
    ben = await talk.people.recognise(BEN.who, BEN.name)
    done = await asyncio.gather(
        talk.people.revoke(talk.home, anna, Role.ADMIN, ben.id),
        talk.people.revoke(talk.home, ben, Role.ADMIN, anna.id),
        return_exceptions=True,
    )

    assert sum(isinstance(each, LastAdmin) for each in done) == 1
    left = await talk.people.colleagues(talk.home.id)
    assert [Role.ADMIN in each.roles for each in left].count(True) == 1


async def test_members_shows_who_may_do_what(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(EVE, "greet Lina")
    seen = await talk.say(BEN, "membres")
    by_an_admin = await talk.say(ANNA, "members")

    assert "Anna: admin" in seen.text
    assert "Ben: reader" in seen.text
    assert "Eve" not in seen.text
    assert "Eve" in by_an_admin.text
    assert seen.asked.private


async def test_what_is_decided_in_private_is_told_at_home(talk: Talk) -> None:
    await talk.say(ANNA, "grant <@U2> editor", DIRECT)

    (told,) = [each for each in talk.platform.said if each.address.place == ROOM]
    assert "Ben is now editor" in told.text
    assert "Decided by Anna" in told.text


async def test_what_became_of_roles_is_remembered(talk_on_both: Talk) -> None:
    talk = talk_on_both
    await talk.say(ANNA, "grant Ben editor")
    await talk.say(ANNA, "revoke Ben editor")
    anna = await talk.people.recognise(ANNA.who, ANNA.name)

    async with talk.store.read() as connection:
        rows = await connection.execute(
            select(role_changes.c.change, role_changes.c.changed_by)
            .where(role_changes.c.role == "editor")
            .order_by(role_changes.c.id)
        )
        assert [tuple(row) for row in rows] == [("granted", anna.id), ("revoked", anna.id)]


async def test_in_the_terminal_everybody_can_be_named(sqlite_store: Store) -> None:
    console = MemoryPlatform("console")
    trusted = frozenset({"console"})
    async with talking(
        sqlite_store, console, commands=[members.blueprint], trusted=trusted
    ) as talk:
        home = Place("console", "", "console")
        organisation = await talk.found(place=home)
        anna = Member("console", "", "anna", "Anna")
        assert "Zoé is now editor" in (await talk.say(anna, "grant @Zoé editor", home)).text
        person = await talk.people.recognise(MemberId("console", "", "zoé"), "Zoé")
        assert await talk.people.roles(organisation.id, person.id) == {Role.EDITOR}
        assert "everybody is an admin" in (await talk.say(anna, "members", home)).text
