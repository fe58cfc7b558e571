"""What an app says, by whatever way: checked as Slack checks it, and made into a message."""

from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING

from tests.support.slack.apps import Bot
from tests.support.slack.records import Json, Message
from tests.support.slack.validation import check_blocks
from tests.support.slack.validation.blocks import TOO_LONG, interactive, length
from tests.support.slack.validation.rules import anything, shape, string

if TYPE_CHECKING:
    from tests.support.slack.places import Channel
    from tests.support.slack.world import World

LONGEST_TEXT = 40_000
LONGEST_UPDATE = 4_000
LONGEST_METADATA = 16_000


class Unacceptable(Exception):
    """Slack does not take this as a message."""

    def __init__(self, error: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.problems = problems

    def details(self) -> Json:
        """Return what stands in the answer beside the error."""
        if not self.problems:
            return {}
        messages = [f"[ERROR] {problem}" for problem in self.problems]
        return {"errors": list(self.problems), "response_metadata": {"messages": messages}}


def content(world: World, given: Json, *, origin: str, longest: int = LONGEST_TEXT) -> Json:
    """Return the text, blocks, attachments and metadata that were given, if Slack takes them.

    Raises:
        Unacceptable: It does not; the violation was recorded.
    """
    told: Json = {}
    try:
        if given.get("text") is not None:
            told["text"] = _text(str(given["text"]), longest)
        if given.get("blocks") is not None:
            told["blocks"] = _blocks(given["blocks"])
        if given.get("attachments") is not None:
            told["attachments"] = _attachments(given["attachments"])
        if given.get("metadata"):
            told["metadata"] = _metadata(given["metadata"])
    except Unacceptable as refused:
        world.accuse("blocks", f"{origin}: {refused.error} {'; '.join(refused.problems)}")
        raise
    return told


def say(
    world: World, bot: Bot, channel: Channel, given: Json, *, origin: str, thread_ts: str = ""
) -> Message:
    """Make a message of what a bot says; it does not stand anywhere yet.

    Raises:
        Unacceptable: Slack does not take it, or there is nothing in it.
    """
    told = content(world, given, origin=origin)
    if not (told.get("text") or told.get("blocks") or told.get("attachments")):
        world.accuse("blocks", f"{origin}: no_text")
        raise Unacceptable("no_text")
    parent = channel.find(thread_ts) if thread_ts else None
    return Message(
        ts=world.names.timestamp(),
        channel_id=channel.id,
        user=bot.user_id,
        bot_id=bot.bot_id,
        app_id=bot.app.id,
        thread_ts=parent.root if parent else "",
        mrkdwn=str(given.get("mrkdwn", True)).lower() not in ("0", "false"),
        **told,
    )


def named(blocks: list[Json]) -> list[Json]:
    """Return the blocks with the ids that Slack gives where the app gave none."""
    for block in blocks:
        block.setdefault("block_id", secrets.token_urlsafe(4))
    for _, element in interactive(blocks):
        element.setdefault("action_id", secrets.token_urlsafe(4))
    return blocks


def _text(text: str, longest: int) -> str:
    if len(text) > longest:
        raise Unacceptable("msg_too_long")
    return text


def _blocks(blocks: object) -> list[Json]:
    if not isinstance(blocks, list):
        raise Unacceptable("invalid_blocks_format")
    problems = check_blocks(blocks)
    if problems:
        raise Unacceptable("invalid_blocks", tuple(problems))
    if length(blocks) > TOO_LONG:
        raise Unacceptable("msg_blocks_too_long")
    return named(blocks)


def _attachments(attachments: object) -> list[Json]:
    if not isinstance(attachments, list) or len(attachments) > 100:
        raise Unacceptable("invalid_attachments")
    for attachment in attachments:
        inner = attachment.get("blocks", [])
        if check_blocks(inner) or len(inner) > 20:
            raise Unacceptable("invalid_attachments")
    return attachments


def _metadata(metadata: object) -> Json:
    report: list[str] = []
    shape({"event_type": string(255), "event_payload": anything})(metadata, "/metadata", report)
    if report or not isinstance(metadata, dict):
        raise Unacceptable("invalid_metadata_format", tuple(report))
    if len(json.dumps(metadata)) > LONGEST_METADATA:
        raise Unacceptable("metadata_too_large")
    return metadata
