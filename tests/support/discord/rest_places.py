"""The routes of channels, threads, guilds, members, users and the application itself."""

from __future__ import annotations

from tests.support.discord import announcing, message_shapes, messages, shapes
from tests.support.discord.asking import Asked, Reply, Route, ok
from tests.support.discord.drafts import Draft
from tests.support.discord.permissions import Permission, in_channel, in_guild
from tests.support.discord.places import Channel, open_direct, open_thread
from tests.support.discord.records import ChannelKind, MessageFlag, MessageKind
from tests.support.discord.refusals import (
    ALREADY_A_THREAD,
    CANNOT_IN_DIRECT,
    MISSING_PERMISSIONS,
    UNKNOWN_MEMBER,
    UNKNOWN_USER,
    Refusal,
    invalid,
    problem,
)

_CREATE = {
    ChannelKind.PUBLIC_THREAD: Permission.CREATE_PUBLIC_THREADS,
    ChannelKind.PRIVATE_THREAD: Permission.CREATE_PRIVATE_THREADS,
}


def _get_channel(asked: Asked) -> Reply:
    return ok(shapes.channel(asked.channel(), asked.me))


def _edit_channel(asked: Asked) -> Reply:
    channel = asked.channel()
    if channel.guild is None:
        raise Refusal(CANNOT_IN_DIRECT)
    own = channel.is_thread and channel.owner is asked.me
    if not own:
        thread = Permission.MANAGE_THREADS
        asked.channel(thread if channel.is_thread else Permission.MANAGE_CHANNELS)
    body = asked.body or {}
    channel.name = body.get("name") or channel.name
    channel.topic = body.get("topic", channel.topic)
    channel.archived = bool(body.get("archived", channel.archived))
    channel.locked = bool(body.get("locked", channel.locked))
    channel.auto_archive = body.get("auto_archive_duration") or channel.auto_archive
    announcing.channel_changed(channel)
    return ok(shapes.channel(channel, asked.me))


def _delete_channel(asked: Asked) -> Reply:
    channel = asked.channel()
    shape = shapes.channel(channel, asked.me)
    if channel.guild is None:
        return ok(shape)
    thread = Permission.MANAGE_THREADS
    asked.channel(thread if channel.is_thread else Permission.MANAGE_CHANNELS)
    channel.delete()
    return ok(shape)


def _thread_on_message(asked: Asked) -> Reply:
    message = asked.message(Permission.CREATE_PUBLIC_THREADS)
    _threadable(message.channel)
    if message.thread is not None:
        raise Refusal(ALREADY_A_THREAD)
    # A thread on a message has the id of the message.
    thread = open_thread(
        message.channel, asked.body["name"], ChannelKind.PUBLIC_THREAD, asked.me, id_=message.id
    )
    _archive_after(asked, thread)
    message.thread = thread
    message.flags |= MessageFlag.HAS_THREAD
    return Reply(201, shapes.channel(thread, asked.me))


def _thread(asked: Asked) -> Reply:
    kind = ChannelKind(asked.body.get("type") or ChannelKind.PRIVATE_THREAD)
    channel = asked.channel(_CREATE[kind])
    _threadable(channel)
    thread = open_thread(channel, asked.body["name"], kind, asked.me)
    _archive_after(asked, thread)
    if kind is ChannelKind.PUBLIC_THREAD:
        said = Draft({"content": thread.name})
        messages.post(channel, asked.me, said, kind=MessageKind.THREAD_CREATED)
    return Reply(201, shapes.channel(thread, asked.me))


def _threadable(channel: Channel) -> None:
    if channel.kind is not ChannelKind.TEXT:
        raise Refusal((400, 50024, "Cannot execute action on this channel type"))


def _archive_after(asked: Asked, thread: Channel) -> None:
    thread.auto_archive = asked.body.get("auto_archive_duration") or thread.auto_archive


def _join(asked: Asked) -> Reply:
    thread = asked.channel()
    if asked.me.id not in thread.joined:
        thread.joined.append(asked.me.id)
        announcing.thread_joined(thread, asked.me)
    return Reply()


def _leave_thread(asked: Asked) -> Reply:
    thread = asked.channel()
    if asked.me.id in thread.joined:
        thread.joined.remove(asked.me.id)
    return Reply()


def _add_to_thread(asked: Asked) -> Reply:
    thread = asked.channel(Permission.SEND_MESSAGES)
    who = asked.world.users.get(asked.path["user_id"])
    if who is None or thread.guild is None or who.id not in thread.guild.members:
        raise Refusal(UNKNOWN_USER)
    if who.id not in thread.joined:
        thread.joined.append(who.id)
        announcing.thread_joined(thread, who)
    return Reply()


def _thread_members(asked: Asked) -> Reply:
    thread = asked.channel()
    return ok([shapes.thread_member(thread, one) for one in thread.joined])


def _open_direct(asked: Asked) -> Reply:
    who = asked.world.users.get(str((asked.body or {}).get("recipient_id")))
    if who is None:
        raise invalid(problem(("recipient_id",), "Unknown User", "UNKNOWN_USER"))
    if who.bot:
        raise Refusal((400, 50007, "Cannot send messages to this user"), violation=True)
    return ok(shapes.channel(open_direct(asked.world, asked.me, who), asked.me))


