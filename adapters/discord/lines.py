"""Lines of a message, broken where they are too long for what holds them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from msgspec import Struct

from adapters.discord.limits import length
from adapters.discord.markdown import BREAK, Atom

EMPTY = Atom("", "")


class Line(Struct, frozen=True):
    """One line.

    Args:
        mark: What stands before it, such as the sign of a list.
        again: What stands before its further lines, where it has to be broken.
    """

    atoms: tuple[Atom, ...]
    mark: Atom = EMPTY
    again: Atom = EMPTY

    @property
    def marked(self) -> str:
        """The line as Markdown."""
        return self.mark.marked + "".join(atom.marked for atom in self.atoms).rstrip()

    @property
    def plain(self) -> str:
        """The line as it reads."""
        return self.mark.plain + "".join(atom.plain for atom in self.atoms).rstrip()


def lines_of(atoms: Iterable[Atom], mark: Atom = EMPTY, again: Atom = EMPTY) -> Iterator[Line]:
    """Go through the lines of a text; every one has a mark."""
    line: list[Atom] = []
    first = mark
    for atom in atoms:
        if atom is BREAK:
            yield Line(tuple(line), first, again)
            line, first = [], again
        else:
            line.append(atom)
    yield Line(tuple(line), first, again)


def broken(line: Line, most: int) -> Iterator[Line]:
    """Break a line into several of at most so many characters as Markdown."""
    mark, kept = line.mark, list[Atom]()
    room = most - length(mark.marked)
    for atom in line.atoms:
        size = length(atom.marked)
        if size > room and kept:
            yield Line(tuple(kept), mark, line.again)
            mark, kept = line.again, []
            room = most - length(mark.marked)
        room -= size
        kept.append(atom)
    yield Line(tuple(kept), mark, line.again)
