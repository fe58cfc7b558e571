"""A reply as lines of a terminal or of a pipe: a pure function of the reply and its reader.

Colours are the sixteen that every terminal theme sets for itself, so that they read well on light
and on dark. Without colour nothing but words, spaces and line ends is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from adapters.console.visible import visible, visible_line
from adapters.console.wrapping import Line, Run, width_of, wrapped
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
)
from chatops.language import Bytes, Code, Speaker, Text, _

PLAIN: Final = ""
BOLD: Final = "1"
FAINT: Final = "2"
RED: Final = "31"
BOLD_RED: Final = "1;31"
GREEN: Final = "32"
BOLD_GREEN: Final = "1;32"

_PIECES: Final = {"plain": "", "code": "36", "strong": "1", "link": "4"}
_NARROWEST: Final = 20
_WIDEST_NAME: Final = 24
_BAR: Final = 20
_BETWEEN: Final = "   "


def render(
    reply: Reply,
    speaker: Speaker,
    width: int = 0,
    *,
    colour: bool = False,
    saved: Mapping[str, str] | None = None,
) -> str:
    """Return a reply as text that ends without a line end.

    Args:
        reply: What is said.
        speaker: The reader's language.
        width: The columns to stay within; 0 leaves long lines to the reader.
        colour: Whether the reader's terminal shows styles.
        saved: Where the files of the reply were saved, by their names.
    """
    page = _Renderer(speaker, max(width, _NARROWEST) if width else 0, saved or {})
    return "\n".join(painted(line, colour=colour) for line in page.reply(reply))


def render_progress(progress: Progress, speaker: Speaker) -> str:
    """Return how far a work is as one line, for logs."""
    return painted(_Renderer(speaker, 0, {}).progress_line(progress), colour=False)


def painted(line: Line, *, colour: bool) -> str:
    """Write out one line, with its styles where the reader sees them."""
    if not colour:
        return "".join(run.words for run in line).rstrip(" ")
    return "".join(
        f"\x1b[{run.style}m{run.words}\x1b[0m" if run.style else run.words for run in line
    )


def unfinished(reply: Reply) -> Progress | None:
    """Return the first progress of a reply that still goes on."""
    for block in reply.blocks:
        if isinstance(block, Progress) and (block.done < block.total or block.total <= 0):
            return block
    return None


def percent(progress: Progress) -> int:
    """Return how far a work is; 100 only when all of it is done."""
    if progress.total <= 0:
        return 0
    return max(0, min(100, progress.done * 100 // progress.total))


class _Renderer:
    def __init__(self, speaker: Speaker, width: int, saved: Mapping[str, str]) -> None:
        self._speaker = speaker
        self._width = width
        self._saved = saved

    def reply(self, reply: Reply) -> Iterator[Line]:
        """Stand one empty line between blocks, none after a heading."""
        close = True
        if reply.complaint is not None:
            yield from self._complaint(reply.complaint)
            close = False
        for block in reply.blocks:
            if not close:
                yield ()
            yield from self._block(block)
            close = isinstance(block, Heading)

    def _block(self, block: Block) -> Iterable[Line]:  # noqa: PLR0911 - one line for each kind
        match block:
            case Heading(text=text):
                return self._wrapped(self._runs(text, BOLD, one_line=True))
            case Paragraph(text=text):
                return self._wrapped(self._runs(text))
            case Note(text=text):
                return self._beside(Run("ℹ ", FAINT), self._runs(text, FAINT))
            case Fields():
                return self._fields(block)
            case Listing():
                return self._listing(block)
            case Quote():
                return self._quote(block)
            case Progress():
                return self._progress(block)
            case Picture() | Document():
                return self._wrapped(self._runs(self._file(block)))
            case Choices():
                return self._choices(block)

    def _complaint(self, complaint: Complaint) -> Iterator[Line]:
        yield from self._beside(Run("✗ ", BOLD_RED), self._runs(complaint.cause, BOLD_RED))
        yield from self._beside(Run("→ "), self._runs(complaint.next))
        if complaint.typed:
            typed = _("You typed: {line}", line=Code(complaint.typed))
            yield from self._beside(Run("  "), self._runs(typed, FAINT))
        number = _("Error {id}", id=Code(complaint.id))
        yield from self._beside(Run("  "), self._runs(number, FAINT))

    def _fields(self, block: Fields) -> Iterator[Line]:
        names = [list(self._runs(field.name, FAINT, one_line=True)) for field in block.fields]
        widths = [sum(width_of(run.words) for run in name) for name in names]
        widest = min(_WIDEST_NAME, self._width // 2) if self._width else _WIDEST_NAME
        room = min(max(widths, default=0), widest)
        for name, width, field in zip(names, widths, block.fields, strict=True):
            value = self._runs(field.value)
            if width > room:
                yield from self._wrapped(name)
                yield from self._beside(Run(" " * (room + 2)), value)
            else:
                yield from self._beside((*name, Run(" " * (room - width + 2))), value)

    def _listing(self, block: Listing) -> Iterator[Line]:
        room = len(str(len(block.items)))
        for number, item in enumerate(block.items, start=1):
            mark = f"{number:>{room}}. " if block.numbered else "• "
            yield from self._beside(Run(mark, FAINT), self._runs(item))

    def _quote(self, block: Quote) -> Iterator[Line]:
        gutter = Run("│ ", FAINT)
        if block.caption is not None:
            caption = self._runs(block.caption, FAINT, one_line=True)
            yield from self._beside(gutter, caption, every_line=True)
        yield from self._beside(gutter, [Run(visible(block.text))], every_line=True)

    def _progress(self, block: Progress) -> Iterator[Line]:
        yield from self._wrapped(self._runs(block.label))
        yield from self._wrapped(self._bar(block))

    def progress_line(self, block: Progress) -> Line:
        """Return a label and its bar on one line."""
        return (*self._runs(block.label, one_line=True), Run("  "), *self._bar(block))

    def _bar(self, block: Progress) -> Line:
        if block.total <= 0:
            return tuple(self._runs(_("{done} so far", done=block.done), one_line=True))
        cells = min(_BAR, self._width // 3) if self._width else _BAR
        full = cells * percent(block) // 100
        figures = _(
            "{percent}\N{NO-BREAK SPACE}% ({done}/{total})",
            percent=percent(block),
            done=block.done,
            total=block.total,
        )
        return (
            Run("▓" * full, GREEN),
            Run("░" * (cells - full), FAINT),
            Run(" "),
            *self._runs(figures, one_line=True),
        )

    def _file(self, block: Picture | Document) -> Text:
        name = visible_line(block.name)
        if isinstance(block, Picture):
            return _("Picture {name}: {description}", name=name, description=block.description)
        size = Bytes(len(block.data))
        said = _(
            "File {name} ({size}): {description}",
            name=name,
            size=size,
            description=block.description,
        )
        if block.name not in self._saved:
            return said
        return _("{file} Saved as {path}", file=said, path=Code(self._saved[block.name]))

    def _choices(self, block: Choices) -> Iterator[Line]:
        buttons = [
            list(self._button(number, choice))
            for number, choice in enumerate(block.choices, start=1)
        ]
        widths = [sum(width_of(run.words) for run in button) for button in buttons]
        together = sum(widths) + len(_BETWEEN) * (len(buttons) - 1)
        if not self._width or together <= self._width:
            row: list[Run] = []
            for button in buttons:
                row += [Run(_BETWEEN), *button] if row else button
            yield tuple(row)
            return
        for button in buttons:
            yield from self._beside(button[0], button[1:])

    def _button(self, number: int, choice: Choice) -> Iterator[Run]:
        style = {"normal": BOLD, "primary": BOLD_GREEN, "danger": BOLD_RED}[choice.style]
        yield Run(f"[{number}] ", FAINT)
        if choice.emoji:
            yield Run(f"{visible_line(choice.emoji)} ")
        yield from self._runs(choice.label, style, one_line=True)

    def _runs(self, text: Text, style: str = PLAIN, *, one_line: bool = False) -> Iterator[Run]:
        shown = visible_line if one_line else visible
        for piece in self._speaker.pieces(text):
            own = ";".join(code for code in (style, _PIECES[piece.style]) if code)
            if piece.style == "link" and piece.words != piece.url:
                yield Run(f"{shown(piece.words)} (", style)
                yield Run(visible_line(piece.url), own)
                yield Run(")", style)
            else:
                yield Run(shown(piece.words), own)

    def _wrapped(self, runs: Iterable[Run]) -> list[Line]:
        return wrapped(runs, self._width)

    def _beside(
        self, mark: Run | Iterable[Run], runs: Iterable[Run], *, every_line: bool = False
    ) -> Iterator[Line]:
        """Wrap words to the right of a mark that stands on the first line, or on every one."""
        marks = (mark,) if isinstance(mark, Run) else tuple(mark)
        taken = sum(width_of(run.words) for run in marks)
        first, *others = wrapped(runs, max(self._width - taken, 1) if self._width else 0)
        yield (*marks, *first)
        for line in others:
            yield (*(marks if every_line else (Run(" " * taken),)), *line)
