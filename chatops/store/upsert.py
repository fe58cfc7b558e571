"""Insert a row where one may stand under its key already: one statement on both stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


async def upsert(
    connection: AsyncConnection,
    table: Table,
    key: Mapping[str, Any],
    values: Mapping[str, Any],
    *,
    on_conflict: Mapping[str, Any] | None = None,
) -> None:
    """Insert `key` and `values` as a row, or update the row with this key.

    Args:
        key: The columns of the primary key, or of a unique constraint, with their values.
        on_conflict: What to set where the row stands already; `values` where it is left out.
    """
    names: Sequence[str] = tuple(key)
    changes = dict(values if on_conflict is None else on_conflict)
    insert = insert_of(connection.dialect.name)
    await connection.execute(
        insert(table)
        .values(**key, **values)
        .on_conflict_do_update(index_elements=names, set_=changes)
    )


def insert_of(dialect: str) -> type[sqlite.Insert | postgresql.Insert]:
    """Return the insert of a dialect, which can say what becomes of a row that stands already."""
    if dialect == "sqlite":
        from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - the other store's is slow to load

        return sqlite.Insert
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - as above

    return postgresql.Insert
