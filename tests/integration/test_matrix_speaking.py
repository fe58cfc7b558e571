"""What the bot says on a real homeserver."""

from __future__ import annotations

import asyncio
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from chatops.conversation.addresses import Address, Member, MessageRef
from chatops.conversation.events import CommandCalled
from chatops.conversation.platform import MessageGone, PlaceClosed
from chatops.conversation.reply import Document, Heading, Paragraph, Picture, Quote, Reply
from chatops.language import ENGLISH, Code, _
from tests.support.matrix.person import Heard, Person
from tests.support.matrix.stage import Stage, on_matrix
from tests.support.matrix.synapse import SynapseServer

HELLO = Reply((Paragraph(_("Hello")),))
BYE = Reply((Paragraph(_("Bye")),))
HOSTILE = "@room <b>bold</b> https://evil.example @amal:t.test [x](http://y.example)"


def picture() -> Picture:
    drawn = BytesIO()
    Image.new("RGB", (2, 2), "red").save(drawn, "PNG")
    return Picture("red.png", drawn.getvalue(), _("Two by two"))


async def own(stage: Stage) -> list[Heard]:
    """Return what the bot has said."""
    heard = await stage.amal.read(stage.room)
    return [each for each in heard if each.sender == stage.account.user_id]


@pytest.mark.parametrize("encrypted", [False, True])
async def test_a_message_is_said_edited_and_deleted(
    synapse_server: SynapseServer, tmp_path: Path, *, encrypted: bool
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=encrypted) as stage:
        bot = stage.bot.platform
        said = await stage.bot.tell(stage.place, HELLO, "one")
        heard = await stage.amal.sees(stage.room, lambda each: each.body == "Hello")
        assert (heard.id, heard.encrypted) == (said.id, encrypted)
        await bot.edit(said, BYE, ENGLISH)
        await bot.edit(said, HELLO, ENGLISH)
        await bot.edit(said, BYE, ENGLISH)
        heard = await stage.amal.sees(stage.room, lambda each: each.body == "Bye")
        assert (heard.id, heard.edited) == (said.id, True)
        assert await bot.delete(said)
        assert await bot.delete(said)
        assert not await own(stage)
        with pytest.raises(MessageGone):
            await bot.edit(said, HELLO, ENGLISH)


