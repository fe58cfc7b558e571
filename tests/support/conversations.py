"""A whole conversation over a platform in memory, which can be stopped and started again."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from chatops.conversation import builtins
from chatops.conversation.addresses import Member, Place
from chatops.conversation.command import Blueprint
from chatops.conversation.dispatch import Conversation, Listener
from chatops.conversation.outbox import Outbox
from chatops.conversation.registry import Registry
from chatops.language import Language
from chatops.organisations.codes import Codes
from chatops.organisations.linking import Linking
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import Organisation, Role
from chatops.organisations.setup import Setup
from chatops.store import Store
from chatops.testing import MemoryPlatform, Said
from tests.support import toy_commands

ROOM = Place("memory", "home", "room")
ANNA = Member("memory", "home", "U1", "Anna")
BEN = Member("memory", "home", "U2", "Ben")
EVE = Member("memory", "home", "U3", "Eve")


class Talk:
    """A conversation, open, with what tests look at."""

    def __init__(
        self,
        store: Store,
        platform: MemoryPlatform,
        listeners: Sequence[Listener] = (),
        commands: Sequence[Blueprint] = (),
        trusted: frozenset[str] = frozenset(),
    ) -> None:
        self.now = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
        self.store = store
        self.platform = platform
        self.ledger = toy_commands.Ledger()
        self.organisations = Organisations(store, self.clock)
        self.people = People(store, self.clock, trusted)
        self.places = Places(store, self.clock)
        self.codes = Codes(store, self.clock)
        self.setup = Setup(
            store, self.clock, self.organisations, self.people, self.places, self.codes
        )
        self.outbox = Outbox(store, self.clock, {platform.name: platform}, pauses=(0.01, 0.01))
        self.conversation = Conversation(
            store=store,
            clock=self.clock,
            organisations=self.organisations,
            people=self.people,
            places=self.places,
            registry=Registry([toy_commands.blueprint, builtins.blueprint, *commands]),
            outbox=self.outbox,
            platforms={platform.name: platform},
            services=[self.ledger, self.setup, Linking(store, self.people, self.codes)],
            listeners=listeners,
        )
        self._ticks = itertools.count()
        self._home: Organisation | None = None

    @property
    def home(self) -> Organisation:
        """The first organisation."""
        assert self._home is not None
        return self._home

    def clock(self) -> datetime:
        """Return a present in which no two moments are the same."""
        return self.now + timedelta(microseconds=next(self._ticks))

    async def found(
        self, name: str = "Les Amis", language: Language = "en", place: Place = ROOM
    ) -> Organisation:
        """Make an organisation with a place; the first one is `home`."""
        home = (place.platform, place.workspace, place.channel)
        made = await self.organisations.found(name, language, "Europe/Paris", home)
        self._home = self._home or made
        return made

    async def grant(self, organisation: Organisation, member: Member, role: Role) -> None:
        """Give a member a role."""
        person = await self.people.recognise(member.who, member.name)
        await self.people.grant(organisation.id, person.id, role)

    async def say(self, member: Member, line: str, place: Place = ROOM) -> Said:
        """Call the bot, and return what it answers."""
        await self.platform.call(member, place, line)
        return await self.answer()

    async def answer(self) -> Said:
        """Wait for what is under way, and return the newest message."""
        await self.conversation.settled()
        return self.platform.said[-1]

    @property
    def texts(self) -> list[str]:
        """All that stands, in order."""
        return [said.text for said in self.platform.said]


@asynccontextmanager
async def talking(
    store: Store,
    platform: MemoryPlatform | None = None,
    listeners: Sequence[Listener] = (),
    commands: Sequence[Blueprint] = (),
    trusted: frozenset[str] = frozenset(),
) -> AsyncIterator[Talk]:
    """Open a conversation, and close it as a stopping program does."""
    talk = Talk(store, platform or MemoryPlatform(), listeners, commands, trusted)
    talk.outbox.start()
    await talk.conversation.replay()
    listening = asyncio.create_task(talk.platform.run(talk.conversation.receive))
    await talk.platform.connected.wait()
    try:
        yield talk
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await talk.conversation.stop()
        await talk.outbox.stop()
