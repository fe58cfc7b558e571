"""Undoing a migration: removing just what it created, the newest first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from chatops.language import _
from chatops.migrations.keys import position_of
from chatops.migrations.ledger import Ledger
from chatops.migrations.moving import Between
from chatops.migrations.records import Migration
from chatops.posts.network import Absent, NetworkUnavailable, Outcome, OverLimit
from chatops.publishing.publisher import Publisher, Sender, standing_keys

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class Undoer:
    """Removes the records of one migration."""

    def __init__(
        self, ledger: Ledger, publisher: Publisher, migration: Migration, sender: Sender
    ) -> None:
        self._ledger = ledger
        self._publisher = publisher
        self._migration = migration
        self._sender = sender

    async def remove(self, between: Between) -> bool:
        """Remove what stands, until nothing is left (True) or `between` says stop (False).

        Raises:
            OverLimit: The budget is spent; until when.
            NetworkUnavailable, CredentialRefused: Nothing more can be removed now.
        """
        network = self._sender.network
        while True:
            keys = await self._publisher.removable(
                self._sender, self._migration.subject, network.batch
            )
            if not keys:
                return True
            keys = await self._affordable(keys)
            rows = _RemovedItems(self._ledger, self._migration)
            await self._publisher.remove(self._sender, keys, rows)
            if not rows.removed:
                raise NetworkUnavailable(
                    _("The network removes nothing at the moment."),
                    _("Nothing to do: it is tried again by itself."),
                )
            if not await between(rows.removed):
                return False

    async def _affordable(self, keys: Sequence[str]) -> Sequence[str]:
        """Return the first keys, as many as the budget allows."""
        allowed = await self._publisher.allowance(self._sender)
        cost = self._sender.network.delete_cost
        if len(keys) * cost <= allowed.points:
            return keys
        if affordable := keys[: allowed.points // cost]:
            return affordable
        raise OverLimit(
            _("The network's limit is reached for now."),
            _("Nothing to do: it goes on by itself."),
            allowed.more_at,
        )


class _RemovedItems:
    """The items whose records are gone."""

    def __init__(self, ledger: Ledger, migration: Migration) -> None:
        self._ledger = ledger
        self._migration = migration
        self.removed = 0

    async def claimed(self, _connection: AsyncConnection, _keys: Sequence[str]) -> None:
        pass

    async def settled(self, connection: AsyncConnection, outcomes: Mapping[str, Outcome]) -> None:
        gone = {position_of(k) for k, outcome in outcomes.items() if isinstance(outcome, Absent)}
        self.removed = len(gone)
        # A post of several parts is removed only with its last one.
        left = await standing_keys(connection, self._migration.subject)
        gone -= {position_of(key) for key in left}
        await self._ledger.remove(connection, self._migration, sorted(gone))
