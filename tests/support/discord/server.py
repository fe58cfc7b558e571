"""`DiscordServer`: the whole double."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

import yarl
from aiohttp import web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.support.discord.api import Api
from tests.support.discord.applications import Application
from tests.support.discord.buckets import Buckets
from tests.support.discord.clock import Clock
from tests.support.discord.description import described
from tests.support.discord.faults import Faults
from tests.support.discord.gateway import Gateway
from tests.support.discord.intents import privileges
from tests.support.discord.interactions import Interaction
from tests.support.discord.people import Person
from tests.support.discord.permissions import EVERYONE
from tests.support.discord.places import Guild
from tests.support.discord.recording import Call, Callback, Record, Violation
from tests.support.discord.records import Role, User
from tests.support.discord.world import World

_ELSEWHERE = 0.03


class DiscordServer:
    """One Discord on a loopback port of its own.

    Args:
        validating: Whether requests and replies are held against Discord's API description; for
            measuring speed it can be left out.
    """

    def __init__(self, *, validating: bool = True) -> None:
        description = described() if validating else None
        self.world = World()
        self.faults = Faults()
        self._record = Record()
        self._api = Api(self.world, self._record, self.faults, description)
        self.gateway = Gateway(self.world, description, self._record.blame)
        self.world.on_touch(self._look_again)
        self.world.introduce = self._introduce
        self._changed = asyncio.Event()
        self._runner: web.AppRunner | None = None
        self._port = 0

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop it; fail where a violation stands that no test took."""
        await self.stop()
        if error is None and self.violations:
            raise AssertionError("\n".join(str(each) for each in self.violations))

    @property
    def api_url(self) -> str:
        """What stands for `https://discord.com/api/v10`."""
        return f"{self.world.address}/api/v10"

    @property
    def gateway_url(self) -> str:
        """What stands for `wss://gateway.discord.gg/`."""
        return f"ws://127.0.0.1:{self._port}/gw/"

    @property
    def clock(self) -> Clock:
        """Its time."""
        return self.world.clock

    @property
    def buckets(self) -> Buckets:
        """Its rate limits."""
        return self._api.buckets

    @property
    def calls(self) -> list[Call]:
        """Every request, in order."""
        return self._record.calls

    @property
    def callbacks(self) -> list[Callback]:
        """Every first answer to an interaction that was taken, with its latency."""
        return self._record.callbacks

    @property
    def violations(self) -> list[Violation]:
        """What the real Discord would refuse, ignore, or never say."""
        return self._record.violations

    def take_violations(self) -> list[Violation]:
        """Return the violations and forget them: they were expected."""
        taken = list(self._record.violations)
        self._record.violations.clear()
        return taken

    def called(self, route: str) -> list[Call]:
        """Return the requests of one route, as `POST /channels/{channel_id}/messages`."""
        return [call for call in self.calls if call.route == route]

    async def start(self) -> None:
        """Listen; after `stop`, on the same port and with everything as it was."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/gw/", self.gateway.serve)
        self._api.add_to(app)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self.world.address = f"http://127.0.0.1:{self._port}"

    async def stop(self) -> None:
        """Break every connection and listen no more; everything is kept."""
        if self._runner is not None:
            self.gateway.abort()
            await self._runner.cleanup()
            self._runner = None

    def application(
        self, name: str, *, token: str, privileged: tuple[str, ...] = ()
    ) -> Application:
        """Register an application with its bot.

        Args:
            privileged: Of "members", "presences", "message_content": what its owner switched on.
        """
        world = self.world
        id_ = world.id()
        bot = User(id_, name, bot=True)
        world.users[id_] = bot
        application = Application(world, id_, name, token, bot, privileges(privileged))
        application.on_revoked.append(self.gateway.revoked)
        world.applications[id_] = application
        return application

    def guild(self, name: str, *, locale: str = "en-US") -> Guild:
        """Make a guild, with an owner who says nothing."""
        world = self.world
        owner = User(world.id(), f"{name} owner")
        world.users[owner.id] = owner
        id_ = world.id()
        everyone = Role(id_, "@everyone", EVERYONE, 0)
        guild = Guild(world, id_, name, owner, everyone, world.clock.now(), locale)
        world.guilds[id_] = guild
        guild.join(owner)
        return guild

    def interactions(self) -> list[Interaction]:
        """Return every interaction, in order."""
        return list(self.world.interactions.values())

    async def until(self, condition: Callable[[], object], *, within: float = 5.0) -> None:
        """Wait until something holds, looking again whenever anything happens here."""
        if not await self.wait(condition, within=within):
            raise AssertionError(f"not within {within} seconds")

    async def wait(self, condition: Callable[[], object], *, within: float) -> bool:
        """Wait until something holds; return whether it did in time."""
        try:
            async with asyncio.timeout(within):
                while not condition():
                    self._changed.clear()
                    await self._change()
        except TimeoutError:
            return bool(condition())
        return True

    async def _change(self) -> None:
        """Wait until something happened here, or a little, for what happens elsewhere."""
        try:
            async with asyncio.timeout(_ELSEWHERE):
                await self._changed.wait()
        except TimeoutError:
            return

    async def connected(self, application: Application, *, within: float = 5.0) -> None:
        """Wait until a bot has a session."""
        await self.until(lambda: self.gateway.sessions(application), within=within)

    @contextmanager
    def wired(self) -> Iterator[None]:
        """Point discord.py here, and back to where it was afterwards."""
        before = (Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY)
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = self.api_url, yarl.URL(self.gateway_url)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    def _introduce(self, user: User) -> Person:
        person = Person(self.world, user, self.faults, self.wait)
        self.world.people[user.id] = person
        return person

    def _look_again(self) -> None:
        self._changed.set()
