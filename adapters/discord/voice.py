"""Speaking on Discord: messages in channels, and answers to interactions.

What is for one member only stands as an answer to their interaction, seen by them alone. Where
there is none to answer (a message, a reaction, after a restart), it goes to their direct
conversation, and who asked in a channel is told so there.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any, Final

import discord
from msgspec.structs import replace

from adapters.discord.answers import Answerable, Answers
from adapters.discord.client import Client
from adapters.discord.errors import Expired, told
from adapters.discord.limits import CAPABILITIES
from adapters.discord.places import api_channel, direct_place, ref_of
from adapters.discord.rendering import Message, render
from adapters.discord.sending import as_sent
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.fallbacks import adapt
from chatops.conversation.platform import MessageGone, PlaceClosed
from chatops.conversation.recent import Recent
from chatops.conversation.reply import Note, Reply
from chatops.language import Code, Speaker, Text, _

MESSAGE_EVENT: Final = "m"
"""Begins the ids of events that are messages; the message's own id follows."""

_REMEMBERED: Final = 20_000
_HERE_ONLY: Final = _("I may not write in this channel, so only you see this.")


class Voice:
    """Says things through whatever client is connected.

    Args:
        client: Returns it.

    Raises:
        PlatformUnavailable: From `client`, where none is.
    """

    def __init__(self, client: Callable[[], Client], answers: Answers) -> None:
        self._client = client
        self._answers = answers
        self._direct: Recent[str, Place] = Recent(_REMEMBERED)
        self._sent: Recent[str, MessageRef] = Recent(_REMEMBERED)

    async def send(self, address: Address, reply: Reply, speaker: Speaker, key: str) -> MessageRef:
        """Say something once for each key."""
        said = self._sent.get(key)
        if said is None:
            said = await self._say(address, reply, speaker, key)
            self._sent.put(key, said)
        return said

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        shown = _rendered(reply, speaker, message.place)
        answered = self._answers.gave(message.id)
        try:
            if answered is not None:
                await answered.rewrite(int(message.id), shown)
            else:
                async with told():
                    await self._message(message).edit(**as_sent(shown).edited)
        except Expired as expired:
            raise _gone() from expired

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message; one that is gone already counts as removed."""
        try:
            async with told():
                await self._message(message).delete()
        except MessageGone:
            return True
        except (PlaceClosed, discord.Forbidden):
            return False
        return True

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction."""
        async with told():
            await self._message(message).add_reaction(emoji)

    async def direct(self, member: Member) -> Place:
        """Return the direct conversation with a member."""
        known = self._direct.get(member.id)
        if known is None:
            async with told():
                made = await self._client().http.start_private_message(int(member.id))
            known = direct_place(int(made["id"]))
            self._direct.put(member.id, known)
        return known

    async def _say(self, address: Address, reply: Reply, speaker: Speaker, key: str) -> MessageRef:
        place, to = address.place, address.to
        answerable = self._answers.to(address.answering)
        if answerable is not None and (to is not None or place.direct):
            try:
                return await self._answer(answerable, place, reply, speaker, key)
            except (Expired, MessageGone):
                answerable = None
        if to is not None and not place.direct:
            return await self._aside(address, to, reply, speaker, key)
        try:
            ref = await self._post(address, reply, speaker, key)
        except PlaceClosed:
            if answerable is None:
                raise
            return await self._answer_instead(answerable, place, reply, speaker, key)
        if answerable is not None:
            await answerable.withdraw()
        return ref

    async def _answer(
        self, answerable: Answerable, place: Place, reply: Reply, speaker: Speaker, key: str
    ) -> MessageRef:
        sent = await answerable.say(key, _rendered(reply, speaker, place))
        self._answers.note(str(sent), answerable)
        return ref_of(place, sent)

    async def _answer_instead(
        self, answerable: Answerable, place: Place, reply: Reply, speaker: Speaker, key: str
    ) -> MessageRef:
        """Show who asked what should have stood in a channel where the bot may not write."""
        aside = replace(reply, blocks=(*reply.blocks, Note(_HERE_ONLY)))
        try:
            return await self._answer(answerable, place, aside, speaker, key)
        except Expired as expired:
            raise _gone() from expired

    async def _aside(
        self, address: Address, to: Member, reply: Reply, speaker: Speaker, key: str
    ) -> MessageRef:
        try:
            direct = await self.direct(to)
            ref = await self._post(Address(direct, to), reply, speaker, key)
        except PlaceClosed:
            return await self._post(address, _note(_shut(to)), speaker, f"{key}:shut")
        told_there = _note(_("{name}, I answered you in private.", name=to.name))
        try:
            await self._post(address, told_there, speaker, f"{key}:aside")
        except PlaceClosed:
            # The answer was given, which is what counts.
            return ref
        return ref

    async def _post(self, address: Address, reply: Reply, speaker: Speaker, key: str) -> MessageRef:
        """Send a message of its own; Discord knows the same nonce again for some minutes."""
        place = address.place
        arguments: dict[str, Any] = as_sent(_rendered(reply, speaker, place)).new
        channel = self._client().get_partial_messageable(api_channel(place))
        answered = _answered_message(address)
        if answered is not None:
            arguments["reference"] = discord.MessageReference(
                message_id=answered, channel_id=channel.id, fail_if_not_exists=False
            )
            arguments["mention_author"] = False
        async with told():
            sent = await channel.send(**arguments, nonce=nonce_of(key))
        return ref_of(place, sent.id)

    def _message(self, message: MessageRef) -> discord.PartialMessage:
        channel = self._client().get_partial_messageable(api_channel(message.place))
        return channel.get_partial_message(int(message.id))


def nonce_of(key: str) -> str:
    """Return the nonce of a message: the same key, the same nonce, in 24 signs."""
    return blake2b(key.encode(), digest_size=12).hexdigest()


def _rendered(reply: Reply, speaker: Speaker, place: Place) -> Message:
    return render(adapt(reply, CAPABILITIES, place), speaker)


def _note(text: Text) -> Reply:
    return Reply((Note(text),))


def _answered_message(address: Address) -> int | None:
    """Return the message that is replied to: the one that asked, in a channel."""
    asked = address.answering.removeprefix(MESSAGE_EVENT)
    if address.place.direct or asked == address.answering or not asked.isdecimal():
        return None
    return int(asked)


def _shut(member: Member) -> Text:
    return _(
        "{name}, I cannot write to you in private: allow direct messages in your privacy settings "
        "for this server, or ask with {command}, whose answer only you see.",
        name=member.name,
        command=Code("/quitx"),
    )


def _gone() -> MessageGone:
    return MessageGone(_("This message is no longer there."), _("Say it anew."))
