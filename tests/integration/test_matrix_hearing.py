"""What the bot hears on a real homeserver, and what it does not."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatops.conversation.events import (
    CommandCalled,
    MemberLeft,
    MessagePosted,
    PlaceLost,
    PlaceMoved,
    ReactionChanged,
)
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import Invalid, Missing, _
from tests.support.matrix.person import Person
from tests.support.matrix.stage import on_matrix
from tests.support.matrix.synapse import SynapseServer

HELLO = Reply((Paragraph(_("Hello")),))


async def test_a_command_is_heard_and_answered(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        asked = await stage.amal.say(stage.room, "!quitx status")
        event = await stage.bot.heard(CommandCalled)
        assert (event.line, event.member.name, event.place) == ("status", "Amal", stage.place)
        assert event.message is not None
        assert event.message.id == asked == event.event_id
        said = await stage.bot.say(event, HELLO)
        heard = await stage.amal.sees(stage.room, lambda each: each.id == said.id)
        assert heard.body == "Hello"
        assert heard.content["msgtype"] == "m.notice"
        assert heard.content["m.mentions"] == {}


async def test_every_way_to_call_the_bot(synapse_server: SynapseServer, tmp_path: Path) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        amal, room, own = stage.amal, stage.room, stage.account.user_id
        pill = f'<a href="https://matrix.to/#/{own}">QuitX</a>'
        await amal.say(room, "! Quitx one")
        await amal.say(room, "QuitX: two")
        await amal.say(room, f"{own} three")
        await amal.say(room, "QuitX four", **{"m.mentions": {"user_ids": [own]}})
        await amal.say(room, "QuitX: five", format="org.matrix.custom.html", formatted_body=pill)
        link = f"[QuitX](https://matrix.to/#/{own})"
        await amal.say(room, f"{link} six", formatted_body=f"{pill} six")
        await amal.say(room, "!important seven")
        await amal.say(room, "thanks QuitX", **{"m.mentions": {"user_ids": [own]}})
        await stage.bot.heard(MessagePosted, 2)
        lines = [event.line for event in stage.bot.all(CommandCalled)]
        assert lines == ["one", "two", "three", "four", "five", "six"]


async def test_a_colleague_who_is_mentioned_is_named_by_id(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        html = '!quitx grant <a href="https://matrix.to/#/%40bea%3Aexample.org">Bea B.</a> editor'
        await stage.amal.say(stage.room, "!quitx grant Bea B. editor", formatted_body=html)
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "grant @bea:example.org editor"


async def test_threads_and_replies_say_where_and_to_what(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        amal, room = stage.amal, stage.room
        root = await amal.say(room, "a thread")
        relation = {
            "rel_type": "m.thread",
            "event_id": root,
            "is_falling_back": True,
            "m.in_reply_to": {"event_id": root},
        }
        await amal.say(room, "!quitx status", **{"m.relates_to": relation})
        event = await stage.bot.heard(CommandCalled)
        assert event.place.thread == root
        assert event.answers is None
        said = await stage.bot.say(event, HELLO)
        heard = await amal.sees(room, lambda each: each.id == said.id)
        assert heard.thread == root
        answer = {"m.in_reply_to": {"event_id": said.id}}
        quoted = f"> <{stage.account.user_id}> Hello\n\n!quitx help"
        await amal.say(room, quoted, **{"m.relates_to": answer})
        event = await stage.bot.heard(CommandCalled, 2)
        assert event.line == "help"
        assert event.answers is not None
        assert event.answers.id == said.id


async def test_what_is_no_word_of_a_person_is_not_heard(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    # What is encrypted, the homeserver lets through whatever its shape.
    async with on_matrix(synapse_server, tmp_path, encrypted=True) as stage:
        amal, room = stage.amal, stage.room
        said = await amal.say(room, "!quitx one")
        await amal.edit(room, said, "!quitx edited")
        await amal.send(room, {"msgtype": "m.notice", "body": "!quitx from a bot"})
        await amal.send(room, {"msgtype": "m.emote", "body": "!quitx waves"})
        await amal.send(room, {"body": 7, "msgtype": {"strange": []}})
        await amal.send(room, {"msgtype": "m.text", "body": None, "m.relates_to": ["x"]})
        await amal.send(room, {"membership": ["join"]}, "m.room.member")
        await stage.bot.tell(stage.place, HELLO, "own words")
        await amal.say(room, "!quitx two")
        await stage.bot.heard(CommandCalled, 2)
        words = [event for event in stage.bot.events if isinstance(event, CommandCalled)]
        assert [event.line for event in words] == ["one", "two"]
        others = [each for each in stage.bot.events if each not in words]
        assert all(isinstance(each, MessagePosted) and each.text == "" for each in others)


async def test_reactions_are_heard_and_their_removal_too_even_after_a_restart(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        amal, room = stage.amal, stage.room
        said = await stage.bot.tell(stage.place, HELLO, "a message")
        await stage.bot.platform.react(said, "✅")
        await stage.bot.platform.react(said, "✅")
        first = await amal.react(room, said.id, "✅")
        second = await amal.react(room, said.id, "👍🏽")
        added = await stage.bot.heard(ReactionChanged, 2)
        assert (added.message, added.emoji, added.added) == (said, "👍🏽", True)
        assert added.member.id == amal.id
        await amal.redact(room, first)
        gone = await stage.bot.heard(ReactionChanged, 3)
        assert (gone.message, gone.emoji, gone.added) == (said, "✅", False)
        await stage.restart()
        await amal.redact(room, second)
        gone = await stage.bot.heard(ReactionChanged)
        assert (gone.message.id, gone.emoji, gone.added) == (said.id, "👍🏽", False)
        assert gone.member == added.member
        [own] = list((await amal.read(room))[-1].reactions)
        assert own == ("✅", stage.account.user_id)


async def test_what_was_said_while_the_bot_was_away_is_heard_once_and_in_order(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        amal, room = stage.amal, stage.room
        await amal.say(room, "!quitx before")
        await stage.bot.heard(CommandCalled)
        await stage.bot.stop()
        await amal.burst(room, [f"!quitx {number}" for number in range(130)])
        await stage.restart()
        await stage.bot.heard(CommandCalled, 130)
        said = [each.body for each in await amal.read(room)]
        assert [f"!quitx {event.line}" for event in stage.bot.all(CommandCalled)] == said[1:]
        assert len(stage.bot.told) == 130


async def test_what_was_said_before_the_bot_came_is_not_heard(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        room = await stage.amal.open_room("old")
        for number in range(3):
            await stage.amal.say(room, f"!quitx old {number}")
        await stage.amal.invite(room, stage.account.user_id)
        await stage.amal.with_member(room, stage.account.user_id)
        await stage.amal.say(room, "!quitx new")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "new"
        assert len(stage.bot.all(CommandCalled)) == 1
        await stage.bot.stop()
        (tmp_path / "matrix" / "state.db").unlink()
        stage.bot = stage.new_bot()
        stage.bot.start()
        await stage.bot.connected()
        await stage.amal.say(room, "!quitx newest")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "newest"
        assert len(stage.bot.events) == 1


async def test_what_could_not_be_stored_is_handed_over_again(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        stage.bot.broken = 3
        await stage.amal.say(stage.room, "!quitx one")
        await stage.amal.say(stage.room, "!quitx two")
        await stage.bot.heard(CommandCalled, 2)
        assert [event.line for event in stage.bot.all(CommandCalled)] == ["one", "two"]


async def test_only_allowed_invitations_are_taken_up(
    synapse_server: SynapseServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage, Person(synapse_server, "Dan") as dan:
        await stage.bot.stop()
        stage.allowed = [stage.amal.id]
        await stage.restart()
        refused = await dan.open_room("unwanted", invite=[stage.account.user_id])
        accepted = await stage.meet("wanted")
        assert stage.account.user_id not in {
            user.user_id for user in dan.client.rooms[refused].users.values() if not user.invited
        }
        assert "allow_invites" in caplog.text
        assert accepted
        # Once it is allowed, the invitation still stands.
        stage.allowed = [stage.amal.id, dan.id]
        await stage.restart()
        await dan.with_member(refused, stage.account.user_id)


async def test_places_are_direct_or_shared_as_their_rooms_are(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage, Person(synapse_server, "Bea") as bea:
        amal, bot, own = stage.amal, stage.bot, stage.account.user_id

        async def place(room: str) -> tuple[bool, bool]:
            number = len(bot.all(CommandCalled)) + 1
            await amal.say(room, "!quitx where")
            event = await bot.heard(CommandCalled, number)
            return event.place.direct, event.place.shared

        assert await place(stage.room) == (False, False)
        public = await amal.open_room("all", invite=[own], preset="public_chat")
        await amal.with_member(public, own)
        assert await place(public) == (False, True)
        direct = await amal.open_room(invite=[own], is_direct=True, preset="trusted_private_chat")
        await amal.with_member(direct, own)
        assert await place(direct) == (True, False)
        await amal.invite(direct, bea.id)
        await bea.join(direct)
        assert await place(direct) == (False, False)


async def test_who_leaves_and_where_the_bot_is_removed_is_told(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage, Person(synapse_server, "Bea") as bea:
        amal, room = stage.amal, stage.room
        await amal.invite(room, bea.id)
        await bea.join(room)
        await bea.leave(room)
        left = await stage.bot.heard(MemberLeft)
        assert (left.member.id, left.place.channel) == (bea.id, room)
        await amal.ask("POST", f"/rooms/{room}/kick", {"user_id": stage.account.user_id})
        lost = await stage.bot.heard(PlaceLost)
        assert lost.place.channel == room
        second = await stage.meet("second")
        await stage.bot.stop()
        await amal.ask("POST", f"/rooms/{second}/ban", {"user_id": stage.account.user_id})
        await stage.restart()
        lost = await stage.bot.heard(PlaceLost)
        assert lost.place.channel == second


async def test_a_room_that_is_upgraded_goes_on_as_its_successor(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        amal, room, own = stage.amal, stage.room, stage.account.user_id
        made = await amal.ask("POST", f"/rooms/{room}/upgrade", {"new_version": "11"})
        successor = made["replacement_room"]
        await amal.invite(successor, own)
        moved = await stage.bot.heard(PlaceMoved)
        assert (moved.place.channel, moved.to.channel) == (room, successor)
        await amal.say(successor, "!quitx here")
        event = await stage.bot.heard(CommandCalled)
        assert event.place.channel == successor
        await stage.bot.say(event, HELLO)
        await stage.restart()
        await amal.leave(room)
        assert not stage.bot.all(PlaceMoved)
        assert not stage.bot.all(PlaceLost)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_shared_file_is_fetched_within_its_limit(
    synapse_server: SynapseServer, tmp_path: Path, *, encrypted: bool
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=encrypted) as stage:
        source, target = tmp_path / "archive.zip", tmp_path / "fetched.zip"
        source.write_bytes(bytes(range(256)) * 3000)
        size = source.stat().st_size
        posted = await stage.amal.attach(stage.room, source, "!quitx migrate")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == "migrate"
        [attachment] = event.attachments
        assert (attachment.name, attachment.size) == ("archive.zip", size)
        await stage.bot.platform.fetch(attachment, target, limit=size)
        assert target.read_bytes() == source.read_bytes()
        lying = type(attachment)(attachment.id, attachment.name, 1)
        with pytest.raises(Invalid):
            await stage.bot.platform.fetch(lying, target, limit=size - 1)
        assert not target.exists()
        await stage.amal.redact(stage.room, posted)
        with pytest.raises(Missing):
            await stage.bot.platform.fetch(attachment, target, limit=size)
