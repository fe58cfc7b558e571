"""`MatrixPlatform`: Matrix as a `ChatPlatform`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from adapters.matrix.connecting import Connecting
from adapters.matrix.limits import CAPABILITIES, NAME
from adapters.matrix.pace import Pace
from adapters.matrix.secret import Secrets
from adapters.matrix.session import Access, Sessions
from adapters.matrix.voice import Voice
from chatops.clock import Clock
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.connection import Connection, Link
from chatops.conversation.events import Attachment
from chatops.conversation.platform import Capabilities, Inbox
from chatops.conversation.reply import Reply
from chatops.language import Language, Speaker


class MatrixPlatform:
    """Matrix: one account on one homeserver, in any number of rooms, encrypted or not.

    Args:
        access: The account.
        store_dir: The folder for keys and for what must be known after a restart.
        allow_invites: The homeservers and users whose invitations are taken up.
        secrets: Keeps what opens that folder and the account.
        language: Spoken where the bot says something of itself.
    """

    def __init__(  # noqa: PLR0913 - all but the first are named
        self,
        access: Access,
        *,
        store_dir: Path,
        allow_invites: Sequence[str],
        secrets: Secrets,
        clock: Clock,
        language: Language = "en",
        pace: Pace | None = None,
    ) -> None:
        given = pace or Pace()
        self._link = Link(NAME, clock, access.homeserver)
        self._connecting = Connecting(
            Sessions(access, secrets, store_dir, given),
            store_dir,
            allowed=allow_invites,
            link=self._link,
            pace=given,
            speaker=Speaker(language),
        )
        self._voice = Voice(self._connecting.line)

    @property
    def name(self) -> str:
        """The platform's name, as in `Place.platform`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        return CAPABILITIES

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The one connection to the homeserver."""
        return (self._link.now,)

    async def run(self, inbox: Inbox) -> None:
        """Connect, hand in events, and stay until cancelled."""
        await self._connecting.stay(inbox)

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        """Say something; the same key says it once."""
        return await self._voice.send(address, reply, speaker, key)

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        await self._voice.edit(message, reply, speaker)

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message; a member's where the room lets the bot."""
        return await self._voice.delete(message)

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction."""
        await self._voice.react(message, emoji)

    async def direct(self, member: Member) -> Place:
        """Return the room where only the member and the bot are; it is encrypted when opened."""
        return await self._voice.direct(member)

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        """Write a file that a member shared."""
        await self._voice.fetch(attachment, target, limit)
