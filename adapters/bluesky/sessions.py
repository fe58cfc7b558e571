"""Sessions: an app password is used as rarely as can be, for a server counts every login.

A session is data that the account keeps. Its access token works for two hours, its refresh token
for 90 days; only where both have ended is the app password taken out of the vault.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar
from urllib.parse import urlsplit

import msgspec

from adapters.bluesky.errors import Failure, Kind
from adapters.bluesky.service import Service, Services
from chatops.posts.network import Account, Credential

if TYPE_CHECKING:
    from atproto_client import Session

_T = TypeVar("_T")

_APP_PASSWORD: Final = re.compile(r"[a-z0-9]{4}(-[a-z0-9]{4}){3}")
_EARLY_SECONDS: Final = 120


def looks_like_app_password(secret: str) -> bool:
    """Say whether a secret is written like an app password; a main password opens everything."""
    return _APP_PASSWORD.fullmatch(secret) is not None


class Sessions:
    """Opens accounts with as few logins as can be.

    Args:
        services: The servers.
        service: Where an account logs in that names no server of its own.
    """

    def __init__(self, services: Services, service: str) -> None:
        self._services = services
        self._service = service
        self._locks: dict[str, asyncio.Lock] = {}

    async def call(self, account: Account, action: Callable[[Service, str], Awaitable[_T]]) -> _T:
        """Do something with an account's server and token, renewing the session once if needed.

        A server looks at the token first, so an action that met an ended session did nothing.

        Raises:
            Failure: The action failed, or the session could not be renewed.
        """
        session = await _before(self._current(account))
        if not _ends_soon(session):
            try:
                return await action(await self._home(session), session.access_jwt)
            except Failure as failure:
                if failure.kind is not Kind.ENDED:
                    raise
        session = await _before(self._renewed(account, session))
        return await action(await self._home(session), session.access_jwt)

    async def login(self, credential: Credential) -> Session:
        """Log in with an app password.

        Raises:
            Failure: It did not succeed.
        """
        service = await self._services.at(credential.service or self._service)
        body = {"identifier": credential.identifier, "password": credential.secret}
        try:
            answer = await service.procedure(
                "com.atproto.server.createSession", msgspec.json.encode(body)
            )
        except Failure as failure:
            if failure.kind in {Kind.ENDED, Kind.INVALID}:
                raise Failure(Kind.PASSWORD, service.url, failure.name) from None
            raise
        return _session(answer, service)

    async def _current(self, account: Account) -> Session:
        kept = await account.session()
        if kept:
            return _read(kept)
        async with self._lock(account):
            kept = await account.session()
            return _read(kept) if kept else await self._logged_in(account)

    async def _renewed(self, account: Account, ended: Session) -> Session:
        """Refresh a session, or log in anew; one task at a time, the others take its result."""
        async with self._lock(account):
            kept = await account.session()
            if kept and (session := _read(kept)).access_jwt != ended.access_jwt:
                return session
            try:
                session = await self._refreshed(ended)
            except Failure as failure:
                if failure.kind not in {Kind.ENDED, Kind.INVALID}:
                    raise
                return await self._logged_in(account)
            await account.keep_session(session.encode())
            return session

    async def _refreshed(self, ended: Session) -> Session:
        service = await self._home(ended)
        answer = await service.procedure(
            "com.atproto.server.refreshSession", b"", ended.refresh_jwt
        )
        return _session(answer, service)

    async def _logged_in(self, account: Account) -> Session:
        session = await self.login(await account.credential())
        if session.did != account.identity.key:
            raise Failure(Kind.STRANGER, session.pds_endpoint or self._service)
        await account.keep_session(session.encode())
        return session

    async def _home(self, session: Session) -> Service:
        return await self._services.at(session.pds_endpoint or self._service)

    def _lock(self, account: Account) -> asyncio.Lock:
        return self._locks.setdefault(account.identity.key, asyncio.Lock())


async def _before(opening: Awaitable[Session]) -> Session:
    """Wait for a session; a server that fails at that has not been asked for anything else."""
    try:
        return await opening
    except Failure as failure:
        if failure.kind in {Kind.LOST, Kind.BROKEN}:
            raise Failure(Kind.UNREACHED, failure.service, failure.name) from failure
        raise


def _read(kept: str) -> Session:
    from atproto_client import Session  # noqa: PLC0415 - the SDK loads on use

    return Session.decode(kept)


def _session(answer: Mapping[str, Any], service: Service) -> Session:
    from atproto_client import Session  # noqa: PLC0415 - the SDK loads on use

    try:
        return Session(
            handle=answer["handle"],
            did=answer["did"],
            access_jwt=answer["accessJwt"],
            refresh_jwt=answer["refreshJwt"],
            pds_endpoint=_home_of(answer.get("didDoc"), service.url),
        )
    except KeyError:
        raise Failure(Kind.LOST, service.url, "not an answer of a Bluesky server") from None


def _home_of(document: object, service: str) -> str:
    """Return the server that holds the account's records, else the one that was logged in to.

    The document is the account's own word, so only a public name under https is followed.
    """
    match document:
        case {"service": [*entries]}:
            for entry in entries:
                match entry:
                    case {"id": str() as name, "serviceEndpoint": str() as url}:
                        if name.endswith("#atproto_pds") and _is_public(url):
                            return url
    return service


def _is_public(url: str) -> bool:
    parts = urlsplit(url)
    *names, last = (parts.hostname or "").split(".")
    return parts.scheme == "https" and bool(names) and last.isalpha()


def _ends_soon(session: Session) -> bool:
    from atproto_core.exceptions import AtProtocolError  # noqa: PLC0415 - the SDK loads on use

    try:
        ends = session.access_jwt_payload.exp
    except (AtProtocolError, ValueError):
        # Nobody but its server has to understand a token.
        return False
    return ends is not None and ends - time.time() < _EARLY_SECONDS
