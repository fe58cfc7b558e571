"""What people may see and do, and how requests are counted, without any network."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.discord.asking import Reply, Route
from tests.support.discord.buckets import Buckets
from tests.support.discord.client import Impossible
from tests.support.discord.clock import Clock
from tests.support.discord.permissions import Permission, in_channel
from tests.support.discord.server import DiscordServer

SEND = Permission.SEND_MESSAGES
VIEW = Permission.VIEW_CHANNEL
POST = Route("POST", "/channels/{channel_id}/messages", lambda _: Reply())


@pytest.fixture
async def server() -> DiscordServer:
    return DiscordServer()


async def test_what_a_channel_denies_to_everyone_it_can_allow_to_one(server: DiscordServer) -> None:
    guild = server.guild("Les Amis")
    room, amal, zoe = guild.channel("room"), guild.person("Amal"), guild.person("Zoé")
    room.forbid(guild.everyone, "SEND_MESSAGES")
    room.allow(amal, "SEND_MESSAGES")
    assert SEND in in_channel(room, amal.id)
    assert SEND not in in_channel(room, zoe.id)
    room.forbid(amal, "VIEW_CHANNEL")
    assert not in_channel(room, amal.id)


async def test_administrators_may_everything_everywhere(server: DiscordServer) -> None:
    guild = server.guild("Les Amis")
    admin = guild.person("Ada", permissions=("ADMINISTRATOR",))
    private = guild.channel("private", readers=())
    assert VIEW in in_channel(private, admin.id)
    assert VIEW in in_channel(private, guild.owner.id)
    assert not in_channel(private, guild.person("Amal").id)


async def test_a_private_thread_is_seen_by_who_joined_it(server: DiscordServer) -> None:
    guild = server.guild("Les Amis")
    amal, zoe = guild.person("Amal"), guild.person("Zoé")
    thread = guild.channel("room").thread("talk", amal, private=True)
    assert VIEW in in_channel(thread, amal.id)
    assert not in_channel(thread, zoe.id)


async def test_who_left_sees_and_does_nothing_any_more(server: DiscordServer) -> None:
    guild = server.guild("Les Amis")
    room, amal = guild.channel("room"), guild.person("Amal")
    await amal.post(room, "hello")
    amal.leave(guild)
    assert not amal.seen(room)
    with pytest.raises(Impossible, match="does not see"):
        await amal.post(room, "still here")


async def test_people_answer_edit_and_remove_only_as_they_may(server: DiscordServer) -> None:
    guild = server.guild("Les Amis")
    room, amal, zoe = guild.channel("room"), guild.person("Amal"), guild.person("Zoé")
    first = await amal.post(room, "hello @everyone")
    answer = await zoe.post(room, "hi", reply_to=first)
    seen = amal.seen(room)
    assert seen[0].pings == ()
    assert (seen[1].answers, seen[1].pinged) == (first.id, True)
    impossible: list[Any] = [
        zoe.edit(first, "bye"),
        zoe.delete(first),
        zoe.unreact(first, "✅"),
        zoe.post(room, "x" * 2001),
        zoe.post(room, ""),
    ]
    for act in impossible:
        with pytest.raises(Impossible):
            await act
    await amal.delete(first)
    assert amal.seen(room)[0].answers == first.id
    assert answer.answers is None


def test_a_bucket_is_full_again_after_its_window() -> None:
    clock = Clock()
    buckets = Buckets(clock)
    buckets.set("POST /channels/{channel_id}/messages", 2, 5.0)
    spent = [buckets.spend(POST, {"channel_id": "1"}, "bot") for _ in range(3)]
    assert [one.retry_after is None for one in spent] == [True, True, False]
    assert spent[1].headers["X-RateLimit-Remaining"] == "0"
    assert buckets.spend(POST, {"channel_id": "2"}, "bot").retry_after is None
    clock.advance(5)
    assert buckets.spend(POST, {"channel_id": "1"}, "bot").retry_after is None


def test_all_requests_of_a_bot_together_have_a_limit_too() -> None:
    buckets = Buckets(Clock(), limit=1000)
    spent = [buckets.spend(POST, {"channel_id": str(number)}, "bot") for number in range(51)]
    assert [one.everywhere for one in spent] == [False] * 50 + [True]
    assert spent[-1].body()["global"] is True


def test_ids_grow_even_when_time_is_moved() -> None:
    clock = Clock()
    ids = [int(clock.snowflake()) for _ in range(10)]
    clock.advance(3600)
    ids.append(int(clock.snowflake()))
    assert ids == sorted(set(ids))
