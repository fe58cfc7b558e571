"""A loopback HTTP proxy that breaks chosen requests the way networks and servers do.

    async with FaultProxy(pds.url) as proxy:
        proxy.cut_after("*.createRecord")
        proxy.rate_limit("*", times=2)

Paths are matched with shell patterns. A rule holds for `times` requests (None: until `clear`),
after letting `skip` requests pass; of several rules that match, the oldest is used up first.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Literal, Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

_ADDRESS = "127.0.0.1"
_LARGEST_BODY = 1 << 30
# Zero would mean for ever.
_SHUTDOWN_SECONDS = 0.01
# What belongs to one connection, or changes when the body is read and sent again.
_OWN_HEADERS = frozenset(
    {"connection", "content-encoding", "content-length", "date", "keep-alive", "transfer-encoding"}
)

Kind = Literal["answer", "cut after", "cut before", "cut within", "delay"]


@dataclass(frozen=True)
class SeenRequest:
    """A request that reached the proxy, and what was done to it."""

    method: str
    path: str
    fault: Kind | None


@dataclass
class _Rule:
    pattern: str
    kind: Kind
    times: int | None
    skip: int
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    seconds: float = 0.0

    def takes(self, path: str) -> bool:
        """Tell whether this request is the rule's, and count it."""
        if self.times == 0 or not fnmatchcase(path, self.pattern):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


