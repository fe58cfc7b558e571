"""What was heard in chat, what can be pressed, what waits for an answer or is still to be said."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from chatops.store.tables.columns import Utc, metadata

events = Table(
    "events",
    metadata,
    Column("platform", String, primary_key=True),
    Column("event_id", String, primary_key=True),
    Column("executor", String, nullable=False),
    Column("payload", LargeBinary, nullable=False),
    Column("received_at", Utc, nullable=False),
    Column("begun_at", Utc),
    Column("handled_at", Utc),
)
Index(
    "ix_events_unhandled",
    events.c.executor,
    events.c.received_at,
    sqlite_where=events.c.handled_at.is_(None),
    postgresql_where=events.c.handled_at.is_(None),
)
Index("ix_events_received", events.c.received_at)

messages = Table(
    "messages",
    metadata,
    Column("key", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("workspace", String, nullable=False),
    Column("channel", String, nullable=False),
    Column("message", String, nullable=False),
    Column("thread", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("ref", LargeBinary, nullable=False),
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
Index(
    "ix_messages_topic",
    messages.c.topic,
    messages.c.channel,
    messages.c.sent_at,
    sqlite_where=messages.c.topic != "",
    postgresql_where=messages.c.topic != "",
)
Index("ix_messages_sent", messages.c.sent_at)

promises = Table(
    "promises",
    metadata,
    Column("key", String, primary_key=True),
    Column("platform", String, nullable=False),
    Column("executor", String, nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),
    Column("promised_at", Utc, nullable=False),
)

confirmations = Table(
    "confirmations",
    metadata,
    Column("id", String, primary_key=True),
    Column("organisation_id", ForeignKey("organisations.id"), nullable=False, index=True),
    Column("payload", LargeBinary, nullable=False),
    Column("state", String, nullable=False),
    Column("asked_at", Utc, nullable=False),
    Column("expires_at", Utc, nullable=False),
    Column("settled_at", Utc),
    Column("settled_by", String),
)
