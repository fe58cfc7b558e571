"""Moving items, batch after batch, the oldest first.

While one batch is on its way the next is prepared, so that neither the network nor the machine
waits for the other. Both may be lost at any moment: what was sent is in the deliveries, what was
prepared is prepared again to the same byte.
"""

from __future__ import annotations

import asyncio
from collections import Counter
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
from chatops.publishing.states import Delivery

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_SUSPECTS = 3
_FAILS_ON_IT = Refused(
    _("The network takes other posts, but fails on this one."),
    _("Post it by hand, or plan again in some days."),
)

_AHEAD = 50
"""Items among which one is looked for that does not depend on a suspect."""

Between = Callable[[int], Awaitable[bool]]
"""Called after each batch with how many records got through; says whether to go on."""


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
            raise _not_known()
        await self._ledger.turn(self._migration.id, ItemState.MOVING, ItemState.PLANNED)

    async def move(self, between: Between, most: int | None = None) -> None:
        """Move what is planned until all is done, so many more stand, or `between` says stop.

        Raises:
            OverLimit: The budget is spent; until when.
            NetworkUnavailable, CredentialRefused: Nothing more can be sent now.
        """
        pace = _Pace(self._sender.network.batch, most, waited=self._migration.reason is not None)
        batch = await self._prepare(pace, -1)
        while batch.items:
            whole = await self._affordable(batch)
            ahead = None
            if whole is batch and most is None and not pace.suspects:
                self._underway = batch.stands
                ahead = asyncio.create_task(self._prepare(pace, batch.last))
            try:
                rows = await self._deliver(whole)
                after = await self._judge(pace, whole, rows)
                going_on = await between(rows.taken) and not pace.done
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
                # What did not stand after all must not be pointed at.
                self._underway = {}
                batch = await self._prepare(pace, after)
        if pace.suspects:
            raise _takes_nothing()

    async def _judge(self, pace: _Pace, batch: Batch, rows: _ItemRows) -> int:
        """Learn from what the network took; return the position after which to go on."""
        if rows.count(ItemState.MOVING):
            # What continues a post whose fate is not known would not know what to point at.
            raise _not_known()
        pace.stood(rows.count(ItemState.MOVED))
        if rows.taken:
            if blamed := pace.taken(batch):
                failed = [_failed(item, _FAILS_ON_IT) for item in blamed]
                await self._ledger.settle(self._migration.id, failed)
            return -1
        if rows.count(ItemState.PLANNED):
            return pace.nothing_taken(batch)
        return batch.last

    async def _affordable(self, batch: Batch) -> Batch:
        allowed = await self._publisher.allowance(self._sender)
        if sum(batch.cost(item) for item in batch.items) <= allowed.points:
            return batch
        affordable = batch.within(allowed.points)
        if affordable.items:
            return affordable
        raise OverLimit(
            _("The network's limit is reached for now."),
            _("Nothing to do: it goes on by itself. A share is left for your own posts."),
            allowed.more_at,
        )

    async def _prepare(self, pace: _Pace, after: int) -> Batch:
        items = await self._next(pace, after)
        batch = Batch()
        known = await self._known(items)
        before = await self._publisher.standing(self._sender, [first_key(i) for i in items])
        for item in items:
            prepared = await self._sender.network.prepare(
                self._sender.account, self._draft(item, {**known, **batch.stands})
            )
            batch.items.append(item)
            if first_key(item) in before and not isinstance(prepared, Unfit):
                prepared = await self._as_they_stand(prepared)
            if isinstance(prepared, Unfit):
                batch.unfit[item.position] = prepared
            else:
                batch.records[item.position] = prepared
                batch.stands[item.post.source_id] = _stands(item, prepared, known, batch)
        return batch

    async def _as_they_stand(self, records: Sequence[Prepared]) -> Sequence[Prepared]:
        """Return records as an earlier migration published them, where it did."""
        standing = await self._publisher.standing(self._sender, [r.key for r in records])
        published = {k: s.record for k, s in standing.items() if s.state is Delivery.PUBLISHED}
        return [published.get(record.key, record) for record in records]

    async def _next(self, pace: _Pace, after: int) -> Sequence[Item]:
        if not pace.suspects:
            return await self._ledger.next(self._migration.id, after, pace.size)
        # What continues a suspect would have to stand without it, so another one is to show
        # whether the network is well.
        ahead = await self._ledger.next(self._migration.id, after, _AHEAD)
        bound = {item.post.source_id for item in pace.suspects}
        for item in ahead:
            if not bound & {item.post.replies_to, item.post.quotes}:
                return [item]
            bound.add(item.post.source_id)
        return ahead[:1]

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
    """How many items go at once, and which of them the network fails on.

    A server may fail on one record and answer as if it were ill. So when it takes nothing of a
    batch, one item goes alone. If that one stands, smaller batches go until the one that it fails
    on is alone, too: a suspect, if the server has been given time to recover. If it takes another
    one then, fails on the suspect again, and takes another one again, the suspect is to blame. When
    it takes none of a few, it is ill indeed.

    Args:
        full: As many as the network likes.
        most: How many are to stand; None for all.
        waited: Whether the network has been given time to recover.
    """

    def __init__(self, full: int, most: int | None, *, waited: bool) -> None:
        self.suspects: list[Item] = []
        self._failures: Counter[int] = Counter()
        self._full = full
        self._size = full
        self._cut = full
        self._end = -1
        self._left = most
        self._waited = waited

    @property
    def size(self) -> int:
        """How many items go next."""
        return self._size if self._left is None else min(self._size, self._left)

    @property
    def done(self) -> bool:
        """Whether as many stand as were wanted."""
        return self._left is not None and self._left <= 0

    def stood(self, count: int) -> None:
        """Count what stands."""
        if self._left is not None:
            self._left -= count

    def nothing_taken(self, batch: Batch) -> int:
        """Slow down; return the position after which to go on.

        Raises:
            NetworkUnavailable: It is not the fault of one item, or not known to be.
        """
        if len(batch.items) > 1:
            self._size, self._cut = 1, len(batch.items) // 2
            self._end = max(self._end, batch.last)
            return -1
        if not self._waited:
            raise _takes_nothing()
        self.suspects += batch.items
        self._failures[batch.last] += 1
        if len(self.suspects) >= _SUSPECTS:
            raise _takes_nothing()
        return batch.last

    def taken(self, batch: Batch) -> list[Item]:
        """Speed up; return the items that are to blame."""
        suspects, self.suspects = self.suspects, []
        blamed = [item for item in suspects if self._failures[item.position] > 1]
        if suspects and not blamed:
            self._size = 1
        elif blamed or batch.last >= self._end:
            self._size, self._end, self._waited = self._full, -1, False
        else:
            self._size = self._cut
        return blamed


