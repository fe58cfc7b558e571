"""Runs a personal data server and looks into it.

Its methods wait for short answers on the spot and talk to the server directly, so they may be
called from async tests too.
"""

from __future__ import annotations

import json
import os
import secrets
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import httpx

from tests.support.bluesky.install import find_node, install
from tests.support.processes import ServerProcess

_HERE = Path(__file__).resolve().parent
_PAGE = 100
_START_SECONDS = 60.0
_ANSWER_SECONDS = 30.0


@dataclass(frozen=True)
class PdsOptions:
    """How a server is set up; port 0 is any free one, no limit is the server's own."""

    pds_port: int = 0
    plc_port: int = 0
    rate_limits: bool = False
    blob_limit: int | None = None


@dataclass(frozen=True)
class Account:
    """An account of the test server, with its main password and one app password."""

    did: str
    handle: str
    password: str
    app_password: str


@dataclass(frozen=True)
class StoredRecord:
    """A record as the server keeps it."""

    uri: str
    cid: str
    value: dict[str, Any]

    @property
    def collection(self) -> str:
        """The kind of record, such as `app.bsky.feed.post`."""
        return self.uri.split("/")[3]

    @property
    def key(self) -> str:
        """The record's key in its collection."""
        return self.uri.split("/")[4]


class PdsServer:
    """A DID directory and a personal data server, both on loopback and in memory or a folder.

    What they hold is gone when they end: to let a server be away for a while, `pause` it, or put
    `tests.support.faults.FaultProxy` in front of it.
    """

    def __init__(self, options: PdsOptions | None = None) -> None:
        packages = install()
        node = find_node()
        assert node is not None
        folder = Path(tempfile.mkdtemp(prefix="quitx-pds-"))
        self.process = ServerProcess(
            [
                str(node.program),
                "--require",
                str(_HERE / "loopback.cjs"),
                str(_HERE / "server.mjs"),
            ],
            folder,
            environment=_environment(packages, folder, options or PdsOptions()),
        )
        urls = self.process.wait_until(self._urls, _START_SECONDS)
        self.url: str = urls["pds"]
        self.plc_url: str = urls["plc"]
        self._log = folder / "log.txt"
        self._client = httpx.Client(
            base_url=f"{self.url}/xrpc/",
            timeout=_ANSWER_SECONDS,
            # The machine's proxy, if it has one, does not know our loopback.
            trust_env=False,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def create_account(self, name: str = "member") -> Account:
        """Make an account whose handle starts with this name, and an app password for it."""
        handle = f"{name[:9]}-{secrets.token_hex(4)}.test"
        password = secrets.token_urlsafe(12)
        made = self._post(
            "com.atproto.server.createAccount",
            {"handle": handle, "email": f"{handle}@example.test", "password": password},
        )
        app_password = self._create_app_password(made["accessJwt"])
        return Account(made["did"], handle, password, app_password)

    def create_app_password(self, account: Account) -> str:
        """Make one more app password."""
        session = self._post(
            "com.atproto.server.createSession",
            {"identifier": account.did, "password": account.password},
        )
        return self._create_app_password(session["accessJwt"])

    def records(self, did: str) -> list[StoredRecord]:
        """Return every record of a repository, by collection and key."""
        collections = self._get("com.atproto.repo.describeRepo", {"repo": did})["collections"]
        return [
            StoredRecord(**record)
            for collection in sorted(collections)
            for record in self._records_of(did, collection)
        ]

    def log(self) -> str:
        """Return the server's own log, which has the cause of a bare 500."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    def pause(self) -> None:
        """Freeze the server: connections open, answers never come."""
        self.process.pause()

    def unpause(self) -> None:
        """Let a frozen server go on."""
        self.process.unpause()

    def stop(self) -> None:
        """End the server and remove its folder; may be called twice."""
        self._client.close()
        self.process.stop()

    def _urls(self) -> dict[str, str] | None:
        for line in self.process.output().splitlines(keepends=True):
            if line.startswith("READY ") and line.endswith("\n"):
                urls: dict[str, str] = json.loads(line.removeprefix("READY "))
                return urls
        return None

    def _create_app_password(self, token: str) -> str:
        made = self._post(
            "com.atproto.server.createAppPassword", {"name": secrets.token_hex(4)}, token
        )
        return str(made["password"])

    def _records_of(self, did: str, collection: str) -> Iterator[dict[str, Any]]:
        asked: dict[str, str | int] = {
            "repo": did,
            "collection": collection,
            "limit": _PAGE,
            # Oldest first: the server lists the other way by itself.
            "reverse": "true",
        }
        while True:
            page = self._get("com.atproto.repo.listRecords", asked)
            yield from page["records"]
            if "cursor" not in page:
                return
            asked["cursor"] = page["cursor"]

    def _get(self, method: str, parameters: dict[str, Any]) -> dict[str, Any]:
        return _answer(self._client.get(method, params=parameters))

    def _post(self, method: str, body: dict[str, Any], token: str | None = None) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return _answer(self._client.post(method, json=body, headers=headers))


def _environment(packages: Path, folder: Path, options: PdsOptions) -> dict[str, str]:
    return os.environ | {
        "BLUESKY_PACKAGES": str(packages),
        "BLUESKY_PDS_PORT": str(options.pds_port),
        "BLUESKY_PLC_PORT": str(options.plc_port),
        "BLUESKY_RATE_LIMITS": "on" if options.rate_limits else "off",
        "BLUESKY_BLOB_LIMIT": str(options.blob_limit or 0),
        "LOG_ENABLED": "true",
        "LOG_LEVEL": "warn",
        "LOG_DESTINATION": str(folder / "log.txt"),
        "TMPDIR": str(folder),
    }


def _answer(response: httpx.Response) -> dict[str, Any]:
    if response.is_error:
        raise RuntimeError(
            f"{response.request.url} answered {response.status_code}: {response.text}"
        )
    answer: dict[str, Any] = response.json()
    return answer
