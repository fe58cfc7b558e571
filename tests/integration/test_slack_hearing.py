from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.events import (
    CommandCalled,
    MemberLeft,
    MessagePosted,
    PlaceLost,
    ReactionChanged,
)
from chatops.conversation.reply import Paragraph
from chatops.language import verbatim
from tests.support.slack_stage import Stage, on_stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as opened:
        yield opened


async def test_a_slash_command_is_acknowledged_first_and_then_heard(stage: Stage) -> None:
    delivery = await stage.amal.slash(stage.general, "/quitx status  now")
    assert delivery.acked
    assert delivery.response is None
    called = await stage.hears(CommandCalled)
    assert called.line == "status  now"
    assert called.place == stage.place
    assert called.member == Member("slack", stage.team.id, stage.amal.id, "Amal", "fr-FR")
    assert called.message is None


async def test_commands_are_acknowledged_within_three_milliseconds_when_idle(stage: Stage) -> None:
    await stage.amal.slash(stage.general, "/quitx warm up")
    latencies = [
        (await stage.amal.slash(stage.general, "/quitx status")).latency for _each in range(30)
    ]
    assert statistics.median(latencies) < 0.003


async def test_a_broken_store_does_not_keep_a_command_from_being_acknowledged(
    stage: Stage,
) -> None:
    stage.refusing = RuntimeError("the disk is full")
    assert (await stage.amal.slash(stage.general, "/quitx status")).acked


async def test_a_command_outlives_a_store_that_fails_for_a_moment(stage: Stage) -> None:
    stage.refusing = RuntimeError("the database is locked")
    await stage.amal.slash(stage.general, "/quitx status")
    await asyncio.sleep(0.02)
    stage.refusing = None
    assert (await stage.hears(CommandCalled)).line == "status"


async def test_who_called_in_vain_is_told(stage: Stage) -> None:
    stage.refusing = RuntimeError("the disk is full")
    await stage.amal.slash(stage.general, "/quitx status")
    seen = await stage.amal.until(stage.general, "Cela n’a pas pu être fait")
    assert seen.ephemeral


async def test_a_message_is_acknowledged_only_once_it_is_stored(stage: Stage) -> None:
    stage.server._world.deadline = 0.3
    stage.refusing = RuntimeError("the disk is full")
    await stage.amal.post(stage.general, "!quitx status")
    await stage.server.until(lambda: stage.server.delivered("message"))
    await stage.server.settled()
    [delivery] = stage.server.delivered("message")
    assert not delivery.acked
    stage.refusing = None
    await stage.server.redeliver(delivery)
    assert (await stage.hears(CommandCalled)).line == "status"
    stage.server.take_violations()


@pytest.mark.parametrize(
    "text", ["!quitx status", "! Quitx status", "quitx: status", "@quitx status"]
)
async def test_the_bot_is_called_by_its_name_in_a_channel(stage: Stage, text: str) -> None:
    said = await stage.amal.post(stage.general, text)
    called = await stage.hears(CommandCalled)
    assert called.line == "status"
    assert called.message == MessageRef(stage.place, said.ts)


async def test_a_mention_comes_twice_and_has_one_id(stage: Stage) -> None:
    await stage.amal.mention(stage.general, "status")
    await stage.hears(CommandCalled, 2)
    mention, message = stage.all_heard(CommandCalled)
    assert mention.event_id == message.event_id
    assert mention == message
    assert mention.line == "status"


async def test_a_call_in_a_thread_is_answered_there_and_answers_its_beginning(
    stage: Stage,
) -> None:
    root = await stage.ben.post(stage.general, "shall we?")
    await stage.amal.post(stage.general, "!quitx status", thread=root)
    called = await stage.hears(CommandCalled)
    assert called.place.thread == root.ts
    assert called.answers == MessageRef(called.place, root.ts)


async def test_in_a_direct_conversation_all_is_said_to_the_bot(stage: Stage) -> None:
    await stage.amal.post(stage.amal.dm(), "status please")
    called = await stage.hears(CommandCalled)
    assert called.line == "status please"
    assert called.place.direct
    assert not called.place.shared


