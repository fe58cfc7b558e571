"""`quitx backup` and `quitx restore`, as an operator uses them."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import tarfile
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from tests.support.program import Program, texts

ENDING = ".before-"


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Use the program a little, once for all tests: a migration is planned."""
    folder = tmp_path_factory.mktemp("used")
    lines = ("/quitx practice sample", "/quitx migrate plan quitx-sample.zip to=bluesky")
    Program(folder).says(*lines)
    return folder


@pytest.fixture
def installed(used: Path, tmp_path: Path) -> Program:
    """Give the test a program of its own, which was used a little."""
    folder = tmp_path / "installed"
    shutil.copytree(used, folder)
    return Program(folder)


def fresh(tmp_path: Path, name: str = "fresh") -> Program:
    folder = tmp_path / name
    folder.mkdir()
    return Program(folder)


def members(backup: Path) -> list[str]:
    with tarfile.open(backup) as tar:
        return tar.getnames()


def test_what_was_backed_up_is_there_again(installed: Program, tmp_path: Path) -> None:
    kept = installed.folder / "quitx-files"
    (kept / "incoming").mkdir(parents=True, exist_ok=True)
    (kept / "incoming" / "private.zip").write_bytes(b"direct messages")
    (kept / "migration-1").mkdir(exist_ok=True)
    (kept / "migration-1" / "a.jpg").write_bytes(b"picture")
    (kept / "migration-1" / ".b.jpg.part").write_bytes(b"half a picture")
    made = installed("backup", "backup.tar")
    assert made.returncode == 0, made.stderr
    assert "The vault's key is not inside." in made.stdout
    backup = installed.folder / "backup.tar"
    assert backup.stat().st_mode & 0o777 == 0o600
    inside = members(backup)
    assert "files/migration-1/a.jpg" in inside
    assert not [name for name in inside if "incoming" in name or ".part" in name or name == "key"]
    assert not list(installed.folder.glob(".quitx-backup*")), "nothing is left behind"

    again = fresh(tmp_path)
    done = again("restore", str(backup))
    assert done.returncode == 0, done.stderr
    assert "The vault's key was not in it." in done.stdout
    assert (again.folder / "quitx-files" / "migration-1" / "a.jpg").read_bytes() == b"picture"
    assert not (again.folder / "quitx-files" / "incoming").exists()
    for name in ("quitx.db", "quitx-files"):
        assert (again.folder / name).stat().st_mode & 0o077 == 0
    assert "Migration 1" in texts(again.says("/quitx status"))


def test_with_its_key_the_vault_opens_again(installed: Program, tmp_path: Path) -> None:
    made = installed("backup", "backup.tar", "--with-key")
    assert "The vault's key is inside" in made.stdout
    again = fresh(tmp_path)
    assert again("restore", str(installed.folder / "backup.tar")).returncode == 0
    key = again.folder / "quitx.key"
    assert key.read_bytes() == (installed.folder / "quitx.key").read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600


def test_what_is_there_is_not_overwritten(installed: Program) -> None:
    installed("backup", "backup.tar", "--with-key")
    backup = installed.folder / "backup.tar"
    before = (installed.folder / "quitx.db").read_bytes()
    refused = installed("restore", str(backup))
    assert refused.returncode == 1
    assert "There is something already" in refused.stderr
    assert "--force" in refused.stderr
    assert (installed.folder / "quitx.db").read_bytes() == before

    forced = installed("restore", str(backup), "--force")
    assert forced.returncode == 0, forced.stderr
    aside = sorted(path.name for path in installed.folder.glob(f"*{ENDING}*"))
    assert [name.partition(ENDING)[0] for name in aside][:1] == ["quitx.db"]
    assert any(name.startswith(f"quitx.key{ENDING}") for name in aside)
    assert "Migration 1" in texts(installed.says("/quitx status"))


def test_a_backup_that_is_damaged_changes_nothing(installed: Program, tmp_path: Path) -> None:
    installed("backup", "backup.tar")
    backup = installed.folder / "backup.tar"
    data = bytearray(backup.read_bytes())
    data[5_000] ^= 1
    backup.write_bytes(data)
    again = fresh(tmp_path)
    refused = again("restore", str(backup))
    assert refused.returncode == 1
    assert "is damaged: store" in refused.stderr
    assert list(again.folder.iterdir()) == []


def test_while_the_bot_runs_nothing_is_put_back(installed: Program) -> None:
    installed("backup", "backup.tar")
    running = installed.start("run")
    try:
        _until_locked(installed.folder)
        made = installed("backup", "second.tar")
        assert made.returncode == 0, made.stderr
        refused = installed("restore", "backup.tar", "--force")
        assert refused.returncode == 1
        assert "Another QuitX process" in refused.stderr
    finally:
        running.terminate()
        running.communicate(timeout=30)


