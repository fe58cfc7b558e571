"""The test servers themselves: real, on loopback only, breakable, and gone afterwards."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.support.bluesky import install
from tests.support.bluesky.pds import Account, PdsOptions, PdsServer
from tests.support.faults import FaultProxy
from tests.support.needs import need
from tests.support.postgres import PostgresServer

_CREATE = "com.atproto.repo.createRecord"
_LOOPBACK = "0100007F"
_LISTENING = "0A"


async def log_in(client: httpx.AsyncClient, account: Account) -> httpx.Response:
    return await client.post(
        "/xrpc/com.atproto.server.createSession",
        json={"identifier": account.handle, "password": account.app_password},
    )


@asynccontextmanager
async def logged_in(url: str, account: Account) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=url) as client:
        token = (await log_in(client, account)).json()["accessJwt"]
        client.headers["Authorization"] = f"Bearer {token}"
        yield client


async def post(client: httpx.AsyncClient, account: Account, text: str) -> httpx.Response:
    record = {"text": text, "createdAt": "2026-01-01T12:00:00Z"}
    return await client.post(
        f"/xrpc/{_CREATE}",
        json={"repo": account.did, "collection": "app.bsky.feed.post", "record": record},
    )


def texts(server: PdsServer, account: Account) -> list[str]:
    return [record.value["text"] for record in server.records(account.did)]


async def test_a_post_is_kept(pds_server: PdsServer, bluesky_account: Account) -> None:
    async with logged_in(pds_server.url, bluesky_account) as client:
        answer = await post(client, bluesky_account, "hello")
    (record,) = pds_server.records(bluesky_account.did)
    assert (record.uri, record.cid) == (answer.json()["uri"], answer.json()["cid"])
    assert record.collection == "app.bsky.feed.post"


async def test_more_records_than_a_page_are_listed_in_order(
    pds_server: PdsServer, bluesky_account: Account
) -> None:
    async with logged_in(pds_server.url, bluesky_account) as client:
        writes = [
            {
                "$type": "com.atproto.repo.applyWrites#create",
                "collection": "app.bsky.feed.post",
                "value": {"text": str(number), "createdAt": "2026-01-01T12:00:00Z"},
            }
            for number in range(150)
        ]
        answer = await client.post(
            "/xrpc/com.atproto.repo.applyWrites",
            json={"repo": bluesky_account.did, "writes": writes},
        )
    answer.raise_for_status()
    assert texts(pds_server, bluesky_account) == [str(number) for number in range(150)]


async def test_a_second_app_password_opens_the_account(
    pds_server: PdsServer, bluesky_account: Account
) -> None:
    second = pds_server.create_app_password(bluesky_account)
    assert second != bluesky_account.app_password
    async with httpx.AsyncClient(base_url=pds_server.url) as client:
        answer = await client.post(
            "/xrpc/com.atproto.server.createSession",
            json={"identifier": bluesky_account.handle, "password": second},
        )
    assert answer.status_code == 200


async def test_a_cut_after_the_write_leaves_the_record(
    pds_server: PdsServer, bluesky_proxy: FaultProxy, bluesky_account: Account
) -> None:
    async with logged_in(bluesky_proxy.url, bluesky_account) as client:
        bluesky_proxy.cut_after(f"*{_CREATE}")
        with pytest.raises(httpx.TransportError):
            await post(client, bluesky_account, "once")
        assert texts(pds_server, bluesky_account) == ["once"]
        assert (await post(client, bluesky_account, "twice")).status_code == 200
    assert texts(pds_server, bluesky_account) == ["once", "twice"]
    assert bluesky_proxy.count(f"*{_CREATE}", "POST") == 2
    assert [request.fault for request in bluesky_proxy.seen] == [None, "cut after", None]


async def test_a_cut_before_the_write_leaves_nothing(
    pds_server: PdsServer, bluesky_proxy: FaultProxy, bluesky_account: Account
) -> None:
    async with logged_in(bluesky_proxy.url, bluesky_account) as client:
        bluesky_proxy.cut_before(f"*{_CREATE}", skip=1)
        await post(client, bluesky_account, "first")
        with pytest.raises(httpx.TransportError):
            await post(client, bluesky_account, "second")
    assert texts(pds_server, bluesky_account) == ["first"]


async def test_a_rate_limit_says_when_it_ends(
    bluesky_proxy: FaultProxy, bluesky_account: Account
) -> None:
    async with logged_in(bluesky_proxy.url, bluesky_account) as client:
        bluesky_proxy.rate_limit(f"*{_CREATE}", reset_in=30, times=2)
        answers = [await post(client, bluesky_account, "hello") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].json()["error"] == "RateLimitExceeded"
    assert 20 <= int(answers[0].headers["ratelimit-reset"]) - time.time() <= 30


async def test_a_delay_holds_a_request(bluesky_proxy: FaultProxy, bluesky_account: Account) -> None:
    async with httpx.AsyncClient(base_url=bluesky_proxy.url) as client:
        bluesky_proxy.delay("*createSession", 0.2)
        started = time.monotonic()
        answer = await log_in(client, bluesky_account)
    assert answer.status_code == 200
    assert time.monotonic() - started >= 0.2


async def test_a_client_behind_the_proxy_is_told_to_stay_there(
    bluesky_proxy: FaultProxy, bluesky_account: Account
) -> None:
    async with httpx.AsyncClient(base_url=bluesky_proxy.url) as client:
        session = (await log_in(client, bluesky_account)).json()
    assert session["didDoc"]["service"][0]["serviceEndpoint"] == bluesky_proxy.url


async def test_an_absent_server_refuses_and_comes_back(
    bluesky_proxy: FaultProxy, bluesky_account: Account
) -> None:
    async with logged_in(bluesky_proxy.url, bluesky_account) as client:
        async with bluesky_proxy.absent():
            with pytest.raises(httpx.ConnectError):
                await post(client, bluesky_account, "hello")
        assert (await post(client, bluesky_account, "hello")).status_code == 200


async def test_a_request_under_way_is_dropped_when_the_server_goes_away(
    bluesky_proxy: FaultProxy, bluesky_account: Account
) -> None:
    async with httpx.AsyncClient(base_url=bluesky_proxy.url) as client:
        bluesky_proxy.delay("*", 60)
        asked = asyncio.create_task(log_in(client, bluesky_account))
        await bluesky_proxy.until_seen("*createSession")
        async with bluesky_proxy.absent():
            with pytest.raises(httpx.TransportError):
                await asked


async def test_a_paused_server_is_silent_until_it_goes_on(
    pds_server: PdsServer, bluesky_account: Account
) -> None:
    async with httpx.AsyncClient(base_url=pds_server.url, timeout=0.3) as client:
        pds_server.pause()
        try:
            with pytest.raises(httpx.TimeoutException):
                await log_in(client, bluesky_account)
        finally:
            pds_server.unpause()
        client.timeout = httpx.Timeout(30)
        assert (await log_in(client, bluesky_account)).status_code == 200


def test_postgres_answers_and_writes_through(postgres_url: str) -> None:
    assert postgres_url.startswith("postgresql+psycopg://")
    address = make_url(postgres_url).set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as connection:
        row = connection.execute("select 1, current_setting('fsync'), lower('É')").fetchone()
    assert row == (1, "on", "é")


def listening_on(pid: int) -> set[str]:
    """Return the addresses, as the kernel writes them, on which a process waits for clients."""
    inodes = {
        str(descriptor.readlink()).removeprefix("socket:[").removesuffix("]")
        for descriptor in Path(f"/proc/{pid}/fd").iterdir()
        if descriptor.is_symlink()
    }
    rows = [
        line.split()
        for table in ("tcp", "tcp6")
        for line in Path(f"/proc/{pid}/net/{table}").read_text(encoding="ascii").splitlines()[1:]
    ]
    return {row[1].split(":")[0] for row in rows if row[3] == _LISTENING and row[9] in inodes}


@pytest.mark.skipif(sys.platform != "linux", reason="reads the kernel's table of sockets")
def test_servers_listen_on_loopback_only(
    pds_server: PdsServer, postgres_server: PostgresServer
) -> None:
    assert listening_on(pds_server.process.pid) == {_LOOPBACK}
    assert listening_on(postgres_server.process.pid) == {_LOOPBACK}


def test_options_reach_the_server() -> None:
    need(install.missing())
    with PdsServer(PdsOptions(rate_limits=True, blob_limit=1000)) as server:
        account = server.create_account("options")
        with httpx.Client(base_url=server.url) as client:
            session = client.post(
                "/xrpc/com.atproto.server.createSession",
                json={"identifier": account.handle, "password": account.password},
            )
            upload = client.post(
                "/xrpc/com.atproto.repo.uploadBlob",
                content=bytes(1001),
                headers={
                    "Authorization": f"Bearer {session.json()['accessJwt']}",
                    "Content-Type": "image/png",
                },
            )
    assert account.handle.startswith("options-")
    assert "ratelimit-limit" in session.headers
    assert upload.status_code == 413


@pytest.mark.parametrize("paused", [False, True], ids=["running", "paused"])
def test_a_server_ends_with_the_process_that_started_it(tmp_path: Path, *, paused: bool) -> None:
    need(install.missing())
    script = (
        "import time; from tests.support.bluesky.pds import PdsServer; server = PdsServer();"
        f"{'server.pause();' if paused else ''}"
        "print(server.process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"TMPDIR": str(tmp_path)},
    ) as starter:
        assert starter.stdout is not None
        server = int(starter.stdout.readline())
        starter.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline and (
        Path(f"/proc/{server}").exists() or any(tmp_path.iterdir())
    ):
        time.sleep(0.05)
    assert not Path(f"/proc/{server}").exists()
    assert not any(tmp_path.iterdir())
