"""Twins of the ports, in memory, for tests of this program and of programs around it.

They keep the contracts of their ports to the letter and are stricter than the real ones: whatever
a real platform might take silently and get wrong is refused here.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chatops.clock import utc_now
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.connection import Connection, Link
from chatops.conversation.events import (
    Attachment,
    ButtonPressed,
    CommandCalled,
    Event,
    FormSubmitted,
    MessagePosted,
    ReactionChanged,
)
from chatops.conversation.fallbacks import adapt
from chatops.conversation.platform import (
    Capabilities,
    Inbox,
    MessageGone,
    PlaceClosed,
    PlatformUnavailable,
)
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Document,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Picture,
    Progress,
    Quote,
    Reply,
)
from chatops.conversation.words import addressed
from chatops.language import Bytes, Invalid, Speaker, _

EVERYTHING: Final = Capabilities(
    slash=True,
    slash_in_threads=True,
    message_characters=100_000,
    buttons=25,
    fields=25,
    private_replies="here",
    threads=True,
    edits=True,
    deletes_others=True,
    reactions=True,
    pictures=True,
    files=100_000_000,
    forms=True,
)
"""A platform that can do all that any can."""

WORDS_ONLY: Final = Capabilities(
    slash=False,
    slash_in_threads=False,
    message_characters=2_000,
    buttons=0,
    fields=0,
    private_replies="none",
    threads=False,
    edits=False,
    deletes_others=False,
    reactions=False,
    pictures=False,
    files=0,
    forms=False,
)
"""A platform that can only say words."""


class MisuseError(AssertionError):
    """The port was used against its contract."""


@dataclass(slots=True, eq=False)
class Said:
    """A message of the bot, as it stands.

    Args:
        asked: The reply as it was handed in; `reply` is what the platform could show of it.
        earlier: What it said before it was edited, oldest first.
    """

    ref: MessageRef
    address: Address
    asked: Reply
    reply: Reply
    speaker: Speaker
    key: str
    earlier: list[Reply] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All of it as plain words."""
        return "\n".join(plain(self.reply, self.speaker))

    @property
    def choices(self) -> tuple[Choice, ...]:
        """What it offers on buttons."""
        blocks = [block for block in self.reply.blocks if isinstance(block, Choices)]
        return tuple(choice for block in blocks for choice in block.choices)


