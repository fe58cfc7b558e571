"""Deliveries as signed HTTP requests, for apps that have a request URL."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import aiohttp

from tests.support.slack.apps import App
from tests.support.slack.records import Attempt, Delivery, Json

if TYPE_CHECKING:
    from tests.support.slack.world import World


class SignedRequests:
    """Posts payloads to an app's request URL, signed as Slack signs."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def post(self, app: App, delivery: Delivery, attempt: Attempt, reason: str) -> bool:
        """Post one attempt; True when the app answered 200 in time."""
        body, kind = _body(delivery)
        headers = {"Content-Type": kind, **self._signature(app, body)}
        if len(delivery.attempts) > 1:
            headers["X-Slack-Retry-Num"] = str(len(delivery.attempts) - 1)
            headers["X-Slack-Retry-Reason"] = f"http_{reason}"
        deadline = aiohttp.ClientTimeout(total=self._world.deadline)
        try:
            async with (
                aiohttp.ClientSession(timeout=deadline) as session,
                session.post(app.request_url, data=body, headers=headers) as answer,
            ):
                said = await answer.text()
        except TimeoutError:
            attempt.outcome = "timeout"
            if delivery.kind != "events_api":
                self._world.accuse("deadline", f"{delivery.name} was not answered in time")
            return False
        except aiohttp.ClientError:
            attempt.outcome = "unconnected"
            return False
        if answer.status != 200:
            attempt.outcome = "lost"
            return False
        attempt.acked_at, attempt.outcome = time.monotonic(), "acked"
        attempt.response = _answered(said)
        return True

    def _signature(self, app: App, body: bytes) -> dict[str, str]:
        stamp = str(int(self._world.clock.now()))
        signed = b"v0:" + stamp.encode() + b":" + body
        digest = hmac.new(app.signing_secret.encode(), signed, hashlib.sha256).hexdigest()
        return {"X-Slack-Request-Timestamp": stamp, "X-Slack-Signature": f"v0={digest}"}


def _body(delivery: Delivery) -> tuple[bytes, str]:
    form = "application/x-www-form-urlencoded"
    match delivery.kind:
        case "events_api":
            return json.dumps(delivery.payload).encode(), "application/json"
        case "slash_commands":
            return urlencode(delivery.payload).encode(), form
        case "interactive":
            return urlencode({"payload": json.dumps(delivery.payload)}).encode(), form


def _answered(said: str) -> Json | None:
    """Return the payload of an answer; words alone are an ephemeral message."""
    if not said:
        return None
    try:
        payload = json.loads(said)
    except ValueError:
        return {"text": said}
    return payload if isinstance(payload, dict) else None
