"""What happens when something is said, changed, removed or reacted to, and who is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.slack import describing
from tests.support.slack.records import Json, Message
from tests.support.slack.scopes import subscription

if TYPE_CHECKING:
    from tests.support.slack.places import Channel


def post(channel: Channel, message: Message) -> Message:
    """Let a message stand, and tell the bots that can hear it."""
    channel.keep(message)
    for each in message.files:
        family = "public" if channel.kind == "channel" else "private"
        each.shares.setdefault(family, {}).setdefault(channel.id, []).append(message.ts)
    said = describing.message(message, channel)
    _tell(channel, said)
    _mention(channel, message, said)
    for each in message.files:
        channel.announce(
            {
                "type": "file_shared",
                "file_id": each.id,
                "file": {"id": each.id},
                "user_id": message.user,
                "channel_id": channel.id,
            }
        )
    return message


def edit(channel: Channel, message: Message, changes: Json, *, at: str) -> None:
    """Change a message in place; only other words mark it as edited."""
    before = describing.message(message, channel)
    if changes.get("text", message.text) != message.text:
        message.edited = at
    for name, value in changes.items():
        setattr(message, name, value)
    _tell(
        channel,
        {
            "type": "message",
            "subtype": "message_changed",
            "hidden": True,
            "message": describing.message(message, channel),
            "previous_message": before,
            "ts": at,
        },
    )


def remove(channel: Channel, message: Message, *, at: str) -> None:
    """Remove a message."""
    before = describing.message(message, channel)
    message.deleted = True
    _tell(
        channel,
        {
            "type": "message",
            "subtype": "message_deleted",
            "hidden": True,
            "deleted_ts": message.ts,
            "previous_message": before,
            "ts": at,
        },
    )


def react(channel: Channel, message: Message, user_id: str, name: str, *, added: bool) -> None:
    """Add a reaction, or take one back."""
    users = message.reactions.setdefault(name, [])
    if added:
        users.append(user_id)
    else:
        users.remove(user_id)
    if not users:
        del message.reactions[name]
    channel.announce(
        {
            "type": "reaction_added" if added else "reaction_removed",
            "user": user_id,
            "reaction": name,
            "item": {"type": "message", "channel": channel.id, "ts": message.ts},
            "item_user": message.user,
        }
    )


def _tell(channel: Channel, said: Json) -> None:
    event = {
        **said,
        "channel": channel.id,
        "channel_type": channel.kind,
        "event_ts": said["ts"],
    }
    channel.announce(event, subscription=subscription(channel.kind))


def _mention(channel: Channel, message: Message, said: Json) -> None:
    if channel.kind == "im":
        return
    for bot in channel.team.bots:
        named = f"<@{bot.user_id}>" in message.text or f"<@{bot.user_id}|" in message.text
        if named and bot.user_id in channel.members and message.user != bot.user_id:
            event = {
                **{key: value for key, value in said.items() if key != "subtype"},
                "type": "app_mention",
                "channel": channel.id,
                "event_ts": message.ts,
            }
            channel.team.announce(event, channel=channel, only=bot)
