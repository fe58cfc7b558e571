"""The routes of messages and reactions."""

from __future__ import annotations

import re
from datetime import timedelta
from itertools import islice
from urllib.parse import unquote

import regex

from tests.support.discord import message_shapes, messages, shapes
from tests.support.discord.asking import Asked, Reply, Route, ok
from tests.support.discord.intents import Intent
from tests.support.discord.permissions import Permission, in_channel
from tests.support.discord.records import (
    ChannelKind,
    Json,
    Message,
    User,
)
from tests.support.discord.refusals import (
    CANNOT_IN_DIRECT,
    CANNOT_SEND_TO_USER,
    MISSING_PERMISSIONS,
    NOT_THE_AUTHOR,
    THREAD_ARCHIVED,
    UNKNOWN_EMOJI,
    UNKNOWN_USER,
    Refusal,
    invalid,
    problem,
)
from tests.support.discord.world import Event

_NONCE_KEPT = timedelta(minutes=5)
_CUSTOM = re.compile(r"\w{2,32}:\d+")
_EMOJI = regex.compile(
    r"(?=.*(\p{Extended_Pictographic}|\p{RI}|\u20e3))[\p{Emoji}\p{Emoji_Component}\ufe0f\u200d\u20e3]+"
)
_BULK = range(2, 101)


def _create(asked: Asked) -> Reply:
    body = asked.body or {}
    channel = asked.channel(Permission.SEND_MESSAGES)
    held = in_channel(channel, asked.me.id)
    if channel.locked or (channel.archived and Permission.MANAGE_THREADS not in held):
        raise Refusal(THREAD_ARCHIVED)
    if channel.kind is ChannelKind.DIRECT:
        _reachable(asked, channel.recipients)
    if (asked.files or body.get("attachments")) and Permission.ATTACH_FILES not in held:
        raise Refusal(MISSING_PERMISSIONS)
    if body.get("embeds") and Permission.EMBED_LINKS not in held:
        raise Refusal(MISSING_PERMISSIONS)
    repeated = _same_nonce(asked)
    if repeated is not None:
        return ok(message_shapes.message(repeated, asked.application))
    answers = _answered(asked, body)
    if answers is not None and Permission.READ_MESSAGE_HISTORY not in held:
        raise Refusal(MISSING_PERMISSIONS)
    message = messages.post(channel, asked.me, asked.draft, answers=answers)
    channel.archived = False
    return ok(message_shapes.message(message, asked.application))


def _reachable(asked: Asked, recipients: list[str]) -> None:
    """Refuse a direct message to who shares no guild with the bot, or wants none."""
    for user_id in recipients:
        shared = [
            guild
            for guild in asked.world.guilds.values()
            if {user_id, asked.me.id} <= guild.members.keys()
        ]
        if user_id != asked.me.id and not (shared and asked.world.users[user_id].reachable):
            raise Refusal(CANNOT_SEND_TO_USER)


def _same_nonce(asked: Asked) -> Message | None:
    body = asked.body or {}
    nonce = body.get("nonce")
    if nonce is None or not body.get("enforce_nonce"):
        return None
    earliest = asked.world.clock.now() - _NONCE_KEPT
    for message in asked.channel().messages.values():
        same = str(message.nonce) == str(nonce) and message.author is asked.me
        if same and message.created > earliest:
            return message
    return None


