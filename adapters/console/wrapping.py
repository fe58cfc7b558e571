"""Styled words broken into lines by the width that a terminal gives them.

Lines break at plain spaces only: French typography puts non-breaking ones where words must stay
together. A word wider than the line is cut between what a reader sees as characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple, TypeAlias

_PARTS: Final = re.compile(r"\n| +|[^ \n]+")


class Run(NamedTuple):
    """Words in one style.

    Args:
        style: What stands between `ESC [` and `m`; empty for none.
    """

    words: str
    style: str = ""


Line: TypeAlias = tuple[Run, ...]


def width_of(words: str) -> int:
    """Return how many columns of a terminal the words take."""
    if words.isascii():
        return len(words)
    # Its tables take longer to load than a pipe takes to answer.
    from wcwidth import wcswidth  # noqa: PLC0415 - loads on use

    return max(wcswidth(words), 0)


def wrapped(runs: Iterable[Run], width: int) -> list[Line]:
    """Break words into lines of at most `width` columns; 0 breaks at line ends only."""
    if not width:
        return _unwrapped(runs)
    page = _Page(width)
    for run in runs:
        for part in _PARTS.findall(run.words):
            if part == "\n":
                page.end_line()
            elif part[0] == " ":
                page.space(Run(part, run.style))
            else:
                page.continue_word(Run(part, run.style))
    page.end_line()
    return page.lines


def _unwrapped(runs: Iterable[Run]) -> list[Line]:
    lines: list[list[Run]] = [[]]
    for run in runs:
        first, *others = run.words.split("\n")
        lines[-1].append(Run(first, run.style))
        lines += [[Run(words, run.style)] for words in others]
    return [tuple(_merged(line)) for line in lines]


class _Page:
    """Lines as they fill; a word is held back until it is known to be whole."""

    def __init__(self, width: int) -> None:
        self.lines: list[Line] = []
        self._width = width
        self._line: list[Run] = []
        self._column = 0
        self._gap: list[Run] = []
        self._word: list[Run] = []

    def continue_word(self, run: Run) -> None:
        self._word.append(run)

    def space(self, run: Run) -> None:
        self._place_word()
        self._gap.append(run)

    def end_line(self) -> None:
        self._place_word()
        self._gap.clear()
        self._break()

    def _break(self) -> None:
        self.lines.append(tuple(_merged(self._line)))
        self._line.clear()
        self._column = 0

    def _place_word(self) -> None:
        if not self._word:
            return
        word = sum(width_of(run.words) for run in self._word)
        gap = sum(len(run.words) for run in self._gap)
        if self._line and self._column + gap + word > self._width:
            self._break()
        elif gap + word <= self._width:
            self._line += self._gap
            self._column += gap
        self._gap.clear()
        if word > self._width:
            self._place_in_pieces()
        else:
            self._line += self._word
            self._column += word
        self._word.clear()

    def _place_in_pieces(self) -> None:
        from wcwidth import iter_graphemes  # noqa: PLC0415 - loads on use

        for words, style in self._word:
            for cluster in iter_graphemes(words):
                wide = width_of(cluster)
                if self._line and self._column + wide > self._width:
                    self._break()
                self._line.append(Run(cluster, style))
                self._column += wide


def _merged(runs: Iterable[Run]) -> Iterator[Run]:
    """Join neighbours of the same style."""
    pending = Run("")
    for run in runs:
        if run.style == pending.style:
            pending = Run(pending.words + run.words, run.style)
            continue
        if pending.words:
            yield pending
        pending = run
    if pending.words:
        yield pending
