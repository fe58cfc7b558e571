"""What is old is dropped while the program runs, on both stores."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Table, func, select

from chatops.organisations.records import Role
from chatops.store import Store
from chatops.store.tables import confirmations, events, messages
from tests.support.conversations import ANNA, ROOM, Talk, talking


async def _count(talk: Talk, table: Table) -> int:
    async with talk.store.read() as connection:
        return await connection.scalar(select(func.count()).select_from(table)) or 0


async def test_old_events_questions_and_messages_are_dropped(store: Store) -> None:
    async with talking(store) as talk:
        await talk.grant(await talk.found(), ANNA, Role.EDITOR)
        old = await talk.say(ANNA, "post send to=bluesky one")
        await talk.say(ANNA, old.choices[0].says)
        talk.now += timedelta(days=100)
        young = await talk.say(ANNA, "post send to=bluesky two")
        await talk.conversation._drop_old()

        assert await _count(talk, messages) == 1
        assert await _count(talk, confirmations) == 1
        assert await _count(talk, events) == 1
        assert await talk.outbox.offered(young.ref) == young.choices
        assert old.ref.place == ROOM
