"""What was heard in chat, what waits for an answer, and what can be pressed."""

from __future__ import annotations

from sqlalchemy import Column, Index, LargeBinary, String, Table

from chatops.store.tables.columns import Utc, metadata

events = Table(
    "events",
    metadata,
    Column("platform", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("handled_at", Utc),
)
Index(
    "ix_events_unhandled",
    events.c.received_at,
    sqlite_where=events.c.handled_at.is_(None),
    postgresql_where=events.c.handled_at.is_(None),
)

messages = Table(
    "messages",
    metadata,
    Column("key", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("message", String, nullable=False),
    Column("choices", LargeBinary, nullable=False),
    Column("sent_at", Utc, nullable=False),
)
Index(
    "ix_messages_address",
    messages.c.platform,
    messages.c.workspace,
    messages.c.channel,
    messages.c.message,
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", String, primary_key=True),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
)
