"""Faults of the Web API, on demand.

Methods are matched with shell patterns. A rule holds for `times` calls (None: until `clear`), after
letting `skip` calls pass; of several rules that match, the oldest is used up first.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal

Fault = Literal["status", "error", "drop answer", "drop request", "delay"]


@dataclass
class Rule:
    """One fault, and for which calls it holds."""

    pattern: str
    kind: Fault
    times: int | None
    skip: int
    status: int = 200
    error: str = ""
    seconds: float = 0.0

    def takes(self, method: str) -> bool:
        """Tell whether this call is the rule's, and count it."""
        if self.times == 0 or not fnmatchcase(method, self.pattern):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass
class Pace:
    """So many calls a second for each channel, after a first burst; those beyond are refused."""

    pattern: str
    per_second: float
    burst: int
    spent: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait(self, method: str, channel: str) -> float:
        """Count a call; return how long it would have had to wait, 0 when it may be done."""
        if not fnmatchcase(method, self.pattern):
            return 0
        now = time.monotonic()
        left, at = self.spent.get(channel, (float(self.burst), now))
        left = min(float(self.burst), left + (now - at) * self.per_second)
        waits = 0.0 if left >= 1 else (1 - left) / self.per_second
        self.spent[channel] = (left if waits else left - 1, now)
        return waits


class Faults:
    """The faults that are in force."""

    def __init__(self) -> None:
        self._rules: list[Rule] = []
        self._paces: list[Pace] = []

    def rate_limit(
        self, pattern: str, *, retry_after: float = 1, times: int | None = 1, skip: int = 0
    ) -> None:
        """Answer 429 and ask to wait."""
        self._rules.append(
            Rule(pattern, "status", times, skip, 429, "ratelimited", seconds=retry_after)
        )

    def pace(self, pattern: str, *, per_second: float = 1, burst: int = 1) -> None:
        """Answer 429 to what comes faster than this in one channel, as Slack does to messages."""
        self._paces.append(Pace(pattern, per_second, burst))

    def fail(
        self, pattern: str, status: int = 500, *, times: int | None = 1, skip: int = 0
    ) -> None:
        """Answer with a server's error, as a page and not as JSON."""
        self._rules.append(Rule(pattern, "status", times, skip, status))

    def error(self, pattern: str, error: str, *, times: int | None = 1, skip: int = 0) -> None:
        """Answer 200 with an error, and do nothing."""
        self._rules.append(Rule(pattern, "error", times, skip, error=error))

    def drop_answer(self, pattern: str, *, times: int | None = 1, skip: int = 0) -> None:
        """Do what is asked, then cut the connection instead of answering."""
        self._rules.append(Rule(pattern, "drop answer", times, skip))

    def drop_request(self, pattern: str, *, times: int | None = 1, skip: int = 0) -> None:
        """Cut the connection before anything is done."""
        self._rules.append(Rule(pattern, "drop request", times, skip))

    def delay(self, pattern: str, seconds: float, *, times: int | None = 1, skip: int = 0) -> None:
        """Do what is asked only after a while."""
        self._rules.append(Rule(pattern, "delay", times, skip, seconds=seconds))

    def clear(self) -> None:
        """Let everything work again."""
        self._rules.clear()
        self._paces.clear()

    def taken(self, method: str, args: Mapping[str, Any]) -> Rule | None:
        """Return the fault that strikes this call, and count it."""
        for rule in self._rules:
            if rule.takes(method):
                return rule
        waits = max(
            (pace.wait(method, str(args.get("channel", ""))) for pace in self._paces), default=0.0
        )
        if waits:
            return Rule(method, "status", 1, 0, 429, "ratelimited", seconds=math.ceil(waits))
        return None
