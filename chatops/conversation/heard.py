"""What was heard in chat, stored before anything is done about it.

The row of an event makes sure that it is acted on once, however often the platform delivers it, and
that it is not forgotten when the program stops in between. Its content is dropped once it has been
handled.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct
from sqlalchemy import bindparam, delete, select, update

from chatops.clock import Clock
from chatops.conversation.addresses import Place
from chatops.conversation.disclosures import without_secrets
from chatops.conversation.events import ButtonPressed, Event, MessagePosted, ReactionChanged
from chatops.store import GroupCommit, Store
from chatops.store.tables import events
from chatops.store.upsert import insert_of

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection
    from sqlalchemy.sql.dml import ReturningInsert

REMEMBERED: Final = timedelta(days=30)
"""How long an event that is delivered again is recognised."""

_HALF_PAIRS: Final = re.compile("[\ud800-\udfff]")


class Heard(Struct, frozen=True):
    """An event as it is kept.

    Args:
        disclosed: Whether a secret was taken out of it.
        begun: Whether something may have been done about it before the program stopped.
    """

    event: Event
    disclosed: bool = False
    begun: bool = False

    @property
    def platform(self) -> str:
        """The platform it came from."""
        return platform_of(self.event)


def platform_of(event: Event) -> str:
    """Return the platform that an event came from."""
    return place_of(event).platform


def place_of(event: Event) -> Place:
    """Return the place where an event happened."""
    if isinstance(event, MessagePosted | ReactionChanged | ButtonPressed):
        return event.message.place
    return event.place


def cleaned(event: Event) -> Heard:
    """Return an event without what must not, or cannot, be kept."""
    try:
        msgspec.json.encode(event)
    except UnicodeEncodeError:
        plain = _writable(msgspec.to_builtins(event))
        event = msgspec.convert(plain, type(event))
    kept, disclosed = without_secrets(event)
    return Heard(kept, disclosed)


class EventLog:
    """Stores events.

    Args:
        executor: Names this process among its replicas; each replays its own events only.
    """

    def __init__(self, store: Store, clock: Clock, executor: str) -> None:
        self._store = store
        self._clock = clock
        self._executor = executor
        self._keeping = GroupCommit(store, _insert)
        self._finishing = GroupCommit(store, _finish)

    async def keep(self, heard: Heard) -> bool:
        """Store an event; return False where it was stored before."""
        row = {
            "platform": heard.platform,
            "event_id": heard.event.event_id,
            "executor": self._executor,
            "payload": msgspec.json.encode(heard),
            "received_at": self._clock(),
        }
        return await self._keeping.add(row)

    async def begin(self, heard: Heard) -> None:
        """Note that something is about to be done that must not be done twice."""
        async with self._store.write() as connection:
            await connection.execute(
                update(events)
                .where(
                    events.c.platform == heard.platform,
                    events.c.event_id == heard.event.event_id,
                )
                .values(begun_at=self._clock())
            )

    async def finish(self, heard: Heard) -> None:
        """Note that an event has been dealt with, and forget its content."""
        await self._finishing.add((heard.platform, heard.event.event_id, self._clock()))

    async def unfinished(self, platforms: Collection[str]) -> Sequence[Heard]:
        """Return what this process had heard and not dealt with when it stopped, in order.

        Args:
            platforms: Those that are connected; what came from others waits until they are.
        """
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(events.c.payload, events.c.begun_at)
                .where(
                    events.c.executor == self._executor,
                    events.c.platform.in_(platforms),
                    events.c.handled_at.is_(None),
                )
                .order_by(events.c.received_at)
            )
            return [_heard(row.payload, begun=row.begun_at is not None) for row in rows]

    async def forget(self) -> None:
        """Remove old events."""
        async with self._store.write() as connection:
            before = self._clock() - REMEMBERED
            await connection.execute(
                delete(events).where(
                    events.c.received_at < before, events.c.handled_at.is_not(None)
                )
            )


_FINISH: Final = (
    update(events)
    .where(events.c.platform == bindparam("on"), events.c.event_id == bindparam("event"))
    .values(handled_at=bindparam("at"), payload=b"")
)


@cache
def _insert_new(dialect: str) -> ReturningInsert[str, str]:
    new = insert_of(dialect)(events).on_conflict_do_nothing()
    return new.returning(events.c.platform, events.c.event_id)


async def _insert(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> Sequence[bool]:
    """Insert rows; return which of them are new."""
    inserted = await connection.execute(_insert_new(connection.dialect.name), [*rows])
    new = {tuple(row) for row in inserted}
    found: list[bool] = []
    for row in rows:
        key = (row["platform"], row["event_id"])
        found.append(key in new)
        # The same event may come twice at the same time.
        new.discard(key)
    return found


async def _finish(
    connection: AsyncConnection, handled: Sequence[tuple[str, str, datetime]]
) -> Sequence[None]:
    rows = [{"on": platform, "event": event, "at": at} for platform, event, at in handled]
    await connection.execute(_FINISH, rows)
    return [None] * len(rows)


def _heard(payload: bytes, *, begun: bool) -> Heard:
    heard = msgspec.json.decode(payload, type=Heard)
    return msgspec.structs.replace(heard, begun=begun)


def _writable(value: Any) -> Any:  # noqa: ANN401 - any piece of a message
    """Replace the lone surrogates that no encoding can write."""
    match value:
        case str():
            return _HALF_PAIRS.sub("\N{REPLACEMENT CHARACTER}", value)
        case dict():
            return {_writable(key): _writable(each) for key, each in value.items()}
        case list() | tuple():
            return [_writable(each) for each in value]
        case _:
            return value
