"""How one letter is said: where, in which words, and what becomes of what stood there before."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TypeAlias

from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.fallbacks import answered_aside, prefix_in
from chatops.conversation.letters import Letter
from chatops.conversation.platform import ChatPlatform, MessageGone
from chatops.conversation.reply import Choice, Note, Progress, Reply, choices_of
from chatops.conversation.sent import SentMessages, Standing
from chatops.language import Language, Speaker, Trouble, _

log = logging.getLogger("chatops.conversation")

Wording: TypeAlias = Callable[[Reply, Language, str], Reply]
"""Puts the commands that a reply names into a language, behind a prefix."""


class Delivery:
    """Delivers letters on one platform."""

    def __init__(self, platform: ChatPlatform, messages: SentMessages, worded: Wording) -> None:
        self._platform = platform
        self._messages = messages
        self._worded = worded

    async def deliver(self, letter: Letter) -> None:
        """Say a letter, or edit what stands about its topic; once more with its key is no more.

        Raises:
            Unavailable: The platform or the store cannot take it now.
            PlaceClosed: It cannot be said there.
        """
        if letter.way == "new":
            await self._send(letter)
            return
        standing = await self._messages.standing(*letter.subject)
        if standing is None:
            if letter.way == "topic":
                await self._send(letter)
            return
        if self._platform.capabilities.edits:
            await self._edit(letter, standing)
        elif letter.way == "topic" and not _goes_on(letter.reply):
            await self._send(letter)

    async def _send(self, letter: Letter) -> None:
        address = await self._aside(letter)
        reply = self._in_words(letter.reply, address.place, letter.speaker)
        stale = await self._stale(letter)
        ref = await self._platform.send(address, reply, letter.speaker, key=letter.key)
        await self._messages.remember(
            letter.key, Standing(ref, letter.speaker.language), letter.reply
        )
        await self._invite(ref, choices_of(letter.reply))
        if stale is not None and stale.ref != ref:
            await self._retire(stale)

    async def _stale(self, letter: Letter) -> Standing | None:
        """Return the message that will no longer be edited once a newer one has its topic."""
        if letter.way != "new" or not letter.reply.topic or not self._platform.capabilities.edits:
            return None
        return await self._messages.standing(*letter.subject)

    async def _retire(self, stale: Standing) -> None:
        moved_on = Reply((Note(_("This goes on in a newer message.")),))
        with suppress(Trouble):
            await self._platform.edit(stale.ref, moved_on, Speaker(stale.language))
        await self._messages.forget(stale.ref)

    async def _aside(self, letter: Letter) -> Address:
        """Return where a letter goes, which is the direct conversation where only that is private.

        Who asked in a shared place is told there where the answer is.
        """
        address, to = letter.address, letter.address.to
        capabilities = self._platform.capabilities
        if to is None or not answered_aside(letter.reply, address.place, capabilities):
            return address
        direct = await self._platform.direct(to)
        told = Reply((Note(_("{name}, I answered you in private.", name=to.name)),))
        await self._platform.send(
            Address(address.place, None, address.answering),
            told,
            letter.speaker,
            key=f"{letter.key}:aside",
        )
        return Address(direct, to)

    def _in_words(self, reply: Reply, place: Place, speaker: Speaker) -> Reply:
        prefix = prefix_in(place, self._platform.capabilities)
        return self._worded(reply, speaker.language, prefix)

    async def _invite(self, ref: MessageRef, choices: Sequence[Choice]) -> None:
        """Add the reactions that stand for choices, where not all of them have a button."""
        capabilities = self._platform.capabilities
        if not capabilities.reactions or len(choices) <= capabilities.buttons:
            return
        for choice in choices:
            if choice.emoji:
                try:
                    await self._platform.react(ref, choice.emoji)
                except Trouble as trouble:
                    log.info("no reaction could be added on %s: %s", self._platform.name, trouble)
                    return

    async def _edit(self, letter: Letter, standing: Standing) -> None:
        speaker = Speaker(standing.language)
        try:
            reply = self._in_words(letter.reply, standing.ref.place, speaker)
            await self._platform.edit(standing.ref, reply, speaker)
        except MessageGone:
            await self._messages.forget(standing.ref)
            if letter.way == "topic":
                await self._send(letter)
            return
        await self._messages.rewrite(standing.ref, letter.reply)


def _goes_on(reply: Reply) -> bool:
    """Whether a reply only says how far a work is: not worth a message of its own."""
    return any(isinstance(block, Progress) and block.done < block.total for block in reply.blocks)
