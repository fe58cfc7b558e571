"""Parts of a message, packed into embeds within Discord's limits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from msgspec import Struct

from adapters.discord.limits import DESCRIPTION, EMBED_CHARACTERS, EMBEDS, FIELDS, length
from adapters.discord.lines import Line, broken

Embed: TypeAlias = dict[str, Any]
"""An embed as the API spells it."""


class Named(Struct, frozen=True):
    """A named value, short enough for an embed's field, as Markdown.

    Args:
        plain: Both as they read.
        inline: Whether others may stand beside it.
    """

    name: str
    value: str
    plain: str
    inline: bool


class Image(Struct, frozen=True):
    """A picture that the message attaches."""

    url: str
    plain: str


Part: TypeAlias = Line | Named | Image


def packed(
    parts: Iterable[Part], colour: int | None = None, ending: Sequence[Line] = ()
) -> tuple[Embed, ...] | None:
    """Return parts as the embeds of one message.

    Args:
        ending: What stands last where not everything fits; without it None is returned then.
    """
    packing = _Packing(colour, sum(length(line.marked) + 1 for line in ending))
    for part in parts:
        if not packing.take(part):
            if not ending:
                return None
            packing.reserved = 0
            for line in ending:
                packing.take(line)
            break
    return packing.embeds()


class _Packing:
    """Fills one embed after the other, in the order in which Discord shows their parts.

    Args:
        reserved: Characters that are kept free.
    """

    def __init__(self, colour: int | None, reserved: int) -> None:
        self.reserved = reserved
        self._colour = colour
        self._taken = 0
        self._done: list[Embed] = []
        self._text: list[str] = []
        self._fields: list[Embed] = []
        self._image = ""

    def take(self, part: Part) -> bool:
        """Add a part; return whether all of it found room."""
        match part:
            case Line():
                return all(self._line(line) for line in broken(part, DESCRIPTION // 2))
            case Named():
                return self._named(part)
            case Image(url=url):
                if self._image:
                    self._close()
                self._image = url
                return self._last_fits()

    def embeds(self) -> tuple[Embed, ...]:
        """Return what was taken."""
        self._close()
        return tuple(self._done)

    def _line(self, line: Line) -> bool:
        text = line.marked
        if self._fields or self._image or length("\n".join((*self._text, text))) > DESCRIPTION:
            self._close()
        if not text and not self._text:
            return True
        size = length(text) + bool(self._text)
        return self._fits(size) and self._add(size, self._text, text)

    def _named(self, part: Named) -> bool:
        if self._image or len(self._fields) == FIELDS:
            self._close()
        size = length(part.name) + length(part.value)
        field = {"name": part.name, "value": part.value, "inline": part.inline}
        return self._fits(size) and self._add(size, self._fields, field)

    def _fits(self, size: int) -> bool:
        return self._last_fits() and self._taken + size <= EMBED_CHARACTERS - self.reserved

    def _last_fits(self) -> bool:
        # The end may need an embed of its own.
        return len(self._done) < EMBEDS - bool(self.reserved)

    def _add(self, size: int, to: list[Any], what: object) -> bool:
        self._taken += size
        to.append(what)
        return True

    def _close(self) -> None:
        embed: Embed = {}
        description = "\n".join(self._text).strip()
        if description:
            embed["description"] = description
        if self._fields:
            embed["fields"] = self._fields
        if self._image:
            embed["image"] = {"url": self._image}
        if embed:
            if self._colour is not None:
                embed["color"] = self._colour
            self._done.append(embed)
        self._text, self._fields, self._image = [], [], ""
