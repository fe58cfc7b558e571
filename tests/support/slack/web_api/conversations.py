"""Conversations: what they are, who is in them, what was said."""

from __future__ import annotations

from tests.support.slack import describing
from tests.support.slack.places import Channel
from tests.support.slack.records import Json, Message
from tests.support.slack.scopes import ChannelKind
from tests.support.slack.web_api.asked import Asked, Refused, method

_TYPES: dict[str, ChannelKind] = {
    "public_channel": "channel",
    "private_channel": "group",
    "im": "im",
    "mpim": "mpim",
}
_WINDOW = "cursor inclusive latest limit oldest include_all_metadata"


@method("conversations.info", "channel include_locale include_num_members")
def conversations_info(asked: Asked) -> Json:
    """Tell what a conversation is."""
    channel = asked.channel()
    asked.need_in(channel.kind, "read")
    return {"channel": describing.channel(channel, asked.bot)}


@method("conversations.list", "cursor exclude_archived limit types")
def conversations_list(asked: Asked) -> Json:
    """List the conversations that the bot may know of."""
    return _listed(asked, asked.team.channels)


@method("users.conversations", "cursor exclude_archived limit types user")
def users_conversations(asked: Asked) -> Json:
    """List the conversations that somebody is in, by default the bot."""
    user_id = asked.words("user", asked.bot.user_id)
    return _listed(asked, [each for each in asked.team.channels if user_id in each.members])


@method("conversations.members", "channel cursor limit")
def conversations_members(asked: Asked) -> Json:
    """List who is in a conversation."""
    channel = asked.channel()
    asked.need_in(channel.kind, "read")
    members = sorted(each for each in channel.members if not asked.team.users[each].deleted)
    page, cursor = asked.page([{"id": member} for member in members])
    return {
        "members": [each["id"] for each in page],
        "response_metadata": {"next_cursor": cursor},
    }


@method("conversations.open", "channel prevent_creation return_im users")
def conversations_open(asked: Asked) -> Json:
    """Open the direct conversation with somebody."""
    given = asked.args.get("users") or ""
    ids = given if isinstance(given, list) else [each.strip() for each in str(given).split(",")]
    asked.need("im:write" if len(ids) == 1 else "mpim:write")
    if ids == [""]:
        raise Refused("users_list_not_supplied")
    users = [asked.user(each) for each in ids]
    if any(user.deleted for user in users):
        raise Refused("user_disabled")
    if any(user.is_bot for user in users):
        raise Refused("cannot_dm_bot")
    channel = asked.team.direct(
        asked.bot, *(asked.world.person(asked.team, user) for user in users)
    )
    told = describing.channel(channel, asked.bot) if asked.flag("return_im") else {"id": channel.id}
    return {"channel": told}


@method("conversations.join", "channel", scopes=("channels:join",))
def conversations_join(asked: Asked) -> Json:
    """Enter a public channel."""
    channel = asked.channel()
    if channel.archived:
        raise Refused("is_archived")
    channel.invite(asked.bot)
    return {"channel": describing.channel(channel, asked.bot)}


@method("conversations.leave", "channel")
def conversations_leave(asked: Asked) -> Json:
    """Leave a channel."""
    channel = asked.channel()
    asked.need("channels:manage" if channel.kind == "channel" else "groups:write")
    channel.kick(asked.bot)
    return {}


@method("conversations.history", f"channel {_WINDOW}")
def conversations_history(asked: Asked) -> Json:
    """List what was said, the newest first; what stands in threads is left out."""
    channel = _readable(asked)
    found = [
        message
        for message in reversed(channel.standing())
        if message.broadcast or message.thread_ts in ("", message.ts)
    ]
    return _told(asked, channel, found)


@method("conversations.replies", f"channel ts {_WINDOW}")
def conversations_replies(asked: Asked) -> Json:
    """List a thread, its first message first."""
    channel = _readable(asked)
    root = asked.required("ts")
    found = channel.thread(root)
    if not found:
        raise Refused("thread_not_found")
    return _told(asked, channel, found)


def _readable(asked: Asked) -> Channel:
    channel = asked.channel()
    asked.need_in(channel.kind, "history")
    if asked.bot.user_id not in channel.members:
        raise Refused("not_in_channel")
    return channel


def _told(asked: Asked, channel: Channel, found: list[Message]) -> Json:
    oldest, latest = asked.words("oldest", "0"), asked.words("latest", "9" * 12)
    bounds = asked.flag("inclusive")
    within = [
        message
        for message in found
        if float(oldest) < float(message.ts) < float(latest)
        or (bounds and message.ts in (oldest, latest))
    ]
    wanted = asked.flag("include_all_metadata")
    told = []
    for message in within:
        own = message.app_id == asked.app.id
        seen = wanted and (own or "metadata.message:read" in asked.bot.scopes)
        told.append(describing.message(message, channel, with_metadata=seen))
    page, cursor = asked.page(told, most=999)
    return {
        "messages": page,
        "has_more": bool(cursor),
        "response_metadata": {"next_cursor": cursor},
    }


def _listed(asked: Asked, channels: list[Channel]) -> Json:
    wanted = asked.words("types", "public_channel").split(",")
    if not {each.strip() for each in wanted} <= _TYPES.keys():
        raise Refused("invalid_types")
    kinds: list[ChannelKind] = [_TYPES[each.strip()] for each in wanted]
    for kind in kinds:
        asked.need_in(kind, "read")
    told = [
        describing.channel(channel, asked.bot)
        for channel in channels
        if channel.kind in kinds
        and not channel.deleted
        and not (channel.private and asked.bot.user_id not in channel.members)
        and not (channel.archived and asked.flag("exclude_archived"))
    ]
    page, cursor = asked.page(told)
    return {"channels": page, "response_metadata": {"next_cursor": cursor}}
