"""A backup, what happened after it, and going on from it: every post stands once."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.bluesky.pds import Account, PdsServer
from tests.support.migrating import Migrating, prepared
from tests.support.postgres import PostgresServer
from tests.support.program import Program, kill, texts

POSTS = 240


@pytest.fixture
def empty_url(request: pytest.FixtureRequest, store_url: str, tmp_path: Path) -> Iterator[str]:
    """Name an empty database of the same kind, for what is put back."""
    if store_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path / 'again' / 'quitx.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    name = f"test_{secrets.token_hex(6)}"
    yield server.create_database(name)
    server.drop_database(name)


def test_what_was_published_after_a_backup_is_found_and_not_published_again(
    store_url: str,
    empty_url: str,
    pds_server: PdsServer,
    bluesky_account: Account,
    tmp_path: Path,
) -> None:
    folder, again = tmp_path / "first", tmp_path / "again"
    folder.mkdir()
    again.mkdir()
    first = prepared(pds_server, bluesky_account, store_url, folder, POSTS)
    moving = first.approve()
    first.wait_until_moving(moving, 0)
    # In the middle of its work, whatever that is; what it has begun to send is sent in a moment.
    os.killpg(moving.pid, signal.SIGSTOP)
    backup = folder / "backup.tar"
    made = first.program("backup", str(backup))
    assert made.returncode == 0, made.stderr
    assert backup.stat().st_mode & 0o777 == 0o600
    os.killpg(moving.pid, signal.SIGCONT)
    first.wait_until_moving(moving, 0)
    kill(moving)
    first.finish()
    assert len(pds_server.records(bluesky_account.did)) == POSTS

    program = Program(
        again,
        {
            "QUITX_STORE__URL": empty_url,
            "QUITX_BLUESKY__SERVICE": pds_server.url,
            "QUITX_BLUESKY__POINTS_PER_HOUR": "10000000",
            "QUITX_BLUESKY__POINTS_PER_DAY": "10000000",
        },
    )
    shutil.copy(folder / "quitx.key", again / "quitx.key")
    put_back = program("restore", str(backup))
    assert put_back.returncode == 0, put_back.stderr
    second = Migrating(program, empty_url, POSTS)
    assert second.phase() == "moving"
    assert second.hold() == "stopped"
    assert second.moved() < POSTS, "the backup was made in the middle"
    assert second.count("deliveries WHERE state = 'sending'") == 0
    assert second.count("restores WHERE settled_at IS NOT NULL") == 1

    told = program.says("/quitx migrate status 1", "/quitx migrate resume 1")
    assert "The bot goes on from a backup of" in texts(told), "nothing goes on by itself"
    second.finish()
    second.check_once_each(pds_server, bluesky_account)
