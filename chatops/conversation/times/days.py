"""Which day is meant by a weekday, a date without its year, or a day of the month."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, time, timedelta
from typing import Final

from chatops.conversation.times import questions
from chatops.conversation.times.here import Here
from chatops.conversation.times.saying import Said

_NEXT_YEAR: Final = timedelta(days=270)
"""How far ahead a day without its year may lie before it is asked about."""

_WEEK: Final = timedelta(weeks=1)


def coming_day(here: Here, said: Said, at: time) -> date:
    """Return the day that was said; the hour tells whether it is still to come.

    Raises:
        Unreadable: It has passed, or it is not certain which day is meant.
        ValueError: The day was said twice, in ways that do not fit.
    """
    if said.day is not None:
        if said.days is not None:
            raise ValueError("a date and a distance")
        on = _of_any_month(here, said, at) if said.month is None else _of_month(here, said, at)
        return _checked(here, said, on, at)
    if said.days is not None:
        on = _checked(here, said, here.today + timedelta(days=said.days), at)
        return _or_past(here, on, at)
    if said.weekday is not None:
        return _of_weekday(here, said, at)
    tomorrow = here.today + timedelta(days=1)
    return _or_past(here, here.today, at, ((tomorrow, at),))


def _checked(here: Here, said: Said, on: date, at: time) -> date:
    """Return a day if it is on the weekday that was said with it, if any."""
    if said.weekday is None:
        return on
    if said.which or said.weeks:
        raise ValueError("a weekday counted beside a date")
    late = (on.weekday() - said.weekday) % 7
    if not late:
        return on
    near = sorted({on, on - timedelta(days=late), on + timedelta(days=7 - late)})
    raise questions.wrong_weekday(here.typed, on, here.coming((each, at) for each in near))


def _or_past(here: Here, on: date, at: time, others: tuple[questions.Meaning, ...] = ()) -> date:
    if not here.future(on, at):
        raise questions.past(here, others)
    return on


def _of_month(here: Here, said: Said, at: time) -> date:
    month, day = said.month or 0, said.day or 0
    if said.year is not None:
        dates = list(valid([(said.year, month, day)]))
        if not dates:
            raise questions.no_day(here.typed)
        return _or_past(here, dates[0], at)
    # A 29 February may be up to eight years away.
    years = range(here.today.year, here.today.year + 10)
    dates = list(valid((year, month, day) for year in years))
    if not dates:
        raise questions.no_day(here.typed)
    coming = next(on for on in dates if here.future(on, at))
    if coming.year == here.today.year or coming - here.today <= _NEXT_YEAR:
        return coming
    if dates[0].year == here.today.year:
        raise questions.past(here, ((coming, at),))
    raise questions.no_year(here.typed, [coming], here.hour(at))


def _of_any_month(here: Here, said: Said, at: time) -> date:
    first = here.today.year * 12 + here.today.month - 1
    months = [divmod(first + ahead, 12) for ahead in range(4)]
    for on in valid((year, month + 1, said.day or 0) for year, month in months):
        if here.future(on, at):
            return on
    raise questions.no_day(here.typed)


def _of_weekday(here: Here, said: Said, at: time) -> date:
    assert said.weekday is not None
    ahead = (said.weekday - here.today.weekday()) % 7
    first = here.today + timedelta(days=ahead)
    if said.which == "next week":
        return here.today + timedelta(days=7 - here.today.weekday() + said.weekday)
    if said.weeks:
        counted = first + said.weeks * _WEEK
        # Said on that very weekday, some count from today and some from the next one.
        return counted if ahead else _either(here, counted, at)
    if not ahead:
        return _of_this_weekday(here, said, at)
    if said.which == "next" and said.weekday > here.today.weekday():
        # For some it is the first one to come, for some the one of next week.
        return _either(here, first, at)
    return first


def _of_this_weekday(here: Here, said: Said, at: time) -> date:
    """Return the day that a weekday's name means on that very weekday."""
    if said.which == "this":
        return _or_past(here, here.today, at, ((here.today + _WEEK, at),))
    if not said.which and here.future(here.today, at):
        return _either(here, here.today, at)
    return here.today + _WEEK


def _either(here: Here, on: date, at: time) -> date:
    raise questions.two_meanings(here, [(on, at), (on + _WEEK, at)])


def valid(days: Iterable[tuple[int, int, int]]) -> Iterator[date]:
    """Leave out the days that no calendar has."""
    for year, month, day in days:
        try:
            yield date(year, month, day)
        except ValueError:
            continue
