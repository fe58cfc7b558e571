"""Items on their way together, and how their rows change with their deliveries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatops.migrations.ledger import Ledger
from chatops.migrations.records import Item, Stands
from chatops.migrations.states import ItemState
from chatops.posts.network import Absent, Outcome, Prepared, Published, Refused, Unfit

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


@dataclass(slots=True)
class Batch:
    """Items that are ready to be sent together, in order.

    Args:
        stands: Where each will stand, by source id.
    """

    items: list[Item] = field(default_factory=list)
    records: dict[int, Sequence[Prepared]] = field(default_factory=dict)
    unfit: dict[int, Unfit] = field(default_factory=dict)
    stands: dict[str, Stands] = field(default_factory=dict)

    @property
    def last(self) -> int:
        """The position after which the next batch begins."""
        return self.items[-1].position if self.items else -1

    def cost(self, item: Item) -> int:
        """Return what an item takes of the write budget."""
        return sum(record.cost for record in self.records.get(item.position, ()))

    def within(self, points: int) -> Batch:
        """Return the first items, as many as the points allow."""
        kept = Batch(records=self.records, unfit=self.unfit, stands=self.stands)
        for item in self.items:
            points -= self.cost(item)
            if points < 0:
                break
            kept.items.append(item)
        return kept


class ItemRows:
    """The items of a batch, which change together with their deliveries."""

    def __init__(self, ledger: Ledger, migration_id: int, batch: Batch) -> None:
        self._ledger = ledger
        self._migration_id = migration_id
        self._batch = batch
        self._sent: Sequence[str] = ()
        self._states: Counter[ItemState] = Counter()
        self.taken = 0

    @property
    def smooth(self) -> bool:
        """Whether all of them stand."""
        return self.count(ItemState.MOVED) == len(self._batch.items)

    def count(self, state: ItemState) -> int:
        """Return how many are in a state now."""
        return self._states[state]

    async def claimed(self, connection: AsyncConnection, keys: Sequence[str]) -> None:
        """Note that the items are on their way."""
        self._sent = keys
        await self._ledger.claim(
            connection, self._migration_id, [item.position for item in self._batch.items]
        )

    async def settled(self, connection: AsyncConnection, outcomes: Mapping[str, Outcome]) -> None:
        """Note what became of the items."""
        changed = self._changed(outcomes)
        self.taken = sum(isinstance(outcomes[key], Published) for key in self._sent)
        await self._ledger.mark(connection, self._migration_id, changed)

    async def note(self, outcomes: Mapping[str, Outcome]) -> None:
        """Note what was learned of the items, although nothing was sent."""
        await self._ledger.settle(self._migration_id, self._changed(outcomes))

    def _changed(self, outcomes: Mapping[str, Outcome]) -> list[Item]:
        changed = [self._now(item, outcomes) for item in self._batch.items]
        self._states = Counter(item.state for item in changed)
        return changed

    def _now(self, item: Item, outcomes: Mapping[str, Outcome]) -> Item:
        unfit = self._batch.unfit.get(item.position)
        if unfit is not None:
            return failed(item, unfit)
        mine = [outcomes[record.key] for record in self._batch.records[item.position]]
        for outcome in mine:
            if isinstance(outcome, Refused):
                return failed(item, outcome)
        refs = [outcome.ref for outcome in mine if isinstance(outcome, Published)]
        if len(refs) == len(mine):
            # What stands since an earlier migration may stand in another form.
            root = self._batch.stands[item.post.source_id].root
            stands = Stands(refs[0], refs[-1], root)
            return Item(item.position, item.kind, ItemState.MOVED, item.post, stands)
        absent = any(isinstance(outcome, Absent) for outcome in mine)
        state = ItemState.PLANNED if absent else ItemState.MOVING
        return Item(item.position, item.kind, state, item.post)


def failed(item: Item, why: Unfit | Refused) -> Item:
    """Return an item that will not stand, and why."""
    return Item(
        item.position,
        item.kind,
        ItemState.FAILED,
        item.post,
        reason=why.reason,
        mend=why.mend,
    )
