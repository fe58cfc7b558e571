"""Plain questions to Discord's API, for examining it without a bot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import aiohttp
from msgspec import Struct

API: Final = "https://discord.com/api/v10"
GATEWAY: Final = "wss://gateway.discord.gg/"

_PATIENCE: Final = aiohttp.ClientTimeout(total=15)
_HELLO: Final = 10


class Said(Struct, frozen=True):
    """What was answered.

    Args:
        status: 0 where nothing was.
        body: None where it was no JSON.
        at: The server's time, where it was told.
    """

    status: int
    body: Any = None
    at: datetime | None = None

    @property
    def well(self) -> bool:
        """Whether it is what was asked for."""
        return self.status == 200 and self.body is not None  # noqa: PLR2004 - HTTP's word for it


class Asking:
    """Asks with a bot's token."""

    def __init__(self, session: aiohttp.ClientSession, api_url: str, token: str) -> None:
        self._session = session
        self._api_url = api_url or API
        self._token = token

    async def get(self, path: str, *, known: bool = True) -> Said:
        """Ask for something; as nobody where `known` is not set."""
        headers = {"Authorization": f"Bot {self._token}"} if known else {}
        try:
            async with self._session.get(f"{self._api_url}{path}", headers=headers) as answer:
                at = _moment(answer.headers.get("Date", ""))
                try:
                    return Said(answer.status, await answer.json(), at)
                except (aiohttp.ContentTypeError, ValueError):
                    return Said(answer.status, None, at)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return Said(0)

    async def greeted(self, gateway_url: str) -> bool:
        """Whether something that stands at an address greets as the gateway does."""
        try:
            async with asyncio.timeout(_PATIENCE.total):
                socket = await self._session.ws_connect(f"{gateway_url}?v=10&encoding=json")
                try:
                    hello = await socket.receive_json()
                finally:
                    await socket.close()
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, TypeError):
            return False
        return isinstance(hello, dict) and hello.get("op") == _HELLO


@asynccontextmanager
async def asking(api_url: str, token: str) -> AsyncIterator[Asking]:
    """Open what questions go through."""
    async with aiohttp.ClientSession(timeout=_PATIENCE) as session:
        yield Asking(session, api_url.rstrip("/"), token)


def _moment(date: str) -> datetime | None:
    try:
        return parsedate_to_datetime(date)
    except ValueError:
        return None
