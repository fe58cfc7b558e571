"""Points in time, days and lengths as people write them: read exactly, or asked about.

Nothing is guessed. What is not understood whole is an error; what is past, does not exist, exists
twice, or could be meant in two ways is an error of its own that offers what could be typed instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from msgspec import Struct

from chatops.conversation.command import Unreadable
from chatops.conversation.time_words import Said, length_of, understand
from chatops.language import Code, Day, Series, Text, _

FARTHEST: Final = timedelta(days=3660)
"""How far ahead a time may lie; farther is a slip of the finger."""

_NEXT_YEAR: Final = timedelta(days=270)
"""How far ahead a day without a year may lie before it is asked about."""

_HALF_DAY: Final = 12
_PARENTHESES: Final = re.compile(r"\s*\(([\w+\-/]{1,64})\)\s*$")
_ZONE: Final = re.compile(r"\s+([A-Z][A-Za-z_]+(?:/[\w+\-]+)+|UTC|GMT)\s*$")
_HOURS: Final = {
    None: ("9:00", "12:00", "18:00"),
    "morning": ("8:00", "9:00", "10:00"),
    "afternoon": ("14:00", "15:00", "16:00"),
    "evening": ("18:00", "19:00", "20:00"),
    "night": ("20:00", "21:00", "22:00"),
}
_PART_HOURS: Final = {
    "morning": {hour: hour for hour in range(12)},
    "afternoon": {**{hour: hour + 12 for hour in range(1, 8)}, **{h: h for h in range(12, 20)}},
    "evening": {**{hour: hour + 12 for hour in range(5, 12)}, **{h: h for h in range(17, 24)}},
    "night": {**{hour: hour + 12 for hour in range(8, 12)}, **{h: h for h in range(20, 24)}},
}


class WrongWeekday(Unreadable):
    """The day that was named is another day of the week."""


class PastTime(Unreadable):
    """The time has passed."""


class SkippedTime(Unreadable):
    """The clocks jump over this time."""


class RepeatedTime(Unreadable):
    """The clocks show this time twice."""


class TwoMeanings(Unreadable):
    """What was typed can be meant in more than one way."""


def read_moment(typed: str, now: datetime, zone: str) -> datetime:
    """Return the future point in time that was typed, in UTC.

    Args:
        now: The present, aware.
        zone: The IANA zone in which people think; what they typed may name another.

    Raises:
        Unreadable: It is not understood whole, or not certain.
    """
    try:
        return _moment(typed, now.astimezone(UTC), zone)
    except (ValueError, OverflowError):
        raise _unreadable(typed) from None


def read_day(typed: str, now: datetime, zone: str) -> date:
    """Return the calendar day that was typed, past or future; its year has to be certain.

    Raises:
        Unreadable: It is not understood whole, or not certain.
    """
    try:
        return _calendar_day(typed, now.astimezone(ZoneInfo(zone)).date())
    except (ValueError, OverflowError):
        raise _unreadable_day(typed) from None


def read_length(typed: str) -> timedelta:
    """Return the length of time that was typed.

    Raises:
        Unreadable: It is not understood whole, or nothing, or longer than ten years.
    """
    length = length_of(typed)
    if length is None or not timedelta() < length <= FARTHEST:
        raise Unreadable(
            _("{typed} is not a length of time I can read whole.", typed=Code(typed)),
            _("Write it like {examples}.", examples=_codes(("30 min", "2 h", "1h30", "3 j"))),
        )
    return length


def written(at: datetime, zone: str) -> str:
    """Write a time so that it is read back as exactly the same, even when clocks change."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="auto")


