"""A workspace with people, the bot connected to it, and what the bot has heard."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from adapters.slack.home import Home
from adapters.slack.manifest import manifest
from adapters.slack.pace import Pace
from adapters.slack.platform import SlackPlatform
from chatops.clock import Clock, utc_now
from chatops.conversation import builtins
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.events import Event
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Block, Reply
from chatops.language import ENGLISH
from tests.support import toy_commands
from tests.support.slack import SlackServer
from tests.support.slack.apps import App, Bot
from tests.support.slack.people import Person
from tests.support.slack.places import Channel, Team

E = TypeVar("E")

REGISTRY = Registry([toy_commands.blueprint, builtins.blueprint])

HURRIED = Pace(
    pulse=0.1,
    quiet=60,
    check=0.2,
    refused=0.4,
    first=0.05,
    longest=0.3,
    settled=0.2,
    overlap=0.1,
)
"""A pace at which tests can see what takes minutes."""


class Stage:
    """Everybody and everything that a test of the adapter needs.

    Args:
        heard: What was handed to the core, oldest first.
    """

    def __init__(self, server: SlackServer, app: App, team: Team, bot: Bot) -> None:
        self.server = server
        self.app = app
        self.team = team
        self.bot = bot
        self.amal: Person = team.person("Amal", locale="fr-FR")
        self.ben: Person = team.person("Ben")
        self.general: Channel = team.channel("general", self.amal, self.ben, bot)
        self.heard: list[Event] = []
        self.refusing: Exception | None = None
        self.platform: SlackPlatform
        self.running: asyncio.Task[None]
        self._numbers = iter(range(1_000_000))

    @property
    def place(self) -> Place:
        """The general channel, as the adapter names it."""
        return Place("slack", self.team.id, self.general.id)

    def member(self, person: Person) -> Member:
        """Return a person, as the adapter names them."""
        return Member("slack", self.team.id, person.id, person.name, person.user.locale)

    async def inbox(self, event: Event) -> None:
        """Take an event, unless the store is broken."""
        if self.refusing is not None:
            raise self.refusing
        self.heard.append(event)

    async def hears(self, kind: type[E], count: int = 1) -> E:
        """Wait until so many events of a kind were heard; return the last one."""
        await self.server.until(lambda: len(self.all_heard(kind)) >= count)
        return self.all_heard(kind)[-1]

    def all_heard(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""
        return [event for event in self.heard if isinstance(event, kind)]

    async def restart(self) -> None:
        """Stop the platform, and run it anew as after a crash."""
        self.running.cancel()
        await asyncio.gather(self.running, return_exceptions=True)
        await self.server.until(lambda: not self.app.connections)
        self.running = asyncio.create_task(self.platform.run(self.inbox))
        await self.server.connected(self.app)

    async def say(
        self,
        *blocks: Block,
        key: str = "",
        place: Place | None = None,
        to: Person | None = None,
        answering: str = "",
    ) -> MessageRef:
        """Say something as the core does."""
        address = Address(place or self.place, None if to is None else self.member(to), answering)
        key = key or f"{self.team.id}-{next(self._numbers)}"
        reply = Reply(blocks, private=to is not None)
        return await self.platform.send(address, reply, ENGLISH, key=key)


@asynccontextmanager
async def on_stage(
    *,
    declared: Mapping[str, Any] | None = None,
    home: Home | None = None,
    clock: Clock = utc_now,
    pace: Pace = HURRIED,
    prepare: Callable[[Stage], None] | None = None,
) -> AsyncIterator[Stage]:
    """Open a workspace with the bot connected to it.

    Args:
        declared: The app's manifest; the adapter's own without it.
        prepare: Sets the stage before the bot connects.
    """
    async with SlackServer() as server:
        app = server.app(manifest(REGISTRY) if declared is None else declared)
        team = server.team("Les Amis")
        stage = Stage(server, app, team, team.install(app))
        if prepare is not None:
            prepare(stage)
        stage.platform = SlackPlatform(
            bot_tokens=[stage.bot.token],
            app_tokens=[app.token],
            registry=REGISTRY,
            api_url=server.api_url,
            home=home,
            clock=clock,
            pace=pace,
        )
        async with running(stage.platform, stage):
            await server.until(
                lambda: all(each.state == "connected" for each in stage.platform.connections)
            )
            yield stage


@asynccontextmanager
async def running(platform: SlackPlatform, stage: Stage) -> AsyncIterator[None]:
    """Run a platform into the stage's inbox."""
    stage.running = asyncio.create_task(platform.run(stage.inbox))
    try:
        yield
        assert not stage.running.done(), stage.running
    finally:
        stage.running.cancel()
        await asyncio.gather(stage.running, return_exceptions=True)
