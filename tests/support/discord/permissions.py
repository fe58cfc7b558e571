"""What Discord lets whom do, where: its permission bits and how they add up."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.support.discord.places import Channel
    from tests.support.discord.records import Member


class Permission(IntFlag):
    """The permissions that the double knows."""

    KICK_MEMBERS = 1 << 1
    BAN_MEMBERS = 1 << 2
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_AUDIT_LOG = 1 << 7
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    SEND_TTS_MESSAGES = 1 << 12
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    USE_EXTERNAL_EMOJIS = 1 << 18
    CHANGE_NICKNAME = 1 << 26
    MANAGE_NICKNAMES = 1 << 27
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38
    MODERATE_MEMBERS = 1 << 40
    PIN_MESSAGES = 1 << 51


NOTHING = Permission(0)
EVERYTHING = ~NOTHING
EVERYONE = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.CHANGE_NICKNAME
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.CREATE_PUBLIC_THREADS
    | Permission.CREATE_PRIVATE_THREADS
    | Permission.SEND_MESSAGES_IN_THREADS
)
"""What a new server gives to everyone."""

_IN_DIRECT_MESSAGES = (
    Permission.ADD_REACTIONS
    | Permission.VIEW_CHANNEL
    | Permission.SEND_MESSAGES
    | Permission.EMBED_LINKS
    | Permission.ATTACH_FILES
    | Permission.READ_MESSAGE_HISTORY
    | Permission.USE_EXTERNAL_EMOJIS
    | Permission.USE_APPLICATION_COMMANDS
    | Permission.PIN_MESSAGES
)


def named(names: tuple[str, ...]) -> Permission:
    """Return the permissions of these names."""
    found = NOTHING
    for name in names:
        found |= Permission[name]
    return found


def in_guild(member: Member) -> Permission:
    """Return what a member may do where no channel says otherwise."""
    guild = member.guild
    if guild.owner is member.user:
        return EVERYTHING
    held = guild.everyone.permissions
    for role in member.roles:
        held |= role.permissions
    return EVERYTHING if Permission.ADMINISTRATOR in held else held


def in_channel(channel: Channel, user_id: str) -> Permission:
    """Return what a user may do in a channel; nothing where they are no member."""
    if channel.guild is None:
        return _IN_DIRECT_MESSAGES if user_id in channel.recipients else NOTHING
    member = channel.guild.members.get(user_id)
    if member is None:
        return NOTHING
    held = in_guild(member)
    if Permission.ADMINISTRATOR in held:
        return held
    held = _overwritten(channel.parent or channel, member, held)
    if channel.is_thread:
        held = _inside_thread(channel, user_id, held)
    if Permission.VIEW_CHANNEL not in held:
        return NOTHING
    if Permission.SEND_MESSAGES not in held:
        held &= ~(
            Permission.MENTION_EVERYONE
            | Permission.SEND_TTS_MESSAGES
            | Permission.ATTACH_FILES
            | Permission.EMBED_LINKS
        )
    return held


def _overwritten(channel: Channel, member: Member, held: Permission) -> Permission:
    overwrites = channel.overwrites
    everyone = overwrites.get(member.guild.everyone.id)
    if everyone is not None:
        held = held & ~everyone.deny | everyone.allow
    allow, deny = NOTHING, NOTHING
    for role in member.roles:
        if role.id in overwrites:
            allow |= overwrites[role.id].allow
            deny |= overwrites[role.id].deny
    held = held & ~deny | allow
    own = overwrites.get(member.user.id)
    return held if own is None else held & ~own.deny | own.allow


def _inside_thread(thread: Channel, user_id: str, held: Permission) -> Permission:
    private = thread.kind is thread.kind.PRIVATE_THREAD
    if private and user_id not in thread.joined and Permission.MANAGE_THREADS not in held:
        return NOTHING
    held &= ~Permission.SEND_MESSAGES
    if Permission.SEND_MESSAGES_IN_THREADS in held:
        held |= Permission.SEND_MESSAGES
    return held