def _answered(asked: Asked, body: Json) -> Message | None:
    reference = body.get("message_reference")
    if not reference:
        return None
    message = asked.channel().messages.get(str(reference["message_id"]))
    if message is None or message.reader is not None:
        if reference.get("fail_if_not_exists", True) is False:
            return None
        raise invalid(
            problem(("message_reference",), "Unknown message", "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
        )
    return message


def _list(asked: Asked) -> Reply:
    channel = asked.channel()
    if Permission.READ_MESSAGE_HISTORY not in in_channel(channel, asked.me.id):
        return ok([])
    found = [one for one in channel.messages.values() if one.reader is None]
    limit = int(asked.query.get("limit", "50"))
    after, before = asked.query.get("after"), asked.query.get("before")
    if "around" in asked.query:
        middle, half = int(asked.query["around"]), limit // 2
        older = [one for one in found if int(one.id) <= middle][-half - 1 :]
        found = older + [one for one in found if int(one.id) > middle][:half]
    elif after is not None:
        found = [one for one in found if int(one.id) > int(after)][:limit]
    elif before is not None:
        found = [one for one in found if int(one.id) < int(before)]
    newest = islice(reversed(found), limit)
    return ok([message_shapes.message(one, asked.application) for one in newest])


def _get(asked: Asked) -> Reply:
    message = asked.message(Permission.READ_MESSAGE_HISTORY)
    return ok(message_shapes.message(message, asked.application))


def _edit(asked: Asked) -> Reply:
    message = asked.message()
    if message.author is not asked.me:
        if set(asked.body or {}) - {"flags"}:
            raise Refusal(NOT_THE_AUTHOR)
        asked.message(Permission.MANAGE_MESSAGES)
    messages.edit(message, asked.draft)
    return ok(message_shapes.message(message, asked.application))


def _delete(asked: Asked) -> Reply:
    message = asked.message()
    if message.author is not asked.me:
        if message.channel.guild is None:
            raise Refusal(CANNOT_IN_DIRECT)
        asked.message(Permission.MANAGE_MESSAGES)
    messages.delete(message)
    return Reply()


def _bulk_delete(asked: Asked) -> Reply:
    channel = asked.channel(Permission.MANAGE_MESSAGES)
    ids = asked.body["messages"]
    if len(ids) not in _BULK:
        raise invalid(problem(("messages",), "Must be between 2 and 100 in length."))
    for message_id in ids:
        if message_id in channel.messages:
            messages.delete(channel.messages[message_id])
    return Reply()


def _emoji(asked: Asked) -> str:
    name = unquote(asked.path["emoji_name"])
    if _CUSTOM.fullmatch(name):
        # There are no custom emoji but those that people brought along.
        if name not in asked.message().reactions:
            raise Refusal(UNKNOWN_EMOJI)
    elif not _EMOJI.fullmatch(name):
        raise Refusal(UNKNOWN_EMOJI, violation=True)
    return name


def _react(asked: Asked) -> Reply:
    message, emoji = asked.message(Permission.READ_MESSAGE_HISTORY), _emoji(asked)
    if emoji not in message.reactions:
        asked.message(Permission.ADD_REACTIONS)
    messages.react(message, asked.me, emoji)
    return Reply()


def _unreact(asked: Asked) -> Reply:
    message, emoji = asked.message(), _emoji(asked)
    messages.unreact(message, asked.me, emoji)
    return Reply()


def _unreact_other(asked: Asked) -> Reply:
    message, emoji = asked.message(Permission.MANAGE_MESSAGES), _emoji(asked)
    who = asked.world.users.get(asked.path["user_id"])
    if who is None:
        raise Refusal(UNKNOWN_USER)
    messages.unreact(message, who, emoji)
    return Reply()


def _clear(asked: Asked) -> Reply:
    messages.clear(asked.message(Permission.MANAGE_MESSAGES))
    return Reply()


def _clear_one(asked: Asked) -> Reply:
    messages.clear(asked.message(Permission.MANAGE_MESSAGES), _emoji(asked))
    return Reply()


def _reactors(asked: Asked) -> Reply:
    message = asked.message(Permission.READ_MESSAGE_HISTORY)
    after, limit = int(asked.query.get("after", "0")), int(asked.query.get("limit", "25"))
    users: list[User] = message.reactions.get(_emoji(asked), [])
    found = sorted((one for one in users if int(one.id) > after), key=lambda one: int(one.id))
    return ok([shapes.user(one) for one in found[:limit]])


def _typing(asked: Asked) -> Reply:
    channel = asked.channel(Permission.SEND_MESSAGES)
    data: Json = {
        "channel_id": channel.id,
        "user_id": asked.me.id,
        "timestamp": int(asked.world.clock.now().timestamp()),
    }
    intent = Intent.DIRECT_MESSAGE_TYPING
    if channel.guild is not None:
        intent = Intent.GUILD_MESSAGE_TYPING
        member = channel.guild.members[asked.me.id]
        data |= {"guild_id": channel.guild.id, "member": shapes.full_member(member)}
    asked.world.tell(Event("TYPING_START", lambda _: data, intent, channel.guild, channel))
    return Reply()


def _pin(asked: Asked) -> Reply:
    asked.message(Permission.PIN_MESSAGES).pinned = True
    return Reply()


def _unpin(asked: Asked) -> Reply:
    asked.message(Permission.PIN_MESSAGES).pinned = False
    return Reply()


def _pins(asked: Asked) -> Reply:
    pinned = [one for one in asked.channel().messages.values() if one.pinned]
    items = [
        {
            "pinned_at": shapes.time(one.created),
            "message": message_shapes.message(one, asked.application),
        }
        for one in pinned
    ]
    return ok({"items": items, "has_more": False})


_MESSAGES = "/channels/{channel_id}/messages"
_ONE = f"{_MESSAGES}/{{message_id}}"
_EMOJIS = f"{_ONE}/reactions/{{emoji_name}}"

ROUTES = (
    Route("GET", _MESSAGES, _list),
    Route("POST", _MESSAGES, _create),
    Route("POST", f"{_MESSAGES}/bulk-delete", _bulk_delete),
    Route("GET", f"{_MESSAGES}/pins", _pins),
    Route("PUT", f"{_MESSAGES}/pins/{{message_id}}", _pin),
    Route("DELETE", f"{_MESSAGES}/pins/{{message_id}}", _unpin),
    Route("GET", _ONE, _get),
    Route("PATCH", _ONE, _edit),
    Route("DELETE", _ONE, _delete),
    Route("DELETE", f"{_ONE}/reactions", _clear),
    Route("PUT", f"{_EMOJIS}/@me", _react),
    Route("DELETE", f"{_EMOJIS}/@me", _unreact),
    Route("DELETE", f"{_EMOJIS}/{{user_id}}", _unreact_other),
    Route("GET", _EMOJIS, _reactors),
    Route("DELETE", _EMOJIS, _clear_one),
    Route("POST", "/channels/{channel_id}/typing", _typing),
)
