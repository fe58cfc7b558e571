"""Discord's servers, channels, threads and people, in the core's words.

A person has one id on all of Discord, so a member belongs to no server: whoever is known from one
is known in direct messages and in every other.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

import discord
from discord.abc import User

from adapters.discord.errors import told
from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.platform import PlaceClosed

NAME: Final = "discord"

_OPEN: Final = frozenset({"COMMUNITY", "DISCOVERABLE", "PREVIEW_ENABLED", "VANITY_URL"})
"""Features of servers that strangers enter by themselves."""

Channel: TypeAlias = Any
"""Any channel of discord.py's, even one of which only the id is known."""


def direct_place(channel_id: int) -> Place:
    """Return the place of a direct conversation."""
    return Place(NAME, "", str(channel_id), direct=True)


def guild_place(guild_id: int) -> Place:
    """Return the place that is a whole server."""
    return Place(NAME, str(guild_id), "")


def place_of(channel: Channel, guild: discord.Guild | None, guild_id: int | None) -> Place:
    """Return the place that a channel or thread is.

    Args:
        guild: What is known of its server.
        guild_id: Its server; None for a direct conversation.
    """
    if guild_id is None:
        return direct_place(channel.id)
    parent_id = getattr(channel, "parent_id", None)
    if not isinstance(channel, discord.Thread) or parent_id is None:
        return Place(NAME, str(guild_id), str(channel.id), shared=is_shared(channel, guild))
    parent = guild.get_channel(parent_id) if guild is not None else None
    return Place(
        NAME, str(guild_id), str(parent_id), str(channel.id), shared=is_shared(parent, guild)
    )


def is_shared(channel: Channel | None, guild: discord.Guild | None) -> bool:
    """Whether people outside the organisation may read a channel.

    That is so where everybody of a server reads it that strangers enter by themselves; where other
    servers can follow it; and where the bot cannot tell.
    """
    if guild is None or guild.unavailable or not isinstance(channel, discord.abc.GuildChannel):
        return True
    if channel.type is discord.ChannelType.news:
        return True
    everybody = channel.permissions_for(guild.default_role)
    return everybody.view_channel and not _OPEN.isdisjoint(guild.features)


def may_speak(channel: discord.abc.GuildChannel) -> bool:
    """Whether the bot sees a channel and may write in it."""
    may = channel.permissions_for(channel.guild.me)
    return may.view_channel and may.send_messages


def api_channel(place: Place) -> int:
    """Return the id of what a message is sent to."""
    return int(place.thread or place.channel)


def ref_of(place: Place, message_id: int) -> MessageRef:
    """Return a message that stands in a place."""
    return MessageRef(place, str(message_id))


def member_of(user: User | discord.Object, language: str = "") -> Member:
    """Return the member that a user is."""
    name = user.display_name if isinstance(user, User) else ""
    return Member(NAME, "", str(user.id), name, language)


async def place_at(client: discord.Client, channel_id: int, guild_id: int | None) -> Place | None:
    """Return the place of an id, asking Discord where it is not known; None where it has none.

    Raises:
        PlatformUnavailable: Discord does not answer.
    """
    if guild_id is None:
        return direct_place(channel_id)
    guild = client.get_guild(guild_id)
    channel: Channel = guild.get_channel_or_thread(channel_id) if guild is not None else None
    if channel is None:
        try:
            async with told():
                channel = await client.fetch_channel(channel_id)
        except (PlaceClosed, discord.DiscordException):
            return None
    return place_of(channel, guild, guild_id)
