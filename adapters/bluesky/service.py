"""Calls to one server: the SDK's requests over one pool of connections for all accounts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from adapters.bluesky.errors import Failure, Kind, failure_of

if TYPE_CHECKING:
    from atproto_client.request import AsyncRequest, Response

_SECONDS: Final = 30.0
_UPLOAD_SECONDS: Final = 300.0
_CONNECT_SECONDS: Final = 10.0
_CONNECTIONS: Final = 10
_IDLE_SECONDS: Final = 4.0
"""Servers close idle connections after five seconds; a reused one would break on a write."""

_JSON: Final = "application/json"

Answer = Mapping[str, Any]


class Service:
    """One server.

    Args:
        url: Its address, without a path.
        request: The SDK's requests over an own pool of connections.
    """

    def __init__(self, url: str, request: AsyncRequest) -> None:
        self.url = url
        self._request = request

    async def query(self, method: str, parameters: Mapping[str, str], token: str) -> Answer:
        """Ask something.

        Raises:
            Failure: It was not answered, or with an error.
        """
        return await self._answer(
            self._request.get(self._address(method), params=parameters, headers=_bearing(token))
        )

    async def procedure(
        self, method: str, content: bytes, token: str = "", *, mime: str = _JSON
    ) -> Answer:
        """Have something done.

        Args:
            content: The body, as it is.
            token: What opens the account; empty for a call that needs none.
            mime: What the body is; anything but JSON is an upload and may take longer.

        Raises:
            Failure: It was not answered, or with an error.
        """
        headers = _bearing(token)
        if content:
            headers["Content-Type"] = mime
        patience = {} if mime == _JSON else {"timeout": _UPLOAD_SECONDS}
        return await self._answer(
            self._request.post(self._address(method), content=content, headers=headers, **patience)
        )

    async def close(self) -> None:
        """Release the connections."""
        await self._request.close()

    def _address(self, method: str) -> str:
        return f"{self.url}/xrpc/{method}"

    async def _answer(self, call: Awaitable[Response]) -> Answer:
        import httpx  # noqa: PLC0415 - comes with the SDK
        from atproto_client.exceptions import RequestErrorBase  # noqa: PLC0415 - loads on use

        try:
            response = await call
        except (RequestErrorBase, httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            # A ValueError is an answer whose JSON cannot be read: something was done, or not.
            raise failure_of(error, self.url) from None
        if response.content and not isinstance(response.content, dict):
            raise Failure(Kind.LOST, self.url, "not an answer of a Bluesky server")
        return response.content if isinstance(response.content, dict) else {}


class Services:
    """All servers that accounts live on, each connected to once."""

    def __init__(self) -> None:
        self._services: dict[str, Service] = {}

    async def at(self, url: str) -> Service:
        """Return the server at an address."""
        url = url.rstrip("/")
        if url not in self._services:
            made = await asyncio.to_thread(_connected, url)
            # Another task may have connected while this one waited; its pool has no connections.
            self._services.setdefault(url, made)
        return self._services[url]

    async def close(self) -> None:
        """Release all connections."""
        while self._services:
            _url, service = self._services.popitem()
            with suppress(RuntimeError):
                # The loop that opened them may be gone already, and its connections with it.
                await service.close()


def _connected(url: str) -> Service:
    """Make a server's requests; in a thread, for the SDK takes a second to load."""
    import httpx  # noqa: PLC0415 - comes with the SDK
    from atproto_client.request import AsyncRequest  # noqa: PLC0415 - the SDK loads on use

    return Service(
        url,
        AsyncRequest(
            timeout=httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS),
            limits=httpx.Limits(max_connections=_CONNECTIONS, keepalive_expiry=_IDLE_SECONDS),
        ),
    )


def _bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}
