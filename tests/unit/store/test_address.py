"""A store's address is SQLite or PostgreSQL, and says so when it is neither."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatops.language import Invalid
from chatops.store.address import parsed
from chatops.store.troubles import place


@pytest.mark.parametrize(
    ("address", "driver"),
    [
        ("sqlite:///quitx.db", "sqlite+aiosqlite"),
        ("sqlite:////var/lib/quitx.db", "sqlite+aiosqlite"),
        ("postgresql://u:p@host/db", "postgresql+psycopg"),
        ("postgresql+psycopg://u:p@host:5433/db?sslmode=require", "postgresql+psycopg"),
    ],
)
def test_both_databases_are_known(address: str, driver: str) -> None:
    assert parsed(address).drivername == driver


@pytest.mark.parametrize(
    "address", ["", "quitx.db", "mysql://u@host/db", "sqlite://", "sqlite:///:memory:", "nonsense:"]
)
def test_anything_else_is_refused_with_an_example(address: str) -> None:
    with pytest.raises(Invalid, match=r"sqlite:///quitx\.db"):
        parsed(address)


@given(st.text())
def test_any_text_is_an_address_or_refused(address: str) -> None:
    try:
        url = parsed(address)
    except Invalid:
        return
    assert url.get_backend_name() in {"sqlite", "postgresql"}


def test_a_place_never_shows_the_password() -> None:
    shown = place(parsed("postgresql://quitx:hunter2@db.example/quitx"))
    assert shown == "postgresql://quitx:***@db.example/quitx"
