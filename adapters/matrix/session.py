"""Logging in: with the session that was given or kept, else anew with the password.

The keys of a device cannot be replaced. So a device whose keys were lost, or whose session was
ended by the homeserver, is given up for a new one; a session that has only expired goes on.
"""

from __future__ import annotations

import hashlib
import logging
import secrets as chance
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
from msgspec import Struct

from adapters.matrix.client import Client
from adapters.matrix.errors import FORBIDDEN, Refused, logged_out
from adapters.matrix.pace import Pace
from adapters.matrix.secret import Secrets
from adapters.matrix.signing import CrossSigning
from chatops.language import Code, Text, Trouble, _

log = logging.getLogger(__name__)

DEVICE_NAME: Final = "QuitX"


class Access(Struct, frozen=True):
    """What the settings say of the bot's account.

    Args:
        homeserver: Its address.
        user: `@name:server`, or the name alone; may be missing beside a token.
        access_token: Of a session that was made by hand; empty for none.
        password: Empty for none.
        device_id: Of the token's session, or the one to make with the password.
    """

    homeserver: str
    user: str = ""
    access_token: str = ""
    password: str = ""
    device_id: str = ""

    def __repr__(self) -> str:
        return f"Access({self.homeserver!r}, {self.user!r})"

    @property
    def address(self) -> str:
        """The homeserver's address, also where only its name was given."""
        bare = self.homeserver.strip().rstrip("/")
        return bare if "://" in bare else f"https://{bare}"


class Kept(Struct, frozen=True):
    """A session of the bot's own, as it is kept."""

    user_id: str
    device_id: str
    access_token: str

    def __repr__(self) -> str:
        return f"Kept({self.user_id!r}, {self.device_id!r})"


class NotAdmitted(Trouble):
    """No retry lets the bot in: somebody has to do something."""


class Sessions:
    """Opens sessions.

    Args:
        folder: For the keys of devices.
    """

    def __init__(self, access: Access, secrets: Secrets, folder: Path, pace: Pace) -> None:
        self.access = access
        self._secrets = secrets
        self._folder = folder
        self._pace = pace
        account = f"{access.address} {access.user or 'token'}"
        self._name = f"matrix session {account}"
        self._expired = False

    async def open(self) -> Client:
        """Return a client that is logged in.

        Raises:
            NotAdmitted: Somebody has to do something.
            Failure: The homeserver did not answer as it should.
        """
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        session = await self.known()
        if session is not None:
            return await self._entered(session)
        kept = await self._kept()
        if kept is not None and self._expired:
            return await self._anew(kept.device_id)
        # The device of the settings is for the first time: what was given up does not come back.
        first = "" if self.access.access_token or kept is not None else self.access.device_id
        return await self._anew(first)

    async def known(self) -> Kept | None:
        """Return the session that goes on; None where only the password makes a new one.

        Raises:
            NotAdmitted: There is none, and no password either.
            Failure: The homeserver did not answer as it should.
        """
        kept = await self._kept()
        self._expired = False
        for token in self._tokens(kept):
            try:
                return await self._whose(token)
            except Refused as refused:
                if not refused.logged_out:
                    raise
                own = kept is not None and kept.access_token == token
                self._expired = own and refused.soft
        if not self.access.password:
            raise NotAdmitted(*logged_out())
        return None

    def keys_of(self, session: Kept) -> Path:
        """Return the file for the keys of a session's device."""
        # The ids hold signs that no file system takes.
        named = f"{session.user_id}\n{session.device_id}".encode()
        return self._folder / f"device-{hashlib.sha256(named).hexdigest()[:16]}.db"

    def signing(self, client: Client) -> CrossSigning:
        """Return what lets the account vouch for the device of a session."""
        return CrossSigning(client, self._secrets, self._name, self.access.password)

    def _tokens(self, kept: Kept | None) -> Iterator[str]:
        if self.access.access_token:
            yield self.access.access_token
        if kept is not None:
            yield kept.access_token

    async def _kept(self) -> Kept | None:
        kept = await self._secrets.open(self._name)
        return None if kept is None else msgspec.json.decode(kept, type=Kept)

    async def _whose(self, token: str) -> Kept:
        """Ask whose session a token is."""
        async with asking(self.access, token, self._pace) as client:
            told = await client.ask("GET", "/account/whoami")
        user_id, device_id = str(told["user_id"]), str(told.get("device_id") or "")
        wanted = self.access.user
        if wanted.startswith("@") and wanted != user_id:
            raise NotAdmitted(
                _("The access token belongs to {user}.", user=Code(user_id)),
                _("Correct {setting}.", setting=Code("[matrix] user")),
            )
        if not device_id:
            raise NotAdmitted(
                _("The access token belongs to no device, so nothing can be encrypted with it."),
                _("Make one by logging in, or give {setting}.", setting=Code("[matrix] password")),
            )
        return Kept(user_id, device_id, token)

    async def _entered(self, session: Kept) -> Client:
        """Go on as a device, unless its keys were lost."""
        key = await self._pickle_key()
        client = Client(self.access.address, self.keys_of(session), key, self._pace)
        usable = client.keys_file.exists() or not await _has_keys(client, session)
        if usable and client.enter(session.user_id, session.device_id, session.access_token):
            return client
        await client.leave()
        if not self.access.password:
            raise NotAdmitted(
                _(
                    "The encryption keys of the Matrix device {device} are not in {folder}.",
                    device=Code(session.device_id),
                    folder=Code(str(self._folder)),
                ),
                _(
                    "Put the folder back, or give {password}, or make a new access token: a new "
                    "device has new keys.",
                    password=Code("[matrix] password"),
                ),
            )
        log.warning("matrix: the keys of %s are lost, a new device is made", session.device_id)
        fresh = await self._anew("")
        await _end(session, client)
        return fresh

    async def _anew(self, device_id: str) -> Client:
        """Log in with the password.

        Args:
            device_id: The device to go on as; empty for a new one.
        """
        async with asking(self.access, "", self._pace) as client:
            session = await log_in(client, self.access, device_id)
        await self._secrets.keep(self._name, msgspec.json.encode(session).decode())
        return await self._entered(session)

    async def _pickle_key(self) -> str:
        name = f"{self._name} keys"
        key = await self._secrets.open(name)
        if key is None:
            key = chance.token_urlsafe(32)
            await self._secrets.keep(name, key)
        return key