def _until_locked(folder: Path) -> None:
    lock = folder / "quitx.lock"
    deadline = time.monotonic() + 30
    while not lock.exists() or not lock.read_text().strip():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.5)


def test_a_backup_that_cannot_be_written_leaves_the_old_one(
    installed: Program, tmp_path: Path
) -> None:
    missing = installed("backup", str(tmp_path / "nowhere" / "backup.tar"))
    assert missing.returncode == 1
    assert "does not exist" in missing.stderr
    assert installed("backup", "backup.tar").returncode == 0
    old = (installed.folder / "backup.tar").read_bytes()
    shutil.copy(installed.folder / "quitx.db", tmp_path / "kept.db")
    (installed.folder / "quitx.db").write_bytes(b"not a database" * 100)
    failed = installed("backup", "backup.tar")
    assert failed.returncode == 1
    assert "Traceback" not in failed.stderr
    assert (installed.folder / "backup.tar").read_bytes() == old


def test_a_restore_that_dies_is_settled_at_the_next_start(
    installed: Program, tmp_path: Path
) -> None:
    installed("backup", "backup.tar")
    again = fresh(tmp_path)
    restoring = again.start("restore", str(installed.folder / "backup.tar"))
    database = again.folder / "quitx.db"
    while not database.exists() and restoring.poll() is None:
        time.sleep(0.001)
    os.killpg(restoring.pid, signal.SIGKILL)
    restoring.communicate()
    assert database.exists()
    again.says("/quitx status")
    with closing(sqlite3.connect(database)) as connection:
        [(settled,)] = connection.execute("SELECT settled_at FROM restores").fetchall()
    assert settled is not None


def test_only_a_database_of_the_same_kind_takes_a_backup(
    installed: Program, tmp_path: Path
) -> None:
    installed("backup", "backup.tar")
    again = tmp_path / "other"
    again.mkdir()
    other = Program(again, {"QUITX_STORE__URL": "postgresql://nobody@127.0.0.1:1/none"})
    refused: subprocess.CompletedProcess[str] = other(
        "restore", str(installed.folder / "backup.tar")
    )
    assert refused.returncode == 1
    assert "another kind of database" in refused.stderr


def test_what_matrix_knew_is_not_heard_again_and_its_old_keys_are_not_used(
    installed: Program, tmp_path: Path
) -> None:
    settings = {"QUITX_MATRIX__HOMESERVER": "matrix.test", "QUITX_MATRIX__PASSWORD": "hidden"}
    known = installed.folder / "quitx-matrix"
    known.mkdir()
    with closing(sqlite3.connect(known / "state.db")) as connection, connection:
        connection.execute("CREATE TABLE remembered (kind TEXT, key TEXT, value TEXT)")
        connection.execute("INSERT INTO remembered VALUES ('token', 'token', 's1')")
        connection.execute("INSERT INTO remembered VALUES ('reaction', '$1', '{}')")
    with closing(sqlite3.connect(known / "device-1.db")) as connection, connection:
        connection.execute("CREATE TABLE keys (key TEXT)")
    made = installed("backup", "backup.tar")
    assert made.returncode == 0, made.stderr
    assert {"matrix/state.db", "matrix/device-1.db"} <= set(
        members(installed.folder / "backup.tar")
    )

    again = tmp_path / "again"
    again.mkdir()
    done = Program(again, settings)("restore", str(installed.folder / "backup.tar"))
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (again / "quitx-matrix").iterdir()) == ["state.db"]
    with closing(sqlite3.connect(again / "quitx-matrix" / "state.db")) as connection:
        assert connection.execute("SELECT kind FROM remembered").fetchall() == [("reaction",)]


def test_postgresql_keeps_what_was_there_in_schemas_of_their_own(
    postgres_url: str, tmp_path: Path
) -> None:
    program = Program(tmp_path, {"QUITX_STORE__URL": postgres_url})
    program.says("/quitx status")
    made = program("backup", "backup.tar")
    assert made.returncode == 0, made.stderr
    refused = program("restore", "backup.tar")
    assert refused.returncode == 1
    assert "There is something already" in refused.stderr
    engine = create_engine(postgres_url)
    with engine.connect():
        busy = program("restore", "backup.tar", "--force")
    assert "Somebody works with this database" in busy.stderr
    engine.dispose()

    done = program("restore", "backup.tar", "--force")
    assert done.returncode == 0, done.stderr
    with engine.connect() as connection:
        schemas = connection.execute(
            text("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(public|dbos)'")
        ).scalars()
        assert sorted(name.partition("_before_")[0] for name in schemas) == [
            "dbos",
            "dbos",
            "public",
            "public",
        ]
    engine.dispose()
    program.says("/quitx status")
