"""What the rehearsal network keeps instead of publishing it."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table

from chatops.store.tables.columns import Utc, metadata

rehearsals = Table(
    "rehearsals",
    metadata,
    Column("account", String, primary_key=True),
    Column("key", String, primary_key=True),
    Column("record", LargeBinary, nullable=False),
    Column("written_at", Utc, nullable=False),
)
Index("ix_rehearsals_written", rehearsals.c.account, rehearsals.c.written_at)
