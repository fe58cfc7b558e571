"""What was put back from a backup."""

from __future__ import annotations

from sqlalchemy import Column, Integer, Table

from chatops.store.tables.columns import Utc, metadata

# A row comes in together with what was put back; until it is settled, rows may tell as undone what
# was done after the backup was made.
restores = Table(
    "restores",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("made_at", Utc, nullable=False),
    Column("restored_at", Utc, nullable=False),
    Column("settled_at", Utc),
)