class _ItemRows:
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
        self._sent = keys
        await self._ledger.claim(
            connection, self._migration_id, [item.position for item in self._batch.items]
        )

    async def settled(self, connection: AsyncConnection, outcomes: Mapping[str, Outcome]) -> None:
        changed = [self._now(item, outcomes) for item in self._batch.items]
        self._states = Counter(item.state for item in changed)
        self.taken = sum(isinstance(outcomes[key], Published) for key in self._sent)
        await self._ledger.mark(connection, self._migration_id, changed)

    def _now(self, item: Item, outcomes: Mapping[str, Outcome]) -> Item:
        unfit = self._batch.unfit.get(item.position)
        if unfit is not None:
            return _failed(item, unfit)
        mine = [outcomes[record.key] for record in self._batch.records[item.position]]
        for outcome in mine:
            if isinstance(outcome, Refused):
                return _failed(item, outcome)
        refs = [outcome.ref for outcome in mine if isinstance(outcome, Published)]
        if len(refs) == len(mine):
            # What stands since an earlier migration may stand in another form.
            root = self._batch.stands[item.post.source_id].root
            stands = Stands(refs[0], refs[-1], root)
            return Item(item.position, item.kind, ItemState.MOVED, item.post, stands)
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


def _not_known() -> NetworkUnavailable:
    return NetworkUnavailable(
        _("It is not known yet whether the last posts arrived."),
        _("Nothing to do: the network is asked again before anything else is sent."),
    )


def _takes_nothing() -> NetworkUnavailable:
    return NetworkUnavailable(
        _("The network takes nothing at the moment."),
        _("Nothing to do: it is tried again by itself."),
    )


async def _drop(task: asyncio.Task[Batch] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
