"""Runs a Synapse and makes people on it.

Its methods wait for short answers on the spot and talk to the server directly, so they may be
called from async tests too.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import httpx

from tests.support.matrix.install import install
from tests.support.ports import free_port
from tests.support.processes import ServerError, ServerProcess

_START_SECONDS: Final = 60.0
_ANSWER_SECONDS: Final = 30.0
_SECRET: Final = "registration"
_NO_LIMIT: Final = {"per_second": 100_000, "burst_count": 100_000}
_NO_LIMITS: Final[Mapping[str, object]] = {
    "rc_message": _NO_LIMIT,
    "rc_registration": _NO_LIMIT,
    "rc_login": {"address": _NO_LIMIT, "account": _NO_LIMIT, "failed_attempts": _NO_LIMIT},
    "rc_joins": {"local": _NO_LIMIT, "remote": _NO_LIMIT},
    "rc_joins_per_room": _NO_LIMIT,
    "rc_invites": {"per_room": _NO_LIMIT, "per_user": _NO_LIMIT, "per_issuer": _NO_LIMIT},
    "rc_room_creation": _NO_LIMIT,
    "rc_admin_redaction": _NO_LIMIT,
    "rc_media_create": _NO_LIMIT,
}


@dataclass(frozen=True)
class Account:
    """A user of the test server, with the session in which it was made."""

    user_id: str
    name: str
    password: str
    access_token: str
    device_id: str


class SynapseServer:
    """A homeserver on loopback, not federated, whose data lasts until `stop`.

    Args:
        limits: Whether it limits rates as Synapse does when nobody says otherwise.
        more: Further settings.
    """

    def __init__(self, *, limits: bool = False, more: Mapping[str, object] | None = None) -> None:
        self._python = install()
        self._folder = Path(tempfile.mkdtemp(prefix="quitx-synapse-"))
        self._settings = dict(more or {}) if limits else {**_NO_LIMITS, **(more or {})}
        self._processes: list[ServerProcess] = []
        self.server_name = f"t{secrets.token_hex(4)}.test"
        self._port = free_port()
        self._client = httpx.Client(
            base_url=self.url,
            timeout=_ANSWER_SECONDS,
            # The machine's proxy, if it has one, does not know our loopback.
            trust_env=False,
        )
        self.start()
        self.operator = self.create_account("operator", admin=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where clients connect, also while the server is down."""
        return f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start, or start again with the same data."""
        folder = self._folder
        if self._processes:
            folder = Path(tempfile.mkdtemp(prefix="run-", dir=self._folder))
        (self._folder / "homeserver.yaml").write_text(json.dumps(self._configuration()))
        (self._folder / "log.yaml").write_text(json.dumps(_LOGGING))
        command = [
            str(self._python),
            "-m",
            "synapse.app.homeserver",
            "-c",
            str(self._folder / "homeserver.yaml"),
        ]
        process = ServerProcess(command, folder)
        self._processes.append(process)
        process.wait_until(self._ready, _START_SECONDS)

    def kill(self) -> None:
        """End as a power cut would."""
        self._processes[-1].kill()

    def pause(self) -> None:
        """Freeze the server: connections open, answers never come."""
        self._processes[-1].pause()

    def unpause(self) -> None:
        """Let a frozen server go on."""
        self._processes[-1].unpause()

    def stop(self) -> None:
        """End the server and remove its data; may be called twice."""
        self._client.close()
        for process in reversed(self._processes):
            process.stop()

    def log(self) -> str:
        """Return what the server has logged since it was started."""
        return self._processes[-1].output()

    def create_account(self, name: str, *, admin: bool = False) -> Account:
        """Make a user whose id starts with this name, and who is called so."""
        localpart = f"{name.lower()}-{secrets.token_hex(3)}"
        password = secrets.token_urlsafe(12)
        nonce = self.call("GET", "/_synapse/admin/v1/register")["nonce"]
        signed = "\0".join((nonce, localpart, password, "admin" if admin else "notadmin"))
        made = self.call(
            "POST",
            "/_synapse/admin/v1/register",
            json={
                "nonce": nonce,
                "username": localpart,
                "displayname": name,
                "password": password,
                "admin": admin,
                "mac": hmac.new(_SECRET.encode(), signed.encode(), hashlib.sha1).hexdigest(),
            },
        )
        if not made["user_id"].endswith(f":{self.server_name}"):
            raise ServerError("another server stands on this port")
        return Account(made["user_id"], name, password, made["access_token"], made["device_id"])

    def call(self, method: str, path: str, token: str = "", **arguments: Any) -> Any:  # noqa: ANN401 - JSON
        """Ask the server anything."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self._client.request(method, path, headers=headers, **arguments)
        if answer.is_error:
            raise ServerError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json()

    def upload(self, data: bytes, token: str) -> str:
        """Store a file; return its address."""
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/octet-stream"}
        answer = self._client.post("/_matrix/media/v3/upload", content=data, headers=headers)
        return str(answer.raise_for_status().json()["content_uri"])

    def download(self, media: str, token: str) -> bytes:
        """Return a stored file."""
        headers = {"Authorization": f"Bearer {token}"}
        path = f"/_matrix/client/v1/media/download/{media}"
        return self._client.get(path, headers=headers).raise_for_status().content

    def forget_session(self, account: Account, device_id: str) -> None:
        """End a session of a user, as an administrator does."""
        path = f"/_synapse/admin/v2/users/{account.user_id}/devices/{device_id}"
        self.call("DELETE", path, self.operator.access_token)

    def _ready(self) -> bool | None:
        try:
            return (
                self._client.get("/_matrix/client/versions").status_code == httpx.codes.OK or None
            )
        except httpx.TransportError:
            return None

    def _configuration(self) -> Mapping[str, object]:
        resources = [{"names": ["client"], "compress": False}]
        listener = {
            "port": self._port,
            "bind_addresses": ["127.0.0.1"],
            "type": "http",
            "tls": False,
            "x_forwarded": False,
            "resources": resources,
        }
        return {
            "server_name": self.server_name,
            "public_baseurl": f"{self.url}/",
            "pid_file": str(self._folder / "synapse.pid"),
            "listeners": [listener],
            "database": {"name": "sqlite3", "args": {"database": str(self._folder / "synapse.db")}},
            "log_config": str(self._folder / "log.yaml"),
            "media_store_path": str(self._folder / "media"),
            "signing_key_path": str(self._folder / "signing.key"),
            "trusted_key_servers": [],
            "suppress_key_server_warning": True,
            "federation_domain_whitelist": [],
            "registration_shared_secret": _SECRET,
            "macaroon_secret_key": "macaroon",
            "form_secret": "form",
            "bcrypt_rounds": 4,
            "report_stats": False,
            "url_preview_enabled": False,
            "presence": {"enabled": False},
            "push": {"enabled": False},
            **self._settings,
        }


_LOGGING: Final = {
    "version": 1,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"level": "WARNING", "handlers": ["console"]},
    "disable_existing_loggers": False,
}
