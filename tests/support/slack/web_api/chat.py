"""Messages: chat."""

from __future__ import annotations

from tests.support.slack import conversing, describing
from tests.support.slack.places import Channel
from tests.support.slack.records import Json, Message
from tests.support.slack.saying import LONGEST_UPDATE, Unacceptable, content, say
from tests.support.slack.web_api.asked import Asked, Refused, method

_WRITE = ("chat:write",)
_CONTENT = "channel text blocks attachments metadata parse link_names"


@method(
    "chat.postMessage",
    f"{_CONTENT} mrkdwn thread_ts reply_broadcast unfurl_links unfurl_media username icon_emoji",
    scopes=_WRITE,
)
def post_message(asked: Asked) -> Json:
    """Say something; to a person's id it goes to the direct conversation."""
    channel = asked.writable(_addressed(asked))
    thread_ts = asked.words("thread_ts")
    if thread_ts and channel.find(thread_ts) is None:
        raise Refused("thread_not_found")
    message = _said(asked, channel, thread_ts)
    message.broadcast = asked.flag("reply_broadcast")
    conversing.post(channel, message)
    return {
        "channel": channel.id,
        "ts": message.ts,
        "message": describing.message(message, channel, with_metadata=True),
    }


@method("chat.postEphemeral", f"{_CONTENT} user thread_ts username icon_emoji", scopes=_WRITE)
def post_ephemeral(asked: Asked) -> Json:
    """Say something that one person sees, until they reload."""
    channel = asked.writable(asked.channel())
    reader = asked.required("user")
    if reader not in channel.members:
        raise Refused("user_not_in_channel")
    message = _said(asked, channel, asked.words("thread_ts"))
    message.only_for = reader
    channel.ephemeral.append(message)
    return {"message_ts": message.ts}


@method("chat.update", f"{_CONTENT} ts file_ids reply_broadcast", scopes=_WRITE)
def update(asked: Asked) -> Json:
    """Change one of the bot's messages; what is not given stays as it was."""
    channel = asked.channel()
    message = asked.message(channel)
    if message.bot_id != asked.bot.bot_id:
        raise Refused("cant_update_message")
    if channel.archived:
        raise Refused("is_archived")
    if not any(asked.args.get(key) for key in ("text", "blocks", "attachments")):
        raise Refused("no_text")
    try:
        changes = content(asked.world, asked.args, origin="chat.update", longest=LONGEST_UPDATE)
    except Unacceptable as refused:
        raise Refused(refused.error, **refused.details()) from None
    if changes.get("blocks") and "text" not in changes:
        changes["text"] = ""
    conversing.edit(channel, message, changes, at=asked.world.names.timestamp())
    return {
        "channel": channel.id,
        "ts": message.ts,
        "text": message.text,
        "message": describing.message(message, channel, with_metadata=True),
    }


@method("chat.delete", "channel ts", scopes=_WRITE)
def delete(asked: Asked) -> Json:
    """Remove one of the bot's messages: those of others it cannot."""
    channel = asked.channel()
    message = asked.message(channel)
    if message.bot_id != asked.bot.bot_id:
        raise Refused("cant_delete_message")
    conversing.remove(channel, message, at=asked.world.names.timestamp())
    return {"channel": channel.id, "ts": message.ts}


@method("chat.getPermalink", "channel message_ts")
def permalink(asked: Asked) -> Json:
    """Return the address of a message."""
    channel = asked.channel()
    message = asked.message(channel, "message_ts")
    path = f"archives/{channel.id}/p{message.ts.replace('.', '')}"
    return {
        "channel": channel.id,
        "permalink": f"https://{asked.team.domain}.slack.com/{path}",
    }


def _addressed(asked: Asked) -> Channel:
    target = asked.required("channel", "channel_not_found")
    user = asked.team.users.get(target)
    if user is None:
        return asked.channel()
    if user.deleted or user.is_bot:
        raise Refused("user_not_found" if user.deleted else "cannot_dm_bot")
    return asked.team.direct(asked.bot, asked.world.person(asked.team, user))


def _said(asked: Asked, channel: Channel, thread_ts: str) -> Message:
    try:
        return say(
            asked.world,
            asked.bot,
            channel,
            asked.args,
            origin=asked.method,
            thread_ts=thread_ts,
        )
    except Unacceptable as refused:
        raise Refused(refused.error, **refused.details()) from None