class MemoryPlatform:
    """A `ChatPlatform` whose people are driven by the test.

    `call`, `post`, `react`, `press` and `fill_in` do what people do, and return once the event was
    taken; `said` is what the bot has said, in order.
    """

    def __init__(
        self,
        name: str = "memory",
        capabilities: Capabilities = EVERYTHING,
        bot_names: Sequence[str] = ("quitx",),
    ) -> None:
        self._name = name
        self._capabilities = capabilities
        self._bot_names = bot_names
        self._link = Link(name, utc_now)
        self._numbers = itertools.count(1)
        self._session = secrets.token_hex(4)
        self._inbox: Inbox | None = None
        self._members_messages: set[str] = set()
        self._files: dict[str, bytes] = {}
        self.connected = asyncio.Event()
        self.said: list[Said] = []
        self.unavailable = 0
        """How many calls from now on fail as if the platform did not answer."""
        self.lost_answers = 0
        """How many messages from now on are taken while the answer is lost."""
        self.closed: set[str] = set()
        """Channels in which the bot may not speak."""

    @property
    def name(self) -> str:
        """The platform's name."""
        return self._name

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        return self._capabilities

    @property
    def connections(self) -> tuple[Connection, ...]:
        """How it is connected."""
        return (self._link.now,)

    async def run(self, inbox: Inbox) -> None:
        """Take events for this inbox until cancelled."""
        self._inbox = inbox
        self._link.connected()
        self.connected.set()
        try:
            await asyncio.Event().wait()
        finally:
            self._inbox = None
            self.connected.clear()

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        """Say something; the same key says it once."""
        self._check_place(address.place)
        self._answer_or_fail()
        for before in self.said:
            if before.key == key:
                if (before.asked, before.address) != (reply, address):
                    raise MisuseError(f"{key!r} was used before for something else")
                return before.ref
        shown = self._shown(reply, address.place)
        ref = MessageRef(address.place, str(next(self._numbers)))
        self.said.append(Said(ref, address, reply, shown, speaker, key))
        if self.lost_answers:
            self.lost_answers -= 1
            raise _unavailable()
        return ref

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        self._able(edits=self._capabilities.edits)
        self._check_place(message.place)
        self._answer_or_fail()
        said = self._standing(message)
        said.earlier.append(said.reply)
        said.asked, said.speaker = reply, speaker
        said.reply = self._shown(reply, message.place)

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message."""
        self._answer_or_fail()
        if message.id in self._members_messages:
            if self._capabilities.deletes_others:
                self._members_messages.discard(message.id)
            return self._capabilities.deletes_others
        self.said.remove(self._standing(message))
        return True

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction."""
        self._able(reactions=self._capabilities.reactions)
        self._answer_or_fail()
        self._standing(message).reactions.append(emoji)

    async def direct(self, member: Member) -> Place:
        """Return the place where only the member and the bot talk."""
        return Place(self._name, member.workspace, f"@{member.id}", direct=True)

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        """Write a file that a member attached."""
        self._answer_or_fail()
        data = self._files[attachment.id]
        if len(data) > limit:
            raise Invalid(
                _("{name} is larger than {limit}.", name=attachment.name, limit=Bytes(limit)),
                _("Attach a smaller file."),
            )
        await asyncio.to_thread(target.write_bytes, data)

    def attach(self, name: str, data: bytes) -> Attachment:
        """Make a file that a member can attach."""
        attachment = Attachment(f"file-{next(self._numbers)}", name, len(data))
        self._files[attachment.id] = data
        return attachment

    def stands(self, message: MessageRef) -> bool:
        """Whether a message can still be read."""
        return message.id in self._members_messages or any(
            said.ref == message for said in self.said
        )

    async def call(
        self,
        member: Member,
        place: Place,
        line: str,
        *attachments: Attachment,
        event_id: str = "",
        message: MessageRef | None = None,
    ) -> str:
        """Call the bot as a member does; return the event's id."""
        return await self._heard(
            CommandCalled(
                event_id or self._event_id(), place, member, line, attachments, None, message
            )
        )

    async def post(
        self, member: Member, place: Place, text: str, *attachments: Attachment
    ) -> MessageRef:
        """Write a message; one that is addressed to the bot calls it."""
        message = MessageRef(place, str(next(self._numbers)))
        self._members_messages.add(message.id)
        line = addressed(text, self._bot_names)
        if line is None:
            event = MessagePosted(self._event_id(), message, member, text, attachments)
            await self._heard(event)
        else:
            await self.call(member, place, line, *attachments, message=message)
        return message

    async def react_to(
        self, member: Member, message: MessageRef, emoji: str, *, added: bool = True
    ) -> str:
        """Add a member's reaction, or take it back."""
        return await self._heard(ReactionChanged(self._event_id(), message, member, emoji, added))

    async def press(self, member: Member, message: MessageRef, says: str) -> str:
        """Press the button that says a line."""
        return await self._heard(ButtonPressed(self._event_id(), message, member, says))

    async def fill_in(
        self, member: Member, place: Place, verb: str, *attachments: Attachment, **values: str
    ) -> str:
        """Submit the form of a command."""
        self._able(forms=self._capabilities.forms)
        return await self._heard(
            FormSubmitted(self._event_id(), place, member, verb, values, attachments)
        )

    async def _heard(self, event: Event) -> str:
        if self._inbox is None:
            raise MisuseError("nobody listens: `run` has not been called")
        await self._inbox(event)
        return event.event_id

    def _event_id(self) -> str:
        return f"event-{self._session}-{next(self._numbers)}"

    def _standing(self, message: MessageRef) -> Said:
        for said in self.said:
            if said.ref == message:
                return said
        raise MessageGone(_("This message is gone."), _("Say it anew."))

    def _shown(self, reply: Reply, place: Place) -> Reply:
        if not reply.blocks and reply.complaint is None:
            raise MisuseError("an empty reply")
        return adapt(reply, self._capabilities, place)

    def _check_place(self, place: Place) -> None:
        if place.platform != self._name:
            raise MisuseError(f"{place.platform!r} is another platform")
        if place.thread:
            self._able(threads=self._capabilities.threads)
        if place.channel in self.closed:
            raise PlaceClosed(_("The bot may not speak here."), _("Invite it again."))

    def _able(self, **needed: bool) -> None:
        for what, can in needed.items():
            if not can:
                raise MisuseError(f"{self._name} has no {what}")

    def _answer_or_fail(self) -> None:
        if self.unavailable:
            self.unavailable -= 1
            raise _unavailable()


def _unavailable() -> PlatformUnavailable:
    return PlatformUnavailable(_("The chat does not answer."), _("Wait a moment."))


def plain(reply: Reply, speaker: Speaker) -> Iterator[str]:
    """Return a reply as lines of plain words."""
    if reply.complaint is not None:
        yield f"✗ {speaker.say(reply.complaint.cause)}"
        yield f"→ {speaker.say(reply.complaint.next)}"
        if reply.complaint.typed:
            yield f"“{reply.complaint.typed}”"
    for block in reply.blocks:
        yield from _lines(block, speaker)


def _lines(block: Block, speaker: Speaker) -> Iterator[str]:
    match block:
        case Heading(text=text) | Paragraph(text=text) | Note(text=text):
            yield speaker.say(text)
        case Fields(fields=fields):
            yield from (f"{speaker.say(each.name)}: {speaker.say(each.value)}" for each in fields)
        case Listing(items=items):
            yield from (f"- {speaker.say(item)}" for item in items)
        case Quote(text=text, caption=caption):
            if caption is not None:
                yield f"{speaker.say(caption)}:"
            yield f"> {text}"
        case Progress(label=label, done=done, total=total):
            yield f"{speaker.say(label)} {done}/{total}"
        case Picture(description=description) | Document(description=description):
            yield speaker.say(description)
        case Choices(choices=choices):
            yield from (f"[{speaker.say(choice.label)}]" for choice in choices)
