"""Who does durable work, where several replicas share one store."""

from __future__ import annotations

from sqlalchemy import Column, String, Table

from chatops.store.tables.columns import Utc, metadata

executors = Table(
    "executors",
    metadata,
    Column("id", String, primary_key=True),
    Column("beat_at", Utc, nullable=False),
)
