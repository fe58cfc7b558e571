"""Where the console's words appear: lines for people on a pipe, or lines of JSON for scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterator, Mapping
from typing import Literal, Protocol, TextIO

from msgspec import Struct

from adapters.console.json_form import Line, encoded, error_of, reply_of
from adapters.console.rendering import render, render_progress, unfinished
from adapters.console.visible import visible_line
from chatops.conversation.reply import Choices, Heading, Note, Paragraph, Progress, Reply
from chatops.language import Code, Speaker, Text, _


class Shown(Struct, frozen=True):
    """Something that happened to a message, for the reader to see.

    Args:
        id: The short name of the message; empty for one that needs none.
        place: Where it stands, as `:in` takes it.
        here: Whether that is where the reader is.
        to: The only member who sees it.
        aside: Whether a reader should be told that only `to` sees it.
        reply: What the message says now; None where only the message itself is meant.
        emoji: The bot's reaction.
        saved: Where the files of the reply were saved, by their names.
    """

    id: str
    event: Literal["message", "edit", "delete", "reaction"]
    place: str
    speaker: Speaker
    here: bool = True
    to: str | None = None
    aside: bool = False
    private: bool = False
    reply: Reply | None = None
    emoji: str = ""
    saved: Mapping[str, str] = {}


class Surface(Protocol):
    """Shows what happens, and gives the lines that are typed.

    `lines` ends when no more will come. `wait` waits for the last work, or until the reader leaves.
    """

    def lines(self) -> AsyncIterator[str]:
        """Go through what is typed."""
        ...

    async def show(self, shown: Shown) -> None:
        """Show what happened; return once it is written."""
        ...

    async def wait(self, work: Awaitable[None]) -> None:
        """Wait for the work that the lines started."""
        ...


class JsonPipe:
    """One JSON object a line."""

    def __init__(self, lines: AsyncIterator[str], out: TextIO) -> None:
        self._lines = lines
        self._out = out

    def lines(self) -> AsyncIterator[str]:
        """Go through the lines of the pipe."""
        return self._lines

    async def show(self, shown: Shown) -> None:
        """Write one line, and flush it for whoever reads along."""
        reply, speaker = shown.reply, shown.speaker
        line = Line(
            id=shown.id,
            event=shown.event,
            place=shown.place,
            to=shown.to,
            private=shown.private,
            text=shown.emoji if reply is None else render(reply, speaker, saved=shown.saved),
            reply=None if reply is None else reply_of(reply, speaker, shown.saved),
            error=None if reply is None else error_of(reply.complaint, speaker),
        )
        self._out.write(f"{encoded(line)}\n")
        self._out.flush()

    async def wait(self, work: Awaitable[None]) -> None:
        """Wait until it is done."""
        await work


class _Written(Struct, frozen=True):
    """What a pipe holds of a message; `shape` is its sentences without their figures."""

    words: str
    shape: tuple[str, ...]
    tenth: int


class PlainPipe:
    """Words for people, with an empty line after each message.

    A log stays readable: of edits that only go on counting, one line per tenth is written.
    """

    def __init__(self, lines: AsyncIterator[str], out: TextIO) -> None:
        self._lines = lines
        self._out = out
        self._written: dict[str, _Written] = {}

    def lines(self) -> AsyncIterator[str]:
        """Go through the lines of the pipe."""
        return self._lines

    async def show(self, shown: Shown) -> None:
        """Write what changed for the reader."""
        reply = shown.reply
        if reply is None:
            self._write(f"{heading(shown)}\n")
            return
        before = self._written.get(shown.id)
        going_on = unfinished(reply)
        shape = tuple(_shape(reply))
        tenth = _tenth(going_on) if going_on is not None else 0
        if going_on is not None and before is not None and before.shape == shape:
            if tenth > before.tenth:
                self._written[shown.id] = _Written(before.words, shape, tenth)
                line = render_progress(going_on, shown.speaker)
                self._write(f"{heading(shown)}  {line}\n\n")
            return
        words = render(reply, shown.speaker, saved=shown.saved)
        if before is None or before.words != words:
            self._written[shown.id] = _Written(words, shape, tenth)
            self._write(f"{heading(shown)}\n{words}\n\n")

    async def wait(self, work: Awaitable[None]) -> None:
        """Wait until it is done."""
        await work

    def _write(self, words: str) -> None:
        self._out.write(words)
        self._out.flush()


def heading(shown: Shown) -> str:
    """Return the line above a message: its name, and what is unusual about it."""
    remarks = [visible_line(shown.speaker.say(remark)) for remark in _remarks(shown)]
    return " · ".join(part for part in (shown.id, *remarks) if part)


def _remarks(shown: Shown) -> list[Text]:
    remarks: list[Text] = []
    if not shown.here:
        remarks.append(_("in {place}", place=Code(shown.place)))
    if shown.to is not None and shown.aside:
        remarks.append(_("only {name} sees this", name=shown.to))
    if shown.event == "edit":
        remarks.append(_("changed"))
    if shown.event == "delete":
        remarks.append(_("deleted"))
    if shown.event == "reaction":
        remarks.append(_("the bot reacts with {emoji}", emoji=shown.emoji))
    return remarks


def _shape(reply: Reply) -> Iterator[str]:
    if reply.complaint is not None:
        yield reply.complaint.id
    for block in reply.blocks:
        yield type(block).__name__
        match block:
            case Heading(text=text) | Paragraph(text=text) | Note(text=text):
                yield text.message
            case Progress(label=label):
                yield label.message
            case Choices(choices=choices):
                yield from (choice.says for choice in choices)
            case _:
                pass


def _tenth(progress: Progress) -> int:
    return progress.done * 10 // progress.total if progress.total > 0 else 0
