from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from chatops.clock import utc_now
from chatops.conversation.addresses import MessageRef, Place
from chatops.conversation.events import Attachment, CommandCalled, MessagePosted
from chatops.conversation.platform import MessageGone, PlaceClosed, PlatformUnavailable
from chatops.conversation.reply import (
    Choice,
    Choices,
    Document,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Progress,
    Quote,
    Reply,
)
from chatops.language import ENGLISH, Invalid, Missing, _, verbatim
from tests.support.slack_stage import Stage, on_stage


@pytest_asyncio.fixture
async def stage() -> AsyncIterator[Stage]:
    async with on_stage() as opened:
        yield opened
        assert not opened.server.textless()
        assert not opened.server.pings()


def words(text: str) -> Paragraph:
    return Paragraph(verbatim(text))


async def called(stage: Stage, line: str = "status") -> CommandCalled:
    before = len(stage.all_heard(CommandCalled))
    await stage.amal.slash(stage.general, f"/quitx {line}")
    return await stage.hears(CommandCalled, before + 1)


async def test_a_message_stands_for_everybody_and_can_be_edited_and_deleted(stage: Stage) -> None:
    ref = await stage.say(words("one"))
    seen = await stage.ben.until(stage.general, "one")
    assert ref == MessageRef(stage.place, seen.ts)
    await stage.platform.edit(ref, Reply((words("two"),)), ENGLISH)
    assert (await stage.ben.until(stage.general, "two")).ts == seen.ts
    assert await stage.platform.delete(ref)
    assert not stage.ben.seen(stage.general)
    with pytest.raises(MessageGone):
        await stage.platform.edit(ref, Reply((words("three"),)), ENGLISH)


async def test_words_of_members_ping_format_and_link_nothing(stage: Stage) -> None:
    hostile = "<!channel> <@U1> *b* _i_ ~s~ `c` <https://evil.test|bank> https://x.org :x: &amp;"
    ref = await stage.say(Heading(verbatim(hostile)), words(hostile), Quote(hostile))
    seen = await stage.ben.until(stage.general, "evil.test")
    assert seen.text == f"{hostile}\n{hostile}\n{hostile}"
    # The heading is bold as a whole, because the bot says so.
    assert (seen.pings, seen.links, seen.formatted) == (frozenset(), (), (hostile,))
    assert seen.notification.startswith(hostile.partition(" :x:")[0])
    await stage.platform.edit(ref, Reply((words(f"now {hostile}"),)), ENGLISH)
    seen = await stage.ben.until(stage.general, "now")
    assert (seen.pings, seen.links, seen.formatted) == (frozenset(), (), ())


async def test_the_same_key_says_it_once(stage: Stage) -> None:
    one = await stage.say(words("once"), key="k")
    assert await stage.say(words("once"), key="k") == one
    assert len(stage.ben.seen(stage.general)) == 1


async def test_a_message_whose_answer_was_lost_is_found_and_not_said_again(stage: Stage) -> None:
    stage.server.faults.drop_answer("chat.postMessage")
    with pytest.raises(PlatformUnavailable):
        await stage.say(words("once"), key="k")
    ref = await stage.say(words("once"), key="k")
    [seen] = stage.ben.seen(stage.general)
    assert ref.id == seen.ts
    assert len(stage.server.calls_of("chat.postMessage")) == 1


async def test_a_message_whose_request_was_lost_is_said_the_next_time(stage: Stage) -> None:
    root = await stage.ben.post(stage.general, "shall we?")
    thread = Place("slack", stage.team.id, stage.general.id, root.ts)
    stage.server.faults.drop_request("chat.postMessage")
    with pytest.raises(PlatformUnavailable):
        await stage.say(words("once"), key="k", place=thread)
    ref = await stage.say(words("once"), key="k", place=thread)
    assert [each.ts for each in stage.ben.seen(stage.general, root)] == [root.ts, ref.id]


