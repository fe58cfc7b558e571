"""Sentences that learn their language when they are shown."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.language import (
    ENGLISH,
    Bytes,
    Code,
    Day,
    Invalid,
    Link,
    Moment,
    Piece,
    Series,
    Span,
    Speaker,
    Strong,
    Text,
    _,
    n_,
    verbatim,
)

FRENCH = Speaker("fr")


def test_values_stand_where_the_sentence_says() -> None:
    assert ENGLISH.say(_("{b} before {a}", a="A", b="B")) == "B before A"


@given(st.text())
def test_data_is_never_taken_for_a_message(data: str) -> None:
    assert ENGLISH.say(verbatim(data)) == data
    assert ENGLISH.say(_("[{value}]", value=data)) == f"[{data}]"


@pytest.mark.parametrize(("count", "said"), [(0, "0 posts"), (1, "1 post"), (1_200, "1,200 posts")])
def test_a_count_chooses_its_form(count: int, said: str) -> None:
    assert ENGLISH.say(n_("{count} post", "{count} posts", count)) == said


def test_styles_are_kept_apart_from_words() -> None:
    text = _("Type {command}, {who}.", command=Code("/quitx"), who=Strong("now"))
    assert ENGLISH.pieces(text) == (
        Piece("Type "),
        Piece("/quitx", "code"),
        Piece(", "),
        Piece("now", "strong"),
        Piece("."),
    )


def test_a_link_shows_its_address_behind_its_label() -> None:
    link = _("{page}", page=Link("https://example.org", "our page"))
    assert ENGLISH.say(link) == "our page (https://example.org)"
    assert ENGLISH.say(_("{page}", page=Link("https://example.org"))) == "https://example.org"


def test_a_series_is_joined_as_the_language_does() -> None:
    series = _("{all}", all=Series(("a", Code("b"), "c")))
    assert ENGLISH.say(series) == "a, b, and c"
    assert FRENCH.say(series) == "a, b et c"
    assert Piece("b", "code") in FRENCH.pieces(series)


def test_a_moment_is_told_with_its_zone() -> None:
    moment = _("{at}", at=Moment(datetime(2025, 1, 20, 11, 0, tzinfo=UTC), "Europe/Paris"))
    assert ENGLISH.say(moment) == "Monday 20 January 2025 at 12:00 (Europe/Paris)"
    assert FRENCH.say(moment) == "lundi 20 janvier 2025 à 12:00 (Europe/Paris)"


def test_figures_are_written_as_the_language_writes_them() -> None:
    figures = _(
        "{day}, {span}, {size}, {number}",
        day=Day(date(2025, 1, 20)),
        span=Span(timedelta(hours=5)),
        size=Bytes(1_234_567),
        number=12_345,
    )
    assert ENGLISH.say(figures) == "January 20, 2025, 5 hours, 1.2\u00a0MB, 12,345"
    assert FRENCH.say(figures) == "20 janvier 2025, 5\u00a0heures, 1,2\u00a0Mo, 12\u202f345"


def test_a_text_survives_being_stored() -> None:
    text = n_("{count} of {what}", "{count} of {what}", 2, what=_("nested {n}", n=Code("x")))
    assert msgspec.json.decode(msgspec.json.encode(text), type=Text) == text


def test_an_error_tells_cause_and_next_step() -> None:
    error = Invalid(_("It is {what}.", what="broken"), _("Mend it."))
    assert str(error) == "It is broken. Mend it."
