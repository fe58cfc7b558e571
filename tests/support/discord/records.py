"""What the double keeps: users, roles, members, messages and what hangs on them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING, Any

from tests.support.discord.permissions import Permission

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.interactions import Interaction
    from tests.support.discord.places import Channel, Guild

Json = dict[str, Any]
"""A JSON object."""


class ChannelKind(IntEnum):
    """Discord's channel types that the double has."""

    TEXT = 0
    DIRECT = 1
    PUBLIC_THREAD = 11
    PRIVATE_THREAD = 12


class MessageKind(IntEnum):
    """Discord's message types that the double makes."""

    DEFAULT = 0
    THREAD_CREATED = 18
    REPLY = 19
    CHAT_INPUT_COMMAND = 20


class MessageFlag(IntFlag):
    """Discord's message flags that the double knows."""

    SUPPRESS_EMBEDS = 1 << 2
    HAS_THREAD = 1 << 5
    EPHEMERAL = 1 << 6
    LOADING = 1 << 7
    SUPPRESS_NOTIFICATIONS = 1 << 12
    COMPONENTS_V2 = 1 << 15


@dataclass(eq=False, slots=True, repr=False)
class User:
    """A human or a bot.

    Args:
        reachable: Whether they take direct messages from bots.
    """

    id: str
    name: str
    bot: bool = False
    locale: str = "en-US"
    reachable: bool = True

    @property
    def username(self) -> str:
        """What the account is called, which is not what is shown."""
        return "".join(c for c in self.name.lower() if c.isascii() and c.isalnum()) or self.id


@dataclass(eq=False, slots=True, repr=False)
class Role:
    """A role of a guild."""

    id: str
    name: str
    permissions: Permission
    position: int
    managed: bool = False
    mentionable: bool = False


@dataclass(eq=False, slots=True, repr=False)
class Member:
    """A user in a guild."""

    guild: Guild
    user: User
    joined: datetime
    roles: list[Role] = field(default_factory=list)
    nick: str | None = None


@dataclass(frozen=True, slots=True)
class Overwrite:
    """What a channel allows and denies to one role or member."""

    allow: Permission
    deny: Permission
    member: bool


@dataclass(eq=False, slots=True, repr=False)
class Attachment:
    """A file on a message or given to an interaction."""

    id: str
    channel_id: str
    name: str
    content: bytes
    content_type: str
    description: str | None = None
    ephemeral: bool = False
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mentions:
    """Who is named in a message so that it pings them."""

    users: tuple[User, ...] = ()
    roles: tuple[Role, ...] = ()
    everyone: bool = False


@dataclass(eq=False, slots=True, repr=False)
class Message:
    """A message as it stands now.

    Args:
        reader: Who alone sees it; None where everybody in the channel does.
        interaction: What it answers.
        reactions: Who reacted, by emoji.
    """

    id: str
    channel: Channel
    author: User
    created: datetime
    kind: MessageKind = MessageKind.DEFAULT
    content: str = ""
    embeds: list[Json] = field(default_factory=list)
    components: list[Json] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)
    mentions: Mentions = Mentions()
    flags: MessageFlag = field(default_factory=lambda: MessageFlag(0))
    edited: datetime | None = None
    nonce: str | int | None = None
    answers: Message | None = None
    forgotten_answer: str | None = None
    reader: User | None = None
    application: Application | None = None
    interaction: Interaction | None = None
    reactions: dict[str, list[User]] = field(default_factory=dict)
    thread: Channel | None = None
    pinned: bool = False
