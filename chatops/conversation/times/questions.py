"""What is asked back about a time that is not certain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from chatops.conversation.command import Unreadable
from chatops.conversation.times.here import Here
from chatops.conversation.times.vocabulary import Part
from chatops.language import Code, Day, Series, Text, _

Meaning = tuple[date, time]

_HOURS: Final[dict[Part | None, tuple[str, ...]]] = {
    None: ("9:00", "12:00", "18:00"),
    "morning": ("8:00", "9:00", "10:00"),
    "afternoon": ("14:00", "15:00", "16:00"),
    "evening": ("18:00", "19:00", "20:00"),
    "night": ("20:00", "21:00", "22:00"),
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


def unreadable(typed: str) -> Unreadable:
    """Say that a time is not understood."""
    return Unreadable(
        _("{typed} is not a time I can read whole.", typed=Code(typed)),
        _("Write it like {examples}.", examples=_examples()),
    )


def unreadable_day(typed: str) -> Unreadable:
    """Say that a day is not understood."""
    examples = Series((Code("2023-05-31"), Code("31/05/2023"), _("“31 May 2023”")), either=True)
    return Unreadable(
        _("{typed} is not a day I can read whole.", typed=Code(typed)),
        _("Write it like {examples}.", examples=examples),
    )


def no_hour(here: Here, part: Part | None) -> Unreadable:
    """Ask at what time of the day."""
    offers = tuple(f"{here.words.strip()} {hour}{here.suffix}" for hour in _HOURS[part])
    return Unreadable(
        _("{typed} does not tell the hour.", typed=Code(here.typed)),
        _("Add it, as in {example}.", example=Code(offers[1])),
        offers,
    )


def no_day(typed: str) -> Unreadable:
    """Say that the calendar has no such day."""
    return Unreadable(
        _("There is no such day: {typed}.", typed=Code(typed)),
        _("Check the day and the month; in figures, the day comes first."),
    )


def no_year(typed: str, days: Iterable[date], at: str = "") -> TwoMeanings:
    """Ask in which year."""
    offers = tuple(f"{on.isoformat()}{at}" for on in days)
    return TwoMeanings(
        _("{typed} does not tell the year.", typed=Code(typed)), _which(offers), offers
    )


def whole_year(year: str) -> TwoMeanings:
    """Ask which day of a year."""
    offers = (f"{year}-01-01", f"{year}-12-31")
    return TwoMeanings(
        _("{typed} is a whole year, not a day.", typed=Code(year)), _which(offers), offers
    )


def past(here: Here, others: Iterable[Meaning] = ()) -> PastTime:
    """Say that a time has passed, and what else may be meant."""
    offers = here.coming(others)
    reason = _("{typed} has passed.", typed=Code(here.typed))
    if offers:
        return PastTime(reason, _("Did you mean {offers}?", offers=codes(offers)), offers)
    return PastTime(reason, _("Give a time that is still to come."))


def too_far(typed: str) -> Unreadable:
    """Say that a time is so far away that it must be a slip."""
    return Unreadable(
        _("{typed} is more than ten years away.", typed=Code(typed)),
        _("Give a nearer time, or check the year."),
    )


def two_meanings(here: Here, meanings: Iterable[Meaning]) -> Unreadable:
    """Ask which of several meanings is meant."""
    offers = here.coming(meanings)
    if not offers:
        return past(here)
    return TwoMeanings(
        _("{typed} can be meant in more than one way.", typed=Code(here.typed)),
        _which(offers),
        offers,
    )


def wrong_weekday(typed: str, on: date, offers: tuple[str, ...]) -> WrongWeekday:
    """Say that a date is another day of the week."""
    return WrongWeekday(
        _("The day in {typed} does not fit: it would be {day}.", typed=Code(typed), day=Day(on)),
        _which(offers) if offers else _("Check the day and the date."),
        offers,
    )


def clocks_change(here: Here, on: date, at: time) -> Unreadable:
    """Say that clocks do not show a time, or show it twice."""
    offers = tuple(written(u, here.zone.key) for u in here.both(on, at) if u > here.now)
    if not offers:
        return past(here)
    values: dict[str, Day | str] = {"day": Day(on), "time": at.isoformat("minutes")}
    if here.instants(on, at):
        reason = _("The clocks change on {day}: {time} comes twice.", **values)
        return RepeatedTime(reason, _which(offers), offers)
    reason = _("The clocks change on {day}: {time} does not exist.", **values)
    return SkippedTime(reason, _which(offers), offers)


def written(at: datetime, zone: str) -> str:
    """Write a time so that it is read back as exactly the same, even when clocks change."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def codes(values: Iterable[str]) -> Series:
    """List what can be typed."""
    return Series(tuple(Code(value) for value in values), either=True)


def _which(offers: tuple[str, ...]) -> Text:
    return _("Choose one of {offers}.", offers=codes(offers))


def _examples() -> Series:
    return Series(
        (_("“tomorrow 9am”"), _("“Monday at noon”"), Code("20/01/2030 18:30")), either=True
    )
