"""Times are read exactly, or asked about; never guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from chatops.conversation.command import Unreadable
from chatops.conversation.times import (
    PastTime,
    RepeatedTime,
    SkippedTime,
    TwoMeanings,
    WrongWeekday,
    read_day,
    read_length,
    read_moment,
    written,
)
from chatops.language import Language, Moment, Speaker, verbatim
from chatops.language.text import Text

PARIS = "Europe/Paris"
# A Wednesday, 11:30 in Paris.
NOW = datetime(2025, 1, 15, 10, 30, 20, tzinfo=UTC)


def _paris(typed: str) -> str:
    at = read_moment(typed, NOW, PARIS)
    assert at.tzinfo is UTC
    return at.astimezone(ZoneInfo(PARIS)).strftime("%Y-%m-%d %H:%M")


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("demain 9h", "2025-01-16 09:00"),
        ("Demain à 9 h 05", "2025-01-16 09:05"),
        ("à 9h demain", "2025-01-16 09:00"),
        ("demain midi", "2025-01-16 12:00"),
        ("demain midi et demi", "2025-01-16 12:30"),
        ("demain soir à 8h", "2025-01-16 20:00"),
        ("demain 9h du matin", "2025-01-16 09:00"),
        ("demain à 9 heures et quart", "2025-01-16 09:15"),
        ("demain à 10h moins le quart", "2025-01-16 09:45"),
        ("après-demain 18h", "2025-01-17 18:00"),
        ("apres demain 18h", "2025-01-17 18:00"),
        ("aujourd’hui à 18 h 30", "2025-01-15 18:30"),
        ("ce soir 20h", "2025-01-15 20:00"),
        ("ce soir à 8h", "2025-01-15 20:00"),
        ("cet après-midi à 15h", "2025-01-15 15:00"),
        ("18h", "2025-01-15 18:00"),
        ("minuit", "2025-01-16 00:00"),
        ("lundi 20 janvier à midi", "2025-01-20 12:00"),
        ("Lundi 20 janvier 2025 à 12h00.", "2025-01-20 12:00"),
        ("lundi 20 9h", "2025-01-20 09:00"),
        ("le 20 à 9h", "2025-01-20 09:00"),
        ("le 10 à 9h", "2025-02-10 09:00"),
        ("le 1er mars à 9h", "2025-03-01 09:00"),
        ("1er févr. 9h", "2025-02-01 09:00"),
        ("lundi 9h", "2025-01-20 09:00"),
        ("mercredi 9h", "2025-01-22 09:00"),
        ("ce mercredi 14h", "2025-01-15 14:00"),
        ("vendredi prochain à 18h30", "2025-01-17 18:30"),
        ("mercredi prochain à 18h30", "2025-01-22 18:30"),
        ("lundi en huit 9h", "2025-01-27 09:00"),
        ("lundi en quinze 9h", "2025-02-03 09:00"),
        ("vendredi de la semaine prochaine 9h", "2025-01-24 09:00"),
        ("dans 2 heures", "2025-01-15 13:30"),
        ("dans une demi-heure", "2025-01-15 12:00"),
        ("dans 1h30", "2025-01-15 13:00"),
        ("dans 3 jours à 9h", "2025-01-18 09:00"),
        ("dans une semaine, à midi", "2025-01-22 12:00"),
        ("20/01/2025 12h", "2025-01-20 12:00"),
        ("20/01 12h", "2025-01-20 12:00"),
        ("20.01.2025 12:00", "2025-01-20 12:00"),
        ("3/4/2025 12h", "2025-04-03 12:00"),
        ("tomorrow at 9am", "2025-01-16 09:00"),
        ("tomorrow 9:30 p.m.", "2025-01-16 21:30"),
        ("at noon tomorrow", "2025-01-16 12:00"),
        ("tomorrow evening at 8", "2025-01-16 20:00"),
        ("3 in the afternoon tomorrow", "2025-01-16 15:00"),
        ("tonight at 8pm", "2025-01-15 20:00"),
        ("the day after tomorrow at 18:00", "2025-01-17 18:00"),
        ("in 2 hours", "2025-01-15 13:30"),
        ("two hours from now", "2025-01-15 13:30"),
        ("in half an hour", "2025-01-15 12:00"),
        ("in a week at noon", "2025-01-22 12:00"),
        ("next Monday at 9am", "2025-01-20 09:00"),
        ("this friday 6pm", "2025-01-17 18:00"),
        ("Monday week 9am", "2025-01-27 09:00"),
        ("January 20th, 2025, 12:00", "2025-01-20 12:00"),
        ("the 20th of January at noon", "2025-01-20 12:00"),
        ("2025-01-20 12:00", "2025-01-20 12:00"),
        ("2025-01-20T12:00", "2025-01-20 12:00"),
        ("2025-01-20T12:00:00+01:00", "2025-01-20 12:00"),
        ("2025-01-20T12:00Z", "2025-01-20 13:00"),
        ("2025-01-20 12:00 UTC", "2025-01-20 13:00"),
        ("lundi 20 janvier 2025 à 12:00 (America/New_York)", "2025-01-20 18:00"),
    ],
)
def test_a_time_is_read_whole(typed: str, expected: str) -> None:
    assert _paris(typed) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "bientôt",
        "demain 9h peut-être",
        "demain vers 9h",
        "demain demain 9h",
        "demain 9h 10h",
        "demain 9h 20 janvier",
        "demain 25h",
        "demain 9h75",
        "tomorrow 13pm",
        "01/20/2025 12h",
        "2025-13-01 9h",
        "31 avril 9h",
        "29 février 2025 9h",
        "dans 1 jour et 2 heures",
        "demain matin 15h",
        "demain 9h (Mars/Phobos)",
        "demain 9h (../../etc/passwd)",
        "20/01/9999 12h",
        "dans 9999 semaines à 9h",
        "lundi prochain 20 janvier 9h",
        "2025-01-20",
        "ce soir",
        "demain",
        "demain " * 50,
    ],
)
def test_what_is_not_understood_whole_is_an_error(typed: str) -> None:
    with pytest.raises(Unreadable):
        read_moment(typed, NOW, PARIS)


@pytest.mark.parametrize(
    ("typed", "question", "offers"),
    [
        (
            "lundi 21 janvier à 9h",
            WrongWeekday,
            ("2025-01-20 09:00", "2025-01-21 09:00", "2025-01-27 09:00"),
        ),
        ("demain lundi 9h", WrongWeekday, None),
        ("hier 9h", PastTime, ()),
        ("9h", PastTime, ("2025-01-16 09:00",)),
        ("10 janvier 9h", PastTime, ("2026-01-10 09:00",)),
        ("10 janvier 2025 9h", PastTime, ()),
        ("2025-01-15T10:30Z", PastTime, ()),
        ("ce mercredi 9h", PastTime, ("2025-01-22 09:00",)),
        ("29 février 9h", TwoMeanings, ("2028-02-29 09:00",)),
        ("next friday at 6pm", TwoMeanings, ("2025-01-17 18:00", "2025-01-24 18:00")),
        ("mercredi 14h", TwoMeanings, ("2025-01-15 14:00", "2025-01-22 14:00")),
        ("mercredi en huit 9h", TwoMeanings, ("2025-01-22 09:00", "2025-01-29 09:00")),
        ("demain à minuit", TwoMeanings, ("2025-01-16 00:00", "2025-01-17 00:00")),
        ("tomorrow 12am", TwoMeanings, ("2025-01-16 00:00", "2025-01-17 00:00")),
        ("tomorrow at 9", TwoMeanings, ("2025-01-16 09:00", "2025-01-16 21:00")),
        ("demain", Unreadable, ("demain 9:00", "demain 12:00", "demain 18:00")),
        (
            "30/03/2025 2h30",
            SkippedTime,
            ("2025-03-30T01:30:00+01:00", "2025-03-30T03:30:00+02:00"),
        ),
        (
            "26/10/2025 2h30",
            RepeatedTime,
            ("2025-10-26T02:30:00+02:00", "2025-10-26T02:30:00+01:00"),
        ),
    ],
)
def test_what_is_not_certain_is_asked(
    typed: str, question: type[Unreadable], offers: tuple[str, ...] | None
) -> None:
    with pytest.raises(question) as raised:
        read_moment(typed, NOW, PARIS)

    assert offers is None or raised.value.offers == offers
    for offer in raised.value.offers:
        assert read_moment(offer, NOW, PARIS) > NOW


_ZONES = st.sampled_from(
    [
        PARIS,
        "America/New_York",
        "America/St_Johns",
        "Asia/Kathmandu",
        "Australia/Lord_Howe",
        "Pacific/Apia",
        "Africa/Casablanca",
        "America/Argentina/Buenos_Aires",
        "Etc/GMT+5",
        "UTC",
    ]
)
_PRESENT = st.datetimes(datetime(2024, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
_AHEAD = st.timedeltas(timedelta(minutes=1), timedelta(days=3600))


def _shown_once(at: datetime, zone: str) -> bool:
    local = at.astimezone(ZoneInfo(zone))
    other = local.replace(fold=1 - local.fold)
    return other.astimezone(UTC) == at


@given(_PRESENT, _AHEAD, _ZONES, st.sampled_from(["en", "fr"]))
@settings(max_examples=150, deadline=None)
def test_a_time_that_the_bot_says_is_read_back_as_the_same(
    now: datetime, ahead: timedelta, zone: str, language: Language
) -> None:
    at = (now + ahead).replace(second=0, microsecond=0)
    assume(at > now)
    assume(_shown_once(at, zone))
    said = Speaker(language).say(Text("{at}", {"at": Moment(at, zone)}))

    assert read_moment(said, now, PARIS) == at


@given(_PRESENT, _AHEAD, _ZONES)
@settings(max_examples=150, deadline=None)
def test_a_time_as_it_is_offered_is_read_back_even_when_clocks_change(
    now: datetime, ahead: timedelta, zone: str
) -> None:
    at = (now + ahead).replace(microsecond=0)
    assume(at > now)

    assert read_moment(written(at, zone), now, PARIS) == at


_SPOKEN = (
    "demain lundi vendredi prochain next this ce soir midi minuit à at le the 9h "
    "18h30 9 21 20 1er janvier mars 2025 2030 20/01/2030 2030-02-30 dans in 2 une "
    "heures jours semaine huit en am pm 12am 31 février UTC (Europe/Paris) 02:30 T Z "
    "+01:00 du matin - , tonight week hier"
)
_VOCABULARY = st.sampled_from(_SPOKEN.split())


@given(
    st.one_of(st.text(max_size=150), st.lists(_VOCABULARY, max_size=8).map(" ".join)),
    _PRESENT,
    _ZONES,
)
@settings(max_examples=400, deadline=None)
@example("0h", NOW, "UTC")
def test_any_text_is_a_future_time_or_an_error_of_its_own(
    typed: str, now: datetime, zone: str
) -> None:
    try:
        at = read_moment(typed, now, zone)
    except Unreadable as error:
        said = str(error)
    else:
        assert at > now
        assert at.tzinfo is UTC
        return
    assert said


@given(st.one_of(st.text(max_size=60), st.lists(_VOCABULARY, max_size=6).map(" ".join)))
@settings(deadline=None)
def test_any_text_is_a_day_or_an_error_of_its_own(typed: str) -> None:
    try:
        read_day(typed, NOW, PARIS)
    except Unreadable as error:
        said = str(error)
    else:
        return
    assert said


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("2019-05-03", date(2019, 5, 3)),
        ("3 mai 2019", date(2019, 5, 3)),
        ("vendredi 3 mai 2019", date(2019, 5, 3)),
        ("1er mars 2020", date(2020, 3, 1)),
        ("3/5/2019", date(2019, 5, 3)),
        ("May 3rd, 2019", date(2019, 5, 3)),
        ("hier", date(2025, 1, 14)),
        ("aujourd'hui", date(2025, 1, 15)),
    ],
)
def test_a_day_is_read(typed: str, expected: date) -> None:
    assert read_day(typed, NOW, PARIS) == expected


@pytest.mark.parametrize(
    ("typed", "offers"),
    [
        ("2019", ("2019-01-01", "2019-12-31")),
        ("3 mai", ("2024-05-03", "2025-05-03", "2026-05-03")),
        ("jeudi 3 mai 2019", ("2019-05-03",)),
        ("lundi", ()),
        ("demain 9h", ()),
        ("31/02/2019", ()),
    ],
)
def test_a_day_that_is_not_certain_is_asked(typed: str, offers: tuple[str, ...]) -> None:
    with pytest.raises(Unreadable) as raised:
        read_day(typed, NOW, PARIS)

    assert raised.value.offers == offers


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.sampled_from(["en", "fr"]))
@settings(max_examples=60, deadline=None)
def test_a_day_that_the_bot_writes_is_read_back(on: date, language: Language) -> None:
    from babel.dates import format_date  # noqa: PLC0415 - slow to load

    said = Speaker(language).say(verbatim(format_date(on, "full", locale=language)))

    assert read_day(said, NOW, PARIS) == on
    assert read_day(on.isoformat(), NOW, PARIS) == on


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("2h", 120),
        ("1h30", 90),
        ("1 h 30 min", 90),
        ("90 min", 90),
        ("une demi-heure", 30),
        ("an hour and a half", 90),
        ("3 jours", 3 * 24 * 60),
        ("two weeks", 14 * 24 * 60),
        ("1 jour et 2 heures", 26 * 60),
        ("2 hours, 30 minutes", 150),
    ],
)
def test_a_length_is_read(typed: str, minutes: int) -> None:
    assert read_length(typed) == timedelta(minutes=minutes)


@pytest.mark.parametrize("typed", ["", "0 min", "x", "2", "9999 weeks", "2h et quelques"])
def test_what_is_no_length_is_an_error(typed: str) -> None:
    with pytest.raises(Unreadable):
        read_length(typed)


@given(st.text(max_size=60))
@settings(deadline=None)
def test_any_text_is_a_length_or_an_error_of_its_own(typed: str) -> None:
    try:
        read_length(typed)
    except Unreadable as error:
        said = str(error)
    else:
        return
    assert said
