"""`GroupCommit`: what many tasks write at about the same time is committed together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

from chatops.language import Trouble

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from chatops.store.store import Store

Item = TypeVar("Item")
Result = TypeVar("Result")

Write: TypeAlias = Callable[["AsyncConnection", Sequence[Item]], Awaitable[Sequence[Result]]]
"""Writes items, and returns what became of each, in their order."""

_TOGETHER: Final = 200
"""Items of one transaction: enough to share its cost, and others need not wait long."""


class GroupCommit(Generic[Item, Result]):
    """Writes the items of many tasks in as few transactions as there must be.

    The first item is written at once; what comes meanwhile is written in one transaction after
    it. An item that cannot be written fails alone: its neighbours are written without it. What is
    wrong with the store is told to all who wait, so that nobody waits for it in turn.

    Args:
        write: Called in a transaction; again, item by item, where it failed for several.
    """

    def __init__(self, store: Store, write: Write[Item, Result]) -> None:
        self._store = store
        self._write = write
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def add(self, item: Item) -> Result:
        """Write an item; return once it is committed.

        Whoever is cancelled meanwhile does not take it back.

        Raises:
            RuntimeError: This task is inside `Store.write`; on SQLite it would wait for itself.
        """
        await self._store.prepare_to_write()
        committed: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, committed))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="group commit")
        return await committed

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                batch = self._waiting[:_TOGETHER]
                del self._waiting[:_TOGETHER]
                await self._commit(batch)
        finally:
            self._writing = None

    async def _commit(self, batch: Sequence[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            async with self._store.write() as connection:
                results = await self._write(connection, [item for item, _committed in batch])
        except Exception as error:  # noqa: BLE001 - it is raised in the tasks that wait
            if len(batch) == 1 or isinstance(error, Trouble):
                _fail(batch, error)
                return
            for each in batch:
                await self._commit([each])
            return
        for (_item, committed), result in zip(batch, results, strict=True):
            if not committed.done():
                committed.set_result(result)


def _fail(batch: Sequence[tuple[Item, asyncio.Future[Result]]], error: Exception) -> None:
    for _item, committed in batch:
        if not committed.done():
            committed.set_exception(error)
