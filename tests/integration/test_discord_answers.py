"""What the bot answers on Discord, and where that stands."""

from __future__ import annotations

import pytest

from chatops.conversation.addresses import Address, MessageRef
from chatops.conversation.events import CommandCalled, FormSubmitted
from chatops.conversation.platform import MessageGone, PlaceClosed, PlatformUnavailable
from chatops.conversation.reply import (
    Choice,
    Choices,
    Document,
    Heading,
    Paragraph,
    Picture,
    Reply,
)
from chatops.language import ENGLISH, _, verbatim
from tests.support.on_discord import Stage, on_discord

HELLO = Reply((Heading(_("Hello")), Paragraph(_("Good day {name}.", name="Zoé"))))
SECRET = Reply((Paragraph(_("Only for you.")),), private=True)
POST = "POST /channels/{channel_id}/messages"


async def greeted(stage: Stage) -> FormSubmitted:
    await stage.amal.slash(stage.room, "quitx greet", name="Zoé")
    return await stage.bot.heard(FormSubmitted)


async def test_a_slash_command_is_acknowledged_and_answered_in_public() -> None:
    async with on_discord() as stage:
        called = await stage.amal.slash(stage.room, "quitx greet", name="Zoé")
        assert called.answered
        assert called.latency is not None
        assert called.latency < 3
        event = await stage.bot.heard(FormSubmitted)
        assert (event.verb, event.values) == ("greet", {"name": "Zoé"})
        assert event.place == stage.place
        assert (event.member.name, event.member.language) == ("Amal", "fr")
        ref = await stage.bot.say(event, HELLO)
        [seen] = stage.amal.seen(stage.room)
        assert "Good day Zoé." in seen
        assert not seen.ephemeral
        assert ref == MessageRef(stage.place, seen.id)


async def test_a_private_answer_is_seen_by_its_reader_only() -> None:
    async with on_discord() as stage:
        other = stage.guild.person("Bea")
        event = await greeted(stage)
        ref = await stage.bot.say(event, SECRET)
        [seen] = stage.amal.seen(stage.room)
        assert seen.ephemeral
        assert not seen.thinking
        assert "Only for you." in seen
        assert ref.id == seen.id
        assert not other.seen(stage.room)


async def test_a_private_answer_said_twice_stands_once_and_a_second_one_beside_it() -> None:
    async with on_discord() as stage:
        event = await greeted(stage)
        first = await stage.bot.say(event, SECRET)
        assert await stage.bot.say(event, SECRET) == first
        await stage.bot.say(event, SECRET, key="another")
        seen = stage.amal.seen(stage.room)
        assert [each.ephemeral for each in seen] == [True, True]


async def test_a_private_answer_can_be_changed_while_its_interaction_is_open() -> None:
    async with on_discord() as stage:
        ref = await stage.bot.say(await greeted(stage), SECRET)
        await stage.bot.platform.edit(ref, HELLO, ENGLISH)
        [seen] = stage.amal.seen(stage.room)
        assert "Good day Zoé." in seen
        stage.server.clock.advance(16 * 60)
        with pytest.raises(MessageGone):
            await stage.bot.platform.edit(ref, SECRET, ENGLISH)


async def test_what_is_private_and_answers_a_message_goes_to_the_direct_conversation() -> None:
    async with on_discord() as stage:
        await stage.amal.post(stage.room, "!quitx status")
        event = await stage.bot.heard(CommandCalled)
        ref = await stage.bot.say(event, SECRET)
        direct = stage.amal.direct(stage.application)
        assert "Only for you." in stage.amal.seen(direct)[-1]
        assert "Amal, I answered you in private." in stage.amal.seen(stage.room)[-1]
        assert ref.place.direct
        assert ref.place.channel == direct.id


async def test_who_takes_no_direct_messages_is_told_how_to_get_the_answer() -> None:
    async with on_discord() as stage:
        await stage.amal.post(stage.room, "!quitx status")
        event = await stage.bot.heard(CommandCalled)
        stage.amal.user.reachable = False
        await stage.bot.say(event, SECRET)
        seen = stage.amal.seen(stage.room)[-1]
        assert "I cannot write to you in private" in seen
        assert "Only for you." not in seen


async def test_a_late_private_answer_goes_to_the_direct_conversation() -> None:
    async with on_discord() as stage:
        event = await greeted(stage)
        stage.server.clock.advance(16 * 60)
        await stage.bot.say(event, SECRET)
        assert "Only for you." in stage.amal.seen(stage.amal.direct(stage.application))[-1]


