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

from tests.support.agreed import agreed, running, until
from tests.support.archives import Made, tweet
from tests.support.bluesky.pds import Account, PdsServer
from tests.support.faults import FaultProxy
from tests.support.migrating import Migrating
from tests.support.moving import at
from tests.support.program import Program, kill, texts

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
    bluesky_proxy.delay(WRITE, 0.5)
    async with running(migrating.program) as process:
        await bluesky_proxy.until_seen(WRITE)
        async with bluesky_proxy.absent():
            await until(lambda: migrating.waits_for("does not answer"), process)
        await until(lambda: migrating.phase() == "done", process)
    migrating.check_once_each(pds_server, bluesky_account)


async def test_a_server_that_asks_to_wait_is_not_asked_before(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    migrating = await ready(bluesky_account, tmp_path, bluesky_proxy)
    bluesky_proxy.rate_limit(WRITE, reset_in=7)
    async with running(migrating.program) as process:
        await until(lambda: migrating.waits_for("asks us to wait"), process)
        limited = time.time()
        await until(lambda: migrating.phase() == "done", process)
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
    async with running(migrating.program) as process:
        await until(lambda: migrating.phase() == "done", process)
    faults = [seen.fault for seen in bluesky_proxy.seen if seen.fault]
    assert sorted(faults) == ["answer", "cut after", "cut after", "cut before"]
    migrating.check_once_each(pds_server, bluesky_account)


async def test_what_continues_a_post_that_the_server_refuses_stands_on_its_own(
    pds_server: PdsServer, bluesky_account: Account, bluesky_proxy: FaultProxy, tmp_path: Path
) -> None:
    from tests.support.moving import post

    tweets = [post(hour) for hour in range(6)]
    tweets += [post(6, answers=5), post(7, answers=6), post(8, quotes=5)]
    migrating = await agreed(bluesky_account, tmp_path, bluesky_proxy.url, tweets)
    words = {"error": "InvalidRequest", "message": "Invalid record at $.writes[0].value"}
    bluesky_proxy.answer(WRITE, 400, body=words, times=2)
    async with running(migrating.program) as process:
        await until(lambda: migrating.phase() == "done", process)
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
    async with running(migrating.program) as process:
        await until(lambda: migrating.hold() == "stopped", process)
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


class Practice:
    """A migration in practice, in a folder of its own."""

    def __init__(self, folder: Path, posts: int) -> None:
        self.program = Program(folder)
        self.database = folder / "quitx.db"
        self._archive = Made({"tweets.js": messages(posts)}).zipped(folder / "archive.zip")
        self.posts = posts

    def plan(self) -> None:
        self.program.says(f"/quitx migrate plan {self._archive}")

    def start(self, *more: str) -> subprocess.Popen[str]:
        """Begin to move, in a console that waits until it is done."""
        lines = ("/quitx migrate start", ":react ✅", *more)
        return self.program.start("console", given="".join(f"{line}\n" for line in lines))

    def count(self, query: str) -> int:
        with closing(sqlite3.connect(self.database, timeout=10)) as database:
            return int(database.execute(f"SELECT count(*) FROM {query}").fetchone()[0])

    def until_moving(self, process: subprocess.Popen[str]) -> None:
        deadline = time.monotonic() + SOON
        while not self.count("items WHERE state = 'moved'"):
            assert process.poll() is None, process.communicate()[1]
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def check_done(self) -> None:
        assert self.count("migrations WHERE phase = 'done'") == 1
        assert self.count("items WHERE state = 'moved'") == self.posts
        assert self.count("rehearsals") == self.posts


def test_a_database_that_another_program_holds_is_waited_for(tmp_path: Path) -> None:
    practice = Practice(tmp_path, 3000)
    practice.plan()
    process = practice.start()
    practice.until_moving(process)
    with closing(sqlite3.connect(practice.database, timeout=10, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        before = practice.count("items WHERE state = 'moved'")
        assert before < practice.posts
        time.sleep(4)
        assert practice.count("items WHERE state = 'moved'") == before
        other.execute("ROLLBACK")
    _out, logged = process.communicate(timeout=SOON)
    assert process.returncode == 0, logged
    practice.check_done()


def test_a_second_program_on_the_same_database_gives_way_to_the_first(tmp_path: Path) -> None:
    practice = Practice(tmp_path, 3000)
    practice.plan()
    process = practice.start()
    practice.until_moving(process)
    second = practice.program("run")
    assert second.returncode == 1
    assert "Another QuitX process" in second.stderr
    assert "Stop that one first" in second.stderr
    assert "Traceback" not in second.stderr
    _out, logged = process.communicate(timeout=SOON)
    assert process.returncode == 0, logged
    practice.check_done()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 6 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    if shutil.which("mount") is None or subprocess.run(mount, check=False).returncode:
        pytest.skip("a small disk can be mounted by root only")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_is_told_and_the_work_goes_on_once_there_is_room(small_disk: Path) -> None:
    practice = Practice(small_disk, 1500)
    practice.plan()
    filler = small_disk / "filler"
    free = shutil.disk_usage(small_disk).free
    filler.write_bytes(bytes(max(0, free - 300_000)))
    process = practice.start()
    time.sleep(6)
    print(kill(process), shutil.disk_usage(small_disk))
