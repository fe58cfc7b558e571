"""A list of organisations, as a spreadsheet saves it."""

from __future__ import annotations

import csv
import difflib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final
from zoneinfo import available_timezones

from chatops.language import LANGUAGES, Code, Invalid, Language, Series, Text, _
from chatops.organisations.setup import Wish

_COLUMNS: Final = {
    "name": ("name", "nom", "organisation", "association"),
    "language": ("language", "langue"),
    "zone": ("zone", "time zone", "fuseau", "fuseau horaire"),
}
_LANGUAGES: Final[dict[str, Language]] = {
    **{language: language for language in LANGUAGES},
    "english": "en",
    "anglais": "en",
    "french": "fr",
    "français": "fr",
    "francais": "fr",
}
_LONGEST: Final = 100
_MOST: Final = 1_000


def read_list(data: bytes, language: str, zone: str) -> Sequence[Wish]:
    """Return the organisations of a list with the columns name, language and zone.

    Commas, semicolons and tabs all separate; the last two columns may be missing or left empty.

    Args:
        data: The file, in UTF-8, or in what old spreadsheets write.
        language: What is meant where none is given.
        zone: The same.

    Raises:
        Invalid: What is wrong, and in which line.
    """
    rows = _rows(_decoded(data))
    first = next(rows, None)
    if first is None:
        raise Invalid(_("The list is empty."), _("Its first line is {line}.", line=_EXAMPLE))
    columns = _columns(first[1])
    wishes: dict[str, int] = {}
    found: list[Wish] = []
    for line, cells in rows:
        given = {name: cells[at] for name, at in columns.items() if at < len(cells)}
        try:
            wish = read_wish(
                given.get("name", ""),
                given.get("language") or language,
                given.get("zone") or zone,
            )
        except Invalid as wrong:
            raise _in_line(line, wrong) from None
        twin = wishes.setdefault(wish.name.casefold(), line)
        if twin != line:
            raise Invalid(
                _(
                    "Line {line}: {name} stands in line {twin}, too.",
                    line=line,
                    name=wish.name,
                    twin=twin,
                ),
                _("Give each organisation a name of its own."),
            )
        found.append(wish)
    if not found:
        raise Invalid(_("The list names no organisation."), _("Add a line for each."))
    if len(found) > _MOST:
        raise Invalid(
            _("The list names more than {count} organisations.", count=_MOST),
            _("Cut it into several lists."),
        )
    return found


def read_wish(name: str, language: str, zone: str) -> Wish:
    """Return an organisation as it was described.

    Raises:
        Invalid: Something about it cannot be.
    """
    called = " ".join(unicodedata.normalize("NFC", name).split())
    if not called:
        raise Invalid(
            _("The organisation has no name."),
            _(
                "Write one after {command}, or in its line of the list.",
                command=Code("quitx setup"),
            ),
        )
    if len(called) > _LONGEST or not called.isprintable():
        raise Invalid(
            _("{name} cannot be the name of an organisation.", name=called[:_LONGEST]),
            _("Use at most {count} letters and signs.", count=_LONGEST),
        )
    spoken = _LANGUAGES.get(language.strip().casefold())
    if spoken is None:
        raise Invalid(
            _("{language} is not a language that the bot speaks.", language=Code(language)),
            _("Choose from {names}.", names=_either(LANGUAGES)),
        )
    return Wish(called, spoken, _zone(zone.strip()))


_EXAMPLE: Final = Code("name,language,zone")


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Go through the lines that hold something, with their numbers."""
    head = text.lstrip().partition("\n")[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise Invalid(
                _("Line {line} cannot be read.", line=reader.line_num),
                _("Close its quotes, or save the list again as CSV."),
            ) from None
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells


def _columns(cells: Sequence[str]) -> dict[str, int]:
    """Return where each column stands."""
    named = [cell.strip().casefold() for cell in cells]
    columns: dict[str, int] = {}
    for at, title in enumerate(named):
        column = next((name for name, titles in _COLUMNS.items() if title in titles), None)
        if column is None or column in columns:
            raise Invalid(
                _("The first line has a column {name}.", name=Code(cells[at])),
                _("Its columns are {line}.", line=_EXAMPLE),
            )
        columns[column] = at
    if "name" not in columns:
        raise Invalid(
            _("The first line has no column {name}.", name=Code("name")),
            _("Its columns are {line}.", line=_EXAMPLE),
        )
    return columns


@cache
def _zones() -> Mapping[str, str]:
    return {each.casefold(): each for each in available_timezones()}


def _zone(name: str) -> str:
    zones = _zones()
    found = zones.get(name.casefold())
    if found is None:
        near = difflib.get_close_matches(name.casefold(), zones, cutoff=0.6)
        offered = [zones[each] for each in near] or ["Europe/Paris", "UTC"]
        raise Invalid(
            _("There is no time zone {name}.", name=Code(name)),
            _("Choose from {names}.", names=_either(offered)),
        )
    return found


def _either(names: Sequence[str]) -> Series:
    return Series(tuple(Code(name) for name in names), either=True)


def _in_line(line: int, wrong: Invalid) -> Invalid:
    reason: Text = _("Line {line}: {reason}", line=line, reason=wrong.reason)
    return Invalid(reason, wrong.mend)
