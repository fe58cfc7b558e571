"""What the server keeps: users, messages, files, views, and what passed over the wire."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Json: TypeAlias = dict[str, Any]


class Impossible(AssertionError):
    """The real Slack client would not let this person do that."""


@dataclass(frozen=True)
class Violation:
    """Something that a correct app never does.

    Args:
        kind: What was broken: `blocks`, `view`, `method`, `argument`, `scope`, `trigger`,
            `response_url`, `acknowledgement`, `deadline`, `manifest`.
        detail: What exactly, for the person who reads the failed test.
    """

    kind: str
    detail: str


@dataclass
class User:
    """A person or a bot of one workspace."""

    id: str
    name: str
    locale: str = "en-US"
    is_bot: bool = False
    guest: bool = False
    stranger: bool = False
    admin: bool = False
    deleted: bool = False
    bot_id: str = ""
    app_id: str = ""


@dataclass
class File:
    """An uploaded file.

    Args:
        address: Where its bytes are, for who has a token that may read files.
        announced: The size that the upload promised.
        shares: The messages that show it: public or private, by channel, their timestamps.
    """

    id: str
    name: str
    owner: str
    team_id: str
    address: str
    title: str = ""
    data: bytes = b""
    announced: int = 0
    complete: bool = False
    deleted: bool = False
    shares: dict[str, dict[str, list[str]]] = field(default_factory=dict)


@dataclass
class Message:
    """A message as the server keeps it; `only_for` names the one reader of an ephemeral one."""

    ts: str
    channel_id: str
    user: str
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    attachments: list[Json] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    thread_ts: str = ""
    subtype: str = ""
    bot_id: str = ""
    app_id: str = ""
    metadata: Json | None = None
    edited: str = ""
    broadcast: bool = False
    only_for: str = ""
    deleted: bool = False
    mrkdwn: bool = True
    reactions: dict[str, list[str]] = field(default_factory=dict)

    @property
    def root(self) -> str:
        """The timestamp of the thread that it stands in, or would begin."""
        return self.thread_ts or self.ts


@dataclass
class View:
    """A modal or a Home tab; `errors` are the sentences under its fields, by block_id."""

    id: str
    user_id: str
    app_id: str
    bot_id: str
    team_id: str
    content: Json
    hash: str
    root_id: str = ""
    previous_id: str = ""
    errors: dict[str, str] = field(default_factory=dict)
    banner: str = ""
    open: bool = True


@dataclass(frozen=True)
class Call:
    """One request to the Web API and its answer; `error` is empty when it was done."""

    method: str
    args: Json
    token: str
    at: float
    status: int
    error: str
    answer: Json


@dataclass
class Attempt:
    """One time that a payload was sent to the app.

    Args:
        outcome: `waiting`, `acked`, `late` (acknowledged after its deadline), `timeout`, `lost`
            (the socket closed or was silent) or `unconnected` (there was no socket).
    """

    envelope_id: str
    sent_at: float
    outcome: Literal["waiting", "acked", "late", "timeout", "lost", "unconnected"] = "waiting"
    acked_at: float = 0.0
    response: Json | None = None
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def latency(self) -> float:
        """Seconds from sending to the acknowledgement."""
        return self.acked_at - self.sent_at


Kind = Literal["slash_commands", "events_api", "interactive"]


@dataclass
class Delivery:
    """One payload for the app, however often it was sent.

    Args:
        name: The command, the event's type, or the interaction's type.
        answerable: Whether an acknowledgement may carry a payload.
    """

    kind: Kind
    name: str
    payload: Json
    answerable: bool
    attempts: list[Attempt] = field(default_factory=list)

    @property
    def event_id(self) -> str:
        """The event's id, the same for every attempt."""
        return str(self.payload.get("event_id", ""))

    @property
    def acked(self) -> bool:
        """Whether an attempt was acknowledged in time."""
        return any(attempt.outcome == "acked" for attempt in self.attempts)

    @property
    def latency(self) -> float:
        """Seconds to the first acknowledgement; infinite without one."""
        return next((each.latency for each in self.attempts if each.acked_at), float("inf"))

    @property
    def response(self) -> Json | None:
        """What came with the acknowledgement."""
        return next((each.response for each in self.attempts if each.outcome == "acked"), None)