async def test_other_messages_are_just_messages(stage: Stage) -> None:
    said = await stage.ben.post(stage.general, "quitx is nice")
    posted = await stage.hears(MessagePosted)
    assert posted.text == "quitx is nice"
    assert posted.message == MessageRef(stage.place, said.ts)
    assert posted.member.name == "Ben"


async def test_edited_messages_other_bots_and_the_bot_itself_are_not_heard(stage: Stage) -> None:
    robot = stage.team.person("Robot", is_bot=True)
    stage.general.invite(robot)
    said = await stage.ben.post(stage.general, "hello")
    await stage.hears(MessagePosted)
    await stage.ben.edit(said, "!quitx status")
    await robot.post(stage.general, "!quitx status")
    ref = await stage.say(Paragraph(verbatim("!quitx status")))
    await stage.platform.react(ref, "✅")
    await stage.server.settled()
    assert len(stage.heard) == 1


async def test_what_was_typed_is_heard_as_it_was_typed(stage: Stage) -> None:
    await stage.amal.post(
        stage.general, "!quitx announce a < b & c > d, see https://example.org/a?b=1&c 🎉 #general"
    )
    called = await stage.hears(CommandCalled)
    assert called.line == "announce a < b & c > d, see https://example.org/a?b=1&c 🎉 #general"


async def test_a_colleague_is_named_as_slack_does_it(stage: Stage) -> None:
    await stage.amal.post(stage.general, "!quitx grant @Ben editor")
    assert (await stage.hears(CommandCalled)).line == f"grant <@{stage.ben.id}> editor"
    await stage.amal.slash(stage.general, "/quitx grant @Ben editor")
    called = await stage.hears(CommandCalled, 2)
    assert called.line == f"grant <@{stage.ben.id}|ben> editor"


async def test_reactions_are_heard_added_and_taken_back_whatever_their_skin(stage: Stage) -> None:
    ref = await stage.say(Paragraph(verbatim("well?")))
    seen = await stage.amal.until(stage.general, "well?")
    await stage.amal.react(seen, "+1::skin-tone-3")
    added = await stage.hears(ReactionChanged)
    assert (added.emoji, added.added, added.message) == ("👍", True, ref)
    await stage.amal.unreact(seen, "+1::skin-tone-3")
    taken_back = await stage.hears(ReactionChanged, 2)
    assert (taken_back.emoji, taken_back.added) == ("👍", False)
    assert added.event_id != taken_back.event_id


async def test_a_reaction_to_a_reply_in_a_thread_is_about_that_thread(stage: Stage) -> None:
    root = await stage.ben.post(stage.general, "shall we?")
    place = Place("slack", stage.team.id, stage.general.id, root.ts)
    await stage.say(Paragraph(verbatim("we shall")), place=place)
    seen = await stage.amal.until(stage.general, "we shall")
    await stage.amal.react(seen, "white_check_mark")
    assert (await stage.hears(ReactionChanged)).message.place.thread == root.ts


async def test_the_same_event_delivered_again_has_the_same_id(stage: Stage) -> None:
    seen = await stage.ben.post(stage.general, "!quitx status")
    await stage.ben.react(seen, "x")
    await stage.amal.slash(stage.general, "/quitx status")
    await stage.server.until(lambda: len(stage.heard) == 3)
    await stage.server.settled()
    for delivery in list(stage.server.deliveries):
        await stage.server.redeliver(delivery)
    await stage.server.until(lambda: len(stage.heard) == 6)
    ids = [event.event_id for event in stage.heard]
    assert set(ids[:3]) == set(ids[3:])
    stage.server.take_violations()


async def test_a_channel_with_guests_or_strangers_is_shared(stage: Stage) -> None:
    guest = stage.team.person("Gast", guest=True)
    mixed = stage.team.channel("mixed", stage.amal, guest, stage.bot)
    foreign = stage.team.channel("foreign", stage.amal, stage.bot, shared=True)
    for channel in (stage.general, mixed, foreign):
        await stage.amal.post(channel, "!quitx status")
    await stage.hears(CommandCalled, 3)
    shared = {
        called.place.channel: called.place.shared for called in stage.all_heard(CommandCalled)
    }
    assert shared == {stage.general.id: False, mixed.id: True, foreign.id: True}


