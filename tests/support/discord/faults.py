"""What can go wrong on the way, on demand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """One trouble, for so many requests.

    Args:
        route: `POST /channels/{channel_id}/messages`; None means any.
        times: How many more requests it meets; None means all.
        status: The HTTP status to answer instead.
        retry_after: For 429: the seconds to wait.
        via: For 429: whether it comes from Discord (with a `Via` header) or from Cloudflare.
        everywhere: For 429: whether it is the global limit.
        lose: Let the request do its work, then break the connection instead of answering.
        delay: Seconds to wait before the request is looked at.
        slow: Seconds to wait with the answer.
        met: How many requests it met.
    """

    route: str | None = None
    times: int | None = 1
    status: int | None = None
    retry_after: float = 0.3
    via: bool = True
    everywhere: bool = False
    lose: bool = False
    delay: float = 0.0
    slow: float = 0.0
    met: int = 0

    def meets(self, route: str) -> bool:
        """Tell whether it is for this request, and count it."""
        if self.times == 0 or self.route not in (None, route):
            return False
        if self.times is not None:
            self.times -= 1
        self.met += 1
        return True


@dataclass(slots=True)
class Faults:
    """Every trouble that is on."""

    on: list[Fault] = field(default_factory=list)
    interactions_twice: float | None = None
    """Seconds after which each INTERACTION_CREATE is dispatched again; None means never."""
    interactions_late: float = 0.0
    """Seconds by which each INTERACTION_CREATE is late; the person's clock runs meanwhile."""

    def limit(
        self,
        route: str | None = None,
        *,
        retry_after: float = 0.3,
        via: bool = True,
        everywhere: bool = False,
        times: int | None = 1,
    ) -> Fault:
        """Answer 429."""
        return self._add(
            Fault(
                route,
                times,
                status=429,
                retry_after=retry_after,
                via=via,
                everywhere=everywhere,
            )
        )

    def fail(self, status: int, route: str | None = None, *, times: int | None = 1) -> Fault:
        """Answer with an error of the server: 500, 502, 503, 504."""
        return self._add(Fault(route, times, status=status))

    def lose_answer(self, route: str | None = None, *, times: int | None = 1) -> Fault:
        """Do what was asked, then drop the connection without an answer."""
        return self._add(Fault(route, times, lose=True))

    def delay(self, seconds: float, route: str | None = None, *, times: int | None = 1) -> Fault:
        """Take a request later."""
        return self._add(Fault(route, times, delay=seconds))

    def slow(self, seconds: float, route: str | None = None, *, times: int | None = 1) -> Fault:
        """Do what was asked at once, answer later."""
        return self._add(Fault(route, times, slow=seconds))

    def clear(self) -> None:
        """End every trouble."""
        self.on.clear()
        self.interactions_twice, self.interactions_late = None, 0.0

    def find(self, route: str, wanted: Callable[[Fault], bool]) -> Fault | None:
        """Return the first trouble of a kind that meets a request."""
        for fault in self.on:
            if wanted(fault) and fault.meets(route):
                return fault
        return None

    def _add(self, fault: Fault) -> Fault:
        self.on.append(fault)
        return fault
