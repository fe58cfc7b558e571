"""Moving items, batch after batch, the oldest first.

While one batch is on its way the next is prepared, so that neither the network nor the machine
waits for the other. Both may be lost at any moment: what was sent is in the deliveries, what was
prepared is prepared again to the same byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chatops.language import _
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.ledger import Ledger
from chatops.migrations.records import Item, Migration, Stands
from chatops.migrations.states import ItemState
from chatops.posts.network import (
    Absent,
    Draft,
    NetworkUnavailable,
    Outcome,
    OverLimit,
    Prepared,
    Published,
    Refused,
    Unfit,
)
from chatops.publishing.publisher import Publisher, Sender

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_SUSPECTS = 3
_FAILS_ON_IT = Refused(
    _("The network takes other posts, but fails on this one."),
    _("Post it by hand, or plan again in some days."),
)

Between = Callable[[], Awaitable[bool]]
"""Called after each batch; says whether to go on."""


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


class Mover:
    """Moves the items of one migration."""

    def __init__(
        self,
        ledger: Ledger,
        publisher: Publisher,
        kept: KeptFiles,
        migration: Migration,
        sender: Sender,
    ) -> None:
        self._ledger = ledger
        self._publisher = publisher
        self._kept = kept
        self._migration = migration
        self._sender = sender
        self._underway: Mapping[str, Stands] = {}

    async def recover(self) -> None:
        """Learn what became of what an earlier run had sent; to be called first.

        Raises:
            NetworkUnavailable: That cannot be learned now.
        """
        unknown = await self._publisher.recover(self._sender, self._migration.subject, _NoRows())
        if unknown:
            raise NetworkUnavailable(
                _("It is not known yet whether the last posts arrived."),
                _("Nothing to do: the network is asked again before anything else is sent."),
            )
        await self._ledger.turn(self._migration.id, ItemState.MOVING, ItemState.PLANNED)

    async def move(self, between: Between, most: int | None = None) -> None:
        """Move what is planned, at most so many items, until all is done or `between` says stop.

        Raises:
            OverLimit: The budget is spent; until when.
            NetworkUnavailable, CredentialRefused: Nothing more can be sent now.
        """
        pace = _Pace(min(self._sender.network.batch, most or self._sender.network.batch))
        batch = await self._prepare(-1, pace.size)
        while batch.items:
            whole = await self._affordable(batch)
            ahead = None
            if whole is batch and most is None and not pace.suspects:
                self._underway = batch.stands
                ahead = asyncio.create_task(self._prepare(batch.last, pace.size))
            try:
                rows = await self._deliver(whole)
                after = await self._judge(pace, whole, rows)
                going_on = await between() and most is None
            except BaseException:
                await _drop(ahead)
                raise
            if not going_on:
                await _drop(ahead)
                return
            if ahead is not None and rows.smooth:
                batch = await ahead
            else:
                await _drop(ahead)
                batch = await self._prepare(after, pace.size)
        if pace.suspects:
            raise _takes_nothing()

    async def _judge(self, pace: _Pace, batch: Batch, rows: _ItemRows) -> int:
        """Learn from what the network took; return the position after which to go on."""
        if rows.open == len(batch.items):
            return pace.nothing_taken(batch)
        suspects = pace.taken()
        if suspects:
            await self._ledger.settle(
                self._migration.id, [_failed(item, _FAILS_ON_IT) for item in suspects]
            )
        return -1

    async def _affordable(self, batch: Batch) -> Batch:
        allowed = await self._publisher.allowance(self._sender)
        if sum(batch.cost(item) for item in batch.items) <= allowed.points:
            return batch
        affordable = batch.within(allowed.points)
        if affordable.items:
            return affordable
        raise OverLimit(
            _("The posts that the network allows for now are spent."),
            _("Nothing to do: it goes on by itself. A share is left for your own posts."),
            allowed.more_at,
        )

    async def _prepare(self, after: int, size: int) -> Batch:
        items = await self._ledger.next(self._migration.id, after, size)
        batch = Batch()
        known = await self._known(items)
        for item in items:
            prepared = await self._sender.network.prepare(
                self._sender.account, self._draft(item, {**known, **batch.stands})
            )
            batch.items.append(item)
            if isinstance(prepared, Unfit):
                batch.unfit[item.position] = prepared
            else:
                batch.records[item.position] = prepared
                batch.stands[item.post.source_id] = _stands(item, prepared, known, batch)
        return batch

    async def _known(self, items: Sequence[Item]) -> Mapping[str, Stands]:
        """Return where the earlier posts stand that some items point at."""
        wanted = {i.post.replies_to for i in items} | {i.post.quotes for i in items}
        wanted -= {i.post.source_id for i in items} | {""}
        underway = {key: self._underway[key] for key in wanted if key in self._underway}
        stored = await self._ledger.stands(self._migration.id, wanted - set(underway))
        return {**stored, **underway}

    def _draft(self, item: Item, known: Mapping[str, Stands]) -> Draft:
        post = item.post
        parent = known.get(post.replies_to)
        quoted = known.get(post.quotes)
        return Draft(
            key=_key(item),
            post=post,
            root=parent.root if parent else None,
            parent=parent.last if parent else None,
            quoted=quoted.first if quoted else None,
            files=self._kept.files(self._migration.id, post) if post.media else (),
        )

    async def _deliver(self, batch: Batch) -> _ItemRows:
        """Send a batch; return what became of its items."""
        rows = _ItemRows(self._ledger, self._migration.id, batch)
        records = [r for item in batch.items for r in batch.records.get(item.position, ())]
        await self._publisher.deliver(self._sender, self._migration.subject, records, rows)
        return rows


class _Pace:
    """How many items go at once: all that the network likes, one when it takes none of them.

    A server may fail on one record and answer as if it were ill. So when it takes nothing of a
    batch, items go one by one; those that it fails on are suspects until it takes another one, and
    when it takes no one after a few, it is ill indeed.
    """

    def __init__(self, size: int) -> None:
        self._full = size
        self.size = size
        self.suspects: list[Item] = []

    def nothing_taken(self, batch: Batch) -> int:
        """Slow down; return the position after which to go on.

        Raises:
            NetworkUnavailable: It is not the fault of one item.
        """
        if len(batch.items) > 1:
            self.size = 1
            return -1
        self.suspects += batch.items
        if len(self.suspects) >= _SUSPECTS:
            raise _takes_nothing()
        return batch.last

    def taken(self) -> list[Item]:
        """Go at full size again; return the items that are to blame."""
        suspects, self.suspects = self.suspects, []
        self.size = self._full
        return suspects


class _ItemRows:
    """The items of a batch, which change together with their deliveries."""

    def __init__(self, ledger: Ledger, migration_id: int, batch: Batch) -> None:
        self._ledger = ledger
        self._migration_id = migration_id
        self._batch = batch
        self.smooth = True
        self.open = 0

    async def claimed(self, connection: AsyncConnection, _keys: Sequence[str]) -> None:
        await self._ledger.claim(
            connection, self._migration_id, [item.position for item in self._batch.items]
        )

    async def settled(self, connection: AsyncConnection, outcomes: Mapping[str, Outcome]) -> None:
        changed = [self._now(item, outcomes) for item in self._batch.items]
        self.smooth = all(item.state is ItemState.MOVED for item in changed)
        self.open = sum(item.state is ItemState.PLANNED for item in changed)
        await self._ledger.mark(connection, self._migration_id, changed)

    def _now(self, item: Item, outcomes: Mapping[str, Outcome]) -> Item:
        unfit = self._batch.unfit.get(item.position)
        if unfit is not None:
            return _failed(item, unfit)
        mine = [outcomes[record.key] for record in self._batch.records[item.position]]
        for outcome in mine:
            if isinstance(outcome, Refused):
                return _failed(item, outcome)
        if all(isinstance(outcome, Published) for outcome in mine):
            return Item(
                item.position,
                item.kind,
                ItemState.MOVED,
                item.post,
                self._batch.stands[item.post.source_id],
            )
        absent = any(isinstance(outcome, Absent) for outcome in mine)
        state = ItemState.PLANNED if absent else ItemState.MOVING
        return Item(item.position, item.kind, state, item.post)


class _NoRows:
    """Nothing changes together with the deliveries."""

    async def claimed(self, _connection: AsyncConnection, _keys: Sequence[str]) -> None:
        pass

    async def settled(self, _connection: AsyncConnection, _outcomes: Mapping[str, Outcome]) -> None:
        pass


def _failed(item: Item, why: Unfit | Refused) -> Item:
    return Item(
        item.position,
        item.kind,
        ItemState.FAILED,
        item.post,
        reason=why.reason,
        mend=why.mend,
    )


def _key(item: Item) -> str:
    return f"x:{item.post.source_id}"


def first_key(item: Item) -> str:
    """Return the delivery key of an item's first record."""
    return f"{_key(item)}#0"


def position_of(key: str) -> int:
    """Return the position of the item whose record has this key."""
    return int(key.removeprefix("x:").partition("#")[0])


def _stands(
    item: Item, prepared: Sequence[Prepared], known: Mapping[str, Stands], batch: Batch
) -> Stands:
    first, last = prepared[0].ref, prepared[-1].ref
    parent = batch.stands.get(item.post.replies_to) or known.get(item.post.replies_to)
    return Stands(first, last, parent.root if parent else first)


def _takes_nothing() -> NetworkUnavailable:
    return NetworkUnavailable(
        _("The network takes nothing at the moment."),
        _("Nothing to do: it is tried again by itself."),
    )


async def _drop(task: asyncio.Task[Batch] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
