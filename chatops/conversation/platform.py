"""`ChatPlatform`: the port through which the bot hears and speaks.

Lifecycle. `run` connects and stays connected until it is cancelled, reconnecting for ever; it
hands every event to the inbox. An inbox call returns once the event is stored, so a platform that
wants an acknowledgement of a reaction or message gives it after that call; commands and buttons are
acknowledged first. Handing in the same event twice is harmless.

Speaking. `send` takes an idempotency key: sending again with the same key gives the same message
where the platform allows. `edit` of a message that no longer stands raises `MessageGone`. Nothing
is cut silently: what is too long for one message is paged or attached.

Staying connected. `run` ends only when it is cancelled; it tells through `connections` how each
connection is. What no retry can mend (a revoked token) is told there as refused and tried again
rarely, never in a hot loop.

Errors. `send`, `edit`, `delete` and `fetch` raise `PlatformUnavailable` when the platform does not
answer and `PlaceClosed` when the bot may not speak there any more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct

from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.connection import Connection
from chatops.conversation.events import Attachment, Event
from chatops.conversation.reply import Reply
from chatops.language import Missing, Speaker, Text, Unavailable

Inbox = Callable[[Event], Awaitable[None]]

Privacy = Literal["here", "direct", "none"]
"""Where a private reply stands: in the same place seen by its reader only, in the direct
conversation with them, or nowhere."""


class MessageGone(Missing):
    """That message is gone."""


class PlaceClosed(Missing):
    """The bot may not speak in the place any more."""


class PlatformUnavailable(Unavailable):
    """The chat platform does not answer, or asks to be left alone for a while.

    Args:
        retry_after: Seconds that the platform asked to wait; None where it said nothing.
    """

    def __init__(self, reason: Text, mend: Text, retry_after: float | None = None) -> None:
        super().__init__(reason, mend)
        self.retry_after = retry_after


class Capabilities(Struct, frozen=True):
    """What a platform can show, with its limits; 0 means that it cannot.

    Args:
        slash: Whether `/quitx` works; `!quitx` and a mention work everywhere.
        slash_in_threads: Whether it also works inside a thread.
        message_characters: The longest text of one message.
        buttons: Buttons on one message.
        fields: Named values on one message.
        private_replies: Where a reply for one member only stands when the place is shared.
        threads: Whether a place can have threads.
        edits: Whether a message can be changed in place.
        deletes_others: Whether the bot may be able to delete a member's message.
        reactions: Whether members can react.
        pictures: Whether a picture can be shown.
        files: The largest file, in bytes, that the bot can attach.
        forms: Whether a command can be filled in as a form.
    """

    slash: bool
    slash_in_threads: bool
    message_characters: int
    buttons: int
    fields: int
    private_replies: Privacy
    threads: bool
    edits: bool
    deletes_others: bool
    reactions: bool
    pictures: bool
    files: int
    forms: bool


class ChatPlatform(Protocol):
    """A place where people talk to the bot."""

    @property
    def name(self) -> str:
        """The platform's name, as in `Place.platform`."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        ...

    @property
    def connections(self) -> tuple[Connection, ...]:
        """How it is connected, one for each workspace or home server."""
        ...

    async def run(self, inbox: Inbox) -> None:
        """Connect, hand in events, and stay until cancelled."""
        ...

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        """Say something; return the message that now stands."""
        ...

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        ...

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message, the bot's own or a member's; False where the platform forbids it."""
        ...

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction, as an invitation to do the same."""
        ...

    async def direct(self, member: Member) -> Place:
        """Return the place where only the member and the bot talk; open it where there is none."""
        ...

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        """Write an attachment's bytes to a file, at most `limit` of them.

        Raises:
            Invalid: It is larger than the limit.
        """
        ...
