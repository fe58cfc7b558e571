"""Every table, one file for each room; a change here needs a schema revision."""

from chatops.store.tables.columns import metadata
from chatops.store.tables.conversation import confirmations, events, messages, promises
from chatops.store.tables.engine import executors
from chatops.store.tables.migrations import items, migrations
from chatops.store.tables.organisations import (
    accounts,
    members,
    organisations,
    people,
    places,
    roles,
    secrets,
)
from chatops.store.tables.publishing import deliveries, spendings
from chatops.store.tables.rehearsal import rehearsals

__all__ = [
    "accounts",
    "confirmations",
    "deliveries",
    "events",
    "executors",
    "items",
    "members",
    "messages",
    "metadata",
    "migrations",
    "organisations",
    "people",
    "places",
    "promises",
    "rehearsals",
    "roles",
    "secrets",
    "spendings",
]
