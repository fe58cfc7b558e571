"""Posting, editing, deleting and reacting: what both bots and people do with messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.discord import message_shapes
from tests.support.discord.drafts import Draft, attachments, fill
from tests.support.discord.intents import Intent
from tests.support.discord.records import Json, Message, MessageFlag, MessageKind, User
from tests.support.discord.refusals import EMPTY_MESSAGE, TOO_MANY_REACTIONS, Refusal
from tests.support.discord.world import Event

if TYPE_CHECKING:
    from tests.support.discord.interactions import Interaction
    from tests.support.discord.places import Channel

_REACTIONS = 20


def post(
    channel: Channel,
    author: User,
    draft: Draft,
    *,
    kind: MessageKind = MessageKind.DEFAULT,
    answers: Message | None = None,
    interaction: Interaction | None = None,
) -> Message:
    """Put a message into a channel; one with the ephemeral flag is for the interaction's user."""
    world = channel.world
    flags = MessageFlag(draft.body.get("flags") or 0)
    ephemeral = interaction is not None and MessageFlag.EPHEMERAL in flags
    kept = MessageFlag.COMPONENTS_V2 | MessageFlag.SUPPRESS_EMBEDS
    if interaction is not None:
        kept |= MessageFlag.LOADING
    message = Message(
        world.id(),
        channel,
        author,
        world.clock.now(),
        MessageKind.REPLY if answers and kind is MessageKind.DEFAULT else kind,
        answers=answers,
        nonce=draft.body.get("nonce"),
        application=world.applications.get(author.id),
        interaction=interaction,
        reader=interaction.user if interaction and ephemeral else None,
        flags=flags & kept | (MessageFlag.EPHEMERAL if ephemeral else MessageFlag(0)),
    )
    draft.check()
    files = attachments(channel, draft, ephemeral=ephemeral)
    fill(message, draft, files)
    if MessageFlag.LOADING not in flags and _is_empty(message):
        raise Refusal(EMPTY_MESSAGE, violation=True)
    channel.messages[message.id] = message
    _tell("MESSAGE_CREATE", message)
    return message


def edit(message: Message, draft: Draft) -> None:
    """Change a message; what the body leaves out stays."""
    draft.check(message.attachments)
    ephemeral = message.reader is not None
    files = attachments(message.channel, draft, ephemeral=ephemeral)
    shown = (message.content, message.embeds, message.components, message.attachments)
    fill(message, draft, files)
    if _is_empty(message):
        message.content, message.embeds, message.components, message.attachments = shown
        raise Refusal(EMPTY_MESSAGE, violation=True)
    if MessageFlag.LOADING not in message.flags:
        message.edited = message.channel.world.clock.now()
    message.flags &= ~MessageFlag.LOADING
    _tell("MESSAGE_UPDATE", message)


def delete(message: Message) -> None:
    """Remove a message; what answers it stays."""
    channel = message.channel
    del channel.messages[message.id]
    for other in channel.messages.values():
        if other.answers is message:
            other.answers, other.forgotten_answer = None, message.id
    data: Json = {"id": message.id, "channel_id": channel.id}
    if channel.guild is not None:
        data["guild_id"] = channel.guild.id
    _about(message, "MESSAGE_DELETE", data, Intent.GUILD_MESSAGES, Intent.DIRECT_MESSAGES)


def react(message: Message, who: User, emoji: str) -> None:
    """Add a reaction; a second time changes nothing."""
    if emoji not in message.reactions and len(message.reactions) >= _REACTIONS:
        raise Refusal(TOO_MANY_REACTIONS)
    users = message.reactions.setdefault(emoji, [])
    if who not in users:
        users.append(who)
        _about_reaction(message, who, emoji, added=True)


def unreact(message: Message, who: User, emoji: str) -> bool:
    """Take a reaction back; False where there is none."""
    users = message.reactions.get(emoji, [])
    if who not in users:
        return False
    users.remove(who)
    if not users:
        del message.reactions[emoji]
    _about_reaction(message, who, emoji, added=False)
    return True


def clear(message: Message, emoji: str | None = None) -> None:
    """Remove all reactions, or all with one emoji."""
    data: Json = {"channel_id": message.channel.id, "message_id": message.id}
    if message.channel.guild is not None:
        data["guild_id"] = message.channel.guild.id
    name = "MESSAGE_REACTION_REMOVE_ALL"
    if emoji is None:
        message.reactions.clear()
    else:
        message.reactions.pop(emoji, None)
        data["emoji"] = message_shapes.emoji(emoji)
        name = "MESSAGE_REACTION_REMOVE_EMOJI"
    _about(message, name, data, Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)


def _is_empty(message: Message) -> bool:
    return not any((message.content, message.embeds, message.components, message.attachments))


def _tell(name: str, message: Message) -> None:
    """Tell of a message; of one for a single reader nothing is said."""
    channel = message.channel
    if message.reader is not None:
        channel.world.touch()
        return
    channel.world.tell(
        Event(
            name,
            lambda app: message_shapes.dispatched(message, app),
            Intent.GUILD_MESSAGES if channel.guild else Intent.DIRECT_MESSAGES,
            channel.guild,
            channel,
        )
    )


def _about_reaction(message: Message, who: User, emoji: str, *, added: bool) -> None:
    name = "MESSAGE_REACTION_ADD" if added else "MESSAGE_REACTION_REMOVE"
    data = message_shapes.reaction_event(message, who, emoji, added=added)
    _about(message, name, data, Intent.GUILD_MESSAGE_REACTIONS, Intent.DIRECT_MESSAGE_REACTIONS)


def _about(message: Message, name: str, data: Json, guilds: Intent, direct: Intent) -> None:
    channel = message.channel
    if message.reader is not None:
        channel.world.touch()
        return
    intent = guilds if channel.guild else direct
    channel.world.tell(Event(name, lambda _: data, intent, channel.guild, channel))
