"""A message on its way to a platform."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Literal

from chatops.conversation.addresses import Address, Place
from chatops.conversation.reply import Reply
from chatops.language import Speaker


@dataclass(slots=True, eq=False)
class Letter:
    """A message on its way.

    Args:
        promised: Whether a row waits for it to be said.
        way: `new` is a message of its own; `topic` edits the one that stands about its topic, or
            is new; `amend` edits that one or is dropped.
        sent: Done once it was sent, or given up.
    """

    address: Address
    reply: Reply
    speaker: Speaker
    key: str
    way: Literal["new", "topic", "amend"]
    promised: bool = False
    sent: asyncio.Future[None] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future()
    )

    @property
    def subject(self) -> tuple[Place, str]:
        """What it is about, and where: such messages take the place of one another."""
        return self.address.place, self.reply.topic
