"""Organisations, their people, places and accounts, and the vault."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
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
    # Who turned out to be somebody known goes on under that one's number; the row stays, because
    # what was done before names it.
    Column("same_as", ForeignKey("people.id"), index=True),
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

# What became of everybody's roles; nothing is ever taken out of it.
role_changes = Table(
    "role_changes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
    Column("person_id", ForeignKey("people.id"), nullable=False, index=True),
    Column("role", String, nullable=False),
    Column("change", String, nullable=False),
    Column("changed_by", ForeignKey("people.id")),
    Column("changed_at", Utc, nullable=False),
)

places = Table(
    "places",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
    Column("home", Boolean, nullable=False),
    Column("lost_at", Utc),
    UniqueConstraint("platform", "workspace", "channel", "organisation_id"),
)

# Where members were met, so that it is known whether somebody who leaves is still there elsewhere.
presences = Table(
    "presences",
    metadata,
    Column("platform", String, primary_key=True),
    Column("workspace", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("member_workspace", String, primary_key=True),
    Column("member", String, primary_key=True),
    Column("met_at", Utc, nullable=False),
)

# A place that goes on under another id; the last one, however often it moved.
moves = Table(
    "moves",
    metadata,
    Column("platform", String, primary_key=True),
    Column("workspace", String, primary_key=True),
    Column("channel", String, primary_key=True),
    Column("to_workspace", String, nullable=False),
    Column("to_channel", String, nullable=False),
)

codes = Table(
    "codes",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("purpose", String, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("organisation_id", ForeignKey("organisations.id")),
    Column("made_by", ForeignKey("people.id")),
    Column("kept_for", ForeignKey("people.id")),
    Column("expires_at", Utc, nullable=False),
    Column("used_at", Utc),
    Column("used_by", ForeignKey("people.id")),
)
Index("ix_codes_open", codes.c.purpose, codes.c.expires_at)

code_attempts = Table(
    "code_attempts",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("people.id"), nullable=False),
    Column("tried_at", Utc, nullable=False),
)
Index("ix_code_attempts_person", code_attempts.c.person_id, code_attempts.c.tried_at)

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
