"""What was asked of the double, what it answered, and what was wrong with either."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Call:
    """One request.

    Args:
        route: `POST /channels/{channel_id}/messages`.
        at: When it came, on the double's clock.
        status: The status that was answered; None while there is none, or it was lost.
        code: Discord's error code, where it was an error.
    """

    route: str
    path: str
    body: Any
    at: float
    bot: str | None = None
    status: int | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True)
class Violation:
    """Something that the real Discord would refuse, ignore, or never say.

    Args:
        by: "bot", or "double" where the double itself did not speak as Discord does.
    """

    by: str
    where: str
    what: str

    def __str__(self) -> str:
        """Write it as a line."""
        return f"{self.by}: {self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Callback:
    """A first answer to an interaction.

    Args:
        latency: Seconds from the dispatch to the answer.
    """

    interaction_id: str
    kind: int
    latency: float


@dataclass(slots=True)
class Record:
    """Everything, in order."""

    calls: list[Call] = field(default_factory=list)
    violations: list[Violation] = field(default_factory=list)
    callbacks: list[Callback] = field(default_factory=list)

    def blame(self, by: str, where: str, *what: object) -> None:
        """Note violations."""
        self.violations += [Violation(by, where, str(each)) for each in what]
