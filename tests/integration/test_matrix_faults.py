"""A homeserver that dies, answers nonsense, wants rest or throws the bot out; and its return."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

import pytest

from chatops.conversation.events import CommandCalled, Event
from chatops.conversation.platform import PlatformUnavailable
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import _
from tests.support.faults import FaultProxy
from tests.support.matrix.stage import Bot, Stage, on_matrix
from tests.support.matrix.synapse import SynapseServer

HELLO = Reply((Paragraph(_("Hello")),))
SYNC = "*/sync"


async def still_works(stage: Stage, line: str) -> None:
    await stage.bot_is_known()
    await stage.amal.say(stage.room, f"!quitx {line}")
    before = {event.line for event in stage.bot.all(CommandCalled)}
    assert line not in before
    await stage.bot.until(lambda: line in {each.line for each in stage.bot.all(CommandCalled)})


def answering(bot: Bot) -> set[asyncio.Task[None]]:
    """Answer each command beside the sync, again and again until it is said."""

    async def said(event: CommandCalled) -> None:
        while True:
            try:
                await bot.say(event, Reply((Paragraph(_("to {line}", line=event.line)),)))
            except PlatformUnavailable as unavailable:
                await asyncio.sleep(unavailable.retry_after or 0.1)
            else:
                return

    tasks: set[asyncio.Task[None]] = set()

    async def answer(event: Event) -> None:
        if isinstance(event, CommandCalled):
            tasks.add(asyncio.create_task(said(event)))

    bot.answer = answer
    return tasks


async def answers(stage: Stage) -> list[str]:
    """Return what the bot has answered."""
    heard = await stage.amal.read(stage.room)
    own = [each.body for each in heard if each.sender == stage.account.user_id]
    return [body.removeprefix("to ") for body in own]


async def until_answered(stage: Stage, lines: list[str]) -> None:
    for _turn in range(200):
        if len(await answers(stage)) >= len(lines):
            break
        await asyncio.sleep(0.1)
    assert sorted(await answers(stage)) == sorted(lines)


async def test_two_hundred_commands_at_once_are_answered_once_each(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        answering(stage.bot)
        lines = [str(number) for number in range(200)]
        await stage.amal.burst(stage.room, [f"!quitx {line}" for line in lines])
        await until_answered(stage, lines)


async def test_a_homeserver_that_is_killed_under_traffic_loses_and_doubles_nothing(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        answering(stage.bot)
        lines: list[str] = []

        async def traffic() -> None:
            for number in range(30):
                await stage.amal.say(stage.room, f"!quitx {number}")
                lines.append(str(number))

        talking = asyncio.create_task(traffic())
        await stage.bot.until(lambda: len(lines) > 5)
        synapse_server.kill()
        await stage.bot.until(lambda: stage.bot.state == "lost")
        await asyncio.to_thread(synapse_server.start)
        await talking
        await until_answered(stage, lines)
        await stage.bot.until(lambda: stage.bot.state == "connected")


async def test_a_bot_that_is_killed_hears_again_what_it_had_not_finished(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=True) as stage:
        stage.bot.broken = 1_000_000
        await stage.amal.say(stage.room, "!quitx one")
        await stage.amal.say(stage.room, "!quitx two")
        await stage.bot.until(lambda: stage.bot.broken < 1_000_000)
        await stage.restart()
        await stage.bot.heard(CommandCalled, 2)
        assert [event.line for event in stage.bot.all(CommandCalled)] == ["one", "two"]


@pytest.mark.parametrize("fault", ["502 HTML", "cut body", "no JSON", "cut", "500"])
async def test_nonsense_instead_of_a_sync_is_survived_without_a_hot_loop(
    synapse_server: SynapseServer, tmp_path: Path, fault: str
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url) as stage,
    ):
        page = b"<html>Bad Gateway</html>"
        match fault:
            case "502 HTML":
                headers = {"Content-Type": "text/html"}
                proxy.answer(SYNC, 502, body=page, headers=headers, times=None)
            case "cut body":
                proxy.cut_within(SYNC, times=None)
            case "no JSON":
                proxy.answer(SYNC, 200, body=b'{"next_batch": "s1', times=None)
            case "cut":
                proxy.cut_before(SYNC, times=None)
            case _:
                error = {"errcode": "M_UNKNOWN", "error": "Internal server error"}
                proxy.answer(SYNC, 500, body=error, times=None)
        await stage.amal.say(stage.room, "!quitx during")
        await stage.bot.until(lambda: stage.bot.state == "lost")
        before = proxy.count(SYNC)
        await asyncio.sleep(1.0)
        # Tests hurry: a pause is 0.4 s at most, where it is a minute in earnest. aiohttp tries a
        # request once more whose connection was cut.
        assert proxy.count(SYNC) - before <= 10
        proxy.clear()
        await stage.bot.connected()
        await still_works(stage, "after")
        assert "during" in {event.line for event in stage.bot.all(CommandCalled)}


async def test_a_sync_that_never_comes_is_given_up(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    stalled = {"answer": 0.5, "poll": 0.5}
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url, pace=stalled) as stage,
    ):
        proxy.delay(SYNC, 60, times=2)
        await stage.amal.say(stage.room, "!quitx during")
        await stage.bot.until(lambda: stage.bot.state == "lost")
        await stage.bot.heard(CommandCalled)
        await stage.bot.connected()


async def test_a_gap_that_cannot_be_read_at_once_is_read_later(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url) as stage,
    ):
        await stage.bot.stop()
        await stage.amal.burst(stage.room, [f"!quitx {number}" for number in range(110)])
        proxy.answer("*/messages", 502, body=b"", times=2)
        await stage.restart()
        await stage.bot.heard(CommandCalled, 110)
        assert len(stage.bot.told) == 110


async def test_a_gap_that_is_refused_for_ever_keeps_no_other_room_waiting(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url) as stage,
    ):
        await stage.bot.stop()
        await stage.amal.burst(stage.room, [f"!quitx {number}" for number in range(110)])
        forbidden = b'{"errcode": "M_FORBIDDEN", "error": "You are not in this room"}'
        proxy.answer("*/messages", 403, body=forbidden, times=1_000)
        await stage.restart()
        await stage.bot.connected()
        await still_works(stage, "after")
        lines = {event.line for event in stage.bot.all(CommandCalled)}
        # What the sync told itself was heard.
        assert "109" in lines


async def test_a_homeserver_that_asks_to_wait_is_left_alone_for_so_long(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url) as stage,
    ):
        limit = {"errcode": "M_LIMIT_EXCEEDED", "error": "Too many", "retry_after_ms": 300}
        proxy.answer("*/send/*", 429, body=limit)
        waits: list[float] = []
        for key in ("one", "two", "three"):
            with pytest.raises(PlatformUnavailable) as told:
                await stage.bot.tell(stage.place, HELLO, key)
            waits.append(told.value.retry_after or 0)
        # Only the first was asked of the homeserver; each next one has a later turn.
        assert proxy.count("*/send/*") == 1
        assert waits == pytest.approx([0.3, 0.6, 0.9], abs=0.1)
        await asyncio.sleep(waits[0])
        await stage.bot.tell(stage.place, HELLO, "one")
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "three")
        await asyncio.sleep(0.6)
        await stage.bot.tell(stage.place, HELLO, "three")
        await stage.bot.tell(stage.place, HELLO, "two")
        assert await answers(stage) == ["Hello"] * 3


async def test_what_is_said_while_the_homeserver_is_away_is_unavailable(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url, encrypted=True) as stage,
    ):
        async with proxy.absent():
            with pytest.raises(PlatformUnavailable):
                await stage.bot.tell(stage.place, HELLO, "one")
        proxy.answer("*/sendToDevice/*", 502, body=b"")
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "one")
        proxy.cut_after("*/send/*", times=2)
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "one")
        said = await stage.bot.tell(stage.place, HELLO, "one")
        await stage.amal.sees(stage.room, lambda each: each.body == "Hello")
        heard = [each for each in await stage.amal.read(stage.room) if each.body == "Hello"]
        assert [each.id for each in heard] == [said.id]


async def test_a_bot_that_finds_no_homeserver_waits_for_it(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url, connected=False) as stage,
    ):
        async with proxy.absent():
            stage.bot.start()
            await stage.bot.until(lambda: stage.bot.state == "lost")
            with pytest.raises(PlatformUnavailable):
                await stage.bot.tell(stage.place, HELLO, "one")
        await stage.bot.connected()


async def test_a_session_that_was_ended_is_replaced_with_the_password(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=True) as stage:
        await still_works(stage, "before")
        first = stage.device
        synapse_server.forget_session(stage.account, first)
        await stage.bot.until(lambda: stage.bot.state != "connected")
        await stage.bot.connected()
        assert stage.device != first
        await still_works(stage, "after")
        await stage.restart()
        await still_works(stage, "later")


async def test_a_token_that_was_revoked_is_told_and_tried_rarely_until_it_works(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with (
        FaultProxy(synapse_server.url) as proxy,
        on_matrix(synapse_server, tmp_path, homeserver=proxy.url, connected=False) as stage,
    ):
        token = stage.account.access_token
        stage.bot = stage.new_bot(access_token=token)
        stage.bot.start()
        await stage.bot.connected()
        synapse_server.forget_session(stage.account, stage.account.device_id)
        await stage.bot.until(lambda: stage.bot.state == "refused")
        [connection] = stage.bot.platform.connections
        assert connection.mend is not None
        before = len(proxy.seen)
        await asyncio.sleep(1.2)
        assert len(proxy.seen) - before <= 4


async def test_a_wrong_password_is_told(synapse_server: SynapseServer, tmp_path: Path) -> None:
    async with on_matrix(synapse_server, tmp_path, connected=False) as stage:
        stage.bot = stage.new_bot(user=stage.account.user_id, password="wrong")
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.state == "refused")


async def test_a_device_whose_keys_were_lost_is_given_up_for_a_new_one(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=True) as stage:
        await still_works(stage, "before")
        first = stage.device
        await stage.bot.stop()
        for file in (tmp_path / "matrix").glob("device-*"):
            file.unlink()
        await stage.restart()
        assert stage.device != first
        await still_works(stage, "after")
        assert all(path.stat().st_mode & 0o777 == 0o600 for path in (tmp_path / "matrix").iterdir())
        await stage.bot.stop()
        for file in (tmp_path / "matrix").glob("device-*"):
            file.unlink()
        stage.bot = stage.new_bot(access_token=stage.token)
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.state == "refused")


def reached(lines: list[str], wanted: int, talking: asyncio.Task[None]) -> bool:
    return len(lines) >= wanted or talking.done()


@pytest.mark.soak
async def test_homeserver_and_bot_are_killed_again_and_again(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=True) as stage:
        lines: list[str] = []
        answering(stage.bot)

        async def traffic() -> None:
            for number in range(400):
                await stage.amal.say(stage.room, f"!quitx {number}")
                lines.append(str(number))

        talking = asyncio.create_task(traffic())
        for turn in range(8):
            wanted = len(lines) + 20
            await stage.bot.until(partial(reached, lines, wanted, talking))
            if turn % 2:
                synapse_server.kill()
                await asyncio.to_thread(synapse_server.start)
            else:
                await stage.bot.stop()
                stage.bot = stage.new_bot(stage.bot.known)
                answering(stage.bot)
                stage.bot.start()
        await talking
        await stage.bot.connected()
        await until_answered(stage, lines)
