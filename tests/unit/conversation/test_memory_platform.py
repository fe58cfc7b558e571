"""The twin of the chat port keeps the contract, and refuses what breaks it."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace

from chatops.conversation.addresses import Address, Member, Place
from chatops.conversation.platform import (
    ChatPlatform,
    MessageGone,
    PlaceClosed,
    PlatformUnavailable,
)
from chatops.conversation.reply import Choice, Choices, Heading, Reply
from chatops.language import ENGLISH, Invalid, verbatim
from chatops.testing import EVERYTHING, WORDS_ONLY, MemoryPlatform, MisuseError

ROOM = Address(Place("memory", "home", "room"))
ANNA = Member("memory", "home", "U1", "Anna")
HELLO = Reply((Heading(verbatim("Hello")),))
OTHER = Reply((Heading(verbatim("Other")),))


def test_it_is_a_chat_platform() -> None:
    platform: ChatPlatform = MemoryPlatform()

    assert platform.name == "memory"


async def test_the_same_key_says_a_thing_once() -> None:
    platform = MemoryPlatform()
    first = await platform.send(ROOM, HELLO, ENGLISH, key="k")

    assert await platform.send(ROOM, HELLO, ENGLISH, key="k") == first
    assert [said.text for said in platform.said] == ["Hello"]


async def test_the_same_key_for_something_else_is_refused() -> None:
    platform = MemoryPlatform()
    await platform.send(ROOM, HELLO, ENGLISH, key="k")

    with pytest.raises(MisuseError):
        await platform.send(ROOM, OTHER, ENGLISH, key="k")


async def test_an_answer_that_was_lost_leaves_the_message() -> None:
    platform = MemoryPlatform()
    platform.lost_answers = 1
    with pytest.raises(PlatformUnavailable):
        await platform.send(ROOM, HELLO, ENGLISH, key="k")
    await platform.send(ROOM, HELLO, ENGLISH, key="k")

    assert len(platform.said) == 1


async def test_an_edit_replaces_what_stands() -> None:
    platform = MemoryPlatform()
    ref = await platform.send(ROOM, HELLO, ENGLISH, key="k")
    await platform.edit(ref, OTHER, ENGLISH)

    assert platform.said[0].text == "Other"
    assert platform.said[0].earlier == [HELLO]
    assert await platform.delete(ref)
    with pytest.raises(MessageGone):
        await platform.edit(ref, HELLO, ENGLISH)


async def test_what_it_cannot_do_is_refused() -> None:
    platform = MemoryPlatform(capabilities=WORDS_ONLY)
    ref = await platform.send(ROOM, HELLO, ENGLISH, key="k")

    with pytest.raises(MisuseError):
        await platform.edit(ref, HELLO, ENGLISH)
    with pytest.raises(MisuseError):
        await platform.react(ref, "✅")
    with pytest.raises(MisuseError):
        await platform.send(Address(replace(ROOM.place, thread="t")), HELLO, ENGLISH, key="thread")
    with pytest.raises(MisuseError):
        await platform.send(ROOM, Reply(), ENGLISH, key="empty")
    with pytest.raises(MisuseError):
        await platform.send(
            Address(replace(ROOM.place, platform="slack")), HELLO, ENGLISH, key="slack"
        )


async def test_buttons_beyond_the_limit_are_words() -> None:
    platform = MemoryPlatform(capabilities=replace(EVERYTHING, buttons=1))
    choices = Choices(tuple(Choice(verbatim(f"Do {n}"), f"do {n}") for n in range(2)))
    await platform.send(ROOM, Reply((choices,)), ENGLISH, key="k")

    assert len(platform.said[0].choices) == 1
    assert "type /quitx do 1" in platform.said[0].text


async def test_a_closed_place_is_told() -> None:
    platform = MemoryPlatform()
    platform.closed.add("room")

    with pytest.raises(PlaceClosed):
        await platform.send(ROOM, HELLO, ENGLISH, key="k")


async def test_a_file_is_fetched_up_to_its_limit(tmp_path: Path) -> None:
    platform = MemoryPlatform()
    file = platform.attach("a.zip", b"1234")
    await platform.fetch(file, tmp_path / "a.zip", limit=4)

    assert (tmp_path / "a.zip").read_bytes() == b"1234"
    with pytest.raises(Invalid):
        await platform.fetch(file, tmp_path / "b.zip", limit=3)


async def test_nobody_can_be_heard_before_it_runs() -> None:
    with pytest.raises(MisuseError):
        await MemoryPlatform().call(ANNA, ROOM.place, "help")