async def test_an_answer_after_a_restart_is_an_ordinary_message() -> None:
    async with on_discord() as stage:
        event = await greeted(stage)
        await stage.restart()
        await stage.bot.say(event, HELLO)
        assert "Good day Zoé." in stage.amal.seen(stage.room)[-1]
        await stage.bot.say(event, SECRET, key="private")
        assert "Only for you." in stage.amal.seen(stage.amal.direct(stage.application))[-1]


async def test_where_the_bot_may_not_write_only_who_asked_sees_the_answer() -> None:
    async with on_discord() as stage:
        stage.room.forbid(stage.application, "SEND_MESSAGES")
        event = await greeted(stage)
        await stage.bot.say(event, HELLO)
        [seen] = stage.amal.seen(stage.room)
        assert seen.ephemeral
        assert "I may not write in this channel, so only you see this." in seen


async def test_in_a_direct_conversation_everything_stands_there() -> None:
    async with on_discord() as stage:
        direct = stage.amal.direct(stage.application)
        await stage.amal.slash(direct, "quitx greet", name="Zoé")
        event = await stage.bot.heard(FormSubmitted)
        assert event.place.direct
        assert event.place.workspace == ""
        for reply in (HELLO, SECRET):
            await stage.bot.say(event, reply, key=reply.blocks[0].text.message)  # type: ignore[union-attr]
        texts = [seen.text for seen in stage.amal.seen(direct)]
        assert len(texts) == 2
        assert "Only for you." in texts[-1]


async def test_an_answer_to_a_message_stands_under_it() -> None:
    async with on_discord() as stage:
        asked = await stage.amal.post(stage.room, "!quitx greet Zoé")
        await stage.bot.say(await stage.bot.heard(CommandCalled), HELLO)
        assert stage.amal.seen(stage.room)[-1].answers == asked.id
        await stage.amal.delete(asked)
        again = await stage.bot.say(await stage.bot.heard(CommandCalled), HELLO, key="again")
        assert stage.amal.seen(stage.room)[-1].id == again.id


async def test_a_message_whose_answer_was_lost_is_not_sent_twice() -> None:
    async with on_discord() as stage:
        stage.server.faults.lose_answer(POST)
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "plan-7")
        ref = await stage.bot.tell(stage.place, HELLO, "plan-7")
        [seen] = stage.amal.seen(stage.room)
        assert ref.id == seen.id


async def test_what_discord_asks_to_wait_for_is_handed_on() -> None:
    async with on_discord() as stage:
        stage.server.faults.limit(POST, retry_after=120)
        with pytest.raises(PlatformUnavailable) as asked:
            await stage.bot.tell(stage.place, HELLO, "one")
        assert asked.value.retry_after == 120
        stage.server.faults.clear()
        stage.server.faults.limit(POST, via=False)
        with pytest.raises(PlatformUnavailable) as banned:
            await stage.bot.tell(stage.place, HELLO, "two")
        assert banned.value.retry_after == 600


async def test_a_short_wait_is_waited_for() -> None:
    async with on_discord() as stage:
        stage.server.faults.limit(POST, retry_after=0.1)
        await stage.bot.tell(stage.place, HELLO, "one")
        assert "Good day Zoé." in stage.amal.seen(stage.room)[-1]


async def test_a_service_that_is_down_is_unavailable() -> None:
    async with on_discord() as stage:
        stage.server.faults.fail(503, POST)
        with pytest.raises(PlatformUnavailable):
            await stage.bot.tell(stage.place, HELLO, "one")


async def test_a_place_where_the_bot_may_not_speak_is_closed() -> None:
    async with on_discord() as stage:
        stage.room.forbid(stage.application, "SEND_MESSAGES")
        with pytest.raises(PlaceClosed):
            await stage.bot.tell(stage.place, HELLO, "one")
        stage.room.forbid(stage.application, "VIEW_CHANNEL")
        with pytest.raises(PlaceClosed):
            await stage.bot.tell(stage.place, HELLO, "two")
        stage.room.delete()
        with pytest.raises(PlaceClosed):
            await stage.bot.tell(stage.place, HELLO, "three")


async def test_a_message_is_changed_in_place() -> None:
    async with on_discord() as stage:
        pressed = Reply((Paragraph(_("Shall I?")), Choices((Choice(_("Yes"), "confirm x"),))))
        ref = await stage.bot.tell(stage.place, pressed, "one")
        assert stage.amal.seen(stage.room)[-1].labels == ("Yes",)
        await stage.bot.platform.edit(ref, HELLO, ENGLISH)
        [seen] = stage.amal.seen(stage.room)
        assert seen.labels == ()
        assert "Shall I?" not in seen
        assert "Good day Zoé." in seen


