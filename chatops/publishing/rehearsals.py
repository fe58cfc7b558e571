"""What would have been published: kept by the rehearsal network, shown by `practice show`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct
from sqlalchemy import and_, delete, func, select

from chatops.store import Store
from chatops.store.tables import rehearsals
from chatops.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


class Rehearsed(Struct, frozen=True):
    """One record as it would have stood.

    Args:
        key: Its delivery key; the parts of a thread differ in the number behind `#`.
        continues: The key of the record that it answers, empty for none.
        quotes: The key of the record that it quotes, empty for none.
        media: The names of its pictures and videos.
    """

    key: str
    text: str
    written_at: datetime
    continues: str = ""
    quotes: str = ""
    media: tuple[str, ...] = ()


_RECORD = msgspec.json.Decoder(Rehearsed)


class Rehearsals:
    """Keeps and finds rehearsed records, by the key of an account's identity."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def keep(self, account: str, records: Sequence[Rehearsed]) -> None:
        """Keep records; keeping one again changes nothing."""
        async with self._store.write() as connection:
            for record in records:
                await _keep(connection, account, record)

    async def known(self, account: str, keys: Sequence[str]) -> frozenset[str]:
        """Return those keys under which a record is kept."""
        async with self._store.read() as connection:
            rows = await connection.scalars(
                select(rehearsals.c.key).where(
                    rehearsals.c.account == account, rehearsals.c.key.in_(keys)
                )
            )
            return frozenset(rows)

    async def remove(self, account: str, keys: Sequence[str]) -> None:
        """Remove records; removing one again changes nothing."""
        async with self._store.write() as connection:
            await connection.execute(
                delete(rehearsals).where(
                    and_(rehearsals.c.account == account, rehearsals.c.key.in_(keys))
                )
            )

    async def count(self, account: str) -> int:
        """Return how many records an account has."""
        async with self._store.read() as connection:
            found = await connection.scalar(
                select(func.count()).where(rehearsals.c.account == account)
            )
            return found or 0

    async def newest(self, account: str, limit: int) -> Sequence[Rehearsed]:
        """Return an account's records, the newest first."""
        async with self._store.read() as connection:
            rows = await connection.scalars(
                select(rehearsals.c.record)
                .where(rehearsals.c.account == account)
                .order_by(rehearsals.c.written_at.desc(), rehearsals.c.key.desc())
                .limit(limit)
            )
            return [_RECORD.decode(row) for row in rows]


async def _keep(connection: AsyncConnection, account: str, record: Rehearsed) -> None:
    await upsert(
        connection,
        rehearsals,
        {"account": account, "key": record.key},
        {"record": msgspec.json.encode(record), "written_at": record.written_at},
    )
