"""`quitx doctor`: what is wrong is named with its mend, and nothing is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, text

from chatops.clock import utc_now
from chatops.config import ArchiveSettings, Secret, Settings, StoreSettings, VaultSettings
from chatops.conversation.finding import Finding
from chatops.language import ENGLISH
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.records import Role
from chatops.organisations.vault import Vault, key_from_file
from chatops.store import Store
from chatops.store.tables import events
from chatops.upkeep.examination import examine
from tests.support.ports import free_port
from tests.support.program import Program


def installation(folder: Path, url: str = "") -> Settings:
    """Return the settings of an installation in a folder."""
    (folder / "inbox").mkdir(exist_ok=True)
    return Settings(
        store=StoreSettings(url=Secret(url or f"sqlite:///{folder / 'quitx.db'}")),
        vault=VaultSettings(key_file=folder / "quitx.key"),
        archive=ArchiveSettings(inbox=folder / "inbox", kept=folder / "files"),
    )


async def wrong(settings: Settings) -> list[str]:
    """Return what is not fine, each with its mend."""
    findings, _places = await examine(settings, utc_now)
    return [said(each) for each in findings if each.verdict != "fine"]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def said(finding: Finding) -> str:
    assert finding.mend is not None, finding
    return f"{finding.verdict}: {ENGLISH.say(finding.subject)} {ENGLISH.say(finding.mend)}"


async def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(tmp_path: Path) -> None:
    assert await wrong(installation(tmp_path)) == []
    assert names(tmp_path) == ["inbox"]


async def test_an_installation_that_works_is_fine(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    settings = installation(tmp_path, store_url)
    vault = Vault(store, utc_now, key_from_file(settings.vault.key_file))
    async with store.write() as connection:
        await vault.keep(connection, "account 1", "a secret")
    assert await wrong(settings) == []


async def test_a_key_that_others_may_read_is_told(tmp_path: Path) -> None:
    settings = installation(tmp_path)
    key_from_file(settings.vault.key_file)
    settings.vault.key_file.chmod(0o644)
    [found] = await wrong(settings)
    assert found.startswith("broken: Other users of this machine may read")
    assert f"chmod 600 {settings.vault.key_file}" in found


async def test_a_key_that_is_lost_or_another_one_is_told(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    settings = installation(tmp_path, sqlite_url)
    vault = Vault(sqlite_store, utc_now, key_from_file(settings.vault.key_file))
    async with sqlite_store.write() as connection:
        await vault.keep(connection, "account 1", "a secret")
    settings.vault.key_file.unlink()
    [lost] = await wrong(settings)
    assert "a new one does not open what is kept" in lost
    assert not settings.vault.key_file.exists()
    key_from_file(settings.vault.key_file)
    [another] = await wrong(settings)
    assert "the vault's key has changed" in another


async def test_a_missing_inbox_is_a_weakness(tmp_path: Path) -> None:
    settings = installation(tmp_path)
    settings.archive.inbox.rmdir()
    [found] = await wrong(settings)
    assert found.startswith("weak: There is no inbox")


async def test_a_database_of_another_time_is_told(
    store: Store, store_url: str, tmp_path: Path
) -> None:
    settings = installation(tmp_path, store_url)
    key_from_file(settings.vault.key_file)
    async with store.write() as connection:
        await connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    [found] = await wrong(settings)
    assert "newer than this program" in found


async def test_a_database_that_does_not_answer_is_told(tmp_path: Path) -> None:
    url = f"postgresql://nobody:hidden@127.0.0.1:{free_port()}/nothing"
    settings = installation(tmp_path, url)
    key_from_file(settings.vault.key_file)
    [found] = await wrong(settings)
    assert "does not answer" in found
    assert "hidden" not in found


async def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    (tmp_path / "quitx.db").write_bytes(b"not a database" * 100)
    found = await wrong(installation(tmp_path))
    assert any("is not a database of this program" in each for each in found)


async def test_a_clock_that_went_back_is_told(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    settings = installation(tmp_path, sqlite_url)
    key_from_file(settings.vault.key_file)
    async with sqlite_store.write() as connection:
        row = {"platform": "slack", "event_id": "e", "executor": "", "payload": b""}
        later = datetime.now(UTC) + timedelta(hours=2)
        await connection.execute(insert(events).values(**row, received_at=later))
    [found] = await wrong(settings)
    assert found.startswith("broken: The clock is behind")


async def test_an_organisation_that_lost_its_admins_is_told(
    sqlite_store: Store, sqlite_url: str, tmp_path: Path
) -> None:
    settings = installation(tmp_path, sqlite_url)
    key_from_file(settings.vault.key_file)
    home = ("slack", "T1", "C1")
    made = await Organisations(sqlite_store, utc_now).found("Les Amis", "fr", "Europe/Paris", home)
    people = People(sqlite_store, utc_now, frozenset())
    async with sqlite_store.write() as connection:
        person = await connection.execute(text("INSERT INTO people (name) VALUES ('Anna')"))
    assert person is not None
    await people.grant(made.id, 1, Role.ADMIN)
    async with sqlite_store.write() as connection:
        await connection.execute(text("DELETE FROM roles"))
    [found] = await wrong(settings)
    assert "Les Amis has no admin any more." in found
    assert 'quitx setup --recover "Les Amis"' in found
    _findings, places = await examine(settings, utc_now)
    assert [(place.platform, place.channel) for place in places] == [("slack", "C1")]


async def test_a_disk_that_is_almost_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chatops.upkeep.examination._LOW", 1 << 60)
    [found] = await wrong(installation(tmp_path))
    assert found.startswith("weak: ")
    assert "are free on the disk" in found


def test_the_program_tells_it_in_the_language_of_the_installation(tmp_path: Path) -> None:
    nobody = free_port()
    program = Program(
        tmp_path,
        {
            "QUITX_LANGUAGE__DEFAULT": "fr",
            "QUITX_SLACK__BOT_TOKEN": "xoxb-hidden",
            "QUITX_SLACK__APP_TOKEN": "xapp-hidden",
            "QUITX_SLACK__API_URL": f"http://127.0.0.1:{nobody}/api/",
        },
    )
    done = program("doctor")
    assert done.returncode == 1, "Slack does not answer"
    assert "à améliorer\N{NO-BREAK SPACE}: Aucun dossier de dépôt" in done.stdout
    assert "en panne\N{NO-BREAK SPACE}: " in done.stdout
    assert "hidden" not in done.stdout + done.stderr
    assert not (tmp_path / "quitx.db").exists()
