"""Reading a point in time, a day, or a length of time."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chatops.conversation.command import Unreadable
from chatops.conversation.times import questions
from chatops.conversation.times.days import coming_day, valid
from chatops.conversation.times.here import Here
from chatops.conversation.times.questions import codes, written
from chatops.conversation.times.saying import Said, length_of, understand
from chatops.language import Code, _

__all__ = ["read_day", "read_length", "read_moment", "written"]

FARTHEST: Final = timedelta(days=3660)
"""How far ahead a time may lie; farther is a slip of the finger."""

_NOON: Final = 12
_ZONE: Final = re.compile(r"\s*\(([\w+\-/]{1,64})\)\s*$|\s+([A-Z][a-zA-Z_]+/[\w+\-/]+|UTC|GMT)\s*$")
_HOURS_OF: Final = {
    "morning": {hour: hour for hour in range(12)},
    "afternoon": {hour % 24: 12 + hour % 12 for hour in (*range(1, 8), *range(12, 20))},
    "evening": {hour: 12 + hour % 12 for hour in (*range(5, 12), *range(17, 24))},
    "night": {hour: 12 + hour % 12 for hour in (*range(8, 12), *range(20, 24))},
}


def read_moment(typed: str, now: datetime, zone: str) -> datetime:
    """Return the future point in time that was typed, in UTC.

    Args:
        typed: The words.
        now: The present, aware.
        zone: The IANA zone in which people think; what they typed may name another.

    Raises:
        Unreadable: It is not understood whole, or not certain.
    """
    try:
        return _moment(typed, now.astimezone(UTC).replace(microsecond=0), zone)
    except (ValueError, OverflowError):
        raise questions.unreadable(typed) from None


def read_day(typed: str, now: datetime, zone: str) -> date:
    """Return the calendar day that was typed, past or future; its year has to be certain.

    Raises:
        Unreadable: It is not understood whole, or not certain.
    """
    try:
        return _calendar_day(typed, now.astimezone(ZoneInfo(zone)).date())
    except (ValueError, OverflowError):
        raise questions.unreadable_day(typed) from None


def read_length(typed: str) -> timedelta:
    """Return the length of time that was typed.

    Raises:
        Unreadable: It is not understood whole, or nothing, or longer than ten years.
    """
    length = length_of(typed)
    if length is None or not timedelta() < length <= FARTHEST:
        raise Unreadable(
            _("{typed} is not a length of time I can read whole.", typed=Code(typed)),
            _("Write it like {examples}.", examples=codes(("30 min", "2 h", "1h30", "3 j"))),
        )
    return length


def _moment(typed: str, now: datetime, zone: str) -> datetime:
    here = _here(typed, now, zone)
    said = understand(here.words)
    if said is None:
        raise questions.unreadable(typed)
    if said.elapsed is not None:
        if said != Said(elapsed=said.elapsed):
            raise ValueError("a distance and more")
        return _certain(here, now + said.elapsed)
    if said.offset is not None:
        return _exact(here, said)
    if said.midnight:
        return _instant(here, _midnight(here, said), time())
    if said.hour is None:
        raise questions.no_hour(here, said.part)
    at = _hour(said)
    on = coming_day(here, said, at)
    if said.bare and said.part is None and 0 < at.hour <= _NOON:
        halves = sorted((at, at.replace(hour=(at.hour + _NOON) % 24)))
        raise questions.two_meanings(here, [(on, half) for half in halves])
    return _instant(here, on, at)


def _here(typed: str, now: datetime, zone: str) -> Here:
    match = _ZONE.search(typed)
    if match is None:
        return Here(typed, typed, "", ZoneInfo(zone), now)
    named = match[1] or match[2]
    try:
        other = ZoneInfo(named)
    except (KeyError, OSError):
        raise questions.unreadable(typed) from None
    return Here(typed, typed[: match.start()], f" ({named})", other, now)


def _exact(here: Here, said: Said) -> datetime:
    """Return a time whose distance from UTC was given."""
    if said.year is None or said.days is not None or said.which or said.weeks:
        raise ValueError("a distance from UTC goes with a whole date")
    days = list(valid([(said.year, said.month or 0, said.day or 0)]))
    if not days:
        raise questions.no_day(here.typed)
    if said.weekday not in (None, days[0].weekday()):
        raise questions.wrong_weekday(here.typed, days[0], ())
    return _certain(here, datetime.combine(days[0], _hour(said), said.offset).astimezone(UTC))


def _midnight(here: Here, said: Said) -> date:
    """Return the day that starts at the midnight that was said."""
    if not said.dated or (said.days == 0 and said.part == "evening"):
        return here.today + timedelta(days=1)
    if said.part is not None:
        raise ValueError("midnight is in no other part of the day")
    on = coming_day(here, said, time(23, 59))
    raise questions.two_meanings(here, [(on, time()), (on + timedelta(days=1), time())])


def _hour(said: Said) -> time:
    hour = said.hour
    if hour is not None and said.part is not None:
        hour = _HOURS_OF[said.part].get(hour)
    if hour is None:
        raise ValueError("no such hour in this part of the day")
    return time(hour, said.minute, said.second)


def _instant(here: Here, on: date, at: time) -> datetime:
    instants = here.instants(on, at)
    if len(instants) != 1:
        raise questions.clocks_change(here, on, at)
    return _certain(here, instants[0])


def _certain(here: Here, at: datetime) -> datetime:
    if at <= here.now:
        raise questions.past(here)
    if at - here.now > FARTHEST:
        raise questions.too_far(here.typed)
    return at


def _calendar_day(typed: str, today: date) -> date:
    said = understand(typed)
    if said is None and re.fullmatch(r"\s*(?:19|20)[0-9]{2}\s*", typed):
        raise questions.whole_year(typed.strip())
    if said is None or said.timed or said.part is not None or said.elapsed is not None:
        raise ValueError("not a day")
    on = _day_of(typed, said, today)
    if said.weekday is not None and said.weekday != on.weekday():
        raise questions.wrong_weekday(typed, on, (on.isoformat(),))
    return on


def _day_of(typed: str, said: Said, today: date) -> date:
    if said.which or said.weeks:
        raise ValueError("a weekday is not a certain day")
    if said.days is not None and said.day is None:
        return today + timedelta(days=said.days)
    if said.days is not None or said.month is None or said.day is None:
        raise ValueError("not a whole day")
    years = range(today.year - 1, today.year + 2) if said.year is None else [said.year]
    days = list(valid((year, said.month, said.day) for year in years))
    if not days:
        raise questions.no_day(typed)
    if said.year is None:
        raise questions.no_year(typed, days)
    return days[0]
