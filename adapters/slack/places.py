"""Slack's ids as the core's addresses, and what Slack's payloads say of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from adapters.slack.people import Conversation, Profile
from chatops.conversation.addresses import Member, MessageRef, Place

PLATFORM: Final = "slack"

Payload = Mapping[str, Any]


def place(team: str, channel: str, conversation: Conversation, thread: str = "") -> Place:
    """Return a place; a thread begins with the message that it is named after."""
    return Place(
        PLATFORM, team, channel, thread, direct=conversation.direct, shared=conversation.shared
    )


def whole_workspace(team: str) -> Place:
    """Return the place that stands for a whole workspace."""
    return Place(PLATFORM, team, "")


def member(team: str, user: str, profile: Profile) -> Member:
    """Return a member."""
    return Member(PLATFORM, team, user, profile.name, profile.language)


def message(where: Place, timestamp: str) -> MessageRef:
    """Return a message by its timestamp."""
    return MessageRef(where, timestamp)


def team_of(body: Payload) -> str:
    """Return the workspace through which something came.

    In a channel that organisations share, the workspace where it happened can be another one.
    """
    for authorization in body.get("authorizations") or ():
        if authorization.get("team_id"):
            return str(authorization["team_id"])
    team = body.get("team_id") or (body.get("team") or {}).get("id") or ""
    return str(team or (body.get("view") or {}).get("team_id") or "")


def thread_of(said: Payload) -> str:
    """Return the thread in which a message stands; empty for one that begins a thread."""
    thread = str(said.get("thread_ts") or "")
    return "" if thread == said.get("ts") else thread
