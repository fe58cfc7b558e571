"""One request to the API, as its handler gets it, and the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.support.discord.drafts import Draft, Upload
from tests.support.discord.permissions import Permission, in_channel
from tests.support.discord.records import Member, Message, User
from tests.support.discord.refusals import (
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    UNAUTHORIZED,
    UNAVAILABLE,
    UNKNOWN_CHANNEL,
    UNKNOWN_GUILD,
    UNKNOWN_MESSAGE,
    Refusal,
)

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.places import Channel, Guild
    from tests.support.discord.world import World


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, already well formed.

    Args:
        path: The values in the path, by name.
    """

    world: World
    method: str
    template: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: Any
    files: Mapping[int, Upload]
    caller: Application | None

    @property
    def application(self) -> Application:
        """Who asks."""
        if self.caller is None:
            raise Refusal(UNAUTHORIZED)
        return self.caller

    @property
    def me(self) -> User:
        """The bot that asks."""
        return self.application.bot

    @property
    def draft(self) -> Draft:
        """The body, as that of a message."""
        return Draft(self.body or {}, self.files)

    def channel(self, *needed: Permission) -> Channel:
        """Return the channel of the path, where the bot may do this."""
        channel = self.world.channels.get(self.path["channel_id"])
        if channel is None:
            raise Refusal(UNKNOWN_CHANNEL)
        if channel.guild is not None and channel.guild.unavailable:
            raise Refusal(UNAVAILABLE)
        held = in_channel(channel, self.me.id)
        if Permission.VIEW_CHANNEL not in held:
            raise Refusal(MISSING_ACCESS)
        if any(each not in held for each in needed):
            raise Refusal(MISSING_PERMISSIONS)
        return channel

    def message(self, *needed: Permission) -> Message:
        """Return the message of the path, where the bot may do this in its channel."""
        message = self.channel(*needed).messages.get(self.path["message_id"])
        if message is None or message.reader is not None:
            raise Refusal(UNKNOWN_MESSAGE)
        return message

    def guild(self) -> Guild:
        """Return the guild of the path, of which the bot is a member."""
        guild = self.world.guilds.get(self.path["guild_id"])
        if guild is None or self.me.id not in guild.members:
            raise Refusal(UNKNOWN_GUILD)
        if guild.unavailable:
            raise Refusal(UNAVAILABLE)
        return guild

    def membership(self) -> Member:
        """Return the bot's own membership in the guild of the path."""
        return self.guild().members[self.me.id]


@dataclass(frozen=True, slots=True)
class Reply:
    """What is answered; without a body it is empty."""

    status: int = 204
    body: Any = None


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one path.

    Args:
        bot: Whether it needs the bot's token.
    """

    method: str
    template: str
    handle: Callable[[Asked], Reply]
    bot: bool = True


def ok(body: Any) -> Reply:  # noqa: ANN401 - any JSON
    """Return a body."""
    return Reply(200, body)
