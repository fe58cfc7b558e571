"""Gateway sessions, which outlive connections, and the connections that deliver them."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aiohttp import web

from tests.support.discord.intents import Intent
from tests.support.discord.records import ChannelKind, Json
from tests.support.discord.world import Event

if TYPE_CHECKING:
    from tests.support.discord.applications import Application

DISPATCH = 0


@dataclass(eq=False, slots=True)
class Session:
    """A session, which outlives its connections.

    Args:
        history: Every dispatch, for RESUME; the first has `s` 1.
        held: What waits to be dispatched the other way round.
    """

    id: str
    application: Application
    intents: Intent
    history: list[str] = field(default_factory=list)
    held: list[tuple[str, Json]] = field(default_factory=list)
    connection: Connection | None = None

    def add(self, name: str, data: Json) -> None:
        """Put a dispatch into its history, in its turn."""
        self.held.append((name, data))
        if len(self.held) >= self.application.together:
            self.application.together = 1
            for each in reversed(self.held):
                self._dispatch(*each)
            self.held.clear()

    def _dispatch(self, name: str, data: Json) -> None:
        sequence = len(self.history) + 1
        self.history.append(json.dumps({"op": DISPATCH, "t": name, "s": sequence, "d": data}))
        if self.connection is not None:
            self.connection.news.set()

    def entitled(self, event: Event, data: Json) -> Json:
        """Return what it may read of an event: without the content intent, not every message."""
        if not event.name.startswith("MESSAGE_") or "content" not in data:
            return data
        direct = event.channel is not None and event.channel.kind is ChannelKind.DIRECT
        own = data["author"]["id"] == self.application.bot.id
        named = any(one["id"] == self.application.bot.id for one in data["mentions"])
        if direct or own or named or Intent.MESSAGE_CONTENT in self.intents:
            return data
        return data | {"content": "", "embeds": [], "components": [], "attachments": []}


@dataclass(eq=False, slots=True)
class Connection:
    """One WebSocket.

    Args:
        sent: How much of the session's history it has had.
        ended: Whether this side ends it.
        sends: When the client sent something, within the last minute.
    """

    socket: web.WebSocketResponse
    transport: asyncio.Transport | None
    session: Session | None = None
    sent: int = 0
    ended: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)
    sends: list[float] = field(default_factory=list)
    heartbeats: int = 0

    async def say(self, op: int, data: object = None) -> None:
        """Send something that is no dispatch."""
        if not self.socket.closed:
            await self.socket.send_str(json.dumps({"op": op, "t": None, "s": None, "d": data}))

    async def deliver(self) -> None:
        """Send the session's history as it grows."""
        while True:
            await self.news.wait()
            self.news.clear()
            while self.session is not None and self.sent < len(self.session.history):
                self.sent += 1
                await self.socket.send_str(self.session.history[self.sent - 1])

    async def close(self, code: int) -> None:
        """End it with a code."""
        self.ended = True
        await self.socket.close(code=code)

    def abort(self) -> None:
        """Break it without a word."""
        self.ended = True
        if self.transport is not None:
            self.transport.abort()
