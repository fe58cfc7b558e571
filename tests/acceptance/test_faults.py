"""The program survives a server that fails, a database that is held, and a disk that is full."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.agreed import agreed, running, started_in_practice
from tests.support.archives import tweet
from tests.support.bluesky.pds import Account, PdsServer
from tests.support.faults import FaultProxy
from tests.support.migrating import Migrating
from tests.support.moving import at, post
from tests.support.program import Program

POSTS = 205
WRITE = "*.applyWrites"
SOON = 60.0


def messages(count: int) -> list[dict[str, object]]:
    return [tweet(text=f"Message {number}", at=at(number)) for number in range(count)]


async def ready(account: Account, folder: Path, proxy: FaultProxy) -> Migrating:
    """Bring a migration to where the program moves the last 200 posts, through the proxy."""
    migrating = await agreed(account, folder, proxy.url, messages(POSTS))
    proxy.clear()
    return migrating


async def test_a_server_that_is_away_for_a_while_gets_every_post_once(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    migrating = await ready(bluesky_account, tmp_path, bluesky_proxy)
    async with running(migrating.program) as run:
        await bluesky_proxy.until_seen(WRITE)
        async with bluesky_proxy.absent():
            await asyncio.sleep(3)
        await run.until(lambda: migrating.phase() == "done")
    migrating.check_once_each(pds_server, bluesky_account)


async def test_a_server_that_asks_to_wait_is_not_asked_before(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    migrating = await ready(bluesky_account, tmp_path, bluesky_proxy)
    bluesky_proxy.rate_limit(WRITE, reset_in=7)
    async with running(migrating.program) as run:
        await run.until(lambda: migrating.waits_for("asks us to wait"))
        limited = time.time()
        await run.until(lambda: migrating.phase() == "done")
        assert time.time() - limited > 5
    assert bluesky_proxy.count(WRITE) == 3, "once too early, then two batches"
    migrating.check_once_each(pds_server, bluesky_account)


async def test_a_server_that_fails_and_loses_answers_gets_every_post_once(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    migrating = await ready(bluesky_account, tmp_path, bluesky_proxy)
    bluesky_proxy.answer(WRITE, 500, body={"error": "InternalServerError"})
    bluesky_proxy.cut_after(WRITE)
    bluesky_proxy.cut_before(WRITE)
    bluesky_proxy.cut_after(WRITE, skip=1)
    async with running(migrating.program) as run:
        await run.until(lambda: migrating.phase() == "done")
    faults = [seen.fault for seen in bluesky_proxy.seen if seen.fault]
    assert sorted(faults) == ["answer", "cut after", "cut after", "cut before"]
    migrating.check_once_each(pds_server, bluesky_account)


async def test_what_continues_a_post_that_the_server_refuses_stands_on_its_own(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    tweets = [post(hour) for hour in range(6)]
    tweets += [post(6, answers=5), post(7, answers=6), post(8, quotes=5)]
    migrating = await agreed(bluesky_account, tmp_path, bluesky_proxy.url, tweets)
    words = {"error": "InvalidRequest", "message": "Invalid record at $.writes[0].value"}
    bluesky_proxy.answer(WRITE, 400, body=words, times=2)
    async with running(migrating.program) as run:
        await run.until(lambda: migrating.phase() == "done")
    records = {r.value["text"]: r for r in pds_server.records(bluesky_account.did)}
    assert set(records) == {f"Message {hour}" for hour in range(9)} - {"Message 5"}
    assert "reply" not in records["Message 6"].value
    assert records["Message 7"].value["reply"]["root"]["uri"] == records["Message 6"].uri
    assert records["Message 8"].value.get("embed", {}).get("$type") != "app.bsky.embed.record"


async def test_a_revoked_app_password_stops_it_until_the_account_is_connected_again(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    migrating = await ready(bluesky_account, tmp_path, bluesky_proxy)
    revoke_app_passwords(pds_server, bluesky_account)
    # A server still takes the access token for two hours.
    bluesky_proxy.answer(WRITE, 400, body={"error": "ExpiredToken", "message": "It has expired"})
    async with running(migrating.program) as run:
        await run.until(lambda: migrating.hold() == "stopped")
        assert migrating.waits_for("no longer accepts") or migrating.waits_for("does not accept")
    assert bluesky_account.app_password not in migrating.everything()

    password = pds_server.create_app_password(bluesky_account)
    program = migrating.program
    connected = await asyncio.to_thread(
        program, "connect", "bluesky", bluesky_account.handle, given=f"{password}\n"
    )
    assert connected.returncode == 0, connected.stderr
    await asyncio.to_thread(program.says, "/quitx migrate resume")
    assert migrating.phase() == "done"
    migrating.check_once_each(pds_server, bluesky_account)


def revoke_app_passwords(server: PdsServer, account: Account) -> None:
    with httpx.Client(base_url=f"{server.url}/xrpc/", trust_env=False, timeout=30) as client:

        def ask(how: str, method: str, body: Any = None) -> Any:  # noqa: ANN401 - JSON
            answer = client.request(how, method, json=body)
            assert answer.is_success, answer.text
            return answer.json() if answer.content else None

        whole = {"identifier": account.did, "password": account.password}
        session = ask("POST", "com.atproto.server.createSession", whole)
        client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
        for each in ask("GET", "com.atproto.server.listAppPasswords")["passwords"]:
            ask("POST", "com.atproto.server.revokeAppPassword", {"name": each["name"]})


async def test_a_wrong_app_password_is_not_kept_and_not_shown(
    bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    program = Program(tmp_path, {"QUITX_BLUESKY__SERVICE": bluesky_proxy.url})
    secret = "abcd-efgh-2345-wxyz"
    tried = await asyncio.to_thread(
        program, "connect", "bluesky", bluesky_account.handle, given=f"{secret}\n"
    )
    assert tried.returncode == 1
    assert "does not accept this handle with this password" in tried.stderr
    assert bluesky_proxy.count("*.createSession") == 1
    assert secret not in tried.stdout + tried.stderr
    with closing(sqlite3.connect(tmp_path / "quitx.db")) as database:
        assert database.execute("SELECT count(*) FROM accounts").fetchone() == (0,)
        assert database.execute("SELECT count(*) FROM secrets").fetchone() == (0,)


async def test_a_database_that_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    migrating = await started_in_practice(tmp_path, messages(3000))
    database = tmp_path / "quitx.db"
    with closing(sqlite3.connect(database, isolation_level=None, check_same_thread=False)) as other:
        async with running(migrating.program) as run:
            await run.until(lambda: migrating.moved() > 0)
            await asyncio.to_thread(other.execute, "BEGIN EXCLUSIVE")
            before = migrating.moved()
            assert before < 3000
            await asyncio.sleep(4)
            assert migrating.moved() == before
            other.execute("ROLLBACK")
            await run.until(lambda: migrating.phase() == "done")
    assert migrating.moved() == migrating.count("rehearsals") == 3000


async def test_a_second_program_on_the_same_database_gives_way_to_the_first(
    tmp_path: Path,
) -> None:
    migrating = await started_in_practice(tmp_path, messages(3000))
    async with running(migrating.program) as run:
        await run.until(lambda: migrating.moved() > 0)
        second = await asyncio.to_thread(migrating.program, "run")
        assert second.returncode == 1
        assert "Another QuitX process" in second.stderr
        assert "Stop that one first" in second.stderr
        assert "Traceback" not in second.stderr
        await run.until(lambda: migrating.phase() == "done")
    assert migrating.moved() == migrating.count("rehearsals") == 3000


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount, umount = shutil.which("mount"), shutil.which("umount")
    options = ["-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if mount is None or umount is None or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("only root can mount a small disk")
    yield folder
    subprocess.run([umount, folder], check=True)


async def test_a_full_disk_is_told_and_the_work_goes_on_once_there_is_room(
    small_disk: Path,
) -> None:
    migrating = await started_in_practice(small_disk, messages(1500))
    filler = small_disk / "filler"
    with filler.open("wb") as file:
        file.write(bytes(shutil.disk_usage(small_disk).free - 1_000_000))
    async with running(migrating.program) as run:
        await run.until(lambda: not shutil.disk_usage(small_disk).free)
        await asyncio.sleep(1)
        assert migrating.moved() < 1500
        await asyncio.to_thread(filler.unlink)
        await run.until(lambda: migrating.phase() == "done")
    assert "The disk of the database" in run.logged
    assert migrating.moved() == migrating.count("rehearsals") == 1500
