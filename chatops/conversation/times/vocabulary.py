"""The words of the calendar and of the clock, folded: no accents, no capitals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Final, Literal

Part = Literal["morning", "afternoon", "evening", "night"]
_WEEKDAY_NAMES: Final = (
    ("lundi", "lun", "monday", "mon"),
    ("mardi", "tuesday", "tues", "tue"),
    ("mercredi", "mer", "wednesday", "wed"),
    ("jeudi", "jeu", "thursday", "thurs", "thur", "thu"),
    ("vendredi", "ven", "friday", "fri"),
    ("samedi", "sam", "saturday", "sat"),
    ("dimanche", "dim", "sunday", "sun"),
)
# "mar" is a Tuesday in French and a March in English, so it is neither.
_MONTHS_WRITTEN: Final = (
    ("janvier", "janv", "jan", "january"),
    ("fevrier", "fevr", "fev", "february", "feb"),
    ("mars", "march"),
    ("avril", "avr", "april", "apr"),
    ("mai", "may"),
    ("juin", "june", "jun"),
    ("juillet", "juil", "july", "jul"),
    ("aout", "august", "aug"),
    ("septembre", "sept", "september", "sep"),
    ("octobre", "oct", "october"),
    ("novembre", "nov", "november"),
    ("decembre", "dec", "december"),
)
_NUMBERS_WRITTEN: Final = (
    ("un", "une", "a", "an", "one"),
    ("deux", "two"),
    ("trois", "three"),
    ("quatre", "four"),
    ("cinq", "five"),
    ("six",),
    ("sept", "seven"),
    ("huit", "eight"),
    ("neuf", "nine"),
    ("dix", "ten"),
)
PARTS: Final[dict[str, Part]] = {
    "matin": "morning",
    "matinee": "morning",
    "morning": "morning",
    "apres-midi": "afternoon",
    "apres midi": "afternoon",
    "aprem": "afternoon",
    "afternoon": "afternoon",
    "soir": "evening",
    "soiree": "evening",
    "evening": "evening",
}
UNITS: Final = {
    "minutes": timedelta(minutes=1),
    "minute": timedelta(minutes=1),
    "min": timedelta(minutes=1),
    "mn": timedelta(minutes=1),
    "hours": timedelta(hours=1),
    "hour": timedelta(hours=1),
    "heures": timedelta(hours=1),
    "heure": timedelta(hours=1),
    "hrs": timedelta(hours=1),
    "hr": timedelta(hours=1),
    "h": timedelta(hours=1),
    "days": timedelta(days=1),
    "day": timedelta(days=1),
    "jours": timedelta(days=1),
    "jour": timedelta(days=1),
    "j": timedelta(days=1),
    "d": timedelta(days=1),
    "weeks": timedelta(weeks=1),
    "week": timedelta(weeks=1),
    "semaines": timedelta(weeks=1),
    "semaine": timedelta(weeks=1),
}
FRACTIONS: Final = {
    "half an hour": timedelta(minutes=30),
    "une demi-heure": timedelta(minutes=30),
    "une demi heure": timedelta(minutes=30),
    "a quarter of an hour": timedelta(minutes=15),
    "un quart d'heure": timedelta(minutes=15),
    "trois quarts d'heure": timedelta(minutes=45),
    "an hour and a half": timedelta(minutes=90),
    "une heure et demie": timedelta(minutes=90),
}


def _numbered(groups: tuple[tuple[str, ...], ...], first: int) -> dict[str, int]:
    return {word: number for number, words in enumerate(groups, first) for word in words}


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


WEEKDAY: Final = _numbered(_WEEKDAY_NAMES, 0)
MONTH: Final = _numbered(_MONTHS_WRITTEN, 1)
NUMBER: Final = _numbered(_NUMBERS_WRITTEN, 1)
PART: Final = any_of(PARTS)
MONTH_NAMES: Final = rf"(?:{any_of(MONTH)})(?![a-z])"
DAY: Final = r"([0-9]{1,2}|premier|first)(?:er|st|nd|rd|th)?"
YEAR: Final = r"(?:,?\s+([0-9]{4})(?![0-9:]|\s?h))?"
NO_CLOCK: Final = (
    r"(?![0-9])"
    rf"(?!\s?(?:[:/]|h(?![a-z])|heures?|hrs?|[ap]\.?m\b|o'?clock|{MONTH_NAMES}))"
)
LENGTH: Final = (
    rf"(?:(?:{any_of(FRACTIONS)})(?![a-z])"
    r"|[0-9]{1,4}\s?h\s?[0-5][0-9](?![0-9])(?:\s?(?:min|mn)(?![a-z]))?"
    rf"|(?:[0-9]{{1,4}}|(?:{any_of(NUMBER)})(?=\s))\s?(?:{any_of(UNITS)})(?![a-z]))"
)
LENGTHS: Final = rf"{LENGTH}(?:\s?(?:,|et|and)?\s?{LENGTH})*"
MINUTES: Final = {"et demi": 30, "et demie": 30, "et quart": 15, "trente": 30}
