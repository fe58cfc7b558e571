"""A reply as embeds, buttons and files: a pure function of the reply and its reader's language.

Everything stands in embeds, whose links unfold nothing and whose words ping nobody. What is more
than one message holds goes on in an attached file that has all of it, and the message says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final

from msgspec import Struct

from adapters.discord.buttons import Button, buttons_of, cut
from adapters.discord.embeds import Embed, Image, Named, Part, packed
from adapters.discord.limits import FIELD_NAME, FIELD_VALUE, FILES, length
from adapters.discord.lines import EMPTY, Line, lines_of
from adapters.discord.markdown import Atom, atoms, plain_atoms
from adapters.discord.uploads import Upload, Uploads
from chatops.conversation.fallbacks import NO_FILES
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Complaint,
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
    choices_of,
)
from chatops.conversation.reply import Field as NamedValue
from chatops.language import Bytes, Code, Speaker, Strong, Text, _

RED: Final = 0xD83C3E
_WHOLE: Final = "quitx.txt"
_CELLS: Final = 20
_SHORT: Final = 30
"""Characters of a named value that others may stand beside."""

_HEADING: Final = Atom("### ", "")
_SMALL: Final = Atom("-# ", "")
_QUOTED: Final = Atom("> ", "> ")
_QUOTED_SMALL: Final = Atom("> -# ", "> ")
_BULLET: Final = Atom("- ", "- ")
_INDENT: Final = Atom("  ", "  ")
_NOTHING: Final = "–"
_SILENCE: Final[tuple[Embed, ...]] = ({"description": _NOTHING},)
"""What stands where nothing was said: Discord takes no empty message."""

_REST: Final = _("This is too long for one message: all of it is in the attached file.")
_CHOOSE: Final = _("What would you like to do?")


class Message(Struct, frozen=True):
    """A message as Discord takes it.

    Args:
        rows: Buttons, row by row.
    """

    embeds: tuple[Embed, ...]
    rows: tuple[tuple[Button, ...], ...] = ()
    files: tuple[Upload, ...] = ()


def render(reply: Reply, speaker: Speaker) -> Message:
    """Return a reply, adapted to Discord before, as one message."""
    page = _Page(speaker)
    parts = page.parts(reply)
    colour = RED if reply.complaint is not None else None
    rows = buttons_of(choices_of(reply), speaker)
    files = tuple(page.uploads.files)
    embeds = packed(parts, colour)
    if embeds is not None:
        return Message(embeds or _SILENCE, rows, files)
    embeds = packed(parts, colour, tuple(page.small(_REST)))
    assert embeds is not None
    # The picture of an embed that found no room is attached like any other file.
    whole = Upload(_WHOLE, _read(parts).encode(), speaker.say(_REST))
    return Message(embeds, rows, (*files[: FILES - 1], whole))


def _read(parts: Iterable[Part]) -> str:
    return "\n".join(part.plain for part in parts)


class _Page:
    """Goes through the blocks of one reply."""

    def __init__(self, speaker: Speaker) -> None:
        self.uploads = Uploads(speaker)
        self._speaker = speaker

    def parts(self, reply: Reply) -> list[Part]:
        """Stand one empty line between blocks, none after a heading."""
        parts: list[Part] = []
        if reply.complaint is not None:
            parts += self._complaint(reply.complaint)
        close = False
        for block in reply.blocks:
            more = list(self._block(block))
            if parts and more and not close:
                parts.append(Line(()))
            parts += more
            close = isinstance(block, Heading)
        return parts or list(self._lines(_CHOOSE))

    def small(self, text: Text) -> Iterator[Line]:
        """Go through the lines of a text in small print."""
        return self._lines(text, _SMALL, _SMALL)

    def _block(self, block: Block) -> Iterable[Part]:  # noqa: C901, PLR0911 - one line for each kind
        match block:
            case Heading(text=text):
                words = tuple(atom for atom in self._atoms(text) if atom.plain != "\n")
                return (Line(words, _HEADING, _HEADING),)
            case Paragraph(text=text):
                return self._lines(text)
            case Note(text=text):
                return self.small(text)
            case Fields(fields=fields):
                return chain.from_iterable(map(self._field, fields))
            case Listing():
                return self._listing(block)
            case Quote():
                return self._quote(block)
            case Progress():
                return self._progress(block)
            case Picture():
                return self._picture(block)
            case Document():
                return self._document(block)
            case Choices(choices=choices):
                return self._choices(choices)

    def _complaint(self, complaint: Complaint) -> Iterator[Line]:
        yield from self._lines(complaint.cause, Atom("✗ ", "✗ "))
        yield from self._lines(complaint.next, Atom("→ ", "→ "))
        if complaint.typed:
            yield from self.small(_("You typed: {line}", line=Code(complaint.typed)))
        yield from self.small(_("Error {id}", id=Code(complaint.id)))

    def _field(self, field: NamedValue) -> Iterator[Named | Line]:
        name, value = tuple(self._atoms(field.name)), tuple(self._atoms(field.value))
        read_name, read = (Line(each).plain for each in (name, value))
        marked_name, marked = (Line(each).marked.strip() or _NOTHING for each in (name, value))
        if length(marked_name) <= FIELD_NAME and length(marked) <= FIELD_VALUE:
            inline = len(read) <= _SHORT and len(read_name) <= _SHORT
            yield Named(marked_name, marked, f"{read_name}: {read}", inline)
        else:
            yield from self._lines(
                _("{name}: {value}", name=Strong(self._speaker.say(field.name)), value=field.value)
            )

    def _listing(self, block: Listing) -> Iterator[Line]:
        for number, item in enumerate(block.items, start=1):
            sign = f"{number}. "
            mark = Atom(sign, sign) if block.numbered else _BULLET
            yield from self._lines(item, mark, _INDENT)

    def _quote(self, block: Quote) -> Iterator[Line]:
        if block.caption is not None:
            yield from self._lines(block.caption, _QUOTED_SMALL, _QUOTED_SMALL)
        yield from lines_of(plain_atoms(block.text), _QUOTED, _QUOTED)

    def _progress(self, block: Progress) -> Iterator[Line]:
        yield from self._lines(block.label)
        if block.total <= 0:
            yield from self._lines(_("{done} so far", done=block.done))
            return
        percent = max(0, min(100, block.done * 100 // block.total))
        full = _CELLS * percent // 100
        bar = "▓" * full + "░" * (_CELLS - full) + " "
        figures = _(
            "{percent}\N{NO-BREAK SPACE}% ({done}/{total})",
            percent=percent,
            done=block.done,
            total=block.total,
        )
        yield from self._lines(figures, Atom(bar, bar))

    def _picture(self, block: Picture) -> Iterator[Part]:
        upload = self.uploads.add(block)
        if upload is None:
            yield from self._lines(
                _("Picture {name}: {description}", name=block.name, description=block.description)
            )
            yield from self.small(NO_FILES)
        else:
            yield from self.small(block.description)
            yield Image(upload.url, "")

    def _document(self, block: Document) -> Iterator[Line]:
        size = Bytes(len(block.data))
        yield from self._lines(
            _(
                "File {name} ({size}): {description}",
                name=block.name,
                size=size,
                description=block.description,
            )
        )
        if self.uploads.add(block) is None:
            yield from self.small(NO_FILES)

    def _choices(self, choices: Iterable[Choice]) -> Iterator[Line]:
        """Say in full what a button cannot."""
        for choice in choices:
            if cut(choice, self._speaker):
                yield from self._lines(choice.label, _BULLET, _INDENT)

    def _lines(self, text: Text, mark: Atom = EMPTY, again: Atom = EMPTY) -> Iterator[Line]:
        return lines_of(self._atoms(text), mark, again)

    def _atoms(self, text: Text) -> Iterator[Atom]:
        return atoms(self._speaker.pieces(text))
