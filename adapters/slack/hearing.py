"""From Slack's payloads to the core's events: pure functions of what was sent and who is known."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from adapters.slack.emoji import emoji_of
from adapters.slack.modals import attachments
from adapters.slack.mrkdwn import emoji_in, typed
from adapters.slack.people import Conversation, Profile
from adapters.slack.places import Payload, member, message, place, team_of, thread_of
from adapters.slack.workspace import Identity
from chatops.conversation.events import CommandCalled, MessagePosted, ReactionChanged
from chatops.conversation.hearing import heard

SAID: Final = frozenset({"", "file_share", "me_message", "thread_broadcast"})
"""Kinds of messages that a member writes; all others tell of something that happened."""


def is_said(event: Payload) -> bool:
    """Whether a message was written by a member, just now."""
    return (
        str(event.get("subtype") or "") in SAID
        and bool(event.get("user"))
        and not event.get("bot_id")
        and not event.get("edited")
        and not event.get("hidden")
    )


def said(
    event: Payload,
    body: Payload,
    profile: Profile,
    conversation: Conversation,
    me: Identity,
    channels: Mapping[str, str],
) -> CommandCalled | MessagePosted:
    """Return what a message is.

    A mention comes twice, as a mention and as a message: its place and time make it one event.

    Args:
        channels: The names of the channels that it tells by their ids only.
    """
    team, channel, timestamp = team_of(body), str(event["channel"]), str(event["ts"])
    where = place(team, channel, conversation, thread_of(event))
    return heard(
        f"message:{channel}:{timestamp}",
        message(where, timestamp),
        member(team, str(event["user"]), profile),
        typed(str(event.get("text") or ""), emoji_in(event.get("blocks")), channels),
        attachments(tuple(event.get("files") or ()), team),
        bot_names=names_of(me),
        answers=message(where, where.thread) if where.thread else None,
    )


def called(body: Payload, profile: Profile, conversation: Conversation) -> CommandCalled:
    """Return what a slash command is."""
    team = team_of(body)
    return CommandCalled(
        command_id(body),
        place(team, str(body["channel_id"]), conversation),
        member(team, str(body["user_id"]), profile),
        typed(str(body.get("text") or "")).strip(),
    )


def command_id(body: Payload) -> str:
    """Return the event id of a slash command; its trigger is made once."""
    return f"command:{body['trigger_id']}"


def press_id(body: Payload) -> str:
    """Return the event id of a pressed button."""
    return f"press:{body['trigger_id']}"


def form_id(body: Payload) -> str:
    """Return the event id of a submitted form; a form is submitted once."""
    return f"form:{body['view']['id']}"


def reacted(
    event: Payload,
    body: Payload,
    profile: Profile,
    conversation: Conversation,
    thread: str,
) -> ReactionChanged:
    """Return what a reaction is, added or taken back."""
    team, item = team_of(body), event["item"]
    where = place(team, str(item["channel"]), conversation, thread)
    return ReactionChanged(
        f"event:{body['event_id']}",
        message(where, str(item["ts"])),
        member(team, str(event["user"]), profile),
        emoji_of(str(event["reaction"])),
        added=event["type"] == "reaction_added",
    )


def names_of(me: Identity) -> Collection[str]:
    """Return what the bot is called in a workspace."""
    return {
        "quitx",
        f"<@{me.user}>",
        f"<@{me.user}|{me.user_name}>",
        *filter(None, (me.user_name,)),
    }
