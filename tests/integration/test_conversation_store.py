"""While the store cannot be written nothing is lost, and nothing is done behind anybody's back."""

from __future__ import annotations

import asyncio
from typing import Annotated

from msgspec import Struct

from chatops.conversation.addresses import MessageRef
from chatops.conversation.command import Blueprint, Call, Command, Effect, Names, Parameter
from chatops.conversation.events import MemberLeft
from chatops.conversation.kinds import Word
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import _
from chatops.organisations.records import Role
from chatops.store import Store
from chatops.testing import MemoryPlatform
from tests.support.conversations import BEN, ROOM, talking
from tests.support.stores import held_by_another


class SlowToDelete(MemoryPlatform):
    """Keeps whoever wants a message deleted waiting, and with it what comes after it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.going = asyncio.Event()

    async def was_asked(self) -> None:
        async with asyncio.timeout(10):
            await self.asked.wait()

    async def delete(self, message: MessageRef) -> bool:
        self.asked.set()
        await self.going.wait()
        return await super().delete(message)


class Noted(Struct, frozen=True):
    code: Annotated[str, Parameter(Names("code", "code"), Word(), _("What."), secret=True)]


class Notes:
    """A command that changes something, once its message was deleted."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.blueprint = Blueprint()
        self.blueprint.add(
            Command(
                path=(Names("note", "noter"),),
                summary=_("Note something."),
                parameters=Noted,
                run=self.run,
                role=Role.READER,
                effect=Effect.INSIDE,
            )
        )

    async def run(self, _call: Call, noted: Noted) -> Reply:
        self.taken.append(noted.code)
        return Reply((Paragraph(_("Done.")),))


async def test_who_leaves_while_the_store_is_held_loses_their_roles_once_it_is_free(
    impatient: Store, sqlite_url: str
) -> None:
    platform, notes = SlowToDelete(), Notes()
    async with talking(impatient, platform, commands=[notes.blueprint]) as talk:
        await talk.grant(await talk.found(), BEN, Role.EDITOR)
        await platform.post(BEN, ROOM, "!quitx note one")
        await talk.conversation.receive(MemberLeft("left", ROOM, BEN))
        await platform.was_asked()
        async with held_by_another(sqlite_url):
            platform.going.set()
            await talk.conversation.settled()
        person = await talk.people.recognise(BEN.who, BEN.name)
        assert await talk.people.roles(talk.home.id, person.id) == set()


async def test_what_was_told_as_not_done_is_not_done_after_a_restart(
    impatient: Store, sqlite_url: str
) -> None:
    platform, notes = SlowToDelete(), Notes()
    async with talking(impatient, platform, commands=[notes.blueprint]) as talk:
        await talk.grant(await talk.found(), BEN, Role.EDITOR)
        await platform.post(BEN, ROOM, "!quitx note one")
        await platform.was_asked()
        async with held_by_another(sqlite_url):
            platform.going.set()
            await talk.conversation.settled()
        assert "is busy" in platform.said[-1].text
    async with talking(impatient, MemoryPlatform(), commands=[notes.blueprint]) as after:
        await after.conversation.settled()
        assert after.platform.said == []
    assert notes.taken == []
