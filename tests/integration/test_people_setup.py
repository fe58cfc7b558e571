"""How an organisation gets its first admin and its home; on both stores where they may differ."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
import pytest_asyncio
from msgspec.structs import replace
from sqlalchemy import select

from chatops.conversation.addresses import Place
from chatops.language import Conflict, Missing
from chatops.organisations.codes import WRONG_TRIES
from chatops.organisations.places import EVERYWHERE
from chatops.organisations.records import Organisation, Role
from chatops.organisations.setup import Invitation, Wish
from chatops.store import Store
from chatops.store.tables import codes, events
from commands import members, places, setup
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking

WISH = Wish("Les Amis", "fr", "Europe/Paris")
DIRECT = Place("memory", "home", "@U1", direct=True)
ELSEWHERE = Place("memory", "home", "elsewhere")
PUBLIC = Place("memory", "home", "public", shared=True)


@asynccontextmanager
async def _talking(store: Store) -> AsyncIterator[Talk]:
    own = [setup.blueprint, members.blueprint, places.blueprint]
    async with talking(store, commands=own) as opened:
        yield opened


@pytest_asyncio.fixture
async def talk(sqlite_store: Store) -> AsyncIterator[Talk]:
    async with _talking(sqlite_store) as opened:
        yield opened


@pytest_asyncio.fixture
async def talk_on_both(store: Store) -> AsyncIterator[Talk]:
    async with _talking(store) as opened:
        yield opened


async def _invited(talk: Talk, *wishes: Wish) -> Invitation:
    return (await talk.setup.invite(wishes or [WISH]))[0]


async def _roles(talk: Talk, organisation: Organisation) -> dict[str, set[Role]]:
    return {
        each.person.name: set(each.roles) for each in await talk.people.colleagues(organisation.id)
    }


async def test_whoever_types_the_code_is_the_first_admin_and_the_place_is_the_home(
    talk_on_both: Talk,
) -> None:
    talk = talk_on_both
    invitation = await _invited(talk)
    said = await talk.say(ANNA, f"setup {invitation.code}")

    assert "Les Amis" in said.text
    assert "Anna" in said.text
    assert said.speaker.language == "fr"
    assert await _roles(talk, invitation.organisation) == {"Anna": {Role.ADMIN}}
    (home,) = await talk.places.of(invitation.organisation.id)
    assert home.home
    assert home.spot == ROOM.spot
    assert "Lina" in (await talk.say(ANNA, "greet Lina")).text


@pytest.mark.parametrize(
    "change", [str.lower, lambda code: code.replace("-", " "), "«\u00a0{}\u00a0»".format]
)
async def test_a_code_is_forgiven_what_phones_do(talk: Talk, change: object) -> None:
    assert callable(change)
    invitation = await _invited(talk)
    await talk.say(ANNA, f"installer {change(invitation.code)}")

    assert await _roles(talk, invitation.organisation) == {"Anna": {Role.ADMIN}}


async def test_a_code_works_once(talk: Talk) -> None:
    invitation = await _invited(talk)
    await talk.say(ANNA, f"setup {invitation.code}")
    said = await talk.say(EVE, f"setup {invitation.code}", ELSEWHERE)

    assert "used before" in said.text
    assert await _roles(talk, invitation.organisation) == {"Anna": {Role.ADMIN}}


async def test_of_two_who_type_a_code_at_once_one_is_the_admin(talk_on_both: Talk) -> None:
    talk = talk_on_both
    invitation = await _invited(talk)
    await talk.platform.call(ANNA, ROOM, f"setup {invitation.code}")
    await talk.platform.call(BEN, ELSEWHERE, f"setup {invitation.code}")
    await talk.answer()

    assert len(await _roles(talk, invitation.organisation)) == 1
    assert len(await talk.places.of(invitation.organisation.id)) == 1


async def test_a_code_expires_after_a_week(talk: Talk) -> None:
    invitation = await _invited(talk)
    talk.now += timedelta(days=7, minutes=1)
    said = await talk.say(ANNA, f"setup {invitation.code}")

    assert "too old" in said.text
    assert await _roles(talk, invitation.organisation) == {}


async def test_whoever_tries_wrong_codes_has_to_wait(talk_on_both: Talk) -> None:
    talk = talk_on_both
    invitation = await _invited(talk)
    for _try in range(WRONG_TRIES):
        await talk.say(EVE, "setup ABCD-EFGH-JKMN")
    refused = await talk.say(EVE, f"setup {invitation.code}")
    assert "too many wrong codes" in refused.text
    assert await _roles(talk, invitation.organisation) == {}

    await talk.say(ANNA, f"setup {invitation.code}")
    assert await _roles(talk, invitation.organisation) == {"Anna": {Role.ADMIN}}
    talk.now += timedelta(minutes=16)
    assert "not known" in (await talk.say(EVE, "setup ABCD-EFGH-JKMN", ELSEWHERE)).text


async def test_a_code_is_kept_as_a_digest_and_never_shown(
    talk: Talk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    invitation = await _invited(talk)
    signs = invitation.code.replace("-", "")
    wrong = await talk.platform.post(ANNA, DIRECT, f"!quitx setup {invitation.code}")
    said = await talk.answer()
    right = await talk.platform.post(ANNA, ROOM, f"!quitx setup {invitation.code}")
    await talk.answer()

    assert said.asked.complaint is not None
    assert said.asked.complaint.typed == "setup •••"
    assert not talk.platform.stands(wrong)
    assert not talk.platform.stands(right)
    async with talk.store.read() as connection:
        kept = list(await connection.scalars(select(codes.c.digest)))
        heard = list(await connection.scalars(select(events.c.payload)))
    everything = "".join([*talk.texts, caplog.text, *map(repr, kept), *map(repr, heard)])
    assert signs not in everything
    assert invitation.code not in everything


async def test_a_direct_conversation_cannot_be_a_home_and_leaves_the_code_good(talk: Talk) -> None:
    invitation = await _invited(talk)
    said = await talk.say(ANNA, f"setup {invitation.code}", DIRECT)
    assert "direct conversation" in said.text

    await talk.say(ANNA, f"setup {invitation.code}")
    assert await _roles(talk, invitation.organisation) == {"Anna": {Role.ADMIN}}


async def test_a_place_of_another_organisation_cannot_be_a_home(talk: Talk) -> None:
    await talk.found("Les Autres")
    invitation = await _invited(talk)
    said = await talk.say(ANNA, f"setup {invitation.code}")

    assert "belongs to Les Autres already" in said.text
    assert await _roles(talk, invitation.organisation) == {}


async def test_where_others_read_it_is_asked_first_and_the_code_is_nobody_else_s(
    talk: Talk,
) -> None:
    invitation = await _invited(talk)
    asked = await talk.say(ANNA, f"setup {invitation.code}", PUBLIC)
    assert "People outside Les Amis" in asked.text
    assert asked.asked.private
    assert invitation.code not in asked.text
    assert all(invitation.code not in choice.says for choice in asked.choices)
    stolen = await talk.say(EVE, f"setup {invitation.code}", ELSEWHERE)
    assert "not known" in stolen.text

    await talk.platform.press(ANNA, asked.ref, asked.choices[0].says)
    await talk.answer()
    (home,) = await talk.places.of(invitation.organisation.id)
    assert home.spot == PUBLIC.spot


async def test_a_code_that_is_kept_works_in_another_place_without_being_typed_again(
    talk: Talk,
) -> None:
    invitation = await _invited(talk)
    await talk.say(ANNA, f"setup {invitation.code}", PUBLIC)
    await talk.say(ANNA, "setup")

    (home,) = await talk.places.of(invitation.organisation.id)
    assert home.spot == ROOM.spot


async def test_without_a_code_it_is_asked_for(talk: Talk) -> None:
    assert "code is missing" in (await talk.say(ANNA, "setup")).text


async def test_an_unknown_place_tells_how_to_begin(talk: Talk) -> None:
    said = await talk.say(ANNA, "greet Lina")

    assert "/quitx setup CODE" in said.text
    assert "/quitx places add" in said.text


async def test_asking_again_makes_the_earlier_code_void(talk: Talk) -> None:
    first = await _invited(talk)
    second = await _invited(talk, replace(WISH, name="les  amis"))

    assert second.organisation.id == first.organisation.id
    assert "not known" in (await talk.say(ANNA, f"setup {first.code}")).text
    await talk.say(ANNA, f"setup {second.code}")
    assert await _roles(talk, first.organisation) == {"Anna": {Role.ADMIN}}


async def test_an_organisation_with_an_admin_is_not_set_up_again(talk: Talk) -> None:
    invitation = await _invited(talk)
    await talk.say(ANNA, f"setup {invitation.code}")

    with pytest.raises(Conflict) as refused:
        await _invited(talk)
    assert f"--recover {invitation.organisation.id}" in str(refused.value)


async def test_the_first_one_takes_over_the_organisation_of_the_console(talk_on_both: Talk) -> None:
    talk = talk_on_both
    sample = await talk.organisations.found("Sample", "en", "UTC", ("console", "", EVERYWHERE))
    first = await _invited(talk)
    second = await _invited(talk, Wish("Les Autres", "en", "UTC"))

    assert (first.organisation.id, first.replaces) == (sample.id, "Sample")
    assert await talk.organisations.get(sample.id) == first.organisation
    assert second.organisation.id != sample.id


async def test_a_collective_leaves_the_organisation_of_the_console_alone(talk: Talk) -> None:
    sample = await talk.organisations.found("Sample", "en", "UTC", ("console", "", EVERYWHERE))
    invitations = await talk.setup.invite([WISH, Wish("Les Autres", "en", "UTC")])

    assert [each.organisation.name for each in invitations] == ["Les Amis", "Les Autres"]
    assert await talk.organisations.get(sample.id) == sample
    assert len({each.code for each in invitations}) == 2


async def test_a_list_is_taken_whole_or_not_at_all(talk_on_both: Talk) -> None:
    talk = talk_on_both
    invitation = await _invited(talk)
    await talk.say(ANNA, f"setup {invitation.code}")

    with pytest.raises(Conflict):
        await talk.setup.invite([Wish("Les Autres", "en", "UTC"), WISH])
    assert [each.name for each in await talk.organisations.all()] == ["Les Amis"]


async def test_the_last_admin_is_recovered_in_the_terminal(talk_on_both: Talk) -> None:
    talk = talk_on_both
    invitation = await _invited(talk)
    await talk.say(ANNA, f"setup {invitation.code}")
    again = await talk.setup.recover(str(invitation.organisation.id))
    said = await talk.say(BEN, f"setup {again.code}", Place("memory", "home", "@U2", direct=True))

    assert "Ben" in said.text
    assert (await _roles(talk, invitation.organisation))["Ben"] == {Role.ADMIN}
    assert [place.spot for place in await talk.places.of(invitation.organisation.id)] == [ROOM.spot]
    told = [each for each in talk.platform.said if each.address.place.spot == ROOM.spot]
    assert "Ben" in told[-1].text


async def test_recovering_names_what_there_is(talk: Talk) -> None:
    await _invited(talk)
    with pytest.raises(Missing) as missing:
        await talk.setup.recover("Les Amies")
    assert "Les Amis" in str(missing.value)
    assert (await talk.setup.recover("LES AMIS")).organisation.name == "Les Amis"


async def test_a_code_looks_like_no_secret_and_has_no_ambiguous_sign(talk: Talk) -> None:
    for number in range(20):
        invitation = await _invited(talk, Wish(f"Organisation {number}", "en", "UTC"))
        assert re.fullmatch(
            r"([2-9A-HJ-KM-NP-TV-Z]{4}-){2}[2-9A-HJ-KM-NP-TV-Z]{4}", invitation.code
        )
