"""Interactions that can still be answered, each by its event."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

import discord

from adapters.discord.errors import Expired, told
from adapters.discord.rendering import Message
from adapters.discord.sending import as_sent
from chatops.conversation.recent import Recent
from chatops.language import Trouble

log = logging.getLogger(__name__)

Interaction: TypeAlias = discord.Interaction[Any]

_OPEN: Final = 14.5 * 60
"""Seconds for which an interaction can be answered, with a little to spare."""

_MOST: Final = 10_000


@dataclass(slots=True, eq=False)
class Answerable:
    """An interaction that was acknowledged with "thinking…".

    In a server only its member sees what it is answered with. The first message takes the place of
    "thinking…", and the same message given again takes that place again.
    """

    interaction: Interaction
    first: str = ""
    others: dict[str, int] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether the connection that it came by is still there."""
        return not self.interaction.client.is_closed()

    async def say(self, key: str, message: Message) -> int:
        """Answer with a message; return its id.

        Raises:
            Expired: It is too late.
            Trouble: It cannot be said.
        """
        self.first = self.first or key
        if key == self.first:
            async with told():
                sent = await self.interaction.edit_original_response(**as_sent(message).edited)
            return sent.id
        if key not in self.others:
            async with told():
                more = await self.interaction.followup.send(
                    **as_sent(message).new, ephemeral=True, wait=True
                )
            self.others[key] = more.id
        return self.others[key]

    async def rewrite(self, message_id: int, message: Message) -> None:
        """Change what it was answered with.

        Raises:
            Expired: It is too late.
            Trouble: It cannot be said.
        """
        async with told():
            await self.interaction.followup.edit_message(message_id, **as_sent(message).edited)

    async def withdraw(self) -> None:
        """Take "thinking…" away: the answer stands elsewhere."""
        if self.first:
            return
        try:
            async with told():
                await self.interaction.delete_original_response()
        except (Trouble, Expired, discord.HTTPException) as trouble:
            log.info("an interaction's placeholder could not be removed: %s", trouble)


class Answers:
    """Finds interactions by the events that they were, and by the messages they were answered with.

    After a restart none is known: what was asked before is answered by ordinary messages.
    """

    def __init__(self) -> None:
        self._by_event: Recent[str, Answerable] = Recent(_MOST, _OPEN)
        self._by_message: Recent[str, Answerable] = Recent(_MOST, _OPEN)

    def expect(self, event_id: str, interaction: Interaction) -> Answerable:
        """Note that an event will be answered through its interaction; it may be told twice."""
        answerable = self.to(event_id)
        if answerable is None:
            answerable = Answerable(interaction)
            self._by_event.put(event_id, answerable)
        return answerable

    def to(self, event_id: str) -> Answerable | None:
        """Return the interaction that an event was, while it can be answered."""
        return self._alive(self._by_event.get(event_id))

    def gave(self, message_id: str) -> Answerable | None:
        """Return the interaction that was answered with a message, while that can be changed."""
        return self._alive(self._by_message.get(message_id))

    def note(self, message_id: str, answerable: Answerable) -> None:
        """Remember with what an interaction was answered."""
        self._by_message.put(message_id, answerable)

    def _alive(self, answerable: Answerable | None) -> Answerable | None:
        return answerable if answerable is not None and answerable.open else None
