"""What was sent and still matters: messages that offer choices, and those that are edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import ColumnElement, and_, delete, select, update

from chatops.clock import Clock
from chatops.conversation.addresses import MessageRef, Place
from chatops.conversation.reply import Choice, Reply, choices_of
from chatops.language import Language
from chatops.organisations.records import Spot
from chatops.store import GroupCommit, Store
from chatops.store.tables import messages
from chatops.store.upsert import insert_of

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite
    from sqlalchemy.ext.asyncio import AsyncConnection


class Standing(Struct, frozen=True):
    """A message that stands, and the language it is in."""

    ref: MessageRef
    language: Language


class SentMessages:
    """Remembers messages, across restarts."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._remembering = GroupCommit(store, _put)

    async def remember(self, key: str, standing: Standing, reply: Reply) -> None:
        """Keep a message that was sent, if it offers anything or is edited later."""
        choices = choices_of(reply)
        if not choices and not reply.topic:
            return
        place = standing.ref.place
        row = {
            "key": key,
            "platform": place.platform,
            "workspace": place.workspace,
            "channel": place.channel,
            "message": standing.ref.id,
            "thread": place.thread,
            "topic": reply.topic,
            "ref": msgspec.json.encode(standing),
            "choices": msgspec.json.encode(choices),
            "sent_at": self._clock(),
        }
        await self._remembering.add(row)

    async def rewrite(self, ref: MessageRef, reply: Reply) -> None:
        """Keep what an edited message offers now."""
        async with self._store.write() as connection:
            await connection.execute(
                update(messages)
                .where(_is(ref))
                .values(choices=msgspec.json.encode(choices_of(reply)))
            )

    async def forget(self, ref: MessageRef) -> None:
        """Drop a message that no longer stands."""
        async with self._store.write() as connection:
            await connection.execute(delete(messages).where(_is(ref)))

    async def move(self, old: Spot, new: Spot, *, along: bool) -> None:
        """Remember under a new place what stood in an old one, or forget what was left behind."""
        there = and_(
            messages.c.platform == old.platform,
            messages.c.workspace == old.workspace,
            messages.c.channel == old.channel,
        )
        async with self._store.write() as connection:
            if not along:
                await connection.execute(delete(messages).where(there))
                return
            rows = (
                await connection.execute(select(messages.c.key, messages.c.ref).where(there))
            ).all()
            for row in rows:
                standing = msgspec.json.decode(row.ref, type=Standing)
                place = replace(standing.ref.place, workspace=new.workspace, channel=new.channel)
                moved = Standing(MessageRef(place, standing.ref.id), standing.language)
                await connection.execute(
                    update(messages)
                    .where(messages.c.key == row.key)
                    .values(
                        workspace=new.workspace,
                        channel=new.channel,
                        ref=msgspec.json.encode(moved),
                    )
                )

    async def forget_old(self, before: datetime) -> None:
        """Drop messages that nobody answers any more."""
        async with self._store.write() as connection:
            await connection.execute(delete(messages).where(messages.c.sent_at < before))

    async def standing(self, place: Place, topic: str) -> Standing | None:
        """Return the newest message about a topic in a place."""
        async with self._store.read() as connection:
            found = await connection.scalar(
                select(messages.c.ref)
                .where(
                    messages.c.topic == topic,
                    messages.c.channel == place.channel,
                    messages.c.workspace == place.workspace,
                    messages.c.platform == place.platform,
                    messages.c.thread == place.thread,
                )
                .order_by(messages.c.sent_at.desc())
                .limit(1)
            )
        return None if found is None else msgspec.json.decode(found, type=Standing)

    async def choices(self, ref: MessageRef) -> tuple[Choice, ...] | None:
        """Return what a message offers; None where it is not known to offer anything."""
        async with self._store.read() as connection:
            found = await connection.scalar(
                select(messages.c.choices).where(_is(ref)).order_by(messages.c.sent_at.desc())
            )
        return None if found is None else msgspec.json.decode(found, type=tuple[Choice, ...])


@cache
def _upsert(dialect: str) -> sqlite.Insert | postgresql.Insert:
    new = insert_of(dialect)(messages)
    changes = {column.name: column for column in new.excluded if column.name != "key"}
    return new.on_conflict_do_update(index_elements=["key"], set_=changes)


async def _put(connection: AsyncConnection, rows: Sequence[Mapping[str, Any]]) -> Sequence[None]:
    await connection.execute(_upsert(connection.dialect.name), [*rows])
    return [None] * len(rows)


def _is(ref: MessageRef) -> ColumnElement[bool]:
    return and_(
        messages.c.platform == ref.place.platform,
        messages.c.workspace == ref.place.workspace,
        messages.c.channel == ref.place.channel,
        messages.c.message == ref.id,
    )
