"""Reactions."""

from __future__ import annotations

from tests.support.slack import conversing, describing
from tests.support.slack.emoji import exists
from tests.support.slack.places import Channel
from tests.support.slack.records import Json, Message
from tests.support.slack.web_api.asked import Asked, Refused, method


@method("reactions.add", "channel timestamp name", scopes=("reactions:write",))
def reactions_add(asked: Asked) -> None:
    """Add the bot's own reaction."""
    channel, message, name = _meant(asked)
    if asked.bot.user_id in message.reactions.get(name, ()):
        raise Refused("already_reacted")
    conversing.react(channel, message, asked.bot.user_id, name, added=True)


@method("reactions.remove", "channel timestamp name", scopes=("reactions:write",))
def reactions_remove(asked: Asked) -> None:
    """Take the bot's own reaction back."""
    channel, message, name = _meant(asked)
    if asked.bot.user_id not in message.reactions.get(name, ()):
        raise Refused("no_reaction")
    conversing.react(channel, message, asked.bot.user_id, name, added=False)


@method("reactions.get", "channel timestamp full", scopes=("reactions:read",))
def reactions_get(asked: Asked) -> Json:
    """Tell who reacted."""
    channel = asked.channel()
    message = asked.message(channel, "timestamp")
    return {
        "type": "message",
        "channel": channel.id,
        "message": describing.message(message, channel),
    }


def _meant(asked: Asked) -> tuple[Channel, Message, str]:
    name = asked.required("name", "no_reaction")
    if not exists(name):
        raise Refused("invalid_name")
    channel = asked.channel()
    if asked.bot.user_id not in channel.members:
        raise Refused("not_in_channel")
    if channel.archived:
        raise Refused("is_archived")
    return channel, asked.message(channel, "timestamp"), name