async def test_while_slack_cannot_be_asked_a_lost_message_is_not_repeated(stage: Stage) -> None:
    stage.server.faults.drop_answer("chat.postMessage")
    stage.server.faults.fail("conversations.history")
    for _try in range(2):
        with pytest.raises(PlatformUnavailable):
            await stage.say(words("once"), key="k")
    await stage.say(words("once"), key="k")
    assert len(stage.ben.seen(stage.general)) == 1


async def test_a_restarted_program_recognises_what_it_had_said(stage: Stage) -> None:
    promised = await stage.say(words("promised"), key="promise:1")
    await stage.restart()
    again = await stage.say(words("promised"), key="promise:1")
    assert again == promised
    assert len(stage.ben.seen(stage.general)) == 1


async def test_what_is_brought_again_after_a_restart_is_not_answered_again(stage: Stage) -> None:
    await stage.ben.post(stage.general, "!quitx status")
    event = await stage.hears(CommandCalled)
    ref = await stage.say(words("all well"), answering=event.event_id, key=event.event_id)
    await stage.restart()
    await stage.server.redeliver(stage.server.delivered("message")[0])
    await stage.hears(CommandCalled, 2)
    again = await stage.say(words("all well"), answering=event.event_id, key=event.event_id)
    assert again == ref
    assert len(stage.server.calls_of("chat.postMessage")) == 1


async def test_an_answer_to_what_was_just_heard_is_not_looked_for(stage: Stage) -> None:
    await stage.ben.post(stage.general, "!quitx status")
    event = await stage.hears(CommandCalled)
    await stage.say(words("all well"), answering=event.event_id)
    assert not stage.server.calls_of("conversations.history")


async def test_slack_is_left_alone_for_as_long_as_it_asks(stage: Stage) -> None:
    stage.server.faults.rate_limit("chat.postMessage", retry_after=7)
    with pytest.raises(PlatformUnavailable) as raised:
        await stage.say(words("later"), key="k")
    assert raised.value.retry_after == 7
    await stage.say(words("later"), key="k")
    assert not [each for each in stage.server.calls_of("conversations.history") if each.error]


async def test_a_long_reply_takes_several_messages_and_goes_on_after_a_refusal(
    stage: Stage,
) -> None:
    lines = [words(f"{number} " + "word " * 300) for number in range(6)]
    stage.server.faults.rate_limit("chat.postMessage", skip=1)
    with pytest.raises(PlatformUnavailable):
        await stage.say(*lines, key="k")
    ref = await stage.say(*lines, Choices((Choice(_("Go"), "go"),)), key="k")
    seen = stage.ben.seen(stage.general)
    said = "\n".join(each.text for each in seen)
    assert [number for number in range(6) if f"{number} word" in said] == list(range(6))
    assert said.count("0 word") == 1
    assert ref.id == seen[-1].ts
    assert seen[-1].buttons == ("Go",)


async def test_an_edit_replaces_all_messages_of_a_long_reply(stage: Stage) -> None:
    ref = await stage.say(*(words(f"{number} " + "word " * 300) for number in range(6)))
    assert len(stage.ben.seen(stage.general)) > 1
    await stage.platform.edit(ref, Reply((words("short"),)), ENGLISH)
    assert [each.text for each in stage.ben.seen(stage.general)] == ["short"]


async def test_what_is_far_too_long_is_attached(stage: Stage) -> None:
    await stage.say(Listing(tuple(verbatim(f"line {number}") for number in range(3_000))))
    seen = await stage.ben.until(stage.general, lambda each: each.files)
    assert seen.files == ("quitx.txt",)
    first = stage.ben.seen(stage.general)[0]
    assert "the file holds all of it" in first.text


