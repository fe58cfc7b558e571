"""The bot's connection to Discord: it breaks in many ways, and comes back from each."""

from __future__ import annotations

import asyncio

import pytest

from adapters.discord import client, connecting
from chatops.conversation.events import CommandCalled, FormSubmitted, ReactionChanged
from chatops.conversation.platform import PlatformUnavailable
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import _
from tests.support.on_discord import Stage, on_discord

HELLO = Reply((Paragraph(_("Hello")),))


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait a hundredth of what is waited for the real Discord."""
    monkeypatch.setattr(client, "_FIRST_PAUSE", 0.02)
    monkeypatch.setattr(client, "_LONGEST_PAUSE", 0.2)
    monkeypatch.setattr(client, "_BETWEEN_SESSIONS", 0.05)
    monkeypatch.setattr(client, "_STREAMING", 0.05)
    monkeypatch.setattr(connecting, "PAUSES", (0.02, 0.05, 0.2))
    monkeypatch.setattr(connecting, "RARELY", 0.3)


async def still_works(stage: Stage, number: int = 1) -> None:
    await stage.amal.post(stage.room, f"!quitx {number}")
    await stage.bot.heard(CommandCalled, number)
    called = await stage.amal.slash(stage.room, "quitx greet", name="Zoé")
    assert called.answered
    await stage.bot.say(await stage.bot.heard(FormSubmitted, number), HELLO)


async def test_events_of_a_short_break_arrive_when_the_session_resumes() -> None:
    async with on_discord() as stage:
        stage.server.gateway.refusing = True
        stage.server.gateway.abort()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "lost")
        message = await stage.amal.post(stage.room, "!quitx one")
        await stage.amal.react(message, "✅")
        stage.server.gateway.refusing = False
        await stage.bot.heard(CommandCalled)
        await stage.bot.heard(ReactionChanged)
        assert stage.server.gateway.resumes == 1
        assert stage.server.gateway.identifies == 1
        assert stage.bot.platform.connections[0].state == "connected"


@pytest.mark.parametrize("how", ["reconnect", "close 4000", "close 1001", "abort"])
async def test_a_broken_connection_is_resumed(how: str) -> None:
    async with on_discord() as stage:
        gateway = stage.server.gateway
        match how:
            case "reconnect":
                await gateway.reconnect()
            case "abort":
                gateway.abort()
            case _:
                await gateway.close(int(how.removeprefix("close ")))
        await stage.server.until(lambda: gateway.resumes == 1)
        await still_works(stage)
        assert gateway.identifies == 1


async def test_an_invalid_session_is_replaced_and_what_was_missed_is_read() -> None:
    async with on_discord() as stage:
        stage.server.gateway.refusing = True
        await stage.server.gateway.invalidate()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "lost")
        stage.server.gateway.forget()
        await stage.amal.post(stage.room, "!quitx meanwhile")
        stage.server.gateway.refusing = False
        await stage.server.until(lambda: stage.server.gateway.identifies == 2)
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "meanwhile"
        await asyncio.sleep(0.3)
        assert len(stage.bot.events) == 1


async def test_a_server_that_is_killed_under_traffic_loses_and_doubles_nothing() -> None:
    async with on_discord() as stage:
        lines: list[str] = []
        answered: list[str] = []

        async def answer(event: object) -> None:
            if isinstance(event, CommandCalled):
                answered.append(event.line)

        stage.bot.answer = answer

        async def traffic() -> None:
            for number in range(60):
                lines.append(str(number))
                await stage.amal.post(stage.room, f"!quitx {number}")
                await asyncio.sleep(0.005)

        talking = asyncio.create_task(traffic())
        for _round in range(3):
            await asyncio.sleep(0.05)
            await stage.server.stop()
            await asyncio.sleep(0.02)
            await stage.server.start()
            await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "connected")
        await talking
        await stage.bot.until(lambda: len(answered) >= len(lines), within=10)
        assert sorted(answered, key=int) == lines


async def test_the_bot_waits_for_a_discord_that_is_down_when_it_starts() -> None:
    async with on_discord(connected=False) as stage:
        await stage.server.stop()
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "lost")
        await stage.server.start()
        await stage.bot.connected()
        await stage.server.until(stage.application.commands)
        await still_works(stage)


async def test_a_gateway_that_is_down_when_the_bot_starts_is_waited_for() -> None:
    async with on_discord(connected=False) as stage:
        stage.server.gateway.refusing = True
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "lost")
        await stage.bot.tell(stage.place, HELLO, "said meanwhile")
        stage.server.gateway.refusing = False
        await stage.bot.connected()
        await stage.server.until(stage.application.commands)
        await still_works(stage)


async def test_what_is_said_while_discord_is_down_is_unavailable() -> None:
    async with on_discord() as stage:
        await stage.server.stop()
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "one")
        await stage.server.start()
        await stage.bot.tell(stage.place, HELLO, "one")


async def test_a_revoked_token_is_told_and_tried_rarely_until_it_works() -> None:
    async with on_discord() as stage:
        stage.application.revoke()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "refused")
        [connection] = stage.bot.platform.connections
        assert connection.mend is not None
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "one")
        before = len(stage.server.calls)
        await asyncio.sleep(0.2)
        assert len(stage.server.calls) - before <= 2
        stage.application.renew("good")
        await stage.bot.connected()
        await still_works(stage)


async def test_a_wrong_token_is_told() -> None:
    async with on_discord(connected=False) as stage:
        stage.application.renew("another")
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "refused")


async def test_a_connection_that_breaks_all_the_time_is_no_hot_loop() -> None:
    async with on_discord() as stage:
        gateway = stage.server.gateway
        breaking = True

        async def breaks() -> None:
            while breaking:
                gateway.abort()
                await asyncio.sleep(0.005)

        task = asyncio.create_task(breaks())
        before = gateway.resumes + gateway.identifies
        await asyncio.sleep(1)
        breaking = False
        await task
        assert gateway.resumes + gateway.identifies - before < 25
        await stage.bot.connected()


async def test_an_event_that_cannot_be_read_ends_nothing() -> None:
    async with on_discord() as stage:
        [session] = stage.server.gateway.sessions()
        assert session.connection is not None
        session.add("MESSAGE_CREATE", {"id": "what", "author": 7})
        await still_works(stage)
        stage.server.take_violations()


async def test_a_bot_that_was_refused_an_intent_meanwhile_comes_back_without_it() -> None:
    async with on_discord() as stage:
        stage.application.privileged &= 0
        stage.server.gateway.forget()
        stage.server.gateway.abort()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state != "connected")
        await stage.bot.connected()
        stage.server.take_violations()
        [connection] = stage.bot.platform.connections
        assert connection.mend is not None


async def test_stopping_is_quick_even_while_connecting() -> None:
    async with on_discord(connected=False) as stage:
        stage.server.gateway.refusing = True
        stage.bot.start()
        await stage.bot.until(lambda: stage.bot.platform.connections[0].state == "lost")
        async with asyncio.timeout(1):
            await stage.bot.stop()
