"""A reply as Matrix HTML with its plain body, and files: a pure function, in one language.

What is more than one message holds goes on in an attached file that has all of it, and the message
says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct

from adapters.matrix.limits import FILE_BYTES, TEXT_BYTES
from adapters.matrix.markup import Words, clean, clean_name, marked, said
from chatops.conversation.fallbacks import NO_FILES
from chatops.conversation.reply import (
    Block,
    Choices,
    Complaint,
    Document,
    Field,
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
from chatops.language import Bytes, Code, Speaker, Strong, Text, _

_CELLS: Final = 20
_WHOLE: Final = "quitx.txt"
_REST: Final = _("This is too long for one message: all of it is in the attached file.")
_SILENCE: Final = _("What would you like to do?")
_LONGEST: Final = 1_000
"""Characters of a quote that stand or fall together, where not all of it fits."""


class Upload(Struct, frozen=True):
    """A file to attach.

    Args:
        description: For people who cannot see it.
    """

    name: str
    data: bytes
    description: str
    kind: Literal["picture", "file"] = "file"


class Message(Struct, frozen=True):
    """A message as Matrix takes it.

    Args:
        body: Plain.
        html: The same, formatted.
    """

    body: str
    html: str
    files: tuple[Upload, ...] = ()


class _Part(Struct, frozen=True):
    """One paragraph, item or line of a quote.

    Args:
        block: Which block of the reply it belongs to.
        wrap: The element around all parts of its block.
        close: Whether the next block stands right under it.
    """

    words: Words
    block: int
    wrap: str = ""
    close: bool = False


def render(reply: Reply, speaker: Speaker) -> Message:
    """Return a reply, adapted to Matrix before, as one message."""
    page = _Page(speaker)
    parts = list(page.parts(reply))
    files = tuple(page.files)
    whole = _joined(parts)
    if _size(whole) <= TEXT_BYTES:
        return Message(whole.plain, whole.marked, files)
    rest = _Part(_paragraph(page.small(_REST)), -1)
    while parts and _size(_joined([*parts, rest])) > TEXT_BYTES:
        # Half of a message that is far too long, then part by part.
        parts = parts[: max(1, len(parts) // 2)] if _far_too_long(parts) else parts[:-1]
    kept = _joined([*parts, rest])
    attached = Upload(_WHOLE, whole.plain.encode(), speaker.say(_REST))
    return Message(kept.plain, kept.marked, (*files, attached))


def _size(words: Words) -> int:
    return len(json.dumps(words.marked)) + len(json.dumps(words.plain))


def _far_too_long(parts: Sequence[_Part]) -> bool:
    return len(parts) > 1 and _size(_joined(parts[: len(parts) // 2])) > TEXT_BYTES


def _joined(parts: Iterable[_Part]) -> Words:
    markup: list[str] = []
    plain: list[str] = []
    before: _Part | None = None
    for part in parts:
        if before is None or part.block != before.block:
            markup += [_tag("/", before), _tag("", part)]
            if before is not None and not before.close:
                plain.append("")
        markup.append(part.words.marked)
        plain.append(part.words.plain)
        before = part
    return Words("".join((*markup, _tag("/", before))), "\n".join(plain))


def _tag(slash: str, part: _Part | None) -> str:
    return f"<{slash}{part.wrap}>" if part is not None and part.wrap else ""


def _paragraph(words: Words) -> Words:
    return _within("p", words)


def _within(element: str, words: Words) -> Words:
    return Words(f"<{element}>{words.marked}</{element}>", words.plain)


class _Page:
    """Goes through the blocks of one reply."""

    def __init__(self, speaker: Speaker) -> None:
        self.files: list[Upload] = []
        self._speaker = speaker

    def parts(self, reply: Reply) -> Iterator[_Part]:
        """Go through the parts of all blocks, what did not work first."""
        said_nothing = True
        if reply.complaint is not None:
            yield from (_Part(words, 0) for words in self._complaint(reply.complaint))
            said_nothing = False
        for number, block in enumerate(reply.blocks, start=1):
            for words in self._block(block):
                close = isinstance(block, Heading)
                yield _Part(words, number, _WRAPS.get(type(block)) or _wrap(block), close)
                said_nothing = False
        if said_nothing:
            yield _Part(_paragraph(self._words(_SILENCE)), 0)

    def small(self, text: Text) -> Words:
        """Return a text that is not the point."""
        return _within("em", self._words(text))

    def _block(self, block: Block) -> Iterable[Words]:  # noqa: PLR0911 - one line for each kind
        match block:
            case Heading(text=text):
                return (_within("h4", self._words(text)),)
            case Paragraph(text=text):
                return (_paragraph(self._words(text)),)
            case Note(text=text):
                return (_paragraph(self.small(text)),)
            case Fields(fields=fields):
                return map(self._field, fields)
            case Listing():
                return self._listing(block)
            case Quote():
                return self._quote(block)
            case Progress():
                return self._progress(block)
            case Picture() | Document():
                return self._file(block)
            case Choices(choices=choices):
                return (self._item("• ", choice.label) for choice in choices)

    def _complaint(self, complaint: Complaint) -> Iterator[Words]:
        cause = _within("strong", self._words(complaint.cause))
        yield _paragraph(Words(f"✗ {cause.marked}", f"✗ {cause.plain}"))
        following = self._words(complaint.next)
        yield _paragraph(Words(f"→ {following.marked}", f"→ {following.plain}"))
        if complaint.typed:
            yield _paragraph(self.small(_("You typed: {line}", line=Code(complaint.typed))))
        yield _paragraph(self.small(_("Error {id}", id=Code(complaint.id))))

    def _field(self, field: Field) -> Words:
        name = Strong(self._speaker.say(field.name))
        return self._item("• ", _("{name}: {value}", name=name, value=field.value))

    def _listing(self, block: Listing) -> Iterator[Words]:
        for number, item in enumerate(block.items, start=1):
            yield self._item(f"{number}. " if block.numbered else "• ", item)

    def _item(self, sign: str, text: Text) -> Words:
        words = self._words(text)
        return Words(f"<li>{words.marked}</li>", f"{sign}{words.plain}")

    def _quote(self, block: Quote) -> Iterator[Words]:
        if block.caption is not None:
            yield _quoted(self.small(block.caption))
        for piece in _pieces(block.text):
            yield _quoted(said(piece))

    def _progress(self, block: Progress) -> Iterator[Words]:
        yield _paragraph(self._words(block.label))
        if block.total <= 0:
            yield _paragraph(self._words(_("{done} so far", done=block.done)))
            return
        percent = max(0, min(100, block.done * 100 // block.total))
        full = _CELLS * percent // 100
        bar = "▓" * full + "░" * (_CELLS - full)
        figures = self._words(
            _(
                "{percent}\N{NO-BREAK SPACE}% ({done}/{total})",
                percent=percent,
                done=block.done,
                total=block.total,
            )
        )
        yield _paragraph(Words(f"{bar} {figures.marked}", f"{bar} {figures.plain}"))

    def _file(self, block: Picture | Document) -> Iterator[Words]:
        named = isinstance(block, Document) or len(block.data) > FILE_BYTES
        yield _paragraph(self._words(self._described(block) if named else block.description))
        if len(block.data) > FILE_BYTES:
            yield _paragraph(self.small(NO_FILES))
            return
        kind: Literal["picture", "file"] = "picture" if isinstance(block, Picture) else "file"
        words = self._speaker.say(block.description)
        self.files.append(Upload(clean_name(block.name), block.data, words, kind))

    def _described(self, block: Picture | Document) -> Text:
        if isinstance(block, Picture):
            return _(
                "Picture {name}: {description}", name=block.name, description=block.description
            )
        return _(
            "File {name} ({size}): {description}",
            name=block.name,
            size=Bytes(len(block.data)),
            description=block.description,
        )

    def _words(self, text: Text) -> Words:
        return marked(self._speaker.pieces(text))


_WRAPS: Final[Mapping[type[Block], str]] = {Fields: "ul", Choices: "ul", Quote: "blockquote"}


def _wrap(block: Block) -> str:
    return ("ol" if block.numbered else "ul") if isinstance(block, Listing) else ""


def _quoted(words: Words) -> Words:
    plain = "\n".join(f"> {line}" for line in words.plain.split("\n"))
    return Words(f"<p>{words.marked}</p>", plain)


def _pieces(text: str) -> Iterator[str]:
    """Cut a text that is too long for one message anywhere, at its line ends where it can be."""
    lines: list[str] = []
    for line in clean(text).split("\n"):
        parts = [line[at : at + _LONGEST] for at in range(0, len(line), _LONGEST)] or [""]
        for part in parts:
            if lines and sum(map(len, lines)) + len(part) > _LONGEST:
                yield "\n".join(lines)
                lines = []
            lines.append(part)
    yield "\n".join(lines)