async def test_files_go_with_a_message_and_away_with_its_change() -> None:
    async with on_discord() as stage:
        dot = b"\x89PNG\r\n\x1a\n"
        reply = Reply(
            (
                Picture("récap.png", dot, _("A chart.")),
                Document("liste.csv", b"a,b", _("The list.")),
            )
        )
        ref = await stage.bot.tell(stage.place, reply, "one")
        [seen] = stage.amal.seen(stage.room)
        assert {file.name: file.content for file in seen.files} == {
            "recap.png": dot,
            "liste.csv": b"a,b",
        }
        assert [file.description for file in seen.files] == ["A chart.", "The list."]
        assert len(seen.pictures) == 1
        await stage.bot.platform.edit(ref, HELLO, ENGLISH)
        [seen] = stage.amal.seen(stage.room)
        assert not seen.files


async def test_a_message_that_is_gone_cannot_be_changed() -> None:
    async with on_discord() as stage:
        ref = await stage.bot.tell(stage.place, HELLO, "one")
        assert await stage.bot.platform.delete(ref)
        assert not stage.amal.seen(stage.room)
        with pytest.raises(MessageGone):
            await stage.bot.platform.edit(ref, HELLO, ENGLISH)
        assert await stage.bot.platform.delete(ref)


async def test_a_members_message_is_removed_only_where_the_bot_may() -> None:
    async with on_discord() as stage:
        await stage.amal.post(stage.room, "!quitx one")
        called = await stage.bot.heard(CommandCalled)
        assert called.message is not None
        assert not await stage.bot.platform.delete(called.message)
        stage.room.allow(stage.application, "MANAGE_MESSAGES")
        assert await stage.bot.platform.delete(called.message)
        assert not stage.amal.seen(stage.room)
        await stage.amal.post(stage.amal.direct(stage.application), "one")
        said = await stage.bot.heard(CommandCalled, 2)
        assert said.message is not None
        assert not await stage.bot.platform.delete(said.message)


async def test_the_bot_reacts_as_an_invitation() -> None:
    async with on_discord() as stage:
        ref = await stage.bot.tell(stage.place, HELLO, "one")
        await stage.bot.platform.react(ref, "✅")
        assert stage.amal.seen(stage.room)[-1].reactions == {"✅": 1}


async def test_an_answer_in_a_thread_stands_in_the_thread() -> None:
    async with on_discord() as stage:
        thread = stage.room.thread("Plans", stage.amal)
        await stage.amal.slash(thread, "quitx greet", name="Zoé")
        event = await stage.bot.heard(FormSubmitted)
        assert event.place.channel == stage.room.id
        assert event.place.thread == thread.id
        await stage.bot.say(event, HELLO)
        assert "Good day Zoé." in stage.amal.seen(thread)[-1]


async def test_words_of_people_ping_format_and_link_nothing() -> None:
    async with on_discord() as stage:
        words = (
            f"@everyone <@{stage.amal.id}> **bold** _it_ https://x.example [a](https://b.example)"
            f" <#{stage.room.id}> <t:0:R> :smile: ||no|| `code`\n# heading\n- item\n> quote"
        )
        await stage.bot.tell(stage.place, Reply((Paragraph(verbatim(words)),)), "one")
        [seen] = stage.amal.seen(stage.room)
        assert seen.text == words
        assert not seen.marks
        assert not seen.links
        assert not seen.pings


async def test_a_direct_conversation_is_opened_once() -> None:
    async with on_discord() as stage:
        event = await greeted(stage)
        place = await stage.bot.platform.direct(event.member)
        assert place == await stage.bot.platform.direct(event.member)
        assert len(stage.server.called("POST /users/@me/channels")) == 1
        await stage.bot.platform.send(Address(place, event.member), HELLO, ENGLISH, key="d")
        assert "Good day Zoé." in stage.amal.seen(stage.amal.direct(stage.application))[-1]


async def test_what_is_too_long_is_attached_whole() -> None:
    async with on_discord() as stage:
        words = " ".join(f"word{number}" for number in range(3_000))
        await stage.bot.tell(stage.place, Reply((Paragraph(verbatim(words)),)), "one")
        [seen] = stage.amal.seen(stage.room)
        assert "all of it is in the attached file" in seen
        assert words.encode() in seen.files[0].content
