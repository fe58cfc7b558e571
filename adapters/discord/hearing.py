"""From what the library tells to the core's events."""

from __future__ import annotations

from typing import Final

import discord
from msgspec.structs import replace

from adapters.discord.places import (
    guild_place,
    member_of,
    place_of,
    ref_of,
)
from adapters.discord.voice import MESSAGE_EVENT
from chatops.conversation.addresses import MessageRef, Place
from chatops.conversation.events import (
    Attachment,
    CommandCalled,
    MemberLeft,
    MessagePosted,
    PlaceLost,
    ReactionChanged,
)
from chatops.conversation.hearing import heard
from chatops.conversation.usage import PREFIX

_SAID: Final = frozenset({discord.MessageType.default, discord.MessageType.reply})
"""Kinds of messages that somebody wrote; the others tell of something that happened."""


def message_event(
    message: discord.Message, bot: discord.ClientUser, language: str
) -> CommandCalled | MessagePosted | None:
    """Return what a member's message is; None where it is nobody's, or cannot be read.

    Args:
        language: The member's, where it is known.
    """
    author = message.author
    if author.bot or message.webhook_id is not None or message.type not in _SAID:
        return None
    if not message.content and not message.attachments:
        # Without the message content intent, what is not for the bot comes empty.
        return None
    guild = message.guild
    place = place_of(message.channel, guild, guild.id if guild is not None else None)
    return heard(
        f"{MESSAGE_EVENT}{message.id}",
        ref_of(place, message.id),
        member_of(author, language),
        message.content,
        tuple(Attachment(each.url, each.filename, each.size) for each in message.attachments),
        bot_names=_names(bot, guild),
        answers=_answered(message, place),
    )


def reaction_event(
    payload: discord.RawReactionActionEvent, place: Place, name: str, moment: str
) -> ReactionChanged:
    """Return a member's reaction.

    Args:
        name: The member's, where it is known.
        moment: Names this very telling: reactions have no ids.
    """
    user = payload.member or discord.Object(payload.user_id)
    member = member_of(user)
    if not member.name:
        member = replace(member, name=name)
    return ReactionChanged(
        f"r{moment}",
        ref_of(place, payload.message_id),
        member,
        payload.emoji.name or "",
        payload.event_type == "REACTION_ADD",
    )


def left_event(payload: discord.RawMemberRemoveEvent, moment: str) -> MemberLeft:
    """Return that a member left a server."""
    return MemberLeft(f"l{moment}", guild_place(payload.guild_id), member_of(payload.user))


def lost_guild(guild: discord.Guild, moment: str) -> PlaceLost:
    """Return that the bot is in a server no more."""
    return PlaceLost(f"g{moment}", guild_place(guild.id))


def lost_channel(channel: discord.abc.GuildChannel, moment: str) -> PlaceLost:
    """Return that a channel is no more, or closed to the bot."""
    return PlaceLost(f"c{moment}", place_of(channel, channel.guild, channel.guild.id))


def lost_thread(payload: discord.RawThreadDeleteEvent, moment: str) -> PlaceLost:
    """Return that a thread is no more."""
    parent = guild_place(payload.guild_id)
    place = replace(parent, channel=str(payload.parent_id), thread=str(payload.thread_id))
    return PlaceLost(f"c{moment}", place)


def _names(bot: discord.ClientUser, guild: discord.Guild | None) -> list[str]:
    """Return what calls the bot: its mentions, and that of the role that came with it."""
    names = [PREFIX[1:], f"<@{bot.id}>", f"<@!{bot.id}>"]
    role = guild.self_role if guild is not None and guild.me is not None else None
    return names if role is None else [*names, f"<@&{role.id}>"]


def _answered(message: discord.Message, place: Place) -> MessageRef | None:
    reference = message.reference
    if message.type is not discord.MessageType.reply or reference is None:
        return None
    return None if reference.message_id is None else ref_of(place, reference.message_id)
