"""Cutting what was said of a moment into days, hours and lengths.

`understand` cuts what was said into pieces, in any order, until nothing is left; what it cannot cut
whole, or says something twice, it does not understand. It decides nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Final, Literal

from chatops.conversation.times import vocabulary as v
from chatops.conversation.words import fold

Which = Literal["", "this", "next", "prochain", "next week"]

LONGEST: Final = 120


@dataclass(slots=True)
class Said:
    """What was said of a moment; None for what was not.

    Args:
        days: Days from today.
        weeks: Weeks after the first such weekday ("en huit": 1).
        hour: As on a clock of 24 hours; `bare` where it may be of 12.
        midnight: The word, which may mean the day's start or its end.
        elapsed: Hours and minutes from now.
    """

    days: int | None = None
    weekday: int | None = None
    which: Which = ""
    weeks: int = 0
    day: int | None = None
    month: int | None = None
    year: int | None = None
    hour: int | None = None
    minute: int = 0
    second: int = 0
    bare: bool = False
    midnight: bool = False
    part: v.Part | None = None
    elapsed: timedelta | None = None
    offset: timezone | None = None

    @property
    def dated(self) -> bool:
        """Whether any day was said."""
        return any(field is not None for field in (self.days, self.weekday, self.day, self.month))

    @property
    def timed(self) -> bool:
        """Whether any hour was said."""
        return self.hour is not None or self.midnight


class _TwiceError(Exception):
    """Something was said twice."""


def understand(typed: str) -> Said | None:
    """Return what was said, or None where it is not understood whole."""
    words = fold(typed)
    if len(words) > LONGEST:
        return None
    said = Said()
    position = 0
    before = ""
    while position < len(words):
        for name, pattern, note in _PIECES:
            match = pattern.match(words, position)
            if match is None or (name == "day number" and before not in {"weekday", "the"}):
                continue
            try:
                note(said, match)
            except _TwiceError:
                return None
            position = match.end()
            before = name or before
            break
        else:
            return None
    return said if said.dated or said.timed or said.elapsed is not None else None


def length_of(typed: str) -> timedelta | None:
    """Return a length of time, or None where it is not understood whole."""
    words = fold(typed)
    if len(words) > LONGEST or not re.fullmatch(v.LENGTHS, words):
        return None
    return sum((length for length, _by_day in _lengths(words)), timedelta())


def _lengths(words: str) -> Iterator[tuple[timedelta, bool]]:
    """Return each length, and whether it is counted on the calendar."""
    for match in re.finditer(v.LENGTH, words):
        fraction = v.FRACTIONS.get(match[0])
        clock = re.fullmatch(r"([0-9]+)\s?h\s?([0-9]{2})\D*", match[0])
        if fraction is not None:
            yield fraction, False
        elif clock:
            yield timedelta(hours=int(clock[1]), minutes=int(clock[2])), False
        else:
            yield _counted(match[0])


def _counted(words: str) -> tuple[timedelta, bool]:
    match = re.fullmatch(r"([0-9]+|[a-z]+(?=\s))\s?([a-z]+)", words)
    assert match is not None, "v.LENGTH matches nothing else"
    number = int(match[1]) if match[1].isdigit() else v.NUMBER[match[1]]
    unit = v.UNITS[match[2]]
    return number * unit, unit >= timedelta(days=1)


def _set_date(said: Said, day: str, month: int, year: str | None) -> None:
    if said.day is not None or said.month is not None:
        raise _TwiceError
    said.day = 1 if day in {"premier", "first"} else int(day)
    said.month = month
    said.year = int(year) if year else None


def _iso_date(said: Said, match: re.Match[str]) -> None:
    _set_date(said, match[3], int(match[2]), match[1])


def _figures_date(said: Said, match: re.Match[str]) -> None:
    _set_date(said, match[1], int(match[2]), match[3])


def _day_month(said: Said, match: re.Match[str]) -> None:
    _set_date(said, match[1], v.MONTH[match[2]], match[3])


def _month_day(said: Said, match: re.Match[str]) -> None:
    _set_date(said, match[2], v.MONTH[match[1]], match[3])


def _day_number(said: Said, match: re.Match[str]) -> None:
    if said.day is not None:
        raise _TwiceError
    said.day = int(match[1])


def _set_days(said: Said, days: int) -> None:
    if said.days is not None:
        raise _TwiceError
    said.days = days


def _day_word(said: Said, match: re.Match[str]) -> None:
    words = match[0]
    if words.startswith("apres") or words.endswith("after tomorrow"):
        _set_days(said, 2)
    elif words in {"demain", "tomorrow"}:
        _set_days(said, 1)
    else:
        _set_days(said, -1 if words in {"hier", "yesterday"} else 0)


def _weekday(said: Said, match: re.Match[str]) -> None:
    if said.weekday is not None or (match[1] and match[3]):
        raise _TwiceError
    said.weekday = v.WEEKDAY[match[2]]
    how = match[1] or match[3] or ""
    if how in {"ce", "this"}:
        said.which = "this"
    elif how in {"next", "prochain"}:
        said.which = "next" if how == "next" else "prochain"
    elif "semaine" in how or how == "next week":
        said.which = "next week"
    else:
        said.weeks = {"": 0, "en quinze": 2}.get(how, 1)


def _set_hour(said: Said, hour: int, minute: int = 0) -> None:
    if said.timed:
        raise _TwiceError
    said.hour, said.minute = hour, minute


def _hour_minutes(said: Said, match: re.Match[str]) -> None:
    hour, after = int(match[1]), match[2] or match[3] or "00"
    if after == "moins le quart":
        _set_hour(said, hour - 1, 45)
    else:
        _set_hour(said, hour, v.MINUTES[after] if after in v.MINUTES else int(after))


def _digital(said: Said, match: re.Match[str]) -> None:
    _set_hour(said, _of_half(int(match[1]), match[4]), int(match[2]))
    said.second = int(match[3] or 0)
    if match[5]:
        hours, minutes = (int(match[6]), int(match[7])) if match[6] else (0, 0)
        signed = -1 if match[5].startswith("-") else 1
        said.offset = timezone(signed * timedelta(hours=hours, minutes=minutes))


def _half_day(said: Said, match: re.Match[str]) -> None:
    _set_hour(said, _of_half(int(match[1]), match[2]))
    # Twelve at night is the day's start or its end, as midnight is.
    if said.hour == 0:
        said.hour, said.midnight = None, True


def _of_half(hour: int, half: str | None) -> int:
    if not half:
        return hour
    if not 1 <= hour <= 12:  # noqa: PLR2004 - the face of a clock
        raise _TwiceError
    return hour % 12 + (12 if half.startswith("p") else 0)


def _noon(said: Said, match: re.Match[str]) -> None:
    _set_hour(said, 12, v.MINUTES[match[1]] if match[1] else 0)


def _midnight(said: Said, _match: re.Match[str]) -> None:
    if said.timed:
        raise _TwiceError
    said.midnight = True


def _bare_hour(said: Said, match: re.Match[str]) -> None:
    _set_hour(said, int(match[1] or match[2]))
    said.bare = True


def _set_part(said: Said, part: v.Part) -> None:
    if said.part is not None:
        raise _TwiceError
    said.part = part


def _part_today(said: Said, match: re.Match[str]) -> None:
    _set_days(said, 0)
    _set_part(said, v.PARTS[match[1]] if match[1] else "evening")


def _part(said: Said, match: re.Match[str]) -> None:
    _set_part(said, v.PARTS[match[1]] if match[1] else "night")


def _from_now(said: Said, match: re.Match[str]) -> None:
    lengths = list(_lengths(match[1]))
    total = sum((length for length, _by_day in lengths), timedelta())
    by_day = {by_day for _length, by_day in lengths}
    # Days and hours mixed could be counted on the clock or on the calendar.
    if said.elapsed is not None or len(by_day) > 1:
        raise _TwiceError
    if by_day == {True}:
        _set_days(said, total.days)
    else:
        said.elapsed = total


def _nothing(_said: Said, _match: re.Match[str]) -> None:
    """Skip a word that only links others."""


_Piece = tuple[str, re.Pattern[str], Callable[[Said, re.Match[str]], None]]


def _piece(name: str, pattern: str, note: Callable[[Said, re.Match[str]], None]) -> _Piece:
    return name, re.compile(pattern), note


_PIECES: Final = (
    _piece("", r"[\s,.;]+", _nothing),
    _piece("date", r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:t(?=[0-9])|(?![0-9]))", _iso_date),
    _piece("date", r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(?![0-9])", _figures_date),
    _piece("date", r"([0-9]{1,2})/([0-9]{1,2})()(?![0-9/])", _figures_date),
    _piece("date", rf"{v.DAY}\s?(?:(?:of|de|d')\s?)?({v.MONTH_NAMES})\.?{v.YEAR}", _day_month),
    _piece("date", rf"({v.MONTH_NAMES})\.?\s{v.DAY}{v.NO_CLOCK}{v.YEAR}", _month_day),
    _piece("elapsed", rf"(?:dans|in)\s({v.LENGTHS})", _from_now),
    _piece("elapsed", rf"({v.LENGTHS})\sfrom now(?![a-z])", _from_now),
    _piece(
        "day word",
        r"(?:aujourd[' ]?hui|today|apres[- ]demain|demain|(?:the )?day after tomorrow|tomorrow"
        r"|hier|yesterday)(?![a-z])",
        _day_word,
    ),
    _piece("part", rf"(?:ce|cet|cette|this)\s({v.PART})(?![a-z])", _part_today),
    _piece("part", r"tonight()(?![a-z])", _part_today),
    _piece(
        "weekday",
        rf"(?:(ce|this|next)\s)?({v.any_of(v.WEEKDAY)})(?![a-z])\.?"
        r"(?:\s(prochain|next week|next|en huit|en quinze|week|(?:de la )?semaine prochaine)"
        r"(?![a-z]))?",
        _weekday,
    ),
    _piece(
        "hour",
        r"([0-9]{1,2})\s?(?:heures?|hrs?|h)(?![a-z])\s?"
        rf"(?:([0-5][0-9])(?:\s?(?:min|mn)(?![a-z]))?(?!\s?[0-9/:-]|\s?{v.MONTH_NAMES})"
        r"|(et demie?|et quart|moins le quart)(?![a-z]))?",
        _hour_minutes,
    ),
    _piece(
        "hour",
        r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]{1,6})?)?(?![0-9:])"
        r"(?:\s?([ap])\.?m\b\.?)?(?:\s?(z|utc|gmt|[+-]([0-9]{2}):?([0-9]{2}))(?![a-z0-9]))?",
        _digital,
    ),
    _piece("hour", r"([0-9]{1,2})\s?([ap])\.?m\b\.?", _half_day),
    _piece("hour", r"midi(?:\s(et demie?|et quart|trente))?(?![a-z])", _noon),
    _piece("hour", r"(?:noon|midday)()(?![a-z])", _noon),
    _piece("hour", r"(?:minuit|midnight)(?![a-z])", _midnight),
    _piece(
        "part",
        rf"(?:(?:du|de l'|dans la|in the|of the|l')\s?)?({v.PART})(?![a-z])",
        _part,
    ),
    _piece("part", r"at night()(?![a-z])", _part),
    _piece("day number", rf"([0-9]{{1,2}})(?:er|st|nd|rd|th)?(?![a-z]){v.NO_CLOCK}", _day_number),
    _piece(
        "hour",
        rf"(?:(?:at|a|@)\s?([0-9]{{1,2}})|([0-9]{{1,2}}))(?:\s?o'?clock)?(?![a-z]){v.NO_CLOCK}",
        _bare_hour,
    ),
    _piece("the", r"(?:le|the)(?=\s)", _nothing),
    _piece("link", r"(?:on|of|for|pour|at|a|@|de|du|-)(?=\s|[0-9@])", _nothing),
)
