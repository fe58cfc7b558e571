"""`ConsolePlatform`: the terminal, or a pipe, as a place where people talk to the bot."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final, Literal, TextIO, TypeVar

from msgspec.structs import replace

from adapters.console.acting import Acting
from adapters.console.completion import Completer, nothing
from adapters.console.directions import BOT, Say
from adapters.console.files import copied, saved
from adapters.console.messages import Message, Messages
from adapters.console.opening import person_types, pipe, terminal
from adapters.console.scene import HOME, PLATFORM, Scene
from adapters.console.surface import Shown, Surface
from adapters.console.visible import encodable
from chatops.clock import utc_now
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.codes import new_code
from chatops.conversation.connection import Connection, Link
from chatops.conversation.disclosures import holds_secret
from chatops.conversation.events import Attachment
from chatops.conversation.platform import Capabilities, Inbox, PlatformUnavailable
from chatops.conversation.reply import Complaint, Document, Note, Reply, choices_of
from chatops.language import ENGLISH, Code, Speaker, Text, Trouble, _

CAPABILITIES: Final = Capabilities(
    slash=True,
    slash_in_threads=True,
    message_characters=1_000_000,
    buttons=100,
    fields=100,
    private_replies="here",
    threads=True,
    edits=True,
    deletes_others=False,
    reactions=True,
    pictures=False,
    files=1_000_000_000,
    forms=True,
)
_T = TypeVar("_T")
_log = logging.getLogger(__name__)


@dataclass(kw_only=True, eq=False)
class ConsolePlatform:
    """The console: a `ChatPlatform` with one reader, who may speak as anybody.

    Unlike other platforms, `run` returns: at the end of input, once the work that the lines started
    has settled. A line is answered before the next one is read.

    Args:
        answered: Waits until every reply that is due has been sent.
        settled: Waits for the work that the lines started.
        speaker: The language of the console's own words, until somebody is answered in another.
        completer: Completes what follows `/quitx `.
        greeting: What a person sees first; nothing on a pipe.
        lines: The input; standard input without it.
        out: The output; standard output without it.
        json: Whether to print one JSON object a line.
        interactive: Whether a person types; found out without it.
        member: Who speaks until a line says otherwise.
        history: The file of the lines typed before; in the user's state folder without it.
        downloads: Where documents are saved; in a temporary folder without it.
    """

    answered: Callable[[], Awaitable[None]]
    settled: Callable[[], Awaitable[None]]
    speaker: Speaker = ENGLISH
    completer: Completer = nothing
    greeting: Reply | None = None
    lines: AsyncIterator[str] | None = None
    out: TextIO | None = None
    json: bool = False
    interactive: bool | None = None
    member: str = "operator"
    history: Path | None = None
    downloads: Path | None = None

    def __post_init__(self) -> None:
        self._session = secrets.token_hex(6)
        self._messages = Messages(self._session)
        self._scene = Scene(self._messages, self.member)
        self._sent: dict[str, MessageRef] = {}
        self._failed = False
        self._out = self.out or sys.stdout
        found_out = not self.json and self.lines is None and person_types(self._out)
        self._person = found_out if self.interactive is None else self.interactive
        self._surface = self._opened()
        self._link = Link(PLATFORM, utc_now)
        self._link.connected()
        self._writing = asyncio.Lock()
        self._unread = asyncio.Event()

    @property
    def name(self) -> str:
        """The platform's name, as in `Place.platform`."""
        return PLATFORM

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        return CAPABILITIES

    @property
    def exit_status(self) -> int:
        """0, or 1 when any line ended in an error."""
        return 1 if self._failed else 0

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The console is always connected."""
        return (self._link.now,)

    async def run(self, inbox: Inbox) -> None:
        """Follow the lines to their end; return early when nobody reads the answers any more."""
        conversing = asyncio.ensure_future(self._converse(inbox))
        unread = asyncio.ensure_future(self._unread.wait())
        try:
            await asyncio.wait({conversing, unread}, return_when=asyncio.FIRST_COMPLETED)
            if conversing.done() and not self._unread.is_set():
                await conversing
        finally:
            conversing.cancel()
            unread.cancel()
            await asyncio.gather(conversing, unread, return_exceptions=True)

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        """Say something; the same key says it once."""
        if key in self._sent:
            return self._sent[key]
        message = self._messages.say(address.place, address.to, reply, speaker)
        self._sent[key] = message.ref
        self.speaker = speaker
        await self._say(message, "message", reply, speaker)
        return message.ref

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        found = self._messages.find(message)
        found.choices = choices_of(reply)
        found.speaker = speaker
        await self._say(found, "edit", reply, speaker)

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message of the bot; what was typed into a terminal stays there."""
        try:
            found = self._messages.find(message)
        except Trouble:
            return False
        if found.speaker is None:
            return False
        self._messages.remove(found)
        await self._show(self._shown(found, "delete", found.speaker))
        return True

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction."""
        found = self._messages.find(message)
        found.invitations.append(emoji)
        if found.choice_with(emoji) is not None and not self.json:
            # The button beside which the emoji stands already invites.
            return
        speaker = found.speaker or self.speaker
        await self._show(replace(self._shown(found, "reaction", speaker), emoji=emoji))

    async def direct(self, member: Member) -> Place:
        """Return the place where only the member and the bot talk."""
        return Place(PLATFORM, "", f"@{member.id}", direct=True)

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        """Copy an attached file."""
        await asyncio.to_thread(copied, Path(attachment.id), target, limit)

    def _opened(self) -> Surface:
        if not self._person:
            return pipe(self.lines, self._out, json=self.json)
        return terminal(
            self._scene, self._messages, self.completer, self.history, lambda: self.speaker
        )

    async def _converse(self, inbox: Inbox) -> None:
        if self._person and self.greeting is not None:
            message = self._messages.greet(HOME, self.greeting, self.speaker)
            shown = self._shown(message, "message", self.speaker)
            await self._show(replace(shown, id="", reply=self.greeting))
        acting = Acting(self._scene, self._messages, self._session, inbox)
        lines = self._surface.lines()
        try:
            async for line in lines:
                await self._follow(line, acting)
        except OSError as error:
            reason = _("Standard input cannot be read: {cause}.", cause=error.strerror or "")
            await self._complain(reason, _("Give the lines on a pipe."), "")
        finally:
            if isinstance(lines, AsyncGenerator):
                await lines.aclose()
        await self._surface.wait(self._finished())

    async def _finished(self) -> None:
        await self.settled()
        await self.answered()

    async def _follow(self, line: str, acting: Acting) -> None:
        """Follow one line and wait for its answer; whatever goes wrong is told."""
        answers = len(self._sent)
        direction = await self._guarded(acting.follow(line), line)
        await self._guarded(self.answered(), line)
        if self._person and isinstance(direction, Say) and len(self._sent) == answers:
            await self._hint()

    async def _guarded(self, step: Awaitable[_T], line: str) -> _T | None:
        try:
            return await step
        except Trouble as trouble:
            await self._complain(trouble.reason, trouble.mend, line)
        except Exception as error:  # noqa: BLE001 - a bug in one line must not end the conversation
            await self._complain(
                _("Something unexpected went wrong."),
                _("Try again; if it happens again, look in the log for the error's number."),
                "",
                error,
            )
        return None

    async def _hint(self) -> None:
        """Tell a person why nobody answers a plain message."""
        note = _("Nobody is asked by a plain message. Try {command}.", command=Code(f"/{BOT} help"))
        place = self._scene.label(self._scene.place)
        await self._show(Shown("", "message", place, self.speaker, reply=Reply((Note(note),))))

    async def _complain(
        self, reason: Text, mend: Text, typed: str, error: Exception | None = None
    ) -> None:
        if self._unread.is_set():
            return
        complaint = Complaint(
            new_code(), reason, mend, "" if holds_secret(typed) else encodable(typed)
        )
        level = logging.INFO if error is None else logging.ERROR
        _log.log(level, "Error %s: %s", complaint.id, reason.message, exc_info=error)
        await self.send(
            Address(self._scene.place),
            Reply(complaint=complaint),
            self.speaker,
            key=f"{self._session}-{complaint.id}",
        )

    async def _say(
        self, message: Message, event: Literal["message", "edit"], reply: Reply, speaker: Speaker
    ) -> None:
        if reply.complaint is not None:
            self._failed = True
        files: dict[str, str] = {}
        async with self._writing:
            if any(isinstance(block, Document) for block in reply.blocks):
                files = await asyncio.to_thread(saved, reply, self._downloads)
            shown = self._shown(message, event, speaker)
            await self._write(replace(shown, reply=reply, saved=files))

    async def _show(self, shown: Shown) -> None:
        async with self._writing:
            await self._write(shown)

    async def _write(self, shown: Shown) -> None:
        try:
            await self._surface.show(shown)
        except OSError as error:
            self._failed = True
            self._unread.set()
            _log.warning("Standard output cannot be written: %s", error)
            if self._out is sys.stdout:
                # Python would try again, and complain, when the program ends.
                await asyncio.to_thread(_silenced, sys.stdout.fileno())
            raise PlatformUnavailable(
                _("Nobody reads the console any more."), _("Open it again.")
            ) from error

    def _shown(
        self,
        message: Message,
        event: Literal["message", "edit", "delete", "reaction"],
        speaker: Speaker,
    ) -> Shown:
        """Tell of a message what its reader has to know beside its words."""
        place, reader = message.ref.place, self._scene.member
        label = self._scene.label(place)
        return Shown(
            id=message.name,
            event=event,
            place=label,
            speaker=speaker,
            here=label == self._scene.label(self._scene.place),
            to=None if message.to is None else message.to.name,
            aside=message.to is not None and not (place.direct and message.seen_by(reader)),
            private=message.private,
        )

    @cached_property
    def _downloads(self) -> Path:
        return self.downloads or Path(tempfile.mkdtemp(prefix=f"{BOT}-"))


def _silenced(descriptor: int) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, descriptor)
    finally:
        os.close(nowhere)
