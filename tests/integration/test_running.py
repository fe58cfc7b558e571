"""`quitx run`: what it tells of its health, and how it stops."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from adapters.web.health import HealthCheck
from adapters.web.server import serving
from chatops.bootstrap import registry
from chatops.conversation.connection import Link
from chatops.conversation.supervision import PATIENCE, Connections
from chatops.language import Conflict, Invalid, _
from chatops.platforms import slack_manifest
from chatops.store import Store
from chatops.testing import MemoryPlatform
from tests.support.ports import free_port
from tests.support.program import Program

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
_PATIENCE = 30.0


@contextmanager
def running(folder: Path, **settings: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run the program with a page about its health; end it with SIGTERM."""
    port = free_port()
    program = Program(folder, {"QUITX_WEB__LISTEN": f"127.0.0.1:{port}", **settings})
    process = program.start("run")
    try:
        yield process, port
    finally:
        process.terminate()
        _out, logged = process.communicate(timeout=_PATIENCE)
    assert process.returncode == 0, logged


def asked(port: int, path: str = "/healthz") -> tuple[int, Any]:
    """Ask for a page, as soon as somebody answers."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error) if path == "/healthz" else None
        except (urllib.error.URLError, OSError):
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.05)


def healthy(port: int) -> Any:  # noqa: ANN401 - what JSON holds
    """Wait until the program says that it is well; return what it said."""
    deadline = time.monotonic() + _PATIENCE
    while (said := asked(port))[0] != 200:
        assert time.monotonic() < deadline, said
        time.sleep(0.05)
    return said[1]


def test_it_tells_that_it_is_well_until_it_is_told_to_stop(tmp_path: Path) -> None:
    with running(tmp_path) as (process, port):
        assert healthy(port) == {
            "status": "ok",
            "connections": [],
            "store": "ok",
            "engine": "working",
        }
        assert asked(port, "/")[0] == 404
        began = time.monotonic()
        process.terminate()
        process.wait(timeout=_PATIENCE)
    assert time.monotonic() - began < 10


def test_platforms_that_cannot_be_reached_do_not_stop_it(tmp_path: Path) -> None:
    nobody = free_port()
    settings = {
        "QUITX_SLACK__BOT_TOKEN": "xoxb-1",
        "QUITX_SLACK__APP_TOKEN": "xapp-1",
        "QUITX_SLACK__API_URL": f"http://127.0.0.1:{nobody}/api/",
        "QUITX_DISCORD__TOKEN": "secret-of-discord",
        "QUITX_DISCORD__API_URL": f"http://127.0.0.1:{nobody}/api/v10",
        "QUITX_MATRIX__HOMESERVER": f"http://127.0.0.1:{nobody}",
        "QUITX_MATRIX__USER": "quitx",
        "QUITX_MATRIX__PASSWORD": "secret-of-matrix",
    }
    with running(tmp_path, **settings) as (_process, port):
        said = healthy(port)
        states = {each["platform"]: each["state"] for each in said["connections"]}
        assert set(states) == {"slack", "discord", "matrix"}
        assert set(states.values()) <= {"connecting", "lost"}
        assert "xoxb-1" not in json.dumps(said)
        assert "secret-of" not in json.dumps(said)


def test_an_unused_platform_is_not_imported(tmp_path: Path) -> None:
    process = Program(tmp_path, {"PYTHONPROFILEIMPORTTIME": "1"}).start("run")
    time.sleep(1)
    while not (tmp_path / "quitx.lock").exists() or not (tmp_path / "quitx.lock").read_text():
        time.sleep(0.05)
    process.terminate()
    _out, logged = process.communicate(timeout=_PATIENCE)
    loaded = {line.rpartition("|")[2].strip().partition(".")[0] for line in logged.splitlines()}
    assert "dbos" in loaded, "it works"
    assert loaded.isdisjoint({"aiohttp", "slack_bolt", "slack_sdk", "discord", "nio", "uvicorn"})


def test_an_address_that_is_taken_is_told_at_once(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        done = Program(tmp_path, {"QUITX_WEB__LISTEN": listen})("run")
    assert done.returncode == 1
    assert "Nobody can listen" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("listen", ["8080", ":8080", "127.0.0.1:http", "127.0.0.1:99999"])
async def test_what_is_no_address_is_refused(listen: str) -> None:
    with pytest.raises(Invalid):
        async with serving(listen, []):
            pass


async def test_who_stops_listening_frees_the_address() -> None:
    listen = f"127.0.0.1:{free_port()}"
    for _again in range(2):
        async with serving(listen, []):
            with pytest.raises(Conflict):
                async with serving(listen, []):
                    pass


def health(store: Store, platform: MemoryPlatform, *, working: bool = True) -> httpx.AsyncClient:
    """Return somebody who can ask for the health of a program with one platform."""
    check = HealthCheck(Connections([platform], lambda: NOW), store, lambda: working)
    transport = httpx.ASGITransport(Starlette(routes=[check.route]))
    return httpx.AsyncClient(transport=transport, base_url="http://bot")


async def test_a_refused_connection_is_trouble(store: Store) -> None:
    platform = MemoryPlatform("slack")
    platform._link = Link("slack", lambda: NOW)
    platform._link.refused(_("The token was revoked: xoxb-1."), _("Make a new one."))
    async with health(store, platform) as client:
        answer = await client.get("/healthz")
    assert answer.status_code == 503
    [connection] = answer.json()["connections"]
    assert connection == {
        "platform": "slack",
        "name": "",
        "state": "refused",
        "since": "2025-01-15T10:30:00+00:00",
    }
    assert "xoxb" not in answer.text


def lost(age: timedelta) -> Link:
    link = Link("slack", lambda: NOW - age)
    link.lost(_("Gone."))
    return link


async def test_a_connection_may_mend_itself_for_a_while(store: Store) -> None:
    for age, status in ((PATIENCE / 2, 200), (PATIENCE * 2, 503)):
        platform = MemoryPlatform("slack")
        platform._link = lost(age)
        async with health(store, platform) as client:
            assert (await client.get("/healthz")).status_code == status


async def test_a_store_or_an_engine_that_does_not_work_is_trouble(store: Store) -> None:
    platform = MemoryPlatform("slack")
    platform._link.connected()
    async with health(store, platform, working=False) as client:
        stopped = await client.get("/healthz")
    assert (stopped.status_code, stopped.json()["engine"]) == (503, "stopped")


async def test_a_store_that_does_not_answer_is_trouble(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.web.health._PATIENCE", 0.05)
    platform = MemoryPlatform("slack")
    platform._link.connected()
    # Whoever reads has to wait for one of four.
    async with asyncio.TaskGroup() as group:
        holding = asyncio.Event()
        for _reader in range(20):
            group.create_task(_hold(store, holding))
        await asyncio.sleep(0.2)
        async with health(store, platform) as client:
            answer = await client.get("/healthz")
        holding.set()
    assert (answer.status_code, answer.json()["store"]) == (503, "unreachable")


async def _hold(store: Store, until: asyncio.Event) -> None:
    async with store.read():
        await until.wait()


def test_the_manifest_of_slacks_app_is_printed(tmp_path: Path) -> None:
    done = Program(tmp_path)("manifest", "slack")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == slack_manifest(registry(), "en")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("locale", ["C.UTF-8", "fr_FR.UTF-8"])
def test_help_is_there_at_once(tmp_path: Path, locale: str) -> None:
    program = Program(tmp_path, {"PYTHONPROFILEIMPORTTIME": "1", "LC_ALL": locale})
    loaded = {line.rpartition("|")[2].strip() for line in program("--help").stderr.splitlines()}
    assert "chatops.cli" in loaded
    assert loaded.isdisjoint({"sqlalchemy", "babel", "dbos", "chatops.bootstrap", "chatops.store"})
