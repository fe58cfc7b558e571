"""Answers to interactions: through a response URL, or with the acknowledgement of a command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.slack import conversing
from tests.support.slack.exchanges import RESPONSES, ResponseUrl
from tests.support.slack.records import Json, Message
from tests.support.slack.saying import Unacceptable, say

if TYPE_CHECKING:
    from tests.support.slack.world import World

_TAKES = frozenset(
    {
        "text",
        "blocks",
        "attachments",
        "response_type",
        "replace_original",
        "delete_original",
        "thread_ts",
        "metadata",
        "mrkdwn",
        "unfurl_links",
        "unfurl_media",
    }
)


def through_url(world: World, name: str, given: Json) -> str:
    """Take what was posted to a response URL; return the error's name, or nothing."""
    url = world.exchanges.urls.get(name)
    if url is None:
        world.accuse("response_url", "there is no such URL")
        return "expired_url"
    if world.clock.now() > url.expires:
        world.accuse("response_url", "it was given out more than 30 minutes ago")
        return "expired_url"
    if url.posts >= RESPONSES:
        world.accuse("response_url", f"it was used {RESPONSES} times already")
        return "used_url"
    url.posts += 1
    try:
        take(world, url, given, origin="response_url")
    except Unacceptable as refused:
        return refused.error
    return ""


def take(world: World, url: ResponseUrl, given: Json, *, origin: str) -> None:
    """Let an answer stand: beside what it answers, in its place, or remove that.

    Raises:
        Unacceptable: Slack does not take it; the violation was recorded.
    """
    for key in sorted(given.keys() - _TAKES):
        world.accuse("argument", f"{origin} takes no {key}")
    original = url.original
    if given.get("delete_original") and original is not None:
        _remove(world, url, original)
        return
    thread_ts = str(given.get("thread_ts") or "")
    message = say(world, url.bot, url.channel, given, origin=origin, thread_ts=thread_ts)
    if given.get("replace_original") and original is not None:
        _replace(world, url, original, message)
    elif given.get("response_type") == "in_channel":
        conversing.post(url.channel, message)
    else:
        message.only_for = url.user.id
        url.channel.ephemeral.append(message)


def _remove(world: World, url: ResponseUrl, original: Message) -> None:
    if original.only_for:
        original.deleted = True
    elif url.channel.find(original.ts) is not None:
        conversing.remove(url.channel, original, at=world.names.timestamp())


def _replace(world: World, url: ResponseUrl, original: Message, new: Message) -> None:
    changes = {"text": new.text, "blocks": new.blocks, "attachments": new.attachments}
    if original.only_for:
        for name, value in changes.items():
            setattr(original, name, value)
    elif url.channel.find(original.ts) is not None:
        conversing.edit(url.channel, original, changes, at=world.names.timestamp())
