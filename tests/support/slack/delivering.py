"""Deliveries to apps: who may hear what, one attempt, the deadline, and Slack's retries."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from tests.support.slack.apps import App, Bot
from tests.support.slack.records import Attempt, Delivery, Json
from tests.support.slack.scopes import EVENTS, ChannelKind, scope
from tests.support.slack.sockets import Socket

if TYPE_CHECKING:
    from tests.support.slack.world import World

RETRIES = (0.0, 60.0, 300.0)
"""Seconds after a failure at which an event is delivered again."""

_BY_KIND = frozenset({"channels:read", "groups:read"})


class Courier:
    """Sends payloads to apps, one attempt after the other, and keeps all of them."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._tasks: set[asyncio.Task[bool]] = set()
        self._retrying: set[asyncio.Task[None]] = set()

    def event(self, bot: Bot, event: Json, subscription: str, *, kind: ChannelKind | None) -> None:
        """Deliver an event, if the app subscribed to it and the token may hear it."""
        if not bot.installed or not self._heard(bot, subscription, kind):
            return
        now = self._world.clock.now()
        event.setdefault("event_ts", self._world.names.timestamp())
        payload = {
            "token": "verification",
            "team_id": bot.team.id,
            "api_app_id": bot.app.id,
            "event": event,
            "type": "event_callback",
            "event_id": self._world.names.id("Ev"),
            "event_time": int(now),
            "event_context": self._world.names.id("EC"),
            "is_ext_shared_channel": False,
            "authorizations": [
                {
                    "enterprise_id": None,
                    "team_id": bot.team.id,
                    "user_id": bot.user_id,
                    "is_bot": True,
                    "is_enterprise_install": False,
                }
            ],
        }
        delivery = Delivery("events_api", event["type"], payload, answerable=False)
        self.start(bot.app, delivery)

    def start(self, app: App, delivery: Delivery) -> asyncio.Task[bool]:
        """Deliver in the background; what is started first is sent first."""
        self._world.deliveries.append(delivery)
        task = asyncio.get_running_loop().create_task(self._deliver(app, delivery))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def again(self, app: App, delivery: Delivery) -> bool:
        """Deliver once more, as after a lost acknowledgement."""
        return await self._attempt(app, delivery, "timeout")

    async def settled(self) -> None:
        """Wait until nothing is under way; retries that come later are not waited for."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Give up on what is under way."""
        waiting = [*self._tasks, *self._retrying]
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)

    @staticmethod
    def _heard(bot: Bot, subscription: str, kind: ChannelKind | None) -> bool:
        needed = EVENTS[subscription]
        if needed == _BY_KIND and kind is not None:
            needed = frozenset({scope(kind, "read")})
        return subscription in bot.app.manifest.events and (not needed or bool(needed & bot.scopes))

    async def _deliver(self, app: App, delivery: Delivery) -> bool:
        await app.passage()
        acked = await self._attempt(app, delivery, "")
        if delivery.kind == "events_api":
            if acked and app.repeats:
                app.repeats -= 1
                await self._attempt(app, delivery, "timeout")
            elif not acked:
                retrying = asyncio.get_running_loop().create_task(self._retry(app, delivery))
                self._retrying.add(retrying)
                retrying.add_done_callback(self._retrying.discard)
        return acked

    async def _retry(self, app: App, delivery: Delivery) -> None:
        for pause in RETRIES:
            await self._world.clock.sleep(pause)
            if await self._attempt(app, delivery, "timeout"):
                return

    async def _attempt(self, app: App, delivery: Delivery, reason: str) -> bool:
        attempt = Attempt(self._world.names.id("").lower(), time.monotonic())
        delivery.attempts.append(attempt)
        if app.request_url:
            return await self._world.http.post(app, delivery, attempt, reason)
        socket = app.next_socket()
        if socket is None:
            attempt.outcome = "unconnected"
            return False
        app.sent[attempt.envelope_id] = (delivery, attempt, socket)
        envelope = {
            "envelope_id": attempt.envelope_id,
            "type": delivery.kind,
            "accepts_response_payload": delivery.answerable,
            "payload": delivery.payload,
        }
        if delivery.kind == "events_api":
            envelope |= {"retry_attempt": len(delivery.attempts) - 1, "retry_reason": reason}
        await socket.send(envelope)
        await self._acknowledged(socket, attempt)
        if attempt.outcome == "timeout" and delivery.kind != "events_api":
            self._world.accuse(
                "deadline", f"{delivery.name} was not acknowledged within {self._world.deadline} s"
            )
        return attempt.outcome == "acked"

    async def _acknowledged(self, socket: Socket, attempt: Attempt) -> None:
        """Wait for the acknowledgement, the deadline, or the end of the connection."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._world.deadline):
                await attempt.settled.wait()
        if attempt.outcome == "waiting":
            sound = socket.open and not (socket.silent or socket.leaving)
            attempt.outcome = "timeout" if sound else "lost"

    @staticmethod
    def lost(app: App, socket: Socket) -> None:
        """Give up what was sent over a connection that ended."""
        for _, attempt, over in app.sent.values():
            if over is socket and attempt.outcome == "waiting":
                attempt.outcome = "lost"
                attempt.settled.set()

    def acknowledge(self, app: App, frame: Json) -> None:
        """Take an app's acknowledgement; one of nothing is a violation."""
        found = app.sent.get(str(frame.get("envelope_id")))
        if found is None or found[1].acked_at:
            self._world.accuse("acknowledgement", f"of nothing, or the second one: {frame}")
            return
        delivery, attempt, _ = found
        attempt.acked_at = time.monotonic()
        if frame.get("payload"):
            attempt.response = frame["payload"]
            if not delivery.answerable:
                self._world.accuse("acknowledgement", f"{delivery.name} takes no payload: {frame}")
        attempt.outcome = "acked" if attempt.outcome == "waiting" else "late"
        attempt.settled.set()
