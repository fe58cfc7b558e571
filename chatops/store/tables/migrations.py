"""Migrations and their items."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
)

from chatops.language import Text
from chatops.store.tables.columns import Record, Utc, metadata

migrations = Table(
    "migrations",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("network", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("phase", String, nullable=False, index=True),
    Column("hold", String, nullable=False),
    Column("run", Integer, nullable=False),
    Column("archive", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("summary", LargeBinary),
    Column("place", LargeBinary, nullable=False),
    Column("planned_by", ForeignKey("people.id"), nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("resume_at", Utc),
    Column("reason", Record(Text)),
    Column("mend", Record(Text)),
)

items = Table(
    "items",
    metadata,
    Column("migration_id", ForeignKey("migrations.id"), primary_key=True),
    Column("position", BigInteger, primary_key=True),
    Column("parent", BigInteger),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("post", LargeBinary, nullable=False),
    Column("stands", LargeBinary),
    Column("reason", Record(Text)),
    Column("mend", Record(Text)),
)
Index("ix_items_state", items.c.migration_id, items.c.state, items.c.position)
