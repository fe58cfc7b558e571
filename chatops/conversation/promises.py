"""What has to be said even if the program dies before it is: kept in rows until it was."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from sqlalchemy import delete, select

from chatops.clock import Clock
from chatops.conversation.addresses import Place
from chatops.conversation.reply import Reply
from chatops.language import Language
from chatops.store import Store
from chatops.store.tables import promises
from chatops.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class Promise(Struct, frozen=True):
    """Something that will be said.

    Args:
        key: Under which it is said once.
    """

    key: str
    place: Place
    reply: Reply
    language: Language


class Promises:
    """Keeps promises until they have been fulfilled.

    Args:
        executor: Names this process among its replicas; each fulfils its own.
    """

    def __init__(self, store: Store, clock: Clock, executor: str) -> None:
        self._store = store
        self._clock = clock
        self._executor = executor

    async def make(self, connection: AsyncConnection, promise: Promise) -> None:
        """Keep a promise, in the caller's transaction."""
        values = {
            "platform": promise.place.platform,
            "executor": self._executor,
            "payload": msgspec.json.encode(promise),
            "promised_at": self._clock(),
        }
        await upsert(connection, promises, {"key": promise.key}, values)

    async def open(self, platforms: Collection[str]) -> Sequence[Promise]:
        """Return what this process still has to say on some platforms, the oldest first."""
        async with self._store.read() as connection:
            rows = await connection.scalars(
                select(promises.c.payload)
                .where(promises.c.executor == self._executor, promises.c.platform.in_(platforms))
                .order_by(promises.c.promised_at)
            )
            return [msgspec.json.decode(payload, type=Promise) for payload in rows]

    async def fulfilled(self, key: str) -> None:
        """Drop a promise."""
        async with self._store.write() as connection:
            await connection.execute(delete(promises).where(promises.c.key == key))