class FaultProxy:
    """Forwards to one server; in text that it answers, its own address stands for the server's.

    So clients that are told where to go on, as Bluesky's are at login, still pass through here.
    """

    def __init__(self, upstream: str) -> None:
        self.seen: list[SeenRequest] = []
        self._upstream = upstream.rstrip("/")
        self._rules: list[_Rule] = []
        self._arrival = asyncio.Condition()
        self._port = 0
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None

    @property
    def url(self) -> str:
        """Where clients connect, also while the server is away."""
        return f"http://{_ADDRESS}:{self._port}"

    async def __aenter__(self) -> Self:
        self._client = aiohttp.ClientSession(
            cookie_jar=aiohttp.DummyCookieJar(),
            # Whoever asks decides how long to wait.
            timeout=aiohttp.ClientTimeout(total=None),
            # A kept connection that the server closes meanwhile would be a fault nobody asked for.
            connector=aiohttp.TCPConnector(force_close=True),
        )
        await self.come_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.go_away()
        if self._client is not None:
            await self._client.close()

    def answer(
        self,
        pattern: str,
        status: int,
        *,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        times: int | None = 1,
        skip: int = 0,
    ) -> None:
        """Answer instead of the server; a body that is not bytes is sent as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body or {}).encode()
        kind = {} if isinstance(body, bytes) else {"Content-Type": "application/json"}
        self._rules.append(
            _Rule(pattern, "answer", times, skip, status, kind | dict(headers or {}), raw)
        )

    def rate_limit(
        self, pattern: str, *, reset_in: float = 60, times: int | None = 1, skip: int = 0
    ) -> None:
        """Answer as Bluesky does when an account has used up its points of the hour."""
        self.answer(
            pattern,
            429,
            body={"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"},
            headers={
                "ratelimit-limit": "5000",
                "ratelimit-remaining": "0",
                "ratelimit-reset": str(int(time.time() + reset_in)),
                "ratelimit-policy": "5000;w=3600",
            },
            times=times,
            skip=skip,
        )

    def cut_after(self, pattern: str, *, times: int | None = 1, skip: int = 0) -> None:
        """Let the server do its work, then drop the connection instead of answering."""
        self._rules.append(_Rule(pattern, "cut after", times, skip))

    def cut_before(self, pattern: str, *, times: int | None = 1, skip: int = 0) -> None:
        """Drop the connection before the server hears of the request."""
        self._rules.append(_Rule(pattern, "cut before", times, skip))

    def cut_within(self, pattern: str, *, times: int | None = 1, skip: int = 0) -> None:
        """Let the server do its work, then drop the connection in the middle of its answer."""
        self._rules.append(_Rule(pattern, "cut within", times, skip))

    def delay(self, pattern: str, seconds: float, *, times: int | None = 1, skip: int = 0) -> None:
        """Forward only after a while."""
        self._rules.append(_Rule(pattern, "delay", times, skip, seconds=seconds))

    def clear(self) -> None:
        """Forget every rule, and what was seen."""
        self._rules.clear()
        self.seen.clear()

    def count(self, pattern: str, method: str | None = None) -> int:
        """Return how many requests came for these paths, forwarded or not."""
        return sum(
            fnmatchcase(request.path, pattern) and method in (None, request.method)
            for request in self.seen
        )

    async def until_seen(self, pattern: str, times: int = 1) -> None:
        """Wait until that many requests have come for these paths."""
        async with self._arrival:
            await self._arrival.wait_for(lambda: self.count(pattern) >= times)

    async def go_away(self) -> None:
        """Drop every connection and refuse new ones."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def come_back(self) -> None:
        """Listen again, on the same port."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.router.add_route("*", "/{path:.*}", self._handle)
        self._runner = web.AppRunner(
            application, shutdown_timeout=_SHUTDOWN_SECONDS, access_log=None
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, _ADDRESS, self._port).start()
        self._port = self._runner.addresses[0][1]

    @asynccontextmanager
    async def absent(self) -> AsyncIterator[None]:
        """Be away while the block runs."""
        await self.go_away()
        try:
            yield
        finally:
            await self.come_back()

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        rule = next((rule for rule in self._rules if rule.takes(request.path)), None)
        self.seen.append(SeenRequest(request.method, request.path, rule.kind if rule else None))
        async with self._arrival:
            self._arrival.notify_all()
        match rule:
            case None:
                return await self._forward(request)
            case _Rule(kind="answer"):
                return web.Response(status=rule.status, headers=rule.headers, body=rule.body)
            case _Rule(kind="cut before"):
                return _cut(request)
            case _Rule(kind="cut after"):
                await self._forward(request)
                return _cut(request)
            case _Rule(kind="cut within"):
                return await _cut_within(request, await self._forward(request))
            case _:
                await asyncio.sleep(rule.seconds)
                return await self._forward(request)

    async def _forward(self, request: web.Request) -> web.Response:
        assert self._client is not None
        try:
            async with self._client.request(
                request.method,
                URL(f"{self._upstream}{request.raw_path}", encoded=True),
                headers=self._request_headers(request),
                data=await request.read(),
                allow_redirects=False,
            ) as answer:
                body = await answer.read()
        except aiohttp.ClientConnectionError:
            return _cut(request)
        if answer.content_type.startswith(("application/json", "text/")):
            body = body.replace(self._upstream.encode(), self.url.encode())
        return web.Response(
            status=answer.status, headers=_without(answer.headers, _OWN_HEADERS), body=body
        )

    def _request_headers(self, request: web.Request) -> CIMultiDict[str]:
        headers = _without(request.headers, _OWN_HEADERS | {"accept-encoding"})
        # Any other name is one that the client means: handles are resolved by it.
        if headers.get("Host") == f"{_ADDRESS}:{self._port}":
            del headers["Host"]
        return headers


def _without(headers: CIMultiDictProxy[str], names: frozenset[str]) -> CIMultiDict[str]:
    return CIMultiDict(
        (name, value) for name, value in headers.items() if name.lower() not in names
    )


def _cut(request: web.Request) -> web.Response:
    """Drop the connection; the response that the framework wants goes nowhere."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def _cut_within(request: web.Request, answer: web.Response) -> web.StreamResponse:
    body = answer.body
    assert isinstance(body, bytes)
    half = web.StreamResponse(status=answer.status, headers=answer.headers)
    half.content_length = len(body)
    await half.prepare(request)
    await half.write(body[: len(body) // 2])
    if request.transport is not None:
        request.transport.abort()
    return half