async def test_the_same_key_says_it_once_even_after_a_restart(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        reply = Reply((Paragraph(_("Hello")), picture()))
        first = await stage.bot.tell(stage.place, reply, "one")
        assert await stage.bot.tell(stage.place, reply, "one") == first
        await stage.restart()
        assert await stage.bot.tell(stage.place, reply, "one") == first
        assert len(await own(stage)) == 2
        assert await stage.bot.tell(stage.place, reply, "two") != first


async def test_words_of_others_ping_nobody_and_are_not_formatted(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        reply = Reply((Heading(_("{name}", name=HOSTILE)), Quote(HOSTILE)))
        await stage.bot.tell(stage.place, reply, "one")
        [heard] = await own(stage)
        html = heard.content["formatted_body"]
        assert heard.content["m.mentions"] == {}
        assert "<b>" not in html
        assert "<a" not in html
        for words in (html, heard.body):
            assert "https://" not in words
            assert "@room" not in words
            assert "@amal:t.test" not in words
        assert heard.body.replace("\u2060", "") == f"{HOSTILE}\n> {HOSTILE}"
        # Who copies it from there into a command means the words alone.
        await stage.amal.say(stage.room, f"!quitx {heard.body.splitlines()[0]}")
        event = await stage.bot.heard(CommandCalled)
        assert event.line == HOSTILE


@pytest.mark.parametrize("encrypted", [False, True])
async def test_pictures_and_files_stand_under_their_message_and_go_with_it(
    synapse_server: SynapseServer, tmp_path: Path, *, encrypted: bool
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=encrypted) as stage:
        shown = picture()
        report = Document("report.txt", b"all of it", _("The report"))
        said = await stage.bot.tell(stage.place, Reply((shown, report)), "one")
        text, image, file = await own(stage)
        assert "Two by two" in text.body
        assert "The report" in text.body
        assert (image.content["msgtype"], file.content["msgtype"]) == ("m.image", "m.file")
        assert (image.content["info"]["mimetype"], file.body) == ("image/png", "report.txt")
        for heard, data in ((image, shown.data), (file, report.data)):
            stored = await stage.amal.download(heard.content)
            assert (stored == data) is not encrypted
            assert await stage.amal.opened(heard.content) == data
        await stage.bot.platform.edit(said, Reply((shown,)), ENGLISH)
        kept = [each.id for each in await own(stage)]
        assert kept == [text.id, image.id]
        assert await stage.bot.platform.delete(said)
        assert not await own(stage)


@pytest.mark.parametrize("encrypted", [False, True])
async def test_what_is_too_long_for_one_message_is_attached_whole(
    synapse_server: SynapseServer, tmp_path: Path, *, encrypted: bool
) -> None:
    async with on_matrix(synapse_server, tmp_path, encrypted=encrypted) as stage:
        lines = [f"line {number} é🦦 <&>" for number in range(4000)]
        reply = Reply((Heading(_("Long")), Quote("\n".join(lines))))
        said = await stage.bot.tell(stage.place, reply, "one")
        await stage.bot.platform.edit(said, reply, ENGLISH)
        text, file = await own(stage)
        assert "line 10 " in text.body
        assert "attached" in text.body
        whole = (await stage.amal.opened(file.content)).decode()
        assert all(line in whole for line in lines)


async def test_a_private_reply_has_an_encrypted_room_of_its_own(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        member = Member("matrix", "", stage.amal.id, "Amal")
        first, second = await asyncio.gather(
            stage.bot.platform.direct(member), stage.bot.platform.direct(member)
        )
        assert first == second
        assert first.direct
        assert not first.shared
        said = await stage.bot.tell(first, HELLO, "one")
        await stage.amal.join(first.channel)
        heard = await stage.amal.sees(first.channel, lambda each: each.body == "Hello")
        assert (heard.id, heard.encrypted) == (said.id, True)
        await stage.amal.say(first.channel, "status")
        event = await stage.bot.heard(CommandCalled)
        assert (event.line, event.place) == ("status", first)
        await stage.restart()
        assert await stage.bot.platform.direct(member) == first
        await stage.amal.leave(first.channel)
        await stage.bot.until(
            lambda: stage.bot.platform._connecting.line().rooms.with_only(member.id) is None
        )
        assert (await stage.bot.platform.direct(member)).channel != first.channel


async def test_nothing_is_said_where_the_bot_is_not(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage, Person(synapse_server, "Bea") as bea:
        bot = stage.bot.platform
        elsewhere = await bea.open_room("elsewhere")
        said = await bea.say(elsewhere, "hello")
        place = type(stage.place)("matrix", "", elsewhere)
        with pytest.raises(PlaceClosed):
            await bot.send(Address(place), HELLO, ENGLISH, key="one")
        with pytest.raises(PlaceClosed):
            await bot.react(MessageRef(place, said), "✅")
        path = f"/rooms/{stage.room}/state/m.room.power_levels"
        levels = await stage.amal.ask("GET", path)
        await stage.amal.ask("PUT", path, levels | {"events_default": 50})
        with pytest.raises(PlaceClosed):
            await stage.bot.tell(stage.place, HELLO, "two")


async def test_what_is_not_there_is_gone(synapse_server: SynapseServer, tmp_path: Path) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        nothing = MessageRef(stage.place, "$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
        with pytest.raises(MessageGone):
            await stage.bot.platform.edit(nothing, HELLO, ENGLISH)
        with pytest.raises(MessageGone):
            await stage.bot.platform.react(nothing, "✅")


async def test_a_members_message_is_deleted_where_the_room_lets_the_bot(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        said = await stage.amal.say(stage.room, "a secret")
        message = MessageRef(stage.place, said)
        assert not await stage.bot.platform.delete(message)
        path = f"/rooms/{stage.room}/state/m.room.power_levels"
        levels = await stage.amal.ask("GET", path)
        await stage.amal.ask("PUT", path, levels | {"redact": 0})
        assert await stage.bot.platform.delete(message)
        assert not await stage.amal.read(stage.room)


async def test_a_label_is_a_link_only_to_where_it_says(
    synapse_server: SynapseServer, tmp_path: Path
) -> None:
    async with on_matrix(synapse_server, tmp_path) as stage:
        reply = Reply((Paragraph(_("Type {line}", line=Code("!quitx help <x>"))),))
        await stage.bot.tell(stage.place, reply, "one")
        [heard] = await own(stage)
        assert "<code>!quitx help &lt;x&gt;</code>" in heard.content["formatted_body"]
