"""What one person sees: messages and views as the client shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.slack import describing
from tests.support.slack.mrkdwn import Reading, plain, read
from tests.support.slack.reading import labels, read_blocks, read_text
from tests.support.slack.records import Json, Message, View

if TYPE_CHECKING:
    from tests.support.slack.places import Channel, Team


@dataclass(frozen=True)
class Seen:
    """A message as a person sees it.

    Args:
        text: What is read, from the blocks where there are some.
        notification: What the phone shows and the screen reader says: the top-level text.
        formatted: What is set in bold, italic, struck out or code.
        pings: User ids, and `channel`, `here`, `everyone`.
        message: The message as the server keeps it.
        raw: The message as Slack writes it down.
    """

    ts: str
    channel: Channel
    author: str
    text: str
    notification: str
    buttons: tuple[str, ...]
    links: tuple[str, ...]
    formatted: tuple[str, ...]
    pings: frozenset[str]
    files: tuple[str, ...]
    reactions: Mapping[str, tuple[str, ...]]
    thread_ts: str
    edited: bool
    ephemeral: bool
    message: Message
    raw: Json


@dataclass(frozen=True)
class Sight:
    """A modal or a Home tab as its person sees it.

    Args:
        labels: What is asked, field by field.
        errors: The sentences under the fields, by block_id.
        banner: What stands above all when the app did not answer.
    """

    title: str
    text: str
    buttons: tuple[str, ...]
    labels: tuple[str, ...]
    errors: Mapping[str, str]
    banner: str
    view: View
    raw: Json


def see(channel: Channel, message: Message) -> Seen:
    """Show a message."""
    team = channel.team
    notification = _text(message, team)
    reading = notification
    if message.app_id and message.blocks:
        reading = read_blocks(message.blocks, team.named_user, team.named_channel)
    return Seen(
        ts=message.ts,
        channel=channel,
        author=team.named_user(message.user),
        text=reading.text,
        notification=notification.text,
        buttons=tuple(labels(message.blocks)),
        links=tuple(reading.links),
        formatted=tuple(reading.formatted),
        pings=frozenset(reading.pings | notification.pings),
        files=tuple(each.name for each in message.files if not each.deleted),
        reactions={name: tuple(users) for name, users in message.reactions.items()},
        thread_ts=message.thread_ts,
        edited=bool(message.edited),
        ephemeral=bool(message.only_for),
        message=message,
        raw=describing.message(message, channel, with_metadata=True),
    )


def behold(view: View, team: Team) -> Sight:
    """Show a view."""
    blocks = view.content["blocks"]
    title = view.content.get("title")
    return Sight(
        title=plain(title["text"]).text if title else "",
        text=read_blocks(blocks, team.named_user, team.named_channel).text,
        buttons=tuple(labels(blocks)),
        labels=tuple(
            read_text(block["label"], team.named_user, team.named_channel).text
            for block in blocks
            if block["type"] == "input"
        ),
        errors=dict(view.errors),
        banner=view.banner,
        view=view,
        raw=describing.view(view),
    )


def ping_of(message: Message) -> frozenset[str]:
    """Return whom a message pings, by its blocks or by its text."""
    blocks = read_blocks(message.blocks, str, str)
    text = read(message.text, str, str) if message.mrkdwn else plain(message.text)
    return frozenset(blocks.pings | text.pings)


def _text(message: Message, team: Team) -> Reading:
    if not message.mrkdwn:
        return plain(message.text)
    return read(message.text, team.named_user, team.named_channel)
