"""Deliveries, and the budgets that they spend."""

from __future__ import annotations

from sqlalchemy import (
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

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("account_id", ForeignKey("accounts.id"), nullable=False),
    Column("network", String, nullable=False),
    Column("key", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("state", String, nullable=False),
    Column("record", LargeBinary, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("changed_at", Utc, nullable=False),
    Column("reason", Record(Text)),
    Column("mend", Record(Text)),
    UniqueConstraint("account_id", "network", "key"),
)
Index("ix_deliveries_subject_state", deliveries.c.subject, deliveries.c.state)

spendings = Table(
    "spendings",
    metadata,
    Column("account_id", ForeignKey("accounts.id"), primary_key=True),
    Column("network", String, primary_key=True),
    Column("minute", Utc, primary_key=True),
    Column("points", Integer, nullable=False),
)
