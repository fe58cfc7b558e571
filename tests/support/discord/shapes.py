"""The JSON of users, members, roles, channels, guilds and applications."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tests.support.discord.intents import Intent
from tests.support.discord.permissions import in_channel, in_guild
from tests.support.discord.records import ChannelKind, Json, Member, Role, User

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.places import Channel, Guild

_CONTENT_LIMITED, _MEMBERS_LIMITED, _PRESENCE_LIMITED = 1 << 19, 1 << 15, 1 << 13


def time(moment: datetime) -> str:
    """Return a time as Discord writes it."""
    return moment.isoformat(timespec="microseconds")


def user(who: User) -> Json:
    """Return a user."""
    return {
        "id": who.id,
        "username": who.username,
        "global_name": None if who.bot else who.name,
        "discriminator": "0000" if who.bot else "0",
        "avatar": None,
        "bot": who.bot,
        "public_flags": 0,
        "flags": 0,
        "primary_guild": None,
    }


def own_user(who: User) -> Json:
    """Return the user that asks."""
    return user(who) | {"mfa_enabled": False, "locale": who.locale, "verified": True, "email": None}


def partial_member(member: Member) -> Json:
    """Return a member without the user, as messages carry it."""
    return {
        "roles": [role.id for role in member.roles],
        "nick": member.nick,
        "joined_at": time(member.joined),
        "avatar": None,
        "banner": None,
        "premium_since": None,
        "communication_disabled_until": None,
        "flags": 0,
        "pending": False,
        "mute": False,
        "deaf": False,
    }


def full_member(member: Member) -> Json:
    """Return a member with the user."""
    return partial_member(member) | {"user": user(member.user)}


def role(it: Role, bot_id: str | None = None) -> Json:
    """Return a role; a bot's own names the bot."""
    shape: Json = {
        "id": it.id,
        "name": it.name,
        "permissions": str(int(it.permissions)),
        "position": it.position,
        "color": 0,
        "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        "hoist": False,
        "managed": it.managed,
        "mentionable": it.mentionable,
        "icon": None,
        "unicode_emoji": None,
        "flags": 0,
    }
    return shape | {"tags": {"bot_id": bot_id}} if bot_id else shape


def roles(guild: Guild) -> list[Json]:
    """Return a guild's roles."""
    bots = {
        held.id: member.user.id
        for member in guild.members.values()
        if member.user.bot
        for held in member.roles
        if held.managed
    }
    return [role(it, bots.get(it.id)) for it in (guild.everyone, *guild.roles)]


def channel(it: Channel, viewer: User | None = None) -> Json:
    """Return a channel, as its kind shows it; a viewer sees what concerns them."""
    last = next(reversed(it.messages), None)
    shape: Json = {"id": it.id, "type": int(it.kind), "flags": 0, "last_message_id": last}
    if it.kind is ChannelKind.DIRECT:
        others = [one for one in it.recipients if viewer is None or one != viewer.id]
        return shape | {"recipients": [user(it.world.users[one]) for one in others]}
    assert it.guild is not None
    shape |= {"guild_id": it.guild.id, "name": it.name, "parent_id": None}
    return shape | (_thread(it, viewer) if it.is_thread else _text(it))


def with_permissions(it: Channel, viewer: User) -> Json:
    """Return a channel as interactions carry it, with what the viewer may do there."""
    return channel(it) | {"permissions": str(int(in_channel(it, viewer.id)))}


def _text(it: Channel) -> Json:
    return {
        "position": 0,
        "topic": it.topic,
        "nsfw": False,
        "rate_limit_per_user": 0,
        "permission_overwrites": [
            {
                "id": id_,
                "type": int(overwrite.member),
                "allow": str(int(overwrite.allow)),
                "deny": str(int(overwrite.deny)),
            }
            for id_, overwrite in it.overwrites.items()
        ],
    }


