"""Rate limits: a bucket for each route and its major parameter, and the global one."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.discord.records import Json

if TYPE_CHECKING:
    from tests.support.discord.asking import Route
    from tests.support.discord.clock import Clock

GLOBAL = 50
_MAJOR = ("channel_id", "guild_id", "webhook_id", "webhook_token", "interaction_token")


@dataclass(slots=True)
class _Bucket:
    limit: int
    window: float
    left: int
    resets: float


@dataclass(frozen=True, slots=True)
class Spent:
    """What one request left in its bucket.

    Args:
        retry_after: Seconds to wait, where nothing was left; None where the request may pass.
    """

    headers: dict[str, str]
    retry_after: float | None = None
    everywhere: bool = False

    def body(self) -> Json:
        """Return what a refused request is answered."""
        return {
            "message": "You are being rate limited.",
            "retry_after": round(self.retry_after or 0.0, 3),
            "global": self.everywhere,
            "code": 0,
        }


@dataclass(slots=True)
class Buckets:
    """Every bucket.

    Args:
        limit: Requests in a window, where no route says otherwise.
        everywhere: Requests of one bot in a second, interactions apart.
    """

    clock: Clock
    limit: int = 30
    window: float = 1.0
    everywhere: int = GLOBAL
    _own: dict[str, tuple[int, float]] = field(default_factory=dict)
    _buckets: dict[tuple[str, str], _Bucket] = field(default_factory=dict)

    def set(self, route: str, limit: int, window: float) -> None:
        """Give a route, as `POST /channels/{channel_id}/messages`, a limit of its own."""
        self._own[route] = (limit, window)
        self._buckets.clear()

    def spend(self, route: Route, path: dict[str, str], bot: str | None) -> Spent:
        """Take one request from the bucket that it falls into."""
        name = f"{route.method} {route.template}"
        limit, window = self._own.get(name, (self.limit, self.window))
        major = "+".join(path[key] for key in _MAJOR if key in path)
        bucket = self._bucket((name, f"{bot} {major}"), limit, window)
        if bucket.left == 0:
            return Spent(self._headers(name, bucket), bucket.resets - self.clock.seconds())
        if route.bot and bot is not None:
            shared = self._bucket(("", bot), self.everywhere, 1.0)
            if shared.left == 0:
                return Spent({}, shared.resets - self.clock.seconds(), everywhere=True)
            shared.left -= 1
        bucket.left -= 1
        return Spent(self._headers(name, bucket))

    def _bucket(self, key: tuple[str, str], limit: int, window: float) -> _Bucket:
        now = self.clock.seconds()
        bucket = self._buckets.get(key)
        if bucket is None or bucket.resets <= now:
            bucket = _Bucket(limit, window, limit, now + window)
            self._buckets[key] = bucket
        return bucket

    def _headers(self, name: str, bucket: _Bucket) -> dict[str, str]:
        after = max(bucket.resets - self.clock.seconds(), 0.0)
        return {
            "X-RateLimit-Limit": str(bucket.limit),
            "X-RateLimit-Remaining": str(bucket.left),
            "X-RateLimit-Reset": f"{self.clock.now().timestamp() + after:.3f}",
            "X-RateLimit-Reset-After": f"{after:.3f}",
            "X-RateLimit-Bucket": hashlib.md5(name.encode(), usedforsecurity=False).hexdigest(),
        }
