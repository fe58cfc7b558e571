"""The Discord adapter on its double, with a test in the place of the core.

async with on_discord() as stage:
    called = await stage.amal.slash(stage.room, "quitx greet", name="Zoé")
    event = await stage.heard(FormSubmitted)
    await stage.say(event, Reply(...))
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

from adapters.discord.platform import DiscordPlatform
from chatops.clock import utc_now
from chatops.conversation import builtins
from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.events import Event
from chatops.conversation.heard import place_of
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Reply
from chatops.language import ENGLISH, Speaker
from tests.support import toy_commands
from tests.support.discord import DiscordServer, Guild
from tests.support.discord.applications import Application

E = TypeVar("E", bound=Event)

PATIENCE = 5.0

ALL_INTENTS = ("members", "message_content")


def toys() -> Registry:
    """Return the commands of the toy bot."""
    return Registry([toy_commands.blueprint, builtins.blueprint])


class Bot:
    """The adapter, running, and what it heard.

    Args:
        known: Ids of events that were heard before; as the core does, each is taken once.
    """

    def __init__(
        self,
        server: DiscordServer,
        token: str,
        known: set[str] | None = None,
        registry: Registry | None = None,
    ) -> None:
        self.platform = DiscordPlatform(
            token,
            registry or toys(),
            utc_now,
            api_url=server.api_url,
            gateway_url=server.gateway_url,
        )
        self.events: list[Event] = []
        self.told: list[str] = []
        """The ids of all events, those that were heard before too."""
        self.known = set() if known is None else known
        self.answer: Callable[[Event], Awaitable[object]] | None = None
        self.broken = 0
        """How many events from now on cannot be stored."""
        self._changed = asyncio.Event()
        self.running: asyncio.Task[None] | None = None

    async def hear(self, event: Event) -> None:
        """Take an event, once."""
        if self.broken:
            self.broken -= 1
            raise OSError("the disk is full")
        self.told.append(event.event_id)
        if event.event_id not in self.known:
            self.known.add(event.event_id)
            self.events.append(event)
            if self.answer is not None:
                await self.answer(event)
        self._changed.set()

    def start(self) -> None:
        """Connect."""
        self.running = asyncio.create_task(self.platform.run(self.hear))

    async def stop(self) -> None:
        """Disconnect."""
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)

    async def connected(self, within: float = PATIENCE) -> None:
        """Wait until it is connected."""
        await self.until(lambda: self.platform.connections[0].state == "connected", within)

    async def until(self, condition: Callable[[], object], within: float = PATIENCE) -> None:
        """Wait until something holds, looking again all the time."""
        assert self.running is not None
        try:
            async with asyncio.timeout(within):
                while not condition():
                    assert not self.running.done(), self.running
                    await asyncio.sleep(0.005)
        except TimeoutError:
            raise AssertionError(f"not within {within} seconds; heard: {self.events}") from None

    async def heard(self, kind: type[E], number: int = 1) -> E:
        """Wait for so many events of a kind; return the last of them."""
        await self.until(lambda: len(self._of(kind)) >= number)
        return self._of(kind)[number - 1]

    async def say(
        self,
        event: Event,
        reply: Reply,
        speaker: Speaker = ENGLISH,
        *,
        key: str = "",
    ) -> MessageRef:
        """Answer an event as the core does."""
        to = getattr(event, "member", None) if reply.private else None
        address = Address(place_of(event), to, event.event_id)
        key = key or f"discord:{event.event_id}"
        return await self.platform.send(address, reply, speaker, key=key)

    async def tell(self, place: Place, reply: Reply, key: str) -> MessageRef:
        """Say something that answers nothing."""
        return await self.platform.send(Address(place), reply, ENGLISH, key=key)

    def _of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]


class Stage:
    """A Discord with one server, one channel and Amal, who speaks French; and the bot."""

    def __init__(
        self,
        server: DiscordServer,
        application: Application,
        guild: Guild,
        registry: Registry | None = None,
    ) -> None:
        self.server = server
        self.application = application
        self.guild = guild
        self.room = guild.channel("general")
        self.amal = guild.person("Amal", locale="fr")
        self.registry = registry
        self.bot = Bot(server, application.token, registry=registry)

    @property
    def place(self) -> Place:
        """The channel, as the core knows it."""
        return Place("discord", self.guild.id, self.room.id)

    async def begin(self) -> None:
        """Connect the bot, and wait until its command is known."""
        self.bot.start()
        await self.bot.connected()
        await self.server.until(self.application.commands)
        await self.server.connected(self.application)

    async def restart(self) -> None:
        """End the bot and start it anew, with nothing in memory but what the core keeps."""
        await self.bot.stop()
        self.bot = Bot(self.server, self.application.token, self.bot.known, self.registry)
        await self.begin()


@asynccontextmanager
async def on_discord(
    *,
    intents: tuple[str, ...] = ALL_INTENTS,
    connected: bool = True,
    registry: Registry | None = None,
) -> AsyncIterator[Stage]:
    """Open a Discord, with the bot connected and its command known."""
    async with DiscordServer() as server:
        application = server.application("QuitX", token="good", privileged=intents)
        guild = server.guild("Les Amis")
        guild.add(application)
        stage = Stage(server, application, guild, registry)
        with server.wired():
            try:
                if connected:
                    await stage.begin()
                yield stage
            finally:
                await stage.bot.stop()