def _thread(it: Channel, viewer: User | None) -> Json:
    assert it.parent is not None
    assert it.owner is not None
    shape: Json = {
        "parent_id": it.parent.id,
        "owner_id": it.owner.id,
        "rate_limit_per_user": 0,
        "message_count": len(it.messages),
        "total_message_sent": len(it.messages),
        "member_count": len(it.joined),
        "thread_metadata": {
            "archived": it.archived,
            "archive_timestamp": time(it.created),
            "auto_archive_duration": it.auto_archive,
            "locked": it.locked,
            "create_timestamp": time(it.created),
        },
    }
    if viewer is not None and viewer.id in it.joined:
        shape["member"] = thread_member(it, viewer.id)
    return shape


def thread_member(thread: Channel, user_id: str) -> Json:
    """Return somebody's membership in a thread."""
    return {
        "id": thread.id,
        "user_id": user_id,
        "join_timestamp": time(thread.created),
        "flags": 0,
    }


def guild(it: Guild) -> Json:
    """Return a guild as HTTP shows it."""
    return {
        "id": it.id,
        "name": it.name,
        "owner_id": it.owner.id,
        "roles": roles(it),
        "emojis": [],
        "stickers": [],
        "features": [],
        "preferred_locale": it.locale,
        "region": "deprecated",
        "afk_channel_id": None,
        "afk_timeout": 300,
        "application_id": None,
        "banner": None,
        "default_message_notifications": 0,
        "description": None,
        "discovery_splash": None,
        "explicit_content_filter": 0,
        "home_header": None,
        "icon": None,
        "incidents_data": None,
        "max_members": 500_000,
        "max_presences": None,
        "max_stage_video_channel_users": 50,
        "max_video_channel_users": 25,
        "mfa_level": 0,
        "nsfw": False,
        "nsfw_level": 0,
        "premium_progress_bar_enabled": False,
        "premium_subscription_count": 0,
        "premium_tier": 0,
        "public_updates_channel_id": None,
        "rules_channel_id": None,
        "safety_alerts_channel_id": None,
        "splash": None,
        "system_channel_flags": 0,
        "system_channel_id": None,
        "vanity_url_code": None,
        "verification_level": 0,
        "widget_channel_id": None,
        "widget_enabled": False,
    }


def created_guild(it: Guild, application: Application, *, everybody: bool) -> Json:
    """Return a guild as GUILD_CREATE brings it; mostly with its own member only."""
    own = application.bot
    members = it.members.values() if everybody else [it.members[own.id]]
    return guild(it) | {
        "joined_at": time(it.members[own.id].joined),
        "large": False,
        "unavailable": False,
        "member_count": len(it.members),
        "voice_states": [],
        "members": [full_member(member) for member in members],
        "channels": [channel(one) for one in it.channels],
        "threads": [channel(one, own) for one in it.threads if in_channel(one, own.id)],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
    }


def listed_guild(it: Guild, who: User) -> Json:
    """Return a guild as the list of one's own guilds shows it."""
    return {
        "id": it.id,
        "name": it.name,
        "icon": None,
        "banner": None,
        "owner": it.owner is who,
        "permissions": str(int(in_guild(it.members[who.id]))),
        "features": [],
    }


def flags(application: Application) -> int:
    """Return an application's flags, which tell its privileged intents."""
    held = 0
    if Intent.MESSAGE_CONTENT in application.privileged:
        held |= _CONTENT_LIMITED
    if Intent.GUILD_MEMBERS in application.privileged:
        held |= _MEMBERS_LIMITED
    if Intent.GUILD_PRESENCES in application.privileged:
        held |= _PRESENCE_LIMITED
    return held


def application(it: Application, owner: User) -> Json:
    """Return an application, to itself."""
    return {
        "id": it.id,
        "name": it.name,
        "icon": None,
        "description": "",
        "type": None,
        "bot": user(it.bot),
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "00" * 32,
        "flags": flags(it),
        "flags_new": str(flags(it)),
        "redirect_uris": [],
        "interactions_endpoint_url": None,
        "role_connections_verification_url": None,
        "owner": user(owner),
        "approximate_guild_count": 1,
        "approximate_user_install_count": 0,
        "approximate_user_authorization_count": 0,
        "explicit_content_filter": 0,
        "team": None,
        "eligible_oauth2_scopes": [],
        "rpc_origins": [],
    }
