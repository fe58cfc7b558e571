"""What only some may read: archives, and drafts where others read along."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

import pytest
import pytest_asyncio
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import select

from chatops.conversation.addresses import Place
from chatops.conversation.command import Blueprint, Call, Command, Effect, Names, Parameter
from chatops.conversation.events import Attachment
from chatops.conversation.kinds import File
from chatops.conversation.reply import Choice, Choices, Paragraph, Reply
from chatops.language import _
from chatops.organisations.records import Role
from chatops.store import Store
from chatops.store.tables import events
from chatops.testing import EVERYTHING, WORDS_ONLY, MemoryPlatform
from tests.support.conversations import ANNA, BEN, EVE, ROOM, Talk, talking

ARCHIVE = "twitter-2025-01-02-0123456789abcdef0123456789abcdef.zip"
DIRECT = Place("memory", "home", "@U1", direct=True)
PUBLIC = replace(ROOM, shared=True)


class Kept(Struct, frozen=True):
    """What `collect` is told."""

    archive: Annotated[
        Attachment | str,
        Parameter(Names("archive", "archive"), File(private=True), _("The archive.")),
    ]


async def collect(_call: Call, kept: Kept) -> Reply:
    """Say what was collected, as a draft would be."""
    name = kept.archive if isinstance(kept.archive, str) else f"attached {kept.archive.name}"
    blocks = (
        Paragraph(_("Collected {name}.", name=name)),
        Choices((Choice(_("Publish"), "post send to=bluesky one"),)),
    )
    return Reply(blocks, about_publishing=True)


blueprint = Blueprint()
blueprint.add(
    Command(
        path=(Names("collect", "recueillir"),),
        summary=_("Collect an archive."),
        parameters=Kept,
        run=collect,
        role=Role.EDITOR,
        effect=Effect.INSIDE,
        on_file=".zip",
    )
)


@asynccontextmanager
async def _talking(store: Store) -> AsyncIterator[Talk]:
    """A bot of one organisation, in which Anna is an editor."""
    async with talking(store, commands=[blueprint]) as opened:
        await opened.grant(await opened.found(), ANNA, Role.EDITOR)
        yield opened


@pytest_asyncio.fixture
async def talk(sqlite_store: Store) -> AsyncIterator[Talk]:
    async with _talking(sqlite_store) as opened:
        yield opened


@pytest.mark.parametrize("text", ["", "here it is", "!quitx collect", "!quitx status"])
async def test_an_archive_in_a_channel_is_refused_and_deleted(talk: Talk, text: str) -> None:
    file = talk.platform.attach(ARCHIVE, b"PK")
    message = await talk.platform.post(ANNA, ROOM, text, file)
    said = await talk.answer()

    assert not talk.platform.stands(message)
    assert "holds your private messages" in said.text
    assert "I deleted it" in said.text
    assert "direct message" in said.text
    assert said.asked.private
    assert "Collected" not in "".join(talk.texts)


async def test_any_file_of_a_command_that_takes_an_archive_is_one(talk: Talk) -> None:
    message = await talk.platform.post(
        EVE, ROOM, "!quitx collect", talk.platform.attach("mine.zip", b"PK")
    )

    assert "private messages" in (await talk.answer()).text
    assert not talk.platform.stands(message)


async def test_where_the_bot_cannot_delete_the_member_is_asked_to(sqlite_store: Store) -> None:
    weak = MemoryPlatform(capabilities=replace(EVERYTHING, deletes_others=False))
    async with talking(sqlite_store, weak) as talk:
        message = await talk.platform.post(ANNA, ROOM, "", talk.platform.attach(ARCHIVE, b"PK"))
        said = await talk.answer()

        assert "delete it" in said.text
        assert talk.platform.stands(message)


async def test_other_files_may_be_dropped_anywhere(talk: Talk) -> None:
    for name in ("report.pdf", "photos.zip", "twitter.zip"):
        await talk.platform.post(ANNA, ROOM, "look", talk.platform.attach(name, b"..."))
    await talk.conversation.settled()

    assert talk.platform.said == []
    async with talk.store.read() as connection:
        assert (await connection.scalars(select(events.c.event_id))).all() == []


async def test_in_the_terminal_a_file_may_be_named_anywhere(sqlite_store: Store) -> None:
    trusted = frozenset({"console"})
    console = MemoryPlatform("console")
    async with talking(sqlite_store, console, commands=[blueprint], trusted=trusted) as talk:
        home = Place("console", "", "console")
        await talk.found(place=home)
        ana = replace(ANNA, platform="console")
        await talk.platform.call(ana, home, "collect", talk.platform.attach(ARCHIVE, b"PK"))
        assert "Collected attached" in (await talk.answer()).text


async def test_an_archive_alone_in_a_direct_message_calls_its_command(talk: Talk) -> None:
    await talk.platform.call(ANNA, DIRECT, "", talk.platform.attach("Mine.ZIP", b"PK"))
    assert "Collected attached Mine.ZIP" in (await talk.answer()).text
    await talk.platform.call(ANNA, DIRECT, "", talk.platform.attach("photo.jpg", b"..."))
    assert "What you can do" in (await talk.answer()).text


async def test_an_archive_of_one_of_several_organisations_is_not_lost_in_the_question(
    talk: Talk,
) -> None:
    await talk.grant(await talk.found("Les Autres"), ANNA, Role.EDITOR)
    await talk.platform.call(ANNA, DIRECT, "", talk.platform.attach(ARCHIVE, b"PK"))
    asked = await talk.answer()
    await talk.platform.press(ANNA, asked.ref, asked.choices[1].says)
    said = await talk.answer()

    assert said.text.startswith("Les Autres: practice")
    assert f"Collected attached {ARCHIVE}" in said.text


async def test_a_draft_where_others_read_goes_on_in_private(talk: Talk) -> None:
    asked = await talk.say(ANNA, "post send to=bluesky secret", PUBLIC)
    assert "People outside Les Amis" in asked.text
    private, _here = asked.choices
    await talk.platform.press(ANNA, asked.ref, private.says)
    preview = await talk.answer()
    await talk.platform.press(ANNA, preview.ref, preview.choices[0].says)
    receipt = await talk.answer()

    assert preview.address.place.direct
    assert receipt.address.place.direct
    assert talk.ledger.done == ["Anna sent 'secret' to bluesky"]
    assert not any(
        "secret" in said.text for said in talk.platform.said if said.address.place == PUBLIC
    )


async def test_a_draft_where_others_read_goes_on_there_once_that_is_said(talk: Talk) -> None:
    preview = await talk.say(ANNA, "réponse=ici billet envoyer vers=bluesky public", PUBLIC)
    assert "would be published: public" in preview.text
    assert not preview.asked.private
    await talk.platform.press(ANNA, preview.ref, preview.choices[0].says)
    await talk.answer()

    assert talk.ledger.done == ["Anna sent 'public' to bluesky"]


async def test_what_is_wrong_with_a_draft_is_told_before_anything_is_asked(talk: Talk) -> None:
    assert "Something is missing" in (await talk.say(ANNA, "post send", PUBLIC)).text
    assert "needs the role editor" in (await talk.say(BEN, "post send to=both x", PUBLIC)).text


async def test_an_answer_about_publishing_is_for_its_reader_alone_where_others_read(
    talk: Talk,
) -> None:
    said = await talk.say(ANNA, "collect mine.zip", PUBLIC)
    assert said.asked.private
    assert "so this is for you alone" in said.text
    here = await talk.say(ANNA, "answer=here collect mine.zip", PUBLIC)
    assert not here.asked.private
    assert not (await talk.say(ANNA, "collect mine.zip", ROOM)).asked.private


async def test_what_is_no_draft_is_answered_anywhere(talk: Talk) -> None:
    assert (await talk.say(ANNA, "greet Lina", PUBLIC)).text == "Hello Lina!"


async def test_a_private_answer_can_be_asked_for_everywhere(sqlite_store: Store) -> None:
    async with talking(sqlite_store, MemoryPlatform(capabilities=WORDS_ONLY)) as talk:
        await talk.grant(await talk.found(), ANNA, Role.EDITOR)
        said = await talk.say(ANNA, "answer=private greet Lina")

        assert said.address.place == DIRECT
        assert said.text == "Hello Lina!"


async def test_in_private_it_is_still_for_the_organisation_of_the_place(talk: Talk) -> None:
    elsewhere = Place("memory", "home", "elsewhere")
    await talk.grant(await talk.found("Les Autres", place=elsewhere), ANNA, Role.EDITOR)
    preview = await talk.say(ANNA, "answer=private post send to=bluesky one", elsewhere)
    await talk.platform.press(ANNA, preview.ref, preview.choices[0].says)
    receipt = await talk.answer()

    assert preview.address.place == DIRECT
    assert receipt.text.startswith("Les Autres: practice")
    assert talk.ledger.done == ["Anna sent 'one' to bluesky"]