async def test_pictures_and_documents_are_attached_once(stage: Stage) -> None:
    blocks = (
        words("look"),
        Picture("chart.png", b"PNG", _("A chart.")),
        Document("a.csv", b"", _("Nothing.")),
    )
    await stage.say(*blocks, key="k")
    await stage.say(*blocks, key="k")
    seen = await stage.ben.until(stage.general, lambda each: each.files)
    assert seen.files == ("chart.png", "a.csv")
    assert [each.message.files[0].title for each in [seen]] == ["A chart."]
    assert len(stage.ben.seen(stage.general)) == 2


async def test_files_whose_last_answer_was_lost_are_shown_once(stage: Stage) -> None:
    blocks = (words("look"), Document("a.csv", b"a", _("Letters.")))
    stage.server.faults.drop_answer("files.completeUploadExternal")
    with pytest.raises(PlatformUnavailable):
        await stage.say(*blocks, key="k")
    await stage.ben.until(stage.general, lambda each: each.files)
    await stage.say(*blocks, key="k")
    await stage.server.settled()
    assert [each.files for each in stage.ben.seen(stage.general)] == [(), ("a.csv",)]


async def test_a_private_reply_to_a_command_is_seen_by_its_reader_only(stage: Stage) -> None:
    event = await called(stage)
    await stage.say(words("secret"), to=stage.amal, answering=event.event_id)
    assert (await stage.amal.until(stage.general, "secret")).ephemeral
    assert not stage.ben.seen(stage.general)
    assert not stage.server.calls_of("chat.postEphemeral")


async def test_after_five_answers_private_replies_go_another_way(stage: Stage) -> None:
    event = await called(stage)
    for number in range(7):
        await stage.say(words(f"secret {number}"), to=stage.amal, answering=event.event_id)
    assert len(stage.amal.seen(stage.general)) == 7
    assert len(stage.server.calls_of("chat.postEphemeral")) == 2


async def test_a_command_is_answered_in_private_an_hour_later() -> None:
    ahead = timedelta()

    def clock() -> datetime:
        return utc_now() + ahead

    async with on_stage(clock=clock) as late:
        event = await called(late)
        ahead = timedelta(hours=1)
        late.server.clock.advance(3600)
        await late.say(words("secret"), to=late.amal, answering=event.event_id)
        assert (await late.amal.until(late.general, "secret")).ephemeral


async def test_a_private_reply_in_a_thread_stands_in_the_thread(stage: Stage) -> None:
    root = await stage.ben.post(stage.general, "shall we?")
    await stage.amal.post(stage.general, "!quitx status", thread=root)
    event = await stage.hears(CommandCalled)
    await stage.say(words("secret"), to=stage.amal, place=event.place, answering=event.event_id)
    seen = await stage.amal.until(stage.general, "secret", thread=root)
    assert seen.ephemeral


async def test_where_the_bot_is_not_it_answers_only(stage: Stage) -> None:
    aside = stage.team.channel("aside", stage.amal, stage.ben, private=True)
    await stage.amal.slash(aside, "/quitx status")
    event = await stage.hears(CommandCalled)
    await stage.say(words("for all"), place=event.place, answering=event.event_id, key="k1")
    await stage.ben.until(aside, "for all")
    await stage.say(
        words("secret"), place=event.place, to=stage.amal, answering=event.event_id, key="k2"
    )
    assert (await stage.amal.until(aside, "secret")).ephemeral


async def test_a_private_reply_goes_to_the_direct_conversation_where_nothing_else_works(
    stage: Stage,
) -> None:
    stage.general.kick(stage.bot)
    ref = await stage.say(words("secret"), to=stage.amal, key="k")
    await stage.amal.until(stage.amal.dm(), "secret")
    assert ref.place.direct


async def test_a_file_for_one_member_comes_in_the_direct_conversation(stage: Stage) -> None:
    event = await called(stage)
    await stage.say(
        words("secret"),
        Document("a.csv", b"a", _("Letters.")),
        to=stage.amal,
        answering=event.event_id,
    )
    await stage.amal.until(stage.general, "secret")
    await stage.amal.until(stage.amal.dm(), lambda each: each.files)
    assert not [each for each in stage.ben.seen(stage.general) if each.files]


