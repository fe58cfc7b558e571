"""The Matrix adapter on a real homeserver, with a test in the place of the core.

async with on_matrix(synapse_server, tmp_path) as stage:
await stage.amal.say(stage.room, "!quitx status")
event = await stage.bot.heard(CommandCalled)
await stage.bot.say(event, Reply(...))
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from adapters.matrix.pace import Pace
from adapters.matrix.platform import MatrixPlatform
from adapters.matrix.session import Access
from chatops.clock import utc_now
from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.events import Event
from chatops.conversation.heard import place_of
from chatops.conversation.reply import Reply
from chatops.language import ENGLISH, Speaker
from tests.support.matrix.person import PATIENCE, Person
from tests.support.matrix.synapse import Account, SynapseServer

E = TypeVar("E", bound=Event)

HURRIED = Pace(answer=5.0, poll=2.0, state=20.0, first=0.05, longest=0.4, refused=0.5, late=20.0)


class Drawer:
    """Keeps secrets in memory, as the vault does in the store."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    async def open(self, name: str) -> str | None:
        """Return a secret."""
        return self.kept.get(name)

    async def keep(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self.kept[name] = secret


class Bot:
    """The adapter, running, and what it heard.

    Args:
        known: Ids of events that were heard before; as the core does, each is taken once.
    """

    def __init__(self, platform: MatrixPlatform, known: set[str] | None = None) -> None:
        self.platform = platform
        self.events: list[Event] = []
        self.told: list[str] = []
        """The ids of all events, those that were heard before too."""
        self.known = set() if known is None else known
        self.answer: Callable[[Event], Awaitable[object]] | None = None
        self.broken = 0
        """How many events from now on cannot be stored."""
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
        await self.until(lambda: self.state == "connected", within)

    @property
    def state(self) -> str:
        """How it is connected."""
        return self.platform.connections[0].state

    async def until(self, condition: Callable[[], object], within: float = PATIENCE) -> None:
        """Wait until something holds, looking again all the time."""
        assert self.running is not None
        try:
            async with asyncio.timeout(within):
                while not condition():
                    assert not self.running.done(), self.running
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"not within {within} seconds; heard: {self.events}") from None

    async def heard(self, kind: type[E], number: int = 1, within: float = PATIENCE) -> E:
        """Wait for so many events of a kind; return the last of them."""
        await self.until(lambda: len(self.all(kind)) >= number, within)
        return self.all(kind)[number - 1]

    async def say(
        self, event: Event, reply: Reply, speaker: Speaker = ENGLISH, *, key: str = ""
    ) -> MessageRef:
        """Answer an event as the core does."""
        address = Address(place_of(event), None, event.event_id)
        key = key or f"matrix:{event.event_id}"
        return await self.platform.send(address, reply, speaker, key=key)

    async def tell(self, place: Place, reply: Reply, key: str) -> MessageRef:
        """Say something that answers nothing."""
        return await self.platform.send(Address(place), reply, ENGLISH, key=key)

    def all(self, kind: type[E]) -> list[E]:
        """Return the events of a kind."""
        return [event for event in self.events if isinstance(event, kind)]


class Stage:
    """A homeserver with Amal, the bot's account, and a room for both.

    Args:
        homeserver: Where the bot connects.
    """

    def __init__(
        self, server: SynapseServer, folder: Path, amal: Person, homeserver: str, pace: Pace
    ) -> None:
        self.server = server
        self.amal = amal
        self.folder = folder
        self.homeserver = homeserver
        self.pace = pace
        self.account: Account = server.create_account("QuitX")
        self.drawer = Drawer()
        self.allowed = [server.server_name]
        self.room = ""
        self.bot = self.new_bot()

    @property
    def place(self) -> Place:
        """The room, as the core knows it."""
        return Place("matrix", "", self.room)

    @property
    def device(self) -> str:
        """The device as which the bot is logged in."""
        return str(self.bot.platform._connecting.line().client.device_id)

    @property
    def token(self) -> str:
        """The access token that the bot keeps for itself."""
        [kept] = [each for each in self.drawer.kept.values() if "access_token" in each]
        return str(json.loads(kept)["access_token"])

    def new_bot(self, known: set[str] | None = None, **access: Any) -> Bot:  # noqa: ANN401 - as `Access`
        """Make the adapter, with nothing in memory."""
        given = access or {"user": self.account.user_id, "password": self.account.password}
        platform = MatrixPlatform(
            Access(self.homeserver, **given),
            store_dir=self.folder / "matrix",
            allow_invites=self.allowed,
            secrets=self.drawer,
            clock=utc_now,
            pace=self.pace,
        )
        return Bot(platform, known)

    async def bot_is_known(self) -> None:
        """Wait until Amal's client knows the device as which the bot is logged in."""
        if self.amal.client.rooms[self.room].encrypted:
            devices = self.amal.client.device_store
            user = self.account.user_id
            await self.amal.until(
                lambda: self.device in {each.id for each in devices.active_user_devices(user)}
            )

    async def bot_sees(self, user_id: str) -> None:
        """Wait until the bot knows that somebody is in the room."""
        rooms = self.bot.platform._connecting.line().client.rooms

        def there() -> bool:
            user = rooms[self.room].users.get(user_id)
            return user is not None and not user.invited

        await self.bot.until(there)

    async def restart(self, **access: Any) -> None:  # noqa: ANN401 - as `Access`
        """End the bot and start it anew, with nothing in memory but what the core keeps."""
        await self.bot.stop()
        self.bot = self.new_bot(self.bot.known, **access)
        self.bot.start()
        await self.bot.connected()

    async def meet(
        self, name: str = "general", *, encrypted: bool = False, others: Sequence[str] = ()
    ) -> str:
        """Open a room with Amal and the bot in it."""
        room = await self.amal.open_room(
            name, invite=[self.account.user_id, *others], encrypted=encrypted
        )
        await self.amal.with_member(room, self.account.user_id)
        await self.bot.until(lambda: self.bot.platform._connecting.line().rooms.knows(room))
        return room


@asynccontextmanager
async def on_matrix(
    server: SynapseServer,
    folder: Path,
    *,
    encrypted: bool = False,
    connected: bool = True,
    homeserver: str = "",
    pace: Mapping[str, float] | None = None,
) -> AsyncIterator[Stage]:
    """Open a homeserver with the bot connected and in a room with Amal."""
    async with Person(server, "Amal") as amal:
        hurried = msgspec.structs.replace(HURRIED, **(pace or {}))
        stage = Stage(server, folder, amal, homeserver or server.url, hurried)
        try:
            if connected:
                stage.bot.start()
                await stage.bot.connected()
                stage.room = await stage.meet(encrypted=encrypted)
            yield stage
        finally:
            await stage.bot.stop()
