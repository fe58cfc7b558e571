"""What the bot needs to be allowed on a server, by the names that Discord shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlencode

import discord

from chatops.language import Text, _

NEEDED: Final[Mapping[str, Text]] = {
    "view_channel": _("View Channels"),
    "send_messages": _("Send Messages"),
    "send_messages_in_threads": _("Send Messages in Threads"),
    "embed_links": _("Embed Links"),
    "attach_files": _("Attach Files"),
    "add_reactions": _("Add Reactions"),
    "read_message_history": _("Read Message History"),
}
"""Without one of these something does not work."""

WANTED: Final[Mapping[str, Text]] = {"manage_messages": _("Manage Messages")}
"""Without these the bot cannot take passwords and archives out of sight."""

INVITATION: Final = "https://discord.com/oauth2/authorize"


def invitation(application_id: str) -> str:
    """Return the address at which somebody adds the bot to a server."""
    wanted = discord.Permissions(**dict.fromkeys((*NEEDED, *WANTED), True))
    query = {
        "client_id": application_id,
        "scope": "bot applications.commands",
        "permissions": str(wanted.value),
    }
    return f"{INVITATION}?{urlencode(query)}"


def lacking(held: int, of: Mapping[str, Text]) -> tuple[Text, ...]:
    """Return the names of permissions that somebody lacks."""
    granted = discord.Permissions(held)
    if granted.administrator:
        return ()
    return tuple(name for flag, name in of.items() if not getattr(granted, flag))


def held_on_guild(guild_id: str, roles: Sequence[Mapping[str, Any]], own: Iterable[str]) -> int:
    """Return what the roles of a server allow to who has some of them."""
    mine = {guild_id, *own}
    held = 0
    for role in roles:
        if role["id"] in mine:
            held |= int(role["permissions"])
    return held


def held_in_channel(
    base: int,
    guild_id: str,
    overwrites: Iterable[Mapping[str, Any]],
    own: Iterable[str],
    user_id: str,
) -> int:
    """Return what is allowed in a channel, in the order in which Discord applies exceptions."""
    if discord.Permissions(base).administrator:
        return base
    by_id = {each["id"]: (int(each["allow"]), int(each["deny"])) for each in overwrites}
    everybody = by_id.get(guild_id, (0, 0))
    roles = [by_id[each] for each in own if each in by_id]
    allowed = denied = 0
    for allow, deny in roles:
        allowed |= allow
        denied |= deny
    for allow, deny in (everybody, (allowed, denied), by_id.get(user_id, (0, 0))):
        base = base & ~deny | allow
    return base