async def test_a_guest_who_joins_makes_a_channel_shared_at_once(stage: Stage) -> None:
    await stage.amal.post(stage.general, "!quitx status")
    assert not (await stage.hears(CommandCalled)).place.shared
    guest = stage.team.person("Gast", guest=True)
    stage.team.announce(
        {
            "type": "user_change",
            "user": {"id": guest.id, "name": "Gast", "is_restricted": True},
        }
    )
    stage.general.invite(guest)
    await stage.server.settled()
    await stage.amal.post(stage.general, "!quitx status")
    assert (await stage.hears(CommandCalled, 2)).place.shared


async def test_who_cannot_be_looked_up_is_still_heard(stage: Stage) -> None:
    stage.server.faults.error("users.info", "internal_error", times=50)
    stage.server.faults.error("conversations.info", "internal_error", times=50)
    await stage.amal.post(stage.general, "!quitx status")
    called = await stage.hears(CommandCalled)
    assert called.member.id == stage.amal.id
    assert called.place.shared
    await stage.amal.slash(stage.general, "/quitx status")
    assert (await stage.hears(CommandCalled, 2)).member.name == "amal"


async def test_a_slow_look_up_does_not_delay_an_acknowledgement(stage: Stage) -> None:
    stage.server.faults.delay("users.info", 10, times=50)
    await stage.amal.post(stage.general, "!quitx status")
    await stage.hears(CommandCalled)
    await stage.server.until(lambda: stage.server.delivered("message")[0].acked)
    stage.server.faults.clear()


async def test_files_come_with_the_message(stage: Stage) -> None:
    await stage.amal.post(stage.amal.dm(), "plan this", files=[("archive.zip", b"PK")])
    [attachment] = (await stage.hears(CommandCalled)).attachments
    assert (attachment.name, attachment.size) == ("archive.zip", 2)


async def test_who_leaves_a_channel_or_the_workspace_is_told(stage: Stage) -> None:
    await stage.ben.leave(stage.general)
    left = await stage.hears(MemberLeft)
    assert (left.place, left.member.id) == (stage.place, stage.ben.id)
    await stage.ben.leave_workspace()
    gone = await stage.hears(MemberLeft, 2)
    assert gone.place == Place("slack", stage.team.id, "")
    assert gone.member.id == stage.ben.id


async def test_a_lost_channel_is_told(stage: Stage) -> None:
    second = stage.team.channel("second", stage.amal, stage.bot)
    third = stage.team.channel("third", stage.amal, stage.bot, private=True)
    stage.general.kick(stage.bot)
    await stage.hears(PlaceLost)
    second.archive()
    await stage.hears(PlaceLost, 2)
    third.delete()
    await stage.hears(PlaceLost, 3)
    assert [lost.place.channel for lost in stage.all_heard(PlaceLost)] == [
        stage.general.id,
        second.id,
        third.id,
    ]


async def test_an_uninstalled_app_loses_the_workspace_and_says_so(stage: Stage) -> None:
    stage.bot.uninstall()
    lost = await stage.hears(PlaceLost)
    assert lost.place == Place("slack", stage.team.id, "")
    await stage.server.until(lambda: stage.platform.connections[0].state == "refused")


async def test_a_command_from_where_the_bot_is_not_is_heard_too(stage: Stage) -> None:
    aside = stage.team.direct(stage.amal, stage.ben)
    await stage.amal.slash(aside, "/quitx status")
    called = await stage.hears(CommandCalled)
    assert called.place.channel == aside.id
    assert not called.place.direct


async def test_a_hundred_commands_at_once_are_all_acknowledged_and_heard(stage: Stage) -> None:
    deliveries = await asyncio.gather(
        *(stage.amal.slash(stage.general, f"/quitx status {number}") for number in range(100))
    )
    assert all(delivery.acked for delivery in deliveries)
    await stage.hears(CommandCalled, 100)
    lines = {called.line for called in stage.all_heard(CommandCalled)}
    assert lines == {f"status {number}" for number in range(100)}
