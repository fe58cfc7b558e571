"""From an archive to a plan: every source post an item, and a summary for people."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from chatops.archive import Archive, SourcePost
from chatops.migrations.ledger import Ledger
from chatops.migrations.records import Item, Selection, Summary
from chatops.migrations.selecting import CONTINUATION, Forecast, choose
from chatops.posts.network import SocialNetwork
from chatops.publishing.budget import time_needed

_CHUNK = 500
"""Items written in one transaction: short enough that other writers hardly wait."""


class Planner:
    """Reads one archive into the items of one migration.

    Args:
        network: The network that the posts will stand on; in practice too, since the plan tells
            what the real one will do.
    """

    def __init__(self, ledger: Ledger, network: SocialNetwork, selection: Selection) -> None:
        self._ledger = ledger
        self._network = network
        self._selection = selection

    async def read(self, migration_id: int, path: Path) -> tuple[str, Summary]:
        """Write the archive's items; return its fingerprint and the summary of the plan.

        Reading runs in a thread, chunk by chunk, in constant memory. What is written counts only
        once the migration is marked as planned: a half-read archive stays a migration in planning.

        Raises:
            Invalid: The archive cannot be read whole; which file, and why.
        """
        archive = await asyncio.to_thread(Archive.open, path)
        try:
            return archive.fingerprint, await self._read(migration_id, archive)
        finally:
            await asyncio.to_thread(archive.close)

    async def _read(self, migration_id: int, archive: Archive) -> Summary:
        forecast = Forecast(self._network.limits)
        chunks = self._chunks(archive, forecast)
        while chunk := await asyncio.to_thread(next, chunks, None):
            await self._ledger.add(migration_id, chunk)
        left_out = await self._ledger.skip_continuations(migration_id, CONTINUATION)
        forecast.leave_out_continuations(left_out)
        cost = forecast.records * self._network.create_cost
        return Summary(
            handle=archive.account.username,
            moves=dict(forecast.moves),
            records=forecast.records,
            skipped=forecast.skipped,
            held=forecast.held,
            losses=forecast.losses,
            duration=time_needed(cost, self._network.windows),
            samples=tuple(forecast.samples),
            first=forecast.first,
            last=forecast.last,
            warnings=tuple(archive.warnings),
        )

    def _chunks(self, archive: Archive, forecast: Forecast) -> Iterator[Sequence[Item]]:
        items = self._items(archive, forecast)
        while chunk := list(islice(items, _CHUNK)):
            yield chunk

    def _items(self, archive: Archive, forecast: Forecast) -> Iterator[Item]:
        for source in archive.posts():
            missing = _missing(archive, source)
            item = choose(source, self._selection, missing)
            forecast.add(item, missing)
            yield item


def _missing(archive: Archive, source: SourcePost) -> frozenset[str]:
    if not source.post.media:
        return frozenset()
    return frozenset(m.name for m in source.post.media if not archive.has_media(m.name))
