"""The JSON of messages, as one viewer gets it."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.support.discord import shapes
from tests.support.discord.intents import Intent
from tests.support.discord.records import Attachment, ChannelKind, Json, Message, MessageKind, User

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.interactions import Interaction
    from tests.support.discord.world import World

_GOOD_FOR = timedelta(hours=24)


def message(it: Message, viewer: Application | None = None, *, nested: bool = False) -> Json:
    """Return a message; what the viewing bot is not entitled to read is empty."""
    world = it.channel.world
    shape: Json = {
        "id": it.id,
        "channel_id": it.channel.id,
        "type": int(it.kind),
        "author": shapes.user(it.author),
        "content": it.content,
        "embeds": it.embeds,
        "components": it.components,
        "attachments": [attachment(world, one) for one in it.attachments],
        "mentions": [shapes.user(one) for one in it.mentions.users],
        "mention_roles": [one.id for one in it.mentions.roles],
        "mention_everyone": it.mentions.everyone,
        "timestamp": shapes.time(it.created),
        "edited_timestamp": shapes.time(it.edited) if it.edited else None,
        "flags": int(it.flags),
        "pinned": it.pinned,
        "tts": False,
    }
    if it.nonce is not None:
        shape["nonce"] = it.nonce
    if it.reactions:
        shape["reactions"] = [_reaction(it, emoji, viewer) for emoji in it.reactions]
    if it.thread is not None:
        shape["thread"] = shapes.channel(it.thread)
    _add_application(shape, it)
    _add_answered(shape, it, viewer, nested=nested)
    if viewer is not None and not _readable(it, viewer):
        shape |= {"content": "", "embeds": [], "components": [], "attachments": []}
    return shape


def dispatched(it: Message, viewer: Application) -> Json:
    """Return a message as the gateway brings it: with the guild and the author's membership."""
    shape = message(it, viewer)
    guild = it.channel.guild
    if guild is not None:
        shape["guild_id"] = guild.id
        member = guild.members.get(it.author.id)
        if member is not None:
            shape["member"] = shapes.partial_member(member)
    return shape


def attachment(world: World, it: Attachment) -> Json:
    """Return an attachment, with an address that is good for a day."""
    url = address(world, it)
    shape: Json = {
        "id": it.id,
        "filename": it.name,
        "size": len(it.content),
        "url": url,
        "proxy_url": url,
        "content_type": it.content_type,
    }
    if it.description is not None:
        shape["description"] = it.description
    return shape | {"ephemeral": True} if it.ephemeral else shape


def address(world: World, it: Attachment) -> str:
    """Return the signed address of an attachment."""
    expires = f"{int((world.clock.now() + _GOOD_FOR).timestamp()):x}"
    path = f"attachments/{it.channel_id}/{it.id}/{quote(it.name)}"
    return f"{world.address}/cdn/{path}?ex={expires}&is=0&hm={signature(it.id, expires)}&"


def signature(attachment_id: str, expires: str) -> str:
    """Return what makes an attachment's address valid."""
    return hashlib.sha256(f"{attachment_id} {expires}".encode()).hexdigest()


def emoji(name: str) -> Json:
    """Return an emoji: a custom one is `name:id`."""
    custom, _, id_ = name.partition(":")
    return {"id": id_ or None, "name": custom}


def metadata(it: Interaction) -> Json:
    """Return what a message tells of the interaction that made it."""
    shape: Json = {
        "id": it.id,
        "type": int(it.kind),
        "user": shapes.user(it.user),
        "authorizing_integration_owners": it.owners,
    }
    if it.kind is it.kind.COMPONENT:
        assert it.message is not None
        shape["interacted_message_id"] = it.message.id
    if it.kind is it.kind.MODAL:
        assert it.opened_by is not None
        shape["triggering_interaction_metadata"] = metadata(it.opened_by)
    return shape


def _readable(it: Message, viewer: Application) -> bool:
    if Intent.MESSAGE_CONTENT in viewer.privileged or it.channel.kind is ChannelKind.DIRECT:
        return True
    return it.author is viewer.bot or viewer.bot in it.mentions.users


def _reaction(it: Message, name: str, viewer: Application | None) -> Json:
    users = it.reactions[name]
    return {
        "emoji": emoji(name),
        "count": len(users),
        "count_details": {"burst": 0, "normal": len(users)},
        "burst_colors": [],
        "me_burst": False,
        "me": viewer is not None and viewer.bot in users,
    }


def _add_application(shape: Json, it: Message) -> None:
    if it.application is None:
        return
    shape["application_id"] = it.application.id
    if it.interaction is None:
        return
    shape["webhook_id"] = it.application.id
    shape["interaction_metadata"] = metadata(it.interaction)
    if it.interaction.kind is it.interaction.kind.COMMAND:
        shape["interaction"] = {
            "id": it.interaction.id,
            "type": int(it.interaction.kind),
            "name": it.interaction.words,
            "user": shapes.user(it.interaction.user),
        }


def _add_answered(shape: Json, it: Message, viewer: Application | None, *, nested: bool) -> None:
    answered = it.answers.id if it.answers else it.forgotten_answer
    if it.kind is not MessageKind.REPLY or answered is None:
        return
    reference: Json = {"type": 0, "channel_id": it.channel.id, "message_id": answered}
    if it.channel.guild is not None:
        reference["guild_id"] = it.channel.guild.id
    shape["message_reference"] = reference
    if not nested:
        shape["referenced_message"] = it.answers and message(it.answers, viewer, nested=True)


def reaction_event(it: Message, who: User, name: str, *, added: bool) -> Json:
    """Return what the gateway says of a reaction; it never names the message's author."""
    shape: Json = {
        "user_id": who.id,
        "channel_id": it.channel.id,
        "message_id": it.id,
        "emoji": emoji(name),
        "burst": False,
        "type": 0,
    }
    guild = it.channel.guild
    if guild is not None:
        shape["guild_id"] = guild.id
        if added and who.id in guild.members:
            shape["member"] = shapes.full_member(guild.members[who.id])
    return shape
