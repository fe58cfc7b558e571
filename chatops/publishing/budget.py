"""Write budgets: what an account may still write before its network would refuse.

A network's limits are known, but other programs and people spend from the same account: a share is
left for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct
from sqlalchemy import delete, func, select

from chatops.posts.network import NetworkName, Window
from chatops.store.tables import spendings
from chatops.store.upsert import upsert

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

SHARE = 0.8
"""The share of a network's limits that we use; the rest is for staff and their other programs."""


class Allowance(Struct, frozen=True):
    """What may be spent now.

    Args:
        points: How many points; at least 0.
        more_at: When there will be more, None where nothing limits.
    """

    points: int
    more_at: datetime | None


def usable(window: Window) -> int:
    """Return the points of a window that we allow ourselves."""
    return int(window.points * SHARE)


def time_needed(points: int, windows: Sequence[Window]) -> timedelta:
    """Return how long spending so many points takes, when nobody else spends any."""
    waits = (
        max(0, -(-points // usable(window)) - 1) * window.period
        for window in windows
        if usable(window)
    )
    return max(waits, default=timedelta(0))


async def allowance(
    connection: AsyncConnection,
    account: tuple[int, NetworkName],
    windows: Sequence[Window],
    now: datetime,
) -> Allowance:
    """Return what an account may spend now under all windows of its network."""
    account_id, network = account
    least = Allowance(2**31, None)
    for window in windows:
        inside = (
            spendings.c.account_id == account_id,
            spendings.c.network == network,
            # A minute's row may hold what was spent in its last second.
            spendings.c.minute > now - window.period - timedelta(minutes=1),
        )
        row = (
            await connection.execute(
                select(func.sum(spendings.c.points), func.min(spendings.c.minute)).where(*inside)
            )
        ).one()
        spent, oldest = row
        left = max(0, usable(window) - (spent or 0))
        if left < least.points:
            # The oldest minute's points come back first, one whole period after it.
            more_at = (oldest or now) + window.period + timedelta(minutes=1)
            least = Allowance(left, more_at)
    return least


async def spend(
    connection: AsyncConnection, account: tuple[int, NetworkName], points: int, now: datetime
) -> None:
    """Write down what is about to be spent, in the caller's transaction."""
    account_id, network = account
    minute = now.replace(second=0, microsecond=0)
    await upsert(
        connection,
        spendings,
        {"account_id": account_id, "network": network, "minute": minute},
        {"points": points},
        on_conflict={"points": spendings.c.points + points},
    )


async def forget_before(connection: AsyncConnection, moment: datetime) -> None:
    """Remove spendings that no window reaches back to."""
    await connection.execute(delete(spendings).where(spendings.c.minute < moment))
