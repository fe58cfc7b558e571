"""Moving items, batch after batch, the oldest first.

While one batch is on its way the next is prepared, so that neither the network nor the machine
waits for the other. Both may be lost at any moment: what was sent is in the deliveries, what was
prepared is prepared again to the same byte.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from chatops.language import _
from chatops.migrations.batch import Batch, ItemRows, failed
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.keys import first_key, key_of
from chatops.migrations.ledger import Ledger
from chatops.migrations.pace import Pace, takes_nothing
from chatops.migrations.records import Item, Migration, Stands
from chatops.migrations.states import ItemState
from chatops.posts.network import (
    Draft,
    NetworkUnavailable,
    Outcome,
    OverLimit,
    Prepared,
    Refused,
    Unfit,
)
from chatops.publishing.publisher import Publisher, Sender
from chatops.publishing.states import Delivery

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_ENOUGH = 20
"""Attempts at the last items before they are to blame: more than an hour of growing waits."""

_FAILS_ON_IT = Refused(
    _("The network takes other posts, but fails on this one."),
    _("Post it by hand, or plan again in some days."),
)

_AHEAD = 50
"""Items among which one is looked for that does not depend on a suspect."""

Between = Callable[[int], Awaitable[bool]]
"""Called after each batch with how many records got through; says whether to go on."""


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

    async def look_up(self) -> None:
        """Where a backup was put back, learn which planned items were moved after it was made.

        Raises:
            NetworkUnavailable, CredentialRefused: That cannot be learned now.
        """
        if not self._publisher.doubtful:
            return
        pace = Pace(self._sender.network.batch, None, waited=False)
        batch = await self._prepare(pace, -1)
        while batch.items:
            records = [each for parts in batch.records.values() for each in parts]
            found = await self._publisher.look_up(self._sender, self._migration.subject, records)
            rows = ItemRows(self._ledger, self._migration.id, batch)
            await rows.note(found)
            if rows.count(ItemState.MOVING):
                raise _not_known()
            batch = await self._prepare(pace, batch.last)

    async def move(self, between: Between, most: int | None = None) -> None:
        """Move what is planned until all is done, so many more stand, or `between` says stop.

        Raises:
            OverLimit: The budget is spent; until when.
            NetworkUnavailable, CredentialRefused: Nothing more can be sent now.
        """
        pace = Pace(self._sender.network.batch, most, waited=self._migration.reason is not None)
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
            await self._give_up(pace.suspects)

    async def _give_up(self, suspects: Sequence[Item]) -> None:
        """Blame the last items when nothing is left that could show whether the network is well.

        It answers, since it has told each time that they do not stand.

        Raises:
            NetworkUnavailable: It has not been given enough time to recover.
        """
        standing = await self._publisher.standing(self._sender, [first_key(i) for i in suspects])
        if any(kept.attempts < _ENOUGH for kept in standing.values()):
            raise takes_nothing()
        blamed = [failed(item, _FAILS_ON_IT) for item in suspects]
        await self._ledger.settle(self._migration.id, blamed)

    async def _judge(self, pace: Pace, batch: Batch, rows: ItemRows) -> int:
        """Learn from what the network took; return the position after which to go on."""
        if rows.count(ItemState.MOVING):
            # What continues a post whose fate is not known would not know what to point at.
            raise _not_known()
        pace.stood(rows.count(ItemState.MOVED))
        if rows.taken:
            if blamed := pace.taken(batch):
                fails = [failed(item, _FAILS_ON_IT) for item in blamed]
                await self._ledger.settle(self._migration.id, fails)
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

    async def _prepare(self, pace: Pace, after: int) -> Batch:
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

    async def _next(self, pace: Pace, after: int) -> Sequence[Item]:
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
            key=key_of(item),
            post=post,
            root=parent.root if parent else None,
            parent=parent.last if parent else None,
            quoted=quoted.first if quoted else None,
            files=self._kept.files(self._migration.id, post) if post.media else (),
        )

    async def _deliver(self, batch: Batch) -> ItemRows:
        """Send a batch; return what became of its items."""
        rows = ItemRows(self._ledger, self._migration.id, batch)
        records = [r for item in batch.items for r in batch.records.get(item.position, ())]
        await self._publisher.deliver(self._sender, self._migration.subject, records, rows)
        return rows


class _NoRows:
    """Nothing changes together with the deliveries."""

    async def claimed(self, _connection: AsyncConnection, _keys: Sequence[str]) -> None:
        pass

    async def settled(self, _connection: AsyncConnection, _outcomes: Mapping[str, Outcome]) -> None:
        pass


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


async def _drop(task: asyncio.Task[Batch] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