async def test_a_place_that_is_closed_is_told(stage: Stage) -> None:
    stage.general.kick(stage.bot)
    with pytest.raises(PlaceClosed):
        await stage.say(words("hello?"))
    archived = stage.team.channel("old", stage.amal, stage.bot)
    archived.archive()
    place = Place("slack", stage.team.id, archived.id)
    with pytest.raises(PlaceClosed):
        await stage.say(words("hello?"), place=place)
    with pytest.raises(PlaceClosed):
        await stage.say(words("hello?"), place=Place("slack", "T404", "C404"))


async def test_a_missing_scope_is_told_with_its_mend(stage: Stage) -> None:
    stage.bot.lose("chat:write")
    with pytest.raises(PlaceClosed) as raised:
        await stage.say(words("hello?"))
    assert "chat:write" in str(raised.value)


async def test_a_member_is_spoken_to_alone(stage: Stage) -> None:
    place = await stage.platform.direct(stage.member(stage.amal))
    assert place == Place("slack", stage.team.id, stage.amal.dm().id, direct=True)
    await stage.say(words("hello"), place=place)
    await stage.amal.until(stage.amal.dm(), "hello")


async def test_the_bot_reacts_and_a_second_time_is_no_error(stage: Stage) -> None:
    ref = await stage.say(words("well?"))
    await stage.platform.react(ref, "✅")
    await stage.platform.react(ref, "✅")
    seen = await stage.amal.until(stage.general, "well?")
    assert seen.reactions == {"white_check_mark": (stage.bot.user_id,)}


async def test_messages_of_members_cannot_be_deleted(stage: Stage) -> None:
    await stage.ben.post(stage.general, "my token is here")
    posted = await stage.hears(MessagePosted)
    assert not await stage.platform.delete(posted.message)
    assert not stage.platform.capabilities.deletes_others


async def test_progress_is_edited_in_place(stage: Stage) -> None:
    ref = await stage.say(Progress(_("Moving"), 1, 10))
    for done in range(2, 11):
        await stage.platform.edit(ref, Reply((Progress(_("Moving"), done, 10),)), ENGLISH)
    [seen] = stage.ben.seen(stage.general)
    assert "100\N{NO-BREAK SPACE}% (10/10)" in seen.text


async def attached(stage: Stage, data: bytes, name: str = "a.zip") -> Attachment:
    await stage.amal.post(stage.amal.dm(), "here", files=[(name, data)])
    return (await stage.hears(CommandCalled)).attachments[0]


async def test_a_file_is_fetched_with_the_bots_token(stage: Stage, tmp_path: Path) -> None:
    data = bytes(range(256)) * 4_000
    attachment = await attached(stage, data)
    await stage.platform.fetch(attachment, tmp_path / "a.zip", limit=len(data))
    assert (tmp_path / "a.zip").read_bytes() == data


async def test_a_file_that_is_too_large_is_not_fetched(stage: Stage, tmp_path: Path) -> None:
    attachment = await attached(stage, b"0123456789")
    with pytest.raises(Invalid):
        await stage.platform.fetch(attachment, tmp_path / "a.zip", limit=9)
    assert not (tmp_path / "a.zip").exists()


async def test_a_file_that_is_not_given_is_told(stage: Stage, tmp_path: Path) -> None:
    attachment = await attached(stage, b"0123456789")
    stage.server._world.files[attachment.id.partition("/")[2]].deleted = True
    with pytest.raises(Missing):
        await stage.platform.fetch(attachment, tmp_path / "a.zip", limit=100)


async def test_the_token_goes_to_slack_only(stage: Stage, tmp_path: Path) -> None:
    attachment = await attached(stage, b"0123456789")
    file = stage.server._world.files[attachment.id.partition("/")[2]]
    file.address = "http://localhost:9/stolen"
    with pytest.raises(Missing):
        await stage.platform.fetch(attachment, tmp_path / "a.zip", limit=100)