def _get_guild(asked: Asked) -> Reply:
    guild = asked.guild()
    shape = shapes.guild(guild)
    if asked.query.get("with_counts", "").lower() in ("true", "1"):
        counted = len(guild.members)
        shape |= {"approximate_member_count": counted, "approximate_presence_count": counted}
    return ok(shape)


def _guild_channels(asked: Asked) -> Reply:
    seen = [one for one in asked.guild().channels if in_channel(one, asked.me.id)]
    return ok([shapes.channel(one, asked.me) for one in seen])


def _guild_roles(asked: Asked) -> Reply:
    return ok(shapes.roles(asked.guild()))


def _threads(asked: Asked) -> Reply:
    seen = [one for one in asked.guild().threads if in_channel(one, asked.me.id)]
    return ok(
        {
            "threads": [shapes.channel(one, asked.me) for one in seen],
            "members": [
                shapes.thread_member(one, asked.me.id) for one in seen if asked.me.id in one.joined
            ],
            "has_more": False,
        }
    )


def _member(asked: Asked) -> Reply:
    guild = asked.guild()
    user_id = asked.path["user_id"]
    if user_id not in asked.world.users:
        raise Refusal(UNKNOWN_USER)
    if user_id not in guild.members:
        raise Refusal(UNKNOWN_MEMBER)
    return ok(shapes.full_member(guild.members[user_id]))


def _members(asked: Asked) -> Reply:
    after, limit = int(asked.query.get("after", "0")), int(asked.query.get("limit", "1"))
    found = sorted(
        (one for one in asked.guild().members.values() if int(one.user.id) > after),
        key=lambda one: int(one.user.id),
    )
    return ok([shapes.full_member(one) for one in found[:limit]])


def _kick(asked: Asked) -> Reply:
    guild = asked.guild()
    target = guild.members.get(asked.path["user_id"])
    if target is None:
        raise Refusal(UNKNOWN_MEMBER)
    if Permission.KICK_MEMBERS not in in_guild(asked.membership()) or guild.owner is target.user:
        raise Refusal(MISSING_PERMISSIONS)
    guild.kick(target.user)
    return Reply()


def _user(asked: Asked) -> Reply:
    who = asked.world.users.get(asked.path["user_id"])
    if who is None:
        raise Refusal(UNKNOWN_USER)
    return ok(shapes.user(who))


def _me(asked: Asked) -> Reply:
    return ok(shapes.own_user(asked.me))


def _my_guilds(asked: Asked) -> Reply:
    mine = [one for one in asked.world.guilds.values() if asked.me.id in one.members]
    return ok([shapes.listed_guild(one, asked.me) for one in mine])


def _leave_guild(asked: Asked) -> Reply:
    asked.guild().kick(asked.me)
    return Reply()


def _application(asked: Asked) -> Reply:
    owner = next((one.owner for one in asked.world.guilds.values()), asked.me)
    return ok(shapes.application(asked.application, owner))


def _gateway(asked: Asked) -> Reply:
    return ok({"url": f"{asked.world.address.replace('http', 'ws')}/gw/"})


def _gateway_bot(asked: Asked) -> Reply:
    limit = {"total": 1000, "remaining": 999, "reset_after": 86_400_000, "max_concurrency": 1}
    url = f"{asked.world.address.replace('http', 'ws')}/gw/"
    return ok({"url": url, "shards": 1, "session_start_limit": limit})


def _old_pins(asked: Asked) -> Reply:
    pinned = [one for one in asked.channel().messages.values() if one.pinned]
    return ok([message_shapes.message(one, asked.application) for one in pinned])


_CHANNEL = "/channels/{channel_id}"
_GUILD = "/guilds/{guild_id}"

ROUTES = (
    Route("GET", _CHANNEL, _get_channel),
    Route("PATCH", _CHANNEL, _edit_channel),
    Route("DELETE", _CHANNEL, _delete_channel),
    Route("GET", f"{_CHANNEL}/pins", _old_pins),
    Route("POST", f"{_CHANNEL}/messages/{{message_id}}/threads", _thread_on_message),
    Route("POST", f"{_CHANNEL}/threads", _thread),
    Route("PUT", f"{_CHANNEL}/thread-members/@me", _join),
    Route("DELETE", f"{_CHANNEL}/thread-members/@me", _leave_thread),
    Route("PUT", f"{_CHANNEL}/thread-members/{{user_id}}", _add_to_thread),
    Route("GET", f"{_CHANNEL}/thread-members", _thread_members),
    Route("GET", _GUILD, _get_guild),
    Route("GET", f"{_GUILD}/channels", _guild_channels),
    Route("GET", f"{_GUILD}/roles", _guild_roles),
    Route("GET", f"{_GUILD}/threads/active", _threads),
    Route("GET", f"{_GUILD}/members", _members),
    Route("GET", f"{_GUILD}/members/{{user_id}}", _member),
    Route("DELETE", f"{_GUILD}/members/{{user_id}}", _kick),
    Route("GET", "/users/@me", _me),
    Route("GET", "/users/@me/guilds", _my_guilds),
    Route("DELETE", "/users/@me/guilds/{guild_id}", _leave_guild),
    Route("POST", "/users/@me/channels", _open_direct),
    Route("GET", "/users/{user_id}", _user),
    Route("GET", "/applications/@me", _application),
    Route("GET", "/oauth2/applications/@me", _application),
    Route("GET", "/gateway", _gateway, bot=False),
    Route("GET", "/gateway/bot", _gateway_bot),
)
