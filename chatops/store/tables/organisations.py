"""Organisations, their people, places and accounts, and the vault."""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from chatops.language import Text
from chatops.store.tables.columns import Record, Utc, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("language", String, nullable=False),
    Column("zone", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("created_at", Utc, nullable=False),
)

people = Table(
    "people",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String, nullable=False),
    Column("language", String),
)

members = Table(
    "members",
    metadata,
    Column("platform", String, primary_key=True),
    Column("workspace", String, primary_key=True),
    Column("member", String, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("name", String, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True),
    Column("person_id", ForeignKey("people.id"), primary_key=True, index=True),
    Column("role", String, primary_key=True),
)

places = Table(
    "places",
    metadata,
    Column("platform", String, primary_key=True),
    Column("workspace", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), primary_key=True, index=True),
)

accounts = Table(
    "accounts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False),
    Column("network", String, nullable=False),
    Column("service", String, nullable=False),
    Column("identity_key", String, nullable=False),
    Column("handle", String, nullable=False),
    Column("url", String, nullable=False),
    Column("connected_at", Utc, nullable=False),
    Column("last_success_at", Utc),
    Column("trouble", Record(Text)),
    UniqueConstraint("organisation_id", "network", "identity_key"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", String, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("sealed_at", Utc, nullable=False),
)
