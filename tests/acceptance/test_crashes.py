"""Killed at random moments, a migration to a real PDS ends with every post once."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.support.bluesky.pds import Account, PdsServer
from tests.support.migrating import prepared
from tests.support.program import kill

POSTS = 500
KILLS = 3
"""Kills of one migration; a run that is not killed any more brings it to its end."""


@pytest.fixture
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgresql":
        address: str = request.getfixturevalue("postgres_url")
        return address
    return f"sqlite:///{tmp_path / 'quitx.db'}"


def crash_and_check(server: PdsServer, account: Account, url: str, folder: Path, seed: int) -> None:
    """Kill a migration a few times, let it end, and compare ledger and server."""
    chance = random.Random(seed)
    migrating = prepared(server, account, url, folder, POSTS)
    for number in range(KILLS):
        process = migrating.program.start("run") if number else migrating.approve()
        migrating.wait_until_moving(process, chance.uniform(0.0, 0.35))
        kill(process)
    migrating.finish()
    migrating.check_once_each(server, account)


@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_a_killed_migration_ends_with_every_post_once(
    pds_server: PdsServer, bluesky_account: Account, url: str, tmp_path: Path
) -> None:
    crash_and_check(pds_server, bluesky_account, url, tmp_path, seed=1)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("url", ["sqlite", "postgresql"], indirect=True)
def test_twenty_migrations_survive_their_kills(
    pds_server: PdsServer, bluesky_account: Account, url: str, tmp_path: Path, seed: int
) -> None:
    crash_and_check(pds_server, bluesky_account, url, tmp_path, seed=100 + seed)
