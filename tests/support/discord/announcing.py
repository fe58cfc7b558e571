"""What the gateway says when a guild, a channel, a role or a member changes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.discord import shapes
from tests.support.discord.intents import ALWAYS, Intent
from tests.support.discord.records import Json, Member, Role, User
from tests.support.discord.world import Event

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.places import Channel, Guild


def guild_here(guild: Guild, application: Application) -> None:
    """Tell a bot that it joined a guild, or that one is available again."""
    guild.world.tell(guild_event(guild, application))


def guild_event(guild: Guild, application: Application) -> Event:
    """Return the event that brings a guild to a bot."""
    both = Intent.GUILD_MEMBERS | Intent.GUILD_PRESENCES
    everybody = both in application.privileged
    return Event(
        "GUILD_CREATE",
        lambda app: shapes.created_guild(guild, app, everybody=everybody),
        Intent.GUILDS,
        guild,
        only=application,
    )


def guild_out(guild: Guild) -> None:
    """Tell bots that a guild has trouble."""
    data: Json = {"id": guild.id, "unavailable": True}
    guild.world.tell(Event("GUILD_DELETE", lambda _: data, Intent.GUILDS, guild))


def guild_back(guild: Guild) -> None:
    """Tell bots that its trouble is over."""
    for application in _bots_of(guild):
        guild_here(guild, application)


def channel_made(channel: Channel) -> None:
    """Tell of a new channel."""
    _about_channel("CHANNEL_CREATE", channel)


def channel_changed(channel: Channel) -> None:
    """Tell of a channel that is other than it was, even to who just lost sight of it."""
    name = "THREAD_UPDATE" if channel.is_thread else "CHANNEL_UPDATE"
    channel.world.tell(
        Event(name, lambda app: shapes.channel(channel, app.bot), Intent.GUILDS, channel.guild)
    )


def channel_gone(channel: Channel) -> None:
    """Tell of a channel that is being removed; of its threads nothing is said."""
    if not channel.is_thread:
        _about_channel("CHANNEL_DELETE", channel)
        return
    assert channel.guild is not None
    assert channel.parent is not None
    data: Json = {
        "id": channel.id,
        "type": int(channel.kind),
        "guild_id": channel.guild.id,
        "parent_id": channel.parent.id,
    }
    channel.world.tell(
        Event("THREAD_DELETE", lambda _: data, Intent.GUILDS, channel.guild, channel)
    )


def thread_made(thread: Channel) -> None:
    """Tell of a new thread."""
    thread.world.tell(
        Event(
            "THREAD_CREATE",
            lambda app: shapes.channel(thread, app.bot) | {"newly_created": True},
            Intent.GUILDS,
            thread.guild,
            thread,
        )
    )


def thread_joined(thread: Channel, who: User) -> None:
    """Tell of somebody who joined a thread or was added to it."""
    guild = thread.guild
    assert guild is not None
    application = thread.world.applications.get(who.id)
    if application is not None:
        thread.world.tell(
            Event(
                "THREAD_CREATE",
                lambda app: shapes.channel(thread, app.bot),
                Intent.GUILDS,
                guild,
                only=application,
            )
        )
    data: Json = {
        "id": thread.id,
        "guild_id": guild.id,
        "member_count": len(thread.joined),
        "added_members": [
            shapes.thread_member(thread, who.id)
            | {"member": shapes.full_member(guild.members[who.id]), "presence": None}
        ],
    }
    thread.world.tell(
        Event("THREAD_MEMBERS_UPDATE", lambda _: data, Intent.GUILD_MEMBERS, guild, thread)
    )


def role_made(guild: Guild, role: Role) -> None:
    """Tell of a new role."""
    _about_role("GUILD_ROLE_CREATE", guild, role)


def role_changed(guild: Guild, role: Role) -> None:
    """Tell of a role that is other than it was."""
    _about_role("GUILD_ROLE_UPDATE", guild, role)


def member_here(member: Member) -> None:
    """Tell of somebody who joined."""
    guild = member.guild
    data = shapes.full_member(member) | {"guild_id": guild.id}
    guild.world.tell(Event("GUILD_MEMBER_ADD", lambda _: data, Intent.GUILD_MEMBERS, guild))


def member_changed(member: Member) -> None:
    """Tell of a member who is other than before; bots hear of themselves without any intent."""
    guild = member.guild
    data = shapes.full_member(member) | {"guild_id": guild.id}
    for application in _bots_of(guild):
        own = application.bot is member.user
        guild.world.tell(
            Event(
                "GUILD_MEMBER_UPDATE",
                lambda _: data,
                ALWAYS if own else Intent.GUILD_MEMBERS,
                guild,
                only=application,
            )
        )


def member_gone(member: Member) -> None:
    """Tell of somebody who is no member any more; a bot loses the whole guild."""
    guild, who = member.guild, member.user
    application = guild.world.applications.get(who.id)
    if application is not None:
        lost: Json = {"id": guild.id}
        guild.world.tell(Event("GUILD_DELETE", lambda _: lost, Intent.GUILDS, only=application))
    left: Json = {"guild_id": guild.id, "user": shapes.user(who)}
    guild.world.tell(Event("GUILD_MEMBER_REMOVE", lambda _: left, Intent.GUILD_MEMBERS, guild))


def _about_channel(name: str, channel: Channel) -> None:
    channel.world.tell(
        Event(
            name,
            lambda app: shapes.channel(channel, app.bot),
            Intent.GUILDS,
            channel.guild,
            channel,
        )
    )


def _about_role(name: str, guild: Guild, role: Role) -> None:
    data: Json = {"guild_id": guild.id, "role": shapes.role(role)}
    guild.world.tell(Event(name, lambda _: data, Intent.GUILDS, guild))


def _bots_of(guild: Guild) -> list[Application]:
    return [app for app in guild.world.applications.values() if app.bot.id in guild.members]
