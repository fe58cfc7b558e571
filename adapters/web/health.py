"""`/healthz`: whether the program does its work, for whoever watches it from outside."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Final, Literal

import msgspec
from msgspec import Struct
from sqlalchemy import text
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from chatops.conversation.supervision import Connections
from chatops.language import Trouble
from chatops.store import Store

_PATIENCE: Final = 2.0
"""Seconds that the store has to answer."""

_FRESH: Final = 1.0
"""Seconds for which one look at the store counts, however often somebody asks."""


class Seen(Struct, frozen=True):
    """One connection, as it is told to machines."""

    platform: str
    name: str
    state: str
    since: str


class Health(Struct, frozen=True):
    """How the program is; nothing in it is secret, and nothing is meant to be read by people."""

    status: Literal["ok", "trouble"]
    connections: tuple[Seen, ...]
    store: Literal["ok", "unreachable"]
    engine: Literal["working", "stopped"]


class HealthCheck:
    """Looks at the rooms that everything else depends on.

    Args:
        working: Whether durable work is being done.
    """

    def __init__(self, connections: Connections, store: Store, working: Callable[[], bool]) -> None:
        self._connections = connections
        self._store = store
        self._working = working
        self._looking = asyncio.Lock()
        self._looked_at = float("-inf")
        self._answers = False

    @property
    def route(self) -> Route:
        """Where it is asked for."""
        return Route("/healthz", self._respond, methods=["GET"])

    async def health(self) -> Health:
        """Return how the program is now."""
        answers, working = await self._store_answers(), self._working()
        fine = answers and working and not self._connections.troubled
        return Health(
            status="ok" if fine else "trouble",
            connections=tuple(
                Seen(
                    reach.platform,
                    reach.connection.name,
                    reach.connection.state,
                    reach.connection.since.isoformat(timespec="seconds"),
                )
                for reach in self._connections.now
            ),
            store="ok" if answers else "unreachable",
            engine="working" if working else "stopped",
        )

    async def _respond(self, _request: Request) -> Response:
        health = await self.health()
        return Response(
            msgspec.json.encode(health),
            status_code=200 if health.status == "ok" else 503,
            media_type="application/json",
            headers={"Cache-Control": "no-store"},
        )

    async def _store_answers(self) -> bool:
        async with self._looking:
            if time.monotonic() - self._looked_at > _FRESH:
                self._answers = await self._look()
                self._looked_at = time.monotonic()
            return self._answers

    async def _look(self) -> bool:
        try:
            async with asyncio.timeout(_PATIENCE), self._store.read() as connection:
                await connection.execute(text("SELECT 1"))
        except (Trouble, TimeoutError):
            return False
        return True
