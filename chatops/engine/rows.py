"""DBOS's own rows, where the engine reads or changes them inside a transaction of the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import (
    BigInteger,
    String,
    TableClause,
    and_,
    column,
    exists,
    func,
    or_,
    select,
    table,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.engine.port import Task

LEAD: Final = timedelta(seconds=7)
"""How long before its time a task is woken: DBOS is up to 2.5 s late, the rest is slept exactly."""

_WAITING: Final = ("DELAYED", "ENQUEUED")
_BEGUN: Final = "PENDING"


def _statuses(connection: AsyncConnection) -> TableClause:
    schema = "dbos" if connection.dialect.name == "postgresql" else None
    return table(
        "workflow_status",
        *(column(name, String) for name in ("workflow_uuid", "status", "owner_xid", "queue_name")),
        column("started_at_epoch_ms", BigInteger),
        column("delay_until_epoch_ms", BigInteger),
        column("updated_at", BigInteger),
        column("completed_at", BigInteger),
        schema=schema,
    )


async def is_known(connection: AsyncConnection, task: Task) -> bool:
    """Whether a task has been asked for before and is not forgotten."""
    rows = _statuses(connection)
    known = select(exists().where(rows.c.workflow_uuid == task.id))
    return bool((await connection.execute(known)).scalar())


async def call_off(connection: AsyncConnection, task: Task, *, also_begun: bool) -> None:
    """Cancel a task that waits in the queue; a begun one only if it is known to do nothing yet."""
    rows = _statuses(connection)
    states = (*_WAITING, _BEGUN) if also_begun else _WAITING
    now = _milliseconds(datetime.now(UTC))
    await connection.execute(
        update(rows)
        .where(rows.c.workflow_uuid == task.id, rows.c.status.in_(states))
        .values(
            status="CANCELLED",
            owner_xid=None,
            queue_name=None,
            started_at_epoch_ms=None,
            updated_at=now,
            completed_at=now,
        )
    )


async def due(connection: AsyncConnection) -> set[str]:
    """Return the ids of the tasks that have begun, or are due and wait in the queue."""
    rows = _statuses(connection)
    woken = rows.c.delay_until_epoch_ms
    found = select(rows.c.workflow_uuid).where(
        or_(
            rows.c.status == _BEGUN,
            and_(
                rows.c.status.in_(_WAITING),
                func.coalesce(woken, 0) <= _milliseconds(datetime.now(UTC) - LEAD),
            ),
        ),
    )
    return set((await connection.execute(found)).scalars())


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)
