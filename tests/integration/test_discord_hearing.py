"""What the bot hears on Discord, and what it leaves alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.discord import listening
from chatops.conversation.addresses import MessageRef
from chatops.conversation.events import (
    Attachment,
    CommandCalled,
    MemberLeft,
    MessagePosted,
    PlaceLost,
    ReactionChanged,
)
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import Invalid, Missing, _
from tests.support.discord import Channel, Upload
from tests.support.on_discord import on_discord

HELLO = Reply((Paragraph(_("Hello")),))


async def test_a_line_with_the_bots_name_calls_it() -> None:
    async with on_discord() as stage:
        bot = stage.application.bot
        role = next(role for role in stage.guild.roles if role.managed)
        for number, called in enumerate(
            ("!quitx status", f"<@{bot.id}> status", f"<@&{role.id}> status", "quitx: status"), 1
        ):
            message = await stage.amal.post(stage.room, called)
            event = await stage.bot.heard(CommandCalled, number)
            assert event.line == "status"
            assert event.place == stage.place
            assert event.message == MessageRef(stage.place, message.id)


async def test_other_messages_are_heard_and_call_nothing() -> None:
    async with on_discord() as stage:
        first = await stage.amal.post(stage.room, "Good morning, all.")
        event = await stage.bot.heard(MessagePosted)
        assert event.text == "Good morning, all."
        await stage.amal.post(stage.room, "!quitx confirm", reply_to=first)
        called = await stage.bot.heard(CommandCalled)
        assert called.answers == MessageRef(stage.place, first.id)


async def test_everything_in_a_direct_conversation_is_for_the_bot() -> None:
    async with on_discord() as stage:
        await stage.amal.post(stage.amal.direct(stage.application), "status")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "status"
        assert event.place.direct
        assert not event.place.shared


async def test_without_the_content_intent_mentions_and_direct_messages_still_work() -> None:
    async with on_discord(intents=()) as stage:
        await stage.amal.post(stage.room, "!quitx status")
        await stage.amal.post(stage.room, f"<@{stage.application.bot.id}> help")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "help"
        await stage.amal.post(stage.amal.direct(stage.application), "status")
        await stage.bot.heard(CommandCalled, 2)
        assert len(stage.bot.events) == 2
        [connection] = stage.bot.platform.connections
        assert connection.state == "connected"
        assert connection.mend is not None


async def test_with_the_content_intent_nothing_is_missing() -> None:
    async with on_discord() as stage:
        [connection] = stage.bot.platform.connections
        assert (connection.trouble, connection.mend) == (None, None)


async def test_bots_are_not_heard_and_neither_is_the_bot_itself() -> None:
    async with on_discord() as stage:
        other = stage.server.application("Other", token="other")
        stage.guild.add(other)
        person = stage.server.world.introduce(other.bot)
        ref = await stage.bot.tell(stage.place, HELLO, "one")
        await stage.bot.platform.react(ref, "✅")
        await person.post(stage.room, "!quitx status")
        await person.react(stage.amal.seen(stage.room)[0], "👍")
        await stage.amal.post(stage.room, "!quitx help")
        await stage.bot.heard(CommandCalled)
        assert [type(event) for event in stage.bot.events] == [CommandCalled]


async def test_reactions_are_heard_when_they_come_and_when_they_go() -> None:
    async with on_discord() as stage:
        message = await stage.amal.post(stage.room, "A plan")
        await stage.amal.react(message, "👍🏽")
        await stage.amal.unreact(message, "👍🏽")
        await stage.amal.react(message, "👍🏽")
        await stage.bot.heard(ReactionChanged, 3)
        events = [event for event in stage.bot.events if isinstance(event, ReactionChanged)]
        assert [event.added for event in events] == [True, False, True]
        assert {event.message for event in events} == {MessageRef(stage.place, message.id)}
        assert {(event.member.id, event.member.name) for event in events} == {
            (stage.amal.id, "Amal")
        }
        assert len({event.event_id for event in events}) == 3


async def test_a_reaction_to_a_message_of_before_the_restart_is_heard() -> None:
    async with on_discord() as stage:
        ref = await stage.bot.tell(stage.place, HELLO, "one")
        await stage.restart()
        await stage.amal.react(stage.amal.seen(stage.room)[0], "✅")
        event = await stage.bot.heard(ReactionChanged)
        assert event.message == ref


async def test_a_message_in_a_thread_is_heard_there() -> None:
    async with on_discord() as stage:
        thread = stage.room.thread("Plans", stage.amal)
        message = await stage.amal.post(thread, "!quitx status")
        event = await stage.bot.heard(CommandCalled)
        assert event.place.channel == stage.room.id
        assert event.place.thread == thread.id
        await stage.amal.react(message, "✅")
        reaction = await stage.bot.heard(ReactionChanged)
        assert reaction.message.place == event.place


async def test_a_file_is_fetched_up_to_its_limit(tmp_path: Path) -> None:
    async with on_discord() as stage:
        direct = stage.amal.direct(stage.application)
        content = b"PK" + b"x" * 100_000
        await stage.amal.post(direct, "migrate plan", [Upload("a.zip", content)])
        [attachment] = (await stage.bot.heard(CommandCalled)).attachments
        assert (attachment.name, attachment.size) == ("a.zip", len(content))
        target = tmp_path / "a.zip"
        await stage.bot.platform.fetch(attachment, target, limit=len(content))
        assert target.read_bytes() == content
        for known in (attachment, Attachment(attachment.id, "a.zip")):
            with pytest.raises(Invalid):
                await stage.bot.platform.fetch(known, tmp_path / "b.zip", limit=1_000)
        assert not (tmp_path / "b.zip").exists()


async def test_nothing_is_fetched_from_elsewhere(tmp_path: Path) -> None:
    async with on_discord() as stage:
        here = stage.server.world.address
        for address in (
            "https://evil.example/a.zip",
            "https://cdn.discordapp.com.evil.example/a.zip",
            "http://cdn.discordapp.com/a.zip",
            f"{here}@evil.example/a.zip",
            "file:///etc/passwd",
            "https://[",
        ):
            with pytest.raises(Invalid):
                await stage.bot.platform.fetch(
                    Attachment(address, "a.zip"), tmp_path / "a.zip", limit=1_000
                )
        with pytest.raises(Missing):
            await stage.bot.platform.fetch(
                Attachment(f"{here}/cdn/attachments/1/2/a.zip", "a.zip"),
                tmp_path / "a.zip",
                limit=1_000,
            )


async def test_who_leaves_a_server_has_left() -> None:
    async with on_discord() as stage:
        stage.amal.leave(stage.guild)
        event = await stage.bot.heard(MemberLeft)
        assert event.member.id == stage.amal.id
        assert (event.place.workspace, event.place.channel) == (stage.guild.id, "")


async def test_places_that_are_no_more_are_lost() -> None:
    async with on_discord() as stage:
        second = stage.guild.channel("second")
        thread = stage.room.thread("Plans", stage.amal)
        thread.delete()
        lost = await stage.bot.heard(PlaceLost)
        assert (lost.place.channel, lost.place.thread) == (stage.room.id, thread.id)
        second.forbid(stage.application, "SEND_MESSAGES")
        lost = await stage.bot.heard(PlaceLost, 2)
        assert (lost.place.channel, lost.place.thread) == (second.id, "")
        stage.room.delete()
        lost = await stage.bot.heard(PlaceLost, 3)
        assert lost.place.channel == stage.room.id
        stage.guild.kick(stage.application)
        lost = await stage.bot.heard(PlaceLost, 4)
        assert (lost.place.workspace, lost.place.channel) == (stage.guild.id, "")


async def test_a_server_with_trouble_is_not_lost() -> None:
    async with on_discord() as stage:
        stage.guild.outage()
        stage.guild.recover()
        await stage.amal.post(stage.room, "!quitx status")
        event = await stage.bot.heard(CommandCalled)
        assert event.place == stage.place
        assert [type(each) for each in stage.bot.events] == [CommandCalled]


async def test_several_servers_are_heard_and_spoken_to_each_in_its_own_place() -> None:
    async with on_discord() as stage:
        neighbours = stage.server.guild("Les Voisins")
        neighbours.add(stage.application)
        room, zoe = neighbours.channel("general"), neighbours.person("Zoé")
        await stage.amal.post(stage.room, "!quitx one")
        await zoe.post(room, "!quitx two")
        await stage.bot.heard(CommandCalled)
        event = await stage.bot.heard(CommandCalled, 2)
        assert (event.line, event.place.workspace) == ("two", neighbours.id)
        await stage.bot.say(event, HELLO)
        assert "Hello" in zoe.seen(room)[-1].text
        assert all("Hello" not in each.text for each in stage.amal.seen(stage.room))


async def test_messages_keep_their_order() -> None:
    async with on_discord() as stage:
        for number in range(50):
            await stage.amal.post(stage.room, f"!quitx {number}")
        await stage.bot.heard(CommandCalled, 50)
        lines = [event.line for event in stage.bot.events if isinstance(event, CommandCalled)]
        assert lines == [str(number) for number in range(50)]


async def test_events_that_come_in_another_order_are_heard_once_each() -> None:
    async with on_discord() as stage:
        message = await stage.amal.post(stage.room, "Good morning, all.")
        await stage.bot.heard(MessagePosted)
        stage.application.reorder(4)
        await stage.amal.post(stage.room, "!quitx one")
        await stage.amal.react(message, "👍")
        await stage.amal.unreact(message, "👍")
        await stage.amal.post(stage.room, "!quitx two")
        await stage.bot.heard(CommandCalled, 2)
        await stage.bot.heard(ReactionChanged, 2)
        heard = [event for event in stage.bot.events if not isinstance(event, MessagePosted)]
        assert [(getattr(each, "line", ""), getattr(each, "added", None)) for each in heard] == [
            ("two", None),
            ("", False),
            ("", True),
            ("one", None),
        ]


async def test_a_place_that_is_asked_for_long_keeps_no_other_waiting() -> None:
    async with on_discord(connected=False) as stage:
        thread = stage.room.thread("Plans", stage.amal)
        message = await stage.amal.post(thread, "Shall we?")
        thread.archived = True
        stage.bot.start()
        await stage.bot.connected()
        stage.server.faults.delay(2, "GET /channels/{channel_id}")
        await stage.amal.react(message, "👍")
        await stage.amal.post(stage.room, "!quitx status")
        await stage.bot.until(lambda: stage.bot.events, within=1)
        reaction = await stage.bot.heard(ReactionChanged)
        assert reaction.message.place.thread == thread.id


async def test_an_event_that_cannot_be_stored_is_handed_in_again() -> None:
    async with on_discord() as stage:
        stage.bot.broken = 1
        await stage.amal.post(stage.room, "!quitx one")
        await stage.amal.post(stage.room, "!quitx two")
        await stage.bot.heard(CommandCalled, 2)
        lines = [event.line for event in stage.bot.events if isinstance(event, CommandCalled)]
        assert lines == ["one", "two"]


async def test_what_was_written_during_an_absence_is_heard_afterwards() -> None:
    async with on_discord() as stage:
        await stage.amal.post(stage.room, "!quitx before")
        await stage.bot.heard(CommandCalled)
        await stage.bot.stop()
        await stage.amal.post(stage.room, "!quitx meanwhile")
        await stage.restart()
        await stage.bot.heard(CommandCalled)
        await stage.amal.post(stage.room, "!quitx after")
        await stage.bot.heard(CommandCalled, 2)
        lines = [event.line for event in stage.bot.events if isinstance(event, CommandCalled)]
        assert sorted(lines) == ["after", "meanwhile"]


async def test_what_was_written_during_an_absence_is_read_once_discord_lets_the_bot(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listening, "READ_AGAIN", (0.05,))
    async with on_discord() as stage:
        await stage.bot.stop()
        await stage.amal.post(stage.room, "!quitx meanwhile")
        stage.server.faults.fail(503, "GET /channels/{channel_id}/messages", times=2)
        await stage.restart()
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "meanwhile"


async def test_a_channel_is_shared_where_strangers_read_it() -> None:
    async with on_discord() as stage:
        private = stage.guild.channel("board", readers=(stage.amal, stage.application))
        client = stage.bot.platform._client()
        features = client.get_guild(int(stage.guild.id)).features  # type: ignore[union-attr]

        async def shared(channel: Channel, number: int) -> bool:
            await stage.amal.post(channel, "!quitx status")
            return (await stage.bot.heard(CommandCalled, number)).place.shared

        assert not await shared(stage.room, 1)
        features.append("COMMUNITY")
        assert await shared(stage.room, 2)
        assert not await shared(private, 3)
        thread = stage.room.thread("Plans", stage.amal)
        assert await shared(thread, 4)
