"""Organisations, people, roles, accounts and the vault, on both stores."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select

from chatops.clock import utc_now
from chatops.language import Conflict, Invalid, Missing
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import EVERYWHERE
from chatops.organisations.records import MemberId, Organisation, Role
from chatops.organisations.vault import Vault, key_from_file
from chatops.posts.memory import MemoryNetwork
from chatops.posts.network import Credential, CredentialRefused
from chatops.store import Store
from chatops.store.tables import secrets

ANA = MemberId("slack", "T1", "U1")
CREDENTIAL = Credential("memory://", "amis.test", "right")


@pytest.fixture
def organisations(store: Store) -> Organisations:
    return Organisations(store, utc_now)


@pytest.fixture
def people(store: Store) -> People:
    return People(store, utc_now, frozenset({"console"}))


@pytest.fixture
async def friends(organisations: Organisations) -> Organisation:
    return await organisations.found("Les Amis", "fr", "Europe/Paris", ("slack", "T1", "C1"))


@pytest.fixture
def vault(store: Store) -> Vault:
    return Vault(store, utc_now, Fernet.generate_key().decode())


async def test_an_organisation_starts_in_practice(friends: Organisation) -> None:
    assert friends.mode == "practice"


async def test_an_organisation_is_found_by_its_places(
    organisations: Organisations, friends: Organisation
) -> None:
    assert await organisations.at("slack", "T1", "C1") == [friends]
    assert await organisations.at("slack", "T1", "C2") == []
    assert await organisations.at("discord", "T1", "C1") == []
    everywhere = await organisations.found("B", "en", "UTC", ("slack", "T1", EVERYWHERE))
    assert await organisations.at("slack", "T1", "C1") == [friends, everywhere]


async def test_nobody_has_a_role_by_default(
    organisations: Organisations, people: People, friends: Organisation
) -> None:
    person = await people.recognise(ANA, "Ana")
    assert await people.roles(friends.id, person.id, "slack") == frozenset()
    assert await people.grant(friends.id, person.id, Role.EDITOR)
    assert not await people.grant(friends.id, person.id, Role.EDITOR)
    assert await people.roles(friends.id, person.id, "slack") == {Role.EDITOR}
    assert await organisations.of_person(person.id) == [friends]


async def test_whoever_has_the_terminal_is_an_admin(people: People, friends: Organisation) -> None:
    person = await people.recognise(MemberId("console", "", "ana"), "Ana")
    assert await people.roles(friends.id, person.id, "console") == {Role.ADMIN}


async def test_a_member_is_recognised_again(people: People) -> None:
    first = await people.recognise(ANA, "Ana")
    assert await people.recognise(ANA, "Ana") == first
    assert (await people.recognise(MemberId("slack", "T1", "U2"), "Ana")).id != first.id


async def test_a_name_that_changes_is_learnt(people: People) -> None:
    first = await people.recognise(ANA, "")
    assert first.name == "U1"
    named = await people.recognise(ANA, "Ana")
    assert (named.id, named.name) == (first.id, "Ana")
    assert await people.recognise(ANA, "") == named


async def test_two_first_calls_at_once_make_one_person(people: People) -> None:
    found = await asyncio.gather(*(people.recognise(ANA, "Ana") for _call in range(8)))
    assert len({person.id for person in found}) == 1


async def test_a_person_keeps_the_language_they_chose(people: People) -> None:
    person = await people.recognise(ANA, "Ana")
    assert person.language is None
    await people.set_language(person.id, "en")
    assert (await people.recognise(ANA, "Ana")).language == "en"


async def test_going_live_happens_once(organisations: Organisations, friends: Organisation) -> None:
    await organisations.go_live(friends.id)
    assert (await organisations.get(friends.id)).mode == "live"
    with pytest.raises(Conflict):
        await organisations.go_live(friends.id)


async def test_an_organisation_that_does_not_exist_is_missing(
    organisations: Organisations,
) -> None:
    with pytest.raises(Missing):
        await organisations.get(404)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_reads_and_only_admins_do_everything(role: Role) -> None:
    assert role.allows(Role.READER)
    assert role.allows(role)
    assert role.allows(Role.ADMIN) is (role is Role.ADMIN)
    assert all(Role.ADMIN.allows(needed) for needed in Role)


async def test_an_account_is_tried_before_it_is_kept(
    store: Store, vault: Vault, friends: Organisation
) -> None:
    accounts = Accounts(store, utc_now, vault)
    with pytest.raises(CredentialRefused):
        await accounts.connect(
            friends.id, MemoryNetwork(), Credential("memory://", "amis.test", "wrong")
        )
    assert await accounts.of(friends.id) == []


async def test_an_account_that_is_connected_again_keeps_its_number(
    store: Store, vault: Vault, friends: Organisation
) -> None:
    accounts = Accounts(store, utc_now, vault)
    row = await accounts.connect(friends.id, MemoryNetwork(), CREDENTIAL)
    again = await accounts.connect(friends.id, MemoryNetwork(), CREDENTIAL)
    assert again.id == row.id
    assert [account.id for account in await accounts.of(friends.id)] == [row.id]


async def test_a_stand_in_is_not_a_connected_account(
    store: Store, vault: Vault, friends: Organisation
) -> None:
    accounts = Accounts(store, utc_now, vault)
    stand_in = await accounts.stand_in(friends.id, "bluesky")
    assert await accounts.of(friends.id) == []
    assert await accounts.with_stand_ins(friends.id) == [stand_in]
    with pytest.raises(Missing):
        await accounts.open(stand_in).credential()


async def test_credentials_are_encrypted_at_rest(
    store: Store, vault: Vault, friends: Organisation
) -> None:
    accounts = Accounts(store, utc_now, vault)
    row = await accounts.connect(friends.id, MemoryNetwork(), CREDENTIAL)
    opened = accounts.open(row)
    await opened.keep_session("another session")
    assert await opened.credential() == CREDENTIAL
    assert await opened.session() == "another session"
    async with store.read() as connection:
        sealed = list(await connection.scalars(select(secrets.c.sealed)))
    assert sealed
    assert not any(b"right" in each or b"session" in each for each in sealed)
    assert "right" not in repr(CREDENTIAL)


async def test_a_secret_opens_with_its_own_key_and_name_only(store: Store, vault: Vault) -> None:
    async with store.write() as connection:
        await vault.keep(connection, "one", "a secret")
        await connection.execute(secrets.update().values(name="two"))
    assert await vault.open("one") is None
    with pytest.raises(Conflict):
        await vault.open("two")
    with pytest.raises(Conflict):
        await Vault(store, utc_now, Fernet.generate_key().decode()).open("two")


async def test_a_key_that_is_no_key_is_told(store: Store) -> None:
    with pytest.raises(Invalid):
        async with store.write() as connection:
            await Vault(store, utc_now, "short").keep(connection, "one", "a secret")


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "quitx.key"
    key = key_from_file(path)
    assert key_from_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]
