"""Column types give back what they were given."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct
from sqlalchemy.engine import make_url

from chatops.language import Code, Text, _
from chatops.store.tables.columns import Record, Utc

SQLITE = make_url("sqlite+aiosqlite://").get_dialect()()
POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()

zones = st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(timezone)
moments = st.datetimes(datetime(2, 1, 1), datetime(9998, 1, 1), timezones=zones)  # noqa: DTZ001 - bounds are naive


@given(moments)
def test_a_time_comes_back_to_the_microsecond_and_in_utc(moment: datetime) -> None:
    kind = Utc()
    for dialect in (SQLITE, POSTGRESQL):
        back = kind.process_result_value(kind.process_bind_param(moment, dialect), dialect)
        assert back == moment
        assert back is not None
        assert back.tzinfo is UTC


@given(moments, moments)
def test_times_sort_on_sqlite_as_they_follow_one_another(one: datetime, other: datetime) -> None:
    kind = Utc()
    before = kind.process_bind_param(one, SQLITE) < kind.process_bind_param(other, SQLITE)
    assert before == (one < other)


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        Utc().process_bind_param(datetime(2026, 1, 1), SQLITE)  # noqa: DTZ001 - that is the point


class Pair(Struct, frozen=True):
    """Something to be kept."""

    left: str
    right: int


@given(st.builds(Pair, st.text(), st.integers(-(2**63), 2**63 - 1)))
def test_a_record_comes_back_as_it_was(pair: Pair) -> None:
    kind = Record(Pair)
    for dialect in (SQLITE, POSTGRESQL):
        assert kind.process_result_value(kind.process_bind_param(pair, dialect), dialect) == pair


def test_a_sentence_comes_back_with_its_values() -> None:
    kind, said = Record(Text), _("Type {command} again.", command=Code("/quitx"))
    assert kind.process_result_value(kind.process_bind_param(said, SQLITE), SQLITE) == said


def test_nothing_stays_nothing() -> None:
    for kind in (Utc(), Record(Pair)):
        assert kind.process_bind_param(None, SQLITE) is None
        assert kind.process_result_value(None, SQLITE) is None