@asynccontextmanager
async def asking(access: Access, token: str, pace: Pace) -> AsyncIterator[Client]:
    """Open a client that only asks, without keys."""
    client = Client(access.address, Path(), "", pace)
    client.access_token = token
    try:
        yield client
    finally:
        await client.leave()


async def log_in(client: Client, access: Access, device_id: str) -> Kept:
    """Log in with the password.

    Args:
        device_id: The device to go on as; empty for a new one.

    Raises:
        NotAdmitted: The homeserver does not take it.
        Failure: It did not answer as it should.
    """
    body: dict[str, Any] = {
        "type": "m.login.password",
        "identifier": {"type": "m.id.user", "user": access.user},
        "password": access.password,
        "initial_device_display_name": DEVICE_NAME,
    }
    if device_id:
        body["device_id"] = device_id
    try:
        made = await client.ask("POST", "/login", body)
    except Refused as refused:
        if refused.code == FORBIDDEN:
            raise NotAdmitted(*_wrong_password()) from refused
        raise
    return Kept(str(made["user_id"]), str(made["device_id"]), str(made["access_token"]))


async def _has_keys(client: Client, session: Kept) -> bool:
    """Whether the homeserver already knows keys of a device."""
    client.access_token = session.access_token
    asked = {"device_keys": {session.user_id: [session.device_id]}}
    told = await client.ask("POST", "/keys/query", asked)
    devices = told.get("device_keys", {}).get(session.user_id, {})
    return session.device_id in devices


async def _end(session: Kept, client: Client) -> None:
    """Log a device out that is of no use any more."""
    client.access_token = session.access_token
    try:
        await client.ask("POST", "/logout", {})
    except Refused:
        log.info("matrix: the former device could not be logged out")
    finally:
        await client.leave()


def _wrong_password() -> tuple[Text, Text]:
    return (
        _("The Matrix homeserver does not accept the bot’s name and password."),
        _(
            "Correct {user} and {password}.",
            user=Code("[matrix] user"),
            password=Code("[matrix] password"),
        ),
    )
