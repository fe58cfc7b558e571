"""One Socket Mode connection, which can fall silent, be cut, or be asked to go."""

from __future__ import annotations

import asyncio

from aiohttp import web

from tests.support.slack.records import Json


class Socket:
    """A connection over which an app hears; `silent` means that nothing passes any more."""

    def __init__(self, stream: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self.silent = False
        self.leaving = False
        self.broken = False
        self._stream = stream
        self._transport = transport

    @property
    def open(self) -> bool:
        """Whether Slack takes it for connected."""
        return not (self.broken or self._stream.closed)

    async def send(self, frame: Json) -> bool:
        """Send a frame; False when the connection turned out to be gone."""
        if self.silent:
            return True
        try:
            await self._stream.send_json(frame)
        except (ConnectionError, RuntimeError):
            self.broken = True
            return False
        return True

    async def ping(self) -> None:
        """Ask for a sign of life, as Slack does now and then."""
        await self._stream.ping(b"Ping from applink-double")

    async def pong(self, data: bytes) -> None:
        """Answer the app's own ping, unless the connection is silent."""
        if not self.silent:
            await self._stream.pong(data)

    def abort(self) -> None:
        """Cut the connection without a word."""
        self.broken = True
        if self._transport is not None:
            self._transport.abort()
