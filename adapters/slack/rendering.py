"""A reply as Block Kit: a pure function of the reply and its reader's language.

Words stand in `rich_text` and `plain_text`, which Slack does not parse: whatever a member wrote, it
pings nobody, formats nothing and links nowhere. The text beside the blocks, which notifications and
screen readers take, is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct

from adapters.slack import limits
from adapters.slack.mrkdwn import clean, clean_line, is_plain, undrawn, weight
from adapters.slack.paging import Block, Page, Part, cut, laid_out
from adapters.slack.pressing import action_id, block_id, packed
from chatops.conversation.reply import Block as Said
from chatops.conversation.reply import (
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
)
from chatops.language import Bytes, Code, Piece, Speaker, Strong, Text, _

_BAR: Final = 20
_ITEM_SIGNS: Final = 10
_NOTHING: Final = "–"
_STYLES: Final = {"code": {"code": True}, "strong": {"bold": True}}


class Upload(Struct, frozen=True):
    """A file of a reply.

    Args:
        title: What it shows, as Slack's title of it and for people who do not see it.
    """

    name: str
    data: bytes
    title: str


class Rendered(Struct, frozen=True):
    """A reply as Slack takes it.

    Args:
        pages: One message each, at least one; the last one holds what can be pressed.
        uploads: What is attached beside them.
        long_values: The lines of buttons whose value only names them, by that value.
    """

    pages: tuple[Page, ...]
    uploads: tuple[Upload, ...]
    long_values: dict[str, str]


def render(
    reply: Reply,
    speaker: Speaker,
    *,
    mark: str = "",
    blocks: int = limits.BLOCKS,
    pages: int = limits.PAGES,
) -> Rendered:
    """Return a reply as Slack takes it.

    Args:
        reply: What is said, with what Slack cannot show already replaced.
        speaker: The reader's language.
        mark: Names the message to its own buttons, where it has no timestamp.
        blocks: How many blocks one page takes.
        pages: How many pages the reply may take; a longer one is attached as a file.
    """
    drawing = _Drawing(speaker, mark)
    parts = list(drawing.reply(reply))
    uploads = tuple(drawing.uploads(reply))
    laid = laid_out(parts, blocks=blocks)
    if len(laid) > pages:
        whole = "\n\n".join(part.words for part in parts if not part.pressed)
        uploads = (drawing.whole(whole), *uploads)
        laid = laid_out(list(drawing.shortened(parts)), blocks=blocks)
    if not laid:
        laid = (Page((_rich(_section([Piece(_NOTHING)])),), _NOTHING),)
    return Rendered(laid, uploads, drawing.long_values)


class _Drawing:
    """Draws one reply; rows of buttons are numbered over the whole of it."""

    def __init__(self, speaker: Speaker, mark: str) -> None:
        self._speaker = speaker
        self._mark = mark
        self._rows = 0
        self._buttons = 0
        self.long_values: dict[str, str] = {}

    def reply(self, reply: Reply) -> Iterator[Part]:
        if reply.complaint is not None:
            yield from self._complaint(reply.complaint)
        for block in reply.blocks:
            yield from self._block(block)

    def uploads(self, reply: Reply) -> Iterator[Upload]:
        for block in reply.blocks:
            if isinstance(block, Picture | Document):
                title = clean_line(self._speaker.say(block.description))
                yield Upload(clean_line(block.name) or "file", block.data, title[: limits.CONTEXT])

    def whole(self, words: str) -> Upload:
        """Return a reply that is too long for messages as a file."""
        title = self._speaker.say(_("The whole answer"))
        return Upload("quitx.txt", words.encode("utf-8"), title)

    def shortened(self, parts: Sequence[Part]) -> Iterator[Part]:
        """Keep the beginning, what can be pressed, and say where the rest is."""
        offered = [part for part in parts if part.pressed]
        room = limits.PAGE - sum(part.size for part in offered) - limits.PAGE // 8
        kept = 0
        for part in parts:
            if part.pressed:
                continue
            room -= part.size
            kept += 1
            if room < 0 or kept > limits.BLOCKS // 2:
                break
            yield part
        yield from self._paragraph(_("This is only the beginning: the file holds all of it."))
        yield from offered

    def _block(self, block: Said) -> Iterable[Part]:  # noqa: PLR0911 - one line for each kind
        match block:
            case Heading(text=text):
                return self._heading(text)
            case Paragraph(text=text):
                return self._paragraph(text)
            case Note(text=text):
                return self._note(text)
            case Fields():
                return self._fields(block)
            case Listing():
                return self._listing(block)
            case Quote():
                return self._quote(block)
            case Progress():
                return self._progress(block)
            case Picture() | Document():
                return self._paragraph(_described(block))
            case Choices():
                return self._choices(block)

    def _complaint(self, complaint: Complaint) -> Iterator[Part]:
        cause = self._speaker.say(complaint.cause)
        yield from _rich_parts([Piece("❌ "), Piece(clean(cause), "strong")], heads=True)
        yield from _rich_parts([Piece("→ "), *self._pieces(complaint.next)])
        if complaint.typed:
            typed = _("You typed: {line}", line=Code(complaint.typed))
            yield from self._paragraph(typed)
        yield from self._note(_("Error {id}", id=Code(complaint.id)))

    def _heading(self, text: Text) -> Iterator[Part]:
        words = clean_line(self._speaker.say(text))
        if 0 < len(words) <= limits.HEADER and is_plain(words):
            yield Part({"type": "header", "text": _plain(words)}, words, heads=True)
        else:
            yield from _rich_parts([Piece(words, "strong")], heads=True)

    def _paragraph(self, text: Text) -> Iterable[Part]:
        return _rich_parts(self._pieces(text))

    def _note(self, text: Text) -> Iterable[Part]:
        words = clean(self._speaker.say(text)).strip()
        if not words:
            return ()
        if weight(words) > limits.CONTEXT or not is_plain(words):
            return self._paragraph(text)
        return (Part({"type": "context", "elements": [_plain(words)]}, words),)

    def _fields(self, block: Fields) -> Iterator[Part]:
        rows: list[Sequence[Piece]] = []
        for field in block.fields:
            name = Strong(clean_line(self._speaker.say(field.name)))
            value = field.value if _words(self._pieces(field.value)).strip() else _NOTHING
            rows.append(self._pieces(_("{name}: {value}", name=name, value=value)))
        yield from _list_parts(rows, "bullet")

    def _listing(self, block: Listing) -> Iterable[Part]:
        rows = [self._pieces(item) or [Piece(_NOTHING)] for item in block.items]
        return _list_parts(rows, "ordered" if block.numbered else "bullet")

    def _quote(self, block: Quote) -> Iterator[Part]:
        if block.caption is not None:
            yield from _rich_parts(self._pieces(block.caption), heads=True)
        words = clean(block.text)
        for run in cut([Piece(words if words.strip() else _NOTHING)]):
            quoted = "\n".join(f"> {line}" for line in _words(run).split("\n"))
            yield Part(_rich(_enclosed("rich_text_quote", run)), quoted)

    def _progress(self, block: Progress) -> Iterator[Part]:
        label = self._pieces(block.label)
        yield from _rich_parts([*label, Piece("\n"), *self._bar(block)])

    def _bar(self, block: Progress) -> list[Piece]:
        if block.total <= 0:
            return self._pieces(_("{done} so far", done=block.done))
        percent = max(0, min(100, block.done * 100 // block.total))
        full = _BAR * percent // 100
        figures = _(
            "{percent}\N{NO-BREAK SPACE}% ({done}/{total})",
            percent=percent,
            done=block.done,
            total=block.total,
        )
        return [Piece("▓" * full + "░" * (_BAR - full) + " "), *self._pieces(figures)]

    def _choices(self, block: Choices) -> Iterator[Part]:
        for start in range(0, len(block.choices), limits.BUTTONS):
            row = block.choices[start : start + limits.BUTTONS]
            for choice in row:
                label = self._label(choice)
                if len(label) > limits.BUTTON:
                    yield from _rich_parts([Piece(label)])
            labels = " ".join(f"[{_fitting(self._label(choice))}]" for choice in row)
            elements = [self._button(choice) for choice in row]
            row_id = block_id(self._rows, self._mark)
            self._rows += 1
            yield Part(
                {"type": "actions", "block_id": row_id, "elements": elements}, labels, pressed=True
            )

    def _button(self, choice: Choice) -> Block:
        value = packed(choice.says)
        if value != choice.says:
            self.long_values[value] = choice.says
        form = self._speaker.language if choice.form else None
        button: Block = {
            "type": "button",
            "action_id": action_id(self._buttons, form),
            "text": _plain(_fitting(self._label(choice))),
            "value": value,
        }
        if choice.style != "normal":
            button["style"] = choice.style
        self._buttons += 1
        return button

    def _label(self, choice: Choice) -> str:
        words = f"{choice.emoji} {self._speaker.say(choice.label)}"
        return undrawn(clean_line(words)) or _NOTHING

    def _pieces(self, text: Text) -> list[Piece]:
        pieces = (
            Piece(clean(piece.words) or clean_line(piece.url), piece.style, piece.url)
            for piece in self._speaker.pieces(text)
        )
        return [piece for piece in pieces if piece.words]


def _described(block: Picture | Document) -> Text:
    name = clean_line(block.name)
    if isinstance(block, Picture):
        return _("Picture {name}: {description}", name=name, description=block.description)
    return _(
        "File {name} ({size}): {description}",
        name=name,
        size=Bytes(len(block.data)),
        description=block.description,
    )


def _rich_parts(pieces: Sequence[Piece], *, heads: bool = False) -> Iterator[Part]:
    if not _words(pieces).strip():
        return
    for run in cut(pieces):
        yield Part(_rich(_section(run)), _words(run), heads=heads)


def _list_parts(rows: Iterable[Sequence[Piece]], style: str) -> Iterator[Part]:
    """Draw a list; a numbered one goes on counting in the next block."""
    items: list[Block] = []
    lines: list[str] = []
    size = number = 0
    for number, row in enumerate(rows, start=1):
        mark = f"{number}. " if style == "ordered" else "• "
        line = f"{mark}{_words(row)}"
        heavy = weight(line) > limits.PART
        if items and (heavy or size + weight(line) + _ITEM_SIGNS > limits.PART):
            yield _list_part(items, lines, style, number - len(items))
            items, lines, size = [], [], 0
        if heavy:
            yield from _rich_parts([Piece(mark), *row])
            continue
        items.append(_section(row))
        lines.append(line)
        size += weight(line) + _ITEM_SIGNS
    if items:
        yield _list_part(items, lines, style, number + 1 - len(items))


def _list_part(items: list[Block], lines: list[str], style: str, first: int) -> Part:
    """Draw one block of a list, whose first item has this number."""
    listing: Block = {"type": "rich_text_list", "style": style, "elements": items}
    if first > 1 and style == "ordered":
        listing["offset"] = first - 1
    return Part(_rich(listing), "\n".join(lines), _ITEM_SIGNS * len(items))


def _rich(element: Block) -> Block:
    return {"type": "rich_text", "elements": [element]}


def _section(pieces: Iterable[Piece]) -> Block:
    return {"type": "rich_text_section", "elements": [_element(piece) for piece in pieces]}


def _enclosed(kind: str, pieces: Iterable[Piece]) -> Block:
    return {"type": kind, "elements": [_element(piece) for piece in pieces]}


def _element(piece: Piece) -> Block:
    if piece.style == "link" and _leads_somewhere(piece.url):
        return {"type": "link", "url": piece.url, "text": piece.words}
    element: Block = {"type": "text", "text": piece.words}
    if piece.style in _STYLES:
        element["style"] = _STYLES[piece.style]
    return element


def _leads_somewhere(url: str) -> bool:
    if len(url) > limits.URL or not url.isprintable() or " " in url:
        return False
    try:
        split = urlsplit(url)
    except ValueError:
        return False
    return split.scheme in {"http", "https"} and bool(split.netloc)


def _words(pieces: Iterable[Piece]) -> str:
    """Return pieces as they are read aloud, an address behind its label."""
    return "".join(
        f"{piece.words} ({piece.url})"
        if piece.style == "link" and piece.words not in (piece.url, "")
        else piece.words
        for piece in pieces
    )


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}


def _fitting(label: str) -> str:
    """Return what fits on a button; the whole of a longer label stands above it."""
    return label if len(label) <= limits.BUTTON else f"{label[: limits.BUTTON - 1].rstrip()}…"
