"""Message catalogues: from a `Text` to words in French or English.

Catalogues are gettext `.po` files, read on first use and compiled in memory: an edit of a
translation shows at the next start, without a build step.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

from chatops.language.text import (
    Bytes,
    Code,
    Day,
    Link,
    Moment,
    Series,
    Span,
    Strong,
    Text,
    Value,
)

Language = Literal["en", "fr"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_FOLDER = Path(__file__).parent / "locale"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_NO_BREAK_SPACE = "\u00a0"


class Piece(Struct, frozen=True):
    """A run of words in one style, still unescaped: every platform escapes for itself."""

    words: str
    style: Literal["plain", "code", "strong", "link"] = "plain"
    url: str = ""


class Speaker(Struct, frozen=True):
    """Puts texts into one language."""

    language: Language

    def say(self, text: Text) -> str:
        """Return the sentence as plain words; an address stands behind its label."""
        return "".join(_plain(piece) for piece in self.pieces(text))

    def pieces(self, text: Text) -> tuple[Piece, ...]:
        """Return the sentence as styled runs, for platforms that can show them."""
        return tuple(_joined(self._walk(text)))

    def _walk(self, text: Text) -> Iterator[Piece]:
        catalogue = _translations(self.language)
        if text.plural:
            pattern = catalogue.ngettext(text.message, text.plural, text.count)
        else:
            pattern = catalogue.gettext(text.message) if text.message else ""
        values: dict[str, Value] = {"count": text.count, **text.values}
        end = 0
        for match in _PLACEHOLDER.finditer(pattern):
            yield Piece(pattern[end : match.start()])
            yield from self._value(values[match[1]])
            end = match.end()
        yield Piece(pattern[end:])

    def _value(self, value: Value) -> Iterator[Piece]:
        match value:
            case Text():
                yield from self._walk(value)
            case Code():
                yield Piece(value.value, "code")
            case Strong():
                yield Piece(value.value, "strong")
            case Link():
                yield Piece(value.label or value.url, "link", value.url)
            case Series():
                yield from self._series(value)
            case str():
                yield Piece(value)
            case _:
                yield Piece(self._figure(value))

    def _series(self, series: Series) -> Iterator[Piece]:
        # Babel joins strings only; marks that no sentence holds keep the styles of the parts.
        from babel.lists import format_list  # noqa: PLC0415 - babel loads on use

        marks = [f"{{{index}}}" for index in range(len(series.values))]
        style: Literal["or", "standard"] = "or" if series.either else "standard"
        pattern = format_list(marks, style, locale=self.language)
        end = 0
        for match in _PLACEHOLDER.finditer(pattern):
            yield Piece(pattern[end : match.start()])
            yield from self._value(series.values[int(match[1])])
            end = match.end()
        yield Piece(pattern[end:])

    def _figure(self, value: float | Moment | Day | Span | Bytes) -> str:
        from babel import numbers  # noqa: PLC0415 - babel loads on use

        match value:
            case Moment():
                return _moment(value, self.language)
            case Day():
                return _day(value.on, self.language)
            case Span():
                return _span(value.length, self.language)
            case Bytes():
                return _size(value.size, self.language)
            case _:
                return numbers.format_decimal(value, locale=self.language)


ENGLISH = Speaker("en")


def _plain(piece: Piece) -> str:
    if piece.style == "link" and piece.words != piece.url:
        return f"{piece.words} ({piece.url})"
    return piece.words


def _joined(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Merge neighbouring plain runs and drop empty ones."""
    pending = ""
    for piece in pieces:
        if piece.style == "plain":
            pending += piece.words
            continue
        if pending:
            yield Piece(pending)
            pending = ""
        yield piece
    if pending:
        yield Piece(pending)


@cache
def _translations(language: Language) -> gettext.NullTranslations:
    """Load a catalogue; English is the source and needs none."""
    path = _FOLDER / language / "LC_MESSAGES" / "quitx.po"
    if not path.exists():
        return gettext.NullTranslations()
    from babel.messages.mofile import write_mo  # noqa: PLC0415 - babel loads on use
    from babel.messages.pofile import read_po  # noqa: PLC0415

    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=language, abort_invalid=True))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _moment(moment: Moment, language: Language) -> str:
    from babel import dates  # noqa: PLC0415 - babel loads on use

    local = moment.at.astimezone(ZoneInfo(moment.zone))
    pattern = "EEEE d MMMM y 'à' HH:mm" if language == "fr" else "EEEE d MMMM y 'at' HH:mm"
    words = dates.format_datetime(local, _first(pattern, local, language), locale=language)
    return f"{words} ({moment.zone})"


def _day(on: date, language: Language) -> str:
    from babel import dates  # noqa: PLC0415 - babel loads on use

    pattern = "d MMMM y" if language == "fr" else "MMMM d, y"
    return dates.format_date(on, _first(pattern, on, language), locale=language)


def _first(pattern: str, on: date, language: Language) -> str:
    """Return the pattern with the ordinal that French writes for the first of a month."""
    return pattern.replace("d MMMM", "d'er' MMMM") if language == "fr" and on.day == 1 else pattern


def _span(length: timedelta, language: Language) -> str:
    from babel import dates  # noqa: PLC0415 - babel loads on use

    return dates.format_timedelta(length, threshold=1.5, locale=language)


def _size(size: int, language: Language) -> str:
    from babel import numbers  # noqa: PLC0415 - babel loads on use

    units = ("o", "ko", "Mo", "Go", "To") if language == "fr" else ("B", "kB", "MB", "GB", "TB")
    step = min(len(units) - 1, (len(str(size)) - 1) // 3)
    amount = numbers.format_decimal(round(size / 1000**step, 1), locale=language)
    return f"{amount}{_NO_BREAK_SPACE}{units[step]}"
