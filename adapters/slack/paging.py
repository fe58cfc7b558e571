"""Cutting long words, and laying parts out over messages, within Slack's limits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, TypeAlias

import regex
from msgspec import Struct
from msgspec.structs import replace

from adapters.slack import limits
from adapters.slack.mrkdwn import escaped, weight
from chatops.language import Piece

Block: TypeAlias = dict[str, Any]

_GRAPHEMES: Final = regex.compile(r"\X")
_NEAR: Final = 200
"""How far before the limit a space is looked for."""

_WIDEST: Final = 5
"""What one sign can weigh once it is escaped."""


class Part(Struct, frozen=True):
    """One block, with its words as they are read aloud.

    Args:
        words: Plain, unescaped.
        signs: How much room its markup takes, counted as characters.
        heads: Whether it belongs to the part that follows.
        pressed: Whether it holds buttons.
    """

    block: Block
    words: str
    signs: int = 0
    heads: bool = False
    pressed: bool = False

    @property
    def size(self) -> int:
        """How much of a message it takes."""
        return weight(self.words) + self.signs + 1


class Page(Struct, frozen=True):
    """One message: blocks, and the text that notifications and screen readers take."""

    blocks: tuple[Block, ...]
    text: str


def cut(pieces: Iterable[Piece], room: int = limits.PART) -> Iterator[tuple[Piece, ...]]:
    """Cut a styled text into runs of a bounded weight: at a line's end, a space, else anywhere."""
    run: list[Piece] = []
    left = room
    for piece in pieces:
        words = piece.words
        if piece.style == "link" and heft(piece) > room:
            piece = Piece(f"{words} ({piece.url})")  # noqa: PLW2901 - no link can be that long
            words = piece.words
        while heft(replace(piece, words=words)) > left:
            # A link is not cut: half of its words would be another link.
            cuttable = piece.style != "link"
            head = _head(words, left, whole=left == room) if cuttable else ""
            if head:
                run.append(replace(piece, words=head))
                words = words[len(head) :]
            if run:
                yield tuple(run)
            run, left = [], room
        if words:
            run.append(replace(piece, words=words))
            left -= heft(run[-1])
    if run:
        yield tuple(run)


def heft(piece: Piece) -> int:
    """Return how much room a run takes, its address included."""
    return weight(piece.words) + (weight(piece.url) + 3 if piece.style == "link" else 0)


def laid_out(parts: Sequence[Part], *, blocks: int = limits.BLOCKS) -> tuple[Page, ...]:
    """Lay parts out over as few messages as they need.

    Where that is more than one, what can be pressed goes to the end, so that the last message
    holds all of it.
    """
    pages = list(_pages(parts, blocks))
    if len(pages) > 1:
        said = [part for part in parts if not part.pressed]
        offered = [part for part in parts if part.pressed]
        pages = list(_pages([*said, *offered], blocks, together=len(offered)))
    return tuple(_page(page) for page in pages)


def _pages(parts: Sequence[Part], blocks: int, together: int = 0) -> Iterator[list[Part]]:
    """Fill page after page; the last parts may have to stay on one page."""
    page: list[Part] = []
    for index, part in enumerate(parts):
        rest = parts[index:]
        coming: Sequence[Part] = rest if together and len(rest) == together else [part]
        if page and not _fits([*page, *coming], blocks):
            heads = len(page) > 1 and page[-1].heads and _fits([page[-1], *coming], blocks)
            carried = [page.pop()] if heads else []
            yield page
            page = carried
        page.append(part)
    if page:
        yield page


def _fits(parts: Sequence[Part], blocks: int) -> bool:
    return len(parts) <= blocks and sum(part.size for part in parts) <= limits.PAGE


def _page(parts: Sequence[Part]) -> Page:
    words = "\n".join(part.words for part in parts if part.words)
    return Page(tuple(part.block for part in parts), escaped(words))


def _head(words: str, room: int, *, whole: bool) -> str:
    """Return as much of a text's beginning as fits, ending where a reader pauses.

    Args:
        words: More than fits.
        room: How much does.
        whole: Whether nothing more could fit elsewhere: then a word is cut where it must be.
    """
    end = fitting = 0
    for grapheme in _GRAPHEMES.finditer(words):
        fitting += weight(grapheme[0])
        if fitting > room:
            break
        end = grapheme.end()
    for pause in ("\n", " "):
        found = words.rfind(pause, max(0, end - _NEAR), end)
        if found > 0:
            return words[: found + 1]
    if not whole:
        return ""
    # A single sign can be made of thousands; then it is cut between its marks.
    return words[: end or max(1, room // _WIDEST)]
