"""Every table, one file for each room; a change here needs a schema revision."""

from chatops.store.tables.columns import metadata
from chatops.store.tables.conversation import confirmations, events, messages, promises
from chatops.store.tables.engine import executors
from chatops.store.tables.migrations import items, migrations
from chatops.store.tables.organisations import (
    accounts,
    code_attempts,
    codes,
    members,
    moves,
    organisations,
    people,
    places,
    presences,
    role_changes,
    roles,
    secrets,
)
from chatops.store.tables.publishing import deliveries, spendings
from chatops.store.tables.rehearsal import rehearsals
from chatops.store.tables.upkeep import restores

__all__ = [
    "accounts",
    "code_attempts",
    "codes",
    "confirmations",
    "deliveries",
    "events",
    "executors",
    "items",
    "members",
    "messages",
    "metadata",
    "migrations",
    "moves",
    "organisations",
    "people",
    "places",
    "presences",
    "promises",
    "rehearsals",
    "restores",
    "role_changes",
    "roles",
    "secrets",
    "spendings",
]
