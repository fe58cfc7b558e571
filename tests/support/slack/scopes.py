"""Which scope each event needs, and which scopes exist."""

from __future__ import annotations

from typing import Literal

ChannelKind = Literal["channel", "group", "im", "mpim"]

_PREFIX: dict[ChannelKind, str] = {
    "channel": "channels",
    "group": "groups",
    "im": "im",
    "mpim": "mpim",
}

KNOWN = frozenset(
    f"{prefix}:{right}"
    for prefix in ("channels", "groups", "im", "mpim")
    for right in ("read", "history", "write")
) - {"channels:write", "groups:write"} | {
    "app_mentions:read",
    "assistant:write",
    "bookmarks:read",
    "bookmarks:write",
    "channels:join",
    "channels:manage",
    "channels:write.invites",
    "channels:write.topic",
    "chat:write",
    "chat:write.customize",
    "chat:write.public",
    "commands",
    "dnd:read",
    "emoji:read",
    "files:read",
    "files:write",
    "groups:write",
    "incoming-webhook",
    "links:read",
    "links:write",
    "metadata.message:read",
    "pins:read",
    "pins:write",
    "reactions:read",
    "reactions:write",
    "reminders:read",
    "reminders:write",
    "team:read",
    "usergroups:read",
    "usergroups:write",
    "users.profile:read",
    "users:read",
    "users:read.email",
    "users:write",
}

_CHANNELS = frozenset({"channels:read"})
_GROUPS = frozenset({"groups:read"})
_EITHER = _CHANNELS | _GROUPS
_FREE: frozenset[str] = frozenset()

EVENTS: dict[str, frozenset[str]] = {
    "app_home_opened": _FREE,
    "app_rate_limited": _FREE,
    "app_uninstalled": _FREE,
    "tokens_revoked": _FREE,
    "app_mention": frozenset({"app_mentions:read"}),
    "message.channels": frozenset({"channels:history"}),
    "message.groups": frozenset({"groups:history"}),
    "message.im": frozenset({"im:history"}),
    "message.mpim": frozenset({"mpim:history"}),
    "reaction_added": frozenset({"reactions:read"}),
    "reaction_removed": frozenset({"reactions:read"}),
    "member_joined_channel": _EITHER,
    "member_left_channel": _EITHER,
    "channel_shared": _EITHER,
    "channel_unshared": _EITHER,
    "channel_id_changed": _EITHER,
    "channel_archive": _CHANNELS,
    "channel_created": _CHANNELS,
    "channel_deleted": _CHANNELS,
    "channel_left": _CHANNELS,
    "channel_rename": _CHANNELS,
    "channel_unarchive": _CHANNELS,
    "group_archive": _GROUPS,
    "group_deleted": _GROUPS,
    "group_left": _GROUPS,
    "group_rename": _GROUPS,
    "group_unarchive": _GROUPS,
    "file_shared": frozenset({"files:read"}),
    "file_deleted": frozenset({"files:read"}),
    "team_join": frozenset({"users:read"}),
    "team_rename": frozenset({"team:read"}),
    "user_change": frozenset({"users:read"}),
}
"""Every event that the server can send, with the scopes of which the app needs one."""


def scope(kind: ChannelKind, right: str) -> str:
    """Return the scope that gives this right over this kind of conversation."""
    return f"{_PREFIX[kind]}:{right}"


def subscription(kind: ChannelKind) -> str:
    """Return the event that brings the messages of this kind of conversation."""
    return f"message.{_PREFIX[kind]}"
