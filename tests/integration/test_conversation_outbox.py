"""What the bot says arrives once, in order, and in one message where it is about one thing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from chatops.clock import utc_now
from chatops.conversation.addresses import Address, Member, Place
from chatops.conversation.outbox import Outbox
from chatops.conversation.reply import (
    Choice,
    Choices,
    Paragraph,
    Progress,
    Reply,
)
from chatops.language import Speaker, verbatim
from chatops.organisations.records import Organisation
from chatops.store import Store
from chatops.testing import EVERYTHING, MemoryPlatform
from tests.support.stores import held_by_another

ROOM = Place("memory", "home", "room")
FRIENDS = Organisation(1, "Les Amis", "fr", "Europe/Paris", "practice")
Opened = Callable[[MemoryPlatform], AbstractAsyncContextManager[Outbox]]


@pytest.fixture
def opened(store: Store) -> Opened:
    @asynccontextmanager
    async def open_outbox(platform: MemoryPlatform) -> AsyncIterator[Outbox]:
        ticks = iter(range(1_000_000))

        def clock() -> datetime:
            return datetime(2025, 1, 15, tzinfo=UTC) + timedelta(seconds=next(ticks))

        outbox = Outbox(store, clock, {platform.name: platform}, pauses=(0.01, 0.01))
        outbox.start()
        try:
            yield outbox
        finally:
            await outbox.stop()

    return open_outbox


def _text(words: str, *, topic: str = "") -> Reply:
    return Reply((Paragraph(verbatim(words)),), topic=topic)


def _progress(done: int) -> Reply:
    return Reply((Progress(verbatim("moved"), done, 9),), topic="migration:1")


async def test_messages_arrive_in_order(opened: Opened) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        for number in range(20):
            await outbox.say(Address(ROOM), _text(str(number)), key=str(number))
        await outbox.flush()

    assert [said.text for said in platform.said] == [str(number) for number in range(20)]


async def test_a_message_is_tried_again_and_stands_once(opened: Opened) -> None:
    platform = MemoryPlatform()
    platform.unavailable = 1
    platform.lost_answers = 1
    async with opened(platform) as outbox:
        await outbox.say(Address(ROOM), _text("one"), key="1")
        await outbox.say(Address(ROOM), _text("two"), key="2")
        await outbox.flush()

    assert [said.text for said in platform.said] == ["one", "two"]


async def test_a_message_that_nobody_takes_is_given_up_and_logged(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    platform = MemoryPlatform()
    platform.unavailable = 3
    with caplog.at_level(logging.ERROR):
        async with opened(platform) as outbox:
            await outbox.say(Address(ROOM), _text("lost"), key="1")
            await outbox.say(Address(ROOM), _text("two"), key="2")
            await outbox.flush()

    assert [said.text for said in platform.said] == ["two"]
    assert "gave up a message on memory" in caplog.text


async def test_a_closed_place_keeps_no_other_waiting(opened: Opened) -> None:
    platform = MemoryPlatform()
    platform.closed.add("closed")
    async with opened(platform) as outbox:
        await outbox.say(Address(replace(ROOM, channel="closed")), _text("one"), key="1")
        await outbox.say(Address(ROOM), _text("two"), key="2")
        await outbox.flush()

    assert [said.text for said in platform.said] == ["two"]


async def test_a_topic_is_one_message_that_is_edited(opened: Opened) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        for done in range(4):
            await outbox.tell(FRIENDS, ROOM, _progress(done), key=str(done))
            await outbox.flush()

    (said,) = platform.said
    assert said.text.endswith("moved 3/9")
    assert len(said.earlier) == 3


async def test_a_service_speaks_the_organisation_s_language_and_names_it(opened: Opened) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        await outbox.tell(FRIENDS, ROOM, _text("done"), key="1")
        await outbox.flush()

    assert platform.said[0].speaker == Speaker("fr")
    assert "Les Amis" in platform.said[0].text.splitlines()[0]


async def test_of_several_that_wait_only_the_last_is_said(opened: Opened) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        for done in range(9):
            await outbox.tell(FRIENDS, ROOM, _progress(done), key=str(done))
        await outbox.flush()

    (said,) = platform.said
    assert said.text.endswith("moved 8/9")
    assert said.earlier == []


async def test_a_topic_is_edited_after_a_restart(opened: Opened) -> None:
    platform = MemoryPlatform()
    for done in range(2):
        async with opened(platform) as outbox:
            await outbox.tell(FRIENDS, ROOM, _progress(done), key=str(done))

    (said,) = platform.said
    assert said.text.endswith("moved 1/9")


async def test_a_message_that_is_gone_is_said_anew(opened: Opened) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        await outbox.tell(FRIENDS, ROOM, _progress(1), key="1")
        await outbox.flush()
        gone = platform.said[0].ref
        await platform.delete(gone)
        await outbox.tell(FRIENDS, ROOM, _progress(2), key="2")
        await outbox.flush()
        await outbox.tell(FRIENDS, ROOM, _progress(3), key="3")
        await outbox.flush()

    (said,) = platform.said
    assert said.text.endswith("moved 3/9")
    assert said.ref != gone


async def test_where_nothing_can_be_edited_progress_is_not_a_flood(opened: Opened) -> None:
    platform = MemoryPlatform(capabilities=replace(EVERYTHING, edits=False))
    async with opened(platform) as outbox:
        for done in range(10):
            await outbox.tell(FRIENDS, ROOM, _progress(done), key=str(done))
            await outbox.flush()

    assert [said.text.splitlines()[-1] for said in platform.said] == ["moved 0/9", "moved 9/9"]


async def test_an_answer_about_a_topic_is_a_new_message_that_is_edited_from_then_on(
    opened: Opened,
) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        await outbox.tell(FRIENDS, ROOM, _progress(1), key="1")
        await outbox.flush()
        await outbox.say(Address(ROOM), _progress(2), key="2")
        await outbox.flush()
        await outbox.tell(FRIENDS, ROOM, _progress(3), key="3")
        await outbox.flush()

    gone_on = "La suite est dans un message plus récent."
    assert [said.text.splitlines()[-1] for said in platform.said] == [gone_on, "moved 3/9"]


async def test_an_amendment_of_nothing_is_dropped(opened: Opened) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        await outbox.amend(ROOM, _text("late", topic="unknown"))
        await outbox.flush()

    assert platform.said == []


async def test_what_a_message_offers_is_known_as_soon_as_it_stands(opened: Opened) -> None:
    platform = MemoryPlatform()
    choice = Choice(verbatim("Go"), "go", "✅")
    async with opened(platform) as outbox:
        await outbox.say(Address(ROOM), Reply((Choices((choice,)),)), key="1")
        # Long enough for the message to stand, and not for its row to be written.
        await asyncio.sleep(0.001)
        ref = platform.said[0].ref

        assert await outbox.offered(ref) == (choice,)
        assert await outbox.offered(replace(ref, id="unknown")) is None


async def test_where_there_are_no_buttons_the_bot_adds_the_reactions(opened: Opened) -> None:
    choices = Choices((Choice(verbatim("Yes"), "yes", "✅"), Choice(verbatim("More"), "more")))
    matrix = MemoryPlatform(capabilities=replace(EVERYTHING, buttons=0))
    slack = MemoryPlatform("slack")
    for platform in (matrix, slack):
        async with opened(platform) as outbox:
            address = Address(replace(ROOM, platform=platform.name))
            await outbox.say(address, Reply((choices,)), key=platform.name)
            await outbox.flush()

    assert matrix.said[0].reactions == ["✅"]
    assert slack.said[0].reactions == []


async def test_a_platform_that_is_not_connected_is_logged(
    opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    async with opened(MemoryPlatform()) as outbox:
        with caplog.at_level(logging.INFO):
            await outbox.say(Address(replace(ROOM, platform="slack")), _text("one"), key="1")

    assert "not connected" in caplog.text


async def test_a_promise_outlives_the_program_and_is_said_once(
    opened: Opened, store: Store
) -> None:
    platform = MemoryPlatform()
    platform.unavailable = 10**6
    async with opened(platform) as outbox, store.write() as connection:
        await outbox.promise(connection, FRIENDS, ROOM, _text("done"), key="1")
    platform.unavailable = 0

    for _start in range(2):
        async with opened(platform) as outbox:
            await outbox.recall()
            await outbox.flush()

    assert len(platform.said) == 1
    assert "done" in platform.said[0].text


async def test_a_promise_whose_transaction_failed_is_not_kept(opened: Opened, store: Store) -> None:
    platform = MemoryPlatform()
    async with opened(platform) as outbox:
        with pytest.raises(ZeroDivisionError):  # noqa: PT012 - the transaction has to fail inside
            async with store.write() as connection:
                await outbox.promise(connection, FRIENDS, ROOM, _text("done"), key="1")
                raise ZeroDivisionError
        await outbox.recall()
        await outbox.flush()

    assert platform.said == []


def an_outbox(store: Store, platform: MemoryPlatform) -> Outbox:
    return Outbox(store, utc_now, {platform.name: platform}, pauses=(0.05, 0.1, 0.2, 0.4, 0.8))


async def test_what_a_message_offers_is_kept_once_the_store_can_be_written_again(
    impatient: Store, sqlite_url: str
) -> None:
    platform = MemoryPlatform()
    choice = Choice(verbatim("Go"), "go", "✅")
    outbox = an_outbox(impatient, platform)
    outbox.start()
    async with held_by_another(sqlite_url):
        await outbox.say(Address(ROOM), Reply((Choices((choice,)),)), key="1")
        await outbox.flush()
    [said] = platform.said
    assert await outbox.offered(said.ref) == (choice,)
    await outbox.stop()


async def test_what_a_private_message_offers_is_known_as_soon_as_it_stands(
    impatient: Store, sqlite_url: str
) -> None:
    platform = MemoryPlatform(capabilities=replace(EVERYTHING, private_replies="direct"))
    choice = Choice(verbatim("Go"), "go", "✅")
    outbox = an_outbox(impatient, platform)
    outbox.start()
    anna = Member("memory", "home", "U1", "Anna")
    async with held_by_another(sqlite_url):
        reply = Reply((Choices((choice,)),), private=True)
        await outbox.say(Address(ROOM, anna), reply, key="1")
        await asyncio.sleep(0.05)
        [told, said] = platform.said
        assert (told.ref.place, said.ref.place) == (ROOM, await platform.direct(anna))
        assert await outbox.offered(said.ref) == (choice,)
    await outbox.stop()


async def test_a_promise_that_was_said_keeps_no_other_message_waiting(
    impatient: Store, sqlite_url: str
) -> None:
    platform = MemoryPlatform()
    outbox = an_outbox(impatient, platform)
    async with impatient.write() as connection:
        await outbox.promise(connection, FRIENDS, ROOM, _text("done"), key="1")
    await outbox.say(Address(ROOM), _text("next"), key="2")
    async with held_by_another(sqlite_url):
        outbox.start()
        await outbox.flush()
    assert [said.key for said in platform.said] == ["1", "2"]
    await outbox.stop()

    again = an_outbox(impatient, platform)
    again.start()
    await again.recall()
    await again.flush()
    await again.stop()
    assert [said.key for said in platform.said] == ["1", "2"]