class _Here(Struct, frozen=True):
    """Where and when a time is read.

    Args:
        suffix: The zone that was typed, for what is offered instead.
    """

    typed: str
    now: datetime
    zone: ZoneInfo
    suffix: str

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def wall(self, on: date, at: time) -> str:
        """Write a time of day as people would type it."""
        return f"{on.isoformat()} {at.isoformat('minutes')}{self.suffix}"

    def instants(self, on: date, at: time) -> list[datetime]:
        """Return the instants at which clocks show a time: one, none or two."""
        local = datetime.combine(on, at)
        folds = [local.replace(tzinfo=self.zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
        shown = [u for u in folds if u.astimezone(self.zone).replace(tzinfo=None) == local]
        return sorted(set(shown))

    def future(self, on: date, at: time) -> bool:
        """Whether a time, or one nearest to it, is still to come."""
        local = datetime.combine(on, at).replace(tzinfo=self.zone)
        return local.astimezone(UTC) > self.now


def _moment(typed: str, now: datetime, zone: str) -> datetime:
    words, named = _without_zone(typed)
    here = _Here(typed, now, ZoneInfo(named or zone), f" {named}" if named else "")
    said = understand(words)
    if said is None:
        raise _unreadable(typed)
    if said.elapsed is not None:
        return _elapsed(here, said)
    if said.offset is not None:
        return _exact(here, said)
    if not said.timed:
        raise _no_hour(here, said)
    if said.midnight:
        on, at = _midnight(here, said), time()
    else:
        at = _hour(said)
        on = _day(here, said, at)
        _check_half(here, said, on, at)
    return _instant(here, on, at)


def _without_zone(typed: str) -> tuple[str, str]:
    match = _PARENTHESES.search(typed) or _ZONE.search(typed)
    if match is None or "/" not in match[1] and match[1] not in {"UTC", "GMT", *_plain_zones()}:
        return typed, ""
    try:
        ZoneInfo(match[1])
    except (KeyError, OSError):
        raise _unreadable(typed) from None
    return typed[: match.start()], match[1]


def _plain_zones() -> Iterator[str]:
    yield from ("CET", "EET", "WET", "EST", "MST", "HST")


def _elapsed(here: _Here, said: Said) -> datetime:
    if said != Said(elapsed=said.elapsed) or said.elapsed is None:
        raise _unreadable(here.typed)
    return _certain(here, here.now + said.elapsed)


def _exact(here: _Here, said: Said) -> datetime:
    """Return a time whose distance from UTC was given."""
    if None in (said.year, said.month, said.day) or said.days is not None or said.part:
        raise _unreadable(here.typed)
    on, at = _date(here, said.year, said.month, said.day), _hour(said)
    _check_weekday(here, said, on, at)
    return _certain(here, datetime.combine(on, at, tzinfo=said.offset).astimezone(UTC))


def _instant(here: _Here, on: date, at: time) -> datetime:
    instants = here.instants(on, at)
    if len(instants) == 1:
        return _certain(here, instants[0])
    local = datetime.combine(on, at)
    nearest = sorted(
        local.replace(tzinfo=here.zone, fold=fold).astimezone(UTC) for fold in (0, 1)
    )
    offers = tuple(written(each, here.zone.key) for each in nearest if each > here.now)
    if not offers:
        raise _past(here, ())
    mend = _("Choose one of {offers}.", offers=_codes(offers))
    if instants:
        raise RepeatedTime(
            _("The clocks change on {day}: {time} comes twice.", day=Day(on), time=_clock(at)),
            mend,
            offers,
        )
    raise SkippedTime(
        _("The clocks change on {day}: {time} does not exist.", day=Day(on), time=_clock(at)),
        mend,
        offers,
    )


def _certain(here: _Here, at: datetime) -> datetime:
    if at <= here.now:
        raise _past(here, ())
    if at - here.now > FARTHEST:
        raise Unreadable(
            _("{typed} is more than ten years away.", typed=Code(here.typed)),
            _("Give a nearer time, or check the year."),
        )
    return at


def _hour(said: Said) -> time:
    hour = said.hour
    if hour is not None and said.part is not None:
        hour = _PART_HOURS[said.part].get(hour)
    if hour is None:
        raise ValueError("not an hour of this part of the day")
    return time(hour, said.minute, said.second)


def _check_half(here: _Here, said: Said, on: date, at: time) -> None:
    """Ask which half of the day "at 9" means."""
    if not said.bare or said.part is not None or not 0 < at.hour <= _HALF_DAY:
        return
    other = at.replace(hour=(at.hour + _HALF_DAY) % 24)
    raise _two_meanings(here, [(on, each) for each in sorted((at, other))])


def _midnight(here: _Here, said: Said) -> date:
    """Return the day that starts at the midnight that was said."""
    tonight = said.days == 0 and said.part == "evening"
    if not said.dated or tonight:
        return here.today + timedelta(days=1)
    if said.part is not None:
        raise ValueError("midnight has no part of the day")
    on = _day(here, said, time(23, 59))
    raise _two_meanings(here, [(on, time()), (on + timedelta(days=1), time())])


def _day(here: _Here, said: Said, at: time) -> date:  # noqa: PLR0911 - one line for each way
    """Return the day that was said; the hour tells whether today is still to come."""
    if said.month is not None and said.days is None:
        on = _of_month(here, said, at)
        return _check_weekday(here, said, on, at)
    if said.day is not None:
        if said.days is not None:
            raise ValueError("a day said twice")
        return _check_weekday(here, said, _of_any_month(here, said, at), at)
    if said.month is not None:
        raise ValueError("a day said twice")
    if said.days is not None:
        on = here.today + timedelta(days=said.days)
        _check_weekday(here, said, on, at)
        return _or_past(here, on, at, ())
    if said.weekday is not None:
        return _of_weekday(here, said, at)
    tomorrow = here.today + timedelta(days=1)
    return _or_past(here, here.today, at, ((tomorrow, at),))


def _date(here: _Here, year: int | None, month: int | None, day: int | None) -> date:
    assert year is not None
    assert month is not None
    assert day is not None
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(
            _("There is no such day: {typed}.", typed=Code(here.typed)),
            _("Check the day and the month; in figures, the day comes first."),
        ) from None


def _of_month(here: _Here, said: Said, at: time) -> date:
    today = here.today
    if said.year is not None:
        return _or_past(here, _date(here, said.year, said.month, said.day), at, ())
    # A 29 February may be up to eight years away.
    years = range(today.year, today.year + 9)
    dates = list(_valid((year, said.month or 0, said.day or 0) for year in years))
    if not dates:
        raise _no_day(here)
    coming = next(on for on in dates if here.future(on, at))
    if coming.year > today.year and dates[0].year == today.year:
        if coming - today > _NEXT_YEAR:
            raise _past(here, ((coming, at),))
    return coming


def _of_any_month(here: _Here, said: Said, at: time) -> date:
    today = here.today
    months = [divmod(today.year * 12 + today.month - 1 + ahead, 12) for ahead in range(4)]
    dates = _valid((year, month + 1, said.day or 0) for year, month in months)
    for on in dates:
        if here.future(on, at):
            return on
    raise _no_day(here)


def _valid(days: Iterable[tuple[int, int, int]]) -> Iterator[date]:
    for year, month, day in days:
        try:
            yield date(year, month, day)
        except ValueError:
            continue


def _of_weekday(here: _Here, said: Said, at: time) -> date:
    today = here.today
    assert said.weekday is not None
    ahead = (said.weekday - today.weekday()) % 7
    first = today + timedelta(days=ahead)
    week = timedelta(weeks=1)
    if said.which == "next week":
        return today + timedelta(days=7 - today.weekday() + said.weekday)
    if said.weeks:
        if not ahead:
            raise _two_meanings(here, [(first + (said.weeks + n) * week, at) for n in (0, 1)])
        return first + said.weeks * week
    if said.which == "prochain":
        return first if ahead else first + week
    if said.which == "next":
        if ahead and today.weekday() < said.weekday:
            # Some mean the first one to come, some the one of next week.
            raise _two_meanings(here, [(first, at), (first + week, at)])
        return first if ahead else first + week
    if ahead:
        return first
    if said.which == "this":
        return _or_past(here, first, at, ((first + week, at),))
    if here.future(first, at):
        raise _two_meanings(here, [(first, at), (first + week, at)])
    return first + week


def _check_weekday(here: _Here, said: Said, on: date, at: time) -> date:
    if said.weekday is None:
        return on
    if said.which or said.weeks:
        raise ValueError("a weekday counted beside a date")
    late = (on.weekday() - said.weekday) % 7
    if not late:
        return on
    near = sorted({on, on - timedelta(days=late), on + timedelta(days=7 - late)})
    offers = tuple(here.wall(each, at) for each in near if here.future(each, at))
    raise WrongWeekday(
        _("The day in {typed} does not fit: it would be {day}.", typed=_typed(here), day=Day(on)),
        _("Choose one of {offers}.", offers=_codes(offers)),
        offers,
    )


def _or_past(here: _Here, on: date, at: time, others: tuple[tuple[date, time], ...]) -> date:
    if not here.future(on, at) and not any(each > here.now for each in here.instants(on, at)):
        raise _past(here, others)
    return on


def _past(here: _Here, others: tuple[tuple[date, time], ...]) -> PastTime:
    offers = tuple(here.wall(on, at) for on, at in others if here.future(on, at))
    reason = _("{typed} has passed.", typed=_typed(here))
    if offers:
        return PastTime(reason, _("Did you mean {offers}?", offers=_codes(offers)), offers)
    return PastTime(reason, _("Give a time that is still to come."))


def _two_meanings(here: _Here, meanings: list[tuple[date, time]]) -> TwoMeanings:
    offers = tuple(here.wall(on, at) for on, at in meanings if here.future(on, at))
    if not offers:
        raise _past(here, ())
    return TwoMeanings(
        _("{typed} can be meant in more than one way.", typed=_typed(here)),
        _("Choose one of {offers}.", offers=_codes(offers)),
        offers,
    )


def _no_hour(here: _Here, said: Said) -> Unreadable:
    words = here.typed.strip().removesuffix(f"({here.suffix.strip()})").strip()
    offers: list[str] = []
    for hour in _HOURS[said.part]:
        offer = f"{words.removesuffix(here.suffix)} {hour}{here.suffix}"
        try:
            read_moment(offer, here.now, here.zone.key)
        except Unreadable:
            continue
        offers.append(offer)
    return Unreadable(
        _("{typed} does not tell the hour.", typed=_typed(here)),
        _("Add it, as in {example}.", example=Code(offers[0]))
        if offers
        else _("Write it like {examples}.", examples=_examples()),
        tuple(offers),
    )


def _no_day(here: _Here) -> Unreadable:
    return Unreadable(
        _("There is no such day: {typed}.", typed=_typed(here)),
        _("Check the day and the month; in figures, the day comes first."),
    )


def _unreadable(typed: str) -> Unreadable:
    return Unreadable(
        _("{typed} is not a time I can read whole.", typed=Code(typed)),
        _("Write it like {examples}.", examples=_examples()),
    )


def _examples() -> Series:
    return Series((_("“tomorrow 9am”"), _("“Monday 20 January at noon”"), Code("20/01/2030 18:30")))


def _typed(here: _Here) -> Code:
    return Code(here.typed)


def _clock(at: time) -> str:
    return at.isoformat("minutes")


def _codes(values: Iterable[str]) -> Series:
    return Series(tuple(Code(value) for value in values))


def _calendar_day(typed: str, today: date) -> date:
    said = understand(typed)
    if said is None:
        raise _year_alone(typed) or _unreadable_day(typed)
    if said.timed or said.part or said.elapsed is not None:
        raise _unreadable_day(typed)
    if said.days is not None:
        if said.month or said.day:
            raise _unreadable_day(typed)
        on = today + timedelta(days=said.days)
    elif said.month is not None and said.year is not None and said.day is not None:
        on = date(said.year, said.month, said.day)
    elif said.month is not None:
        raise _which_year(typed, said, today)
    else:
        raise _unreadable_day(typed)
    if said.weekday is not None and said.weekday != on.weekday():
        raise WrongWeekday(
            _("The day in {typed} does not fit: it would be {day}.", typed=Code(typed), day=Day(on)),
            _("Choose one of {offers}.", offers=_codes((on.isoformat(),))),
            (on.isoformat(),),
        )
    return on


def _which_year(typed: str, said: Said, today: date) -> Unreadable:
    years = (today.year - 1, today.year, today.year + 1)
    days = _valid((year, said.month or 0, said.day or 0) for year in years)
    offers = tuple(on.isoformat() for on in days)
    return TwoMeanings(
        _("{typed} does not tell the year.", typed=Code(typed)),
        _("Add it, as in {example}.", example=Code(offers[0] if offers else "2024-02-29")),
        offers,
    )


def _year_alone(typed: str) -> Unreadable | None:
    if not re.fullmatch(r"\s*(?:19|20)[0-9]{2}\s*", typed):
        return None
    year = typed.strip()
    offers = (f"{year}-01-01", f"{year}-12-31")
    return TwoMeanings(
        _("{typed} is a whole year, not a day.", typed=Code(year)),
        _("Choose one of {offers}.", offers=_codes(offers)),
        offers,
    )


def _unreadable_day(typed: str) -> Unreadable:
    return Unreadable(
        _("{typed} is not a day I can read whole.", typed=Code(typed)),
        _(
            "Write it like {examples}.",
            examples=Series((Code("2023-05-31"), Code("31/05/2023"), _("“31 May 2023”"))),
        ),
    )
