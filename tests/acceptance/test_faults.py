"""A real PDS that fails in every way that servers do: the migration survives, in the program."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.agreed import agreed, running, until
from tests.support.bluesky.pds import Account, PdsServer
from tests.support.faults import FaultProxy
from tests.support.migrating import Migrating
from tests.support.moving import at
from tests.support.archives import tweet

POSTS = 205
WRITE = "*.applyWrites"


async def ready(account: Account, folder: Path, service: str) -> Migrating:
    tweets = [tweet(text=f"Message {number}", at=at(number)) for number in range(POSTS)]
    return await agreed(account, folder, service, tweets)


async def test_a_server_that_was_away_for_a_while(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    t=time.time()
    migrating = await ready(bluesky_account, tmp_path, bluesky_proxy.url)
    print("ready", time.time()-t)
    async with running(migrating.program) as process:
        await until(lambda: migrating.phase() == "done", process)
    print("done", time.time()-t)
    migrating.check_once_each(pds_server, bluesky_account)
    print("checked", time.time()-t)
