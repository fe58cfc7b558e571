"""What is heard is kept once, for the process that heard it, and forgotten in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from chatops.conversation.addresses import Member, Place
from chatops.conversation.events import CommandCalled
from chatops.conversation.heard import EventLog, Heard, cleaned
from chatops.store import Store
from chatops.store.tables import events

ROOM = Place("memory", "home", "room")
ANNA = Member("memory", "home", "U1", "Anna")


class _Clock:
    def __init__(self) -> None:
        self.now = datetime(2025, 1, 15, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def _heard(number: int, line: str = "status") -> Heard:
    return cleaned(CommandCalled(f"event-{number}", ROOM, ANNA, line))


async def test_an_event_is_new_once_whichever_process_hears_it(store: Store) -> None:
    clock = _Clock()

    assert await EventLog(store, clock, "one").keep(_heard(1))
    assert not await EventLog(store, clock, "one").keep(_heard(1))
    assert not await EventLog(store, clock, "other").keep(_heard(1))
    assert await EventLog(store, clock, "other").keep(_heard(2))


async def test_a_process_replays_its_own_events_in_their_order(store: Store) -> None:
    clock = _Clock()
    one, other = EventLog(store, clock, "one"), EventLog(store, clock, "other")
    for number, log in enumerate((one, other, one, one)):
        await log.keep(_heard(number))
    await one.begin(_heard(2))
    await one.finish(_heard(3))

    unfinished = await one.unfinished(["memory"])
    assert [(heard.event.event_id, heard.begun) for heard in unfinished] == [
        ("event-0", False),
        ("event-2", True),
    ]
    assert await one.unfinished(["slack"]) == []


async def test_that_a_secret_was_there_is_remembered_without_the_secret(store: Store) -> None:
    log = EventLog(store, _Clock(), "one")
    await log.keep(_heard(1, "connect abcd-efgh-ijkl-mnop"))

    (heard,) = await log.unfinished(["memory"])
    assert heard.disclosed
    assert "abcd" not in repr(heard)


async def test_old_events_are_forgotten_once_they_were_handled(store: Store) -> None:
    clock = _Clock()
    log = EventLog(store, clock, "one")
    await log.keep(_heard(1))
    await log.keep(_heard(2))
    await log.finish(_heard(1))
    clock.now += timedelta(days=31)
    await log.forget()

    async with store.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(events)) == 1
