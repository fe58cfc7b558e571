"""All that this Discord knows, and how it tells of changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.discord.clock import Clock
from tests.support.discord.intents import Intent
from tests.support.discord.permissions import Permission, in_channel
from tests.support.discord.records import Attachment, ChannelKind, Json, User

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.interactions import Interaction
    from tests.support.discord.people import Person
    from tests.support.discord.places import Channel, Guild


@dataclass(frozen=True, slots=True)
class Event:
    """Something that gateway sessions are told.

    Args:
        shape: What one application is told.
        intents: Of which a session needs one; none means always.
        guild: Only to members of it.
        channel: Only to who sees it.
        only: To this application alone.
    """

    name: str
    shape: Callable[[Application], Json]
    intents: Intent = field(default_factory=lambda: Intent(0))
    guild: Guild | None = None
    channel: Channel | None = None
    only: Application | None = None

    def reaches(self, application: Application) -> bool:
        """Tell whether the application is somebody who may know of it."""
        if self.only is not None:
            return self.only is application
        if self.guild is not None and application.bot.id not in self.guild.members:
            return False
        if self.channel is None:
            return True
        return Permission.VIEW_CHANNEL in in_channel(self.channel, application.bot.id)


class World:
    """The state of one Discord; a server that is stopped and started again keeps it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.clock.on_advance = self._later
        self.users: dict[str, User] = {}
        self.people: dict[str, Person] = {}
        self.applications: dict[str, Application] = {}
        self.guilds: dict[str, Guild] = {}
        self.channels: dict[str, Channel] = {}
        self.attachments: dict[str, Attachment] = {}
        self.interactions: dict[str, Interaction] = {}
        self.tokens: dict[str, Interaction] = {}
        self.address = ""
        self.introduce: Callable[[User], Person] = _nobody
        self._watchers: list[Callable[[Event], None]] = []
        self._touched: list[Callable[[], None]] = []

    def watch(self, watcher: Callable[[Event], None]) -> None:
        """Call this with every event from now on."""
        self._watchers.append(watcher)

    def on_touch(self, listener: Callable[[], None]) -> None:
        """Call this whenever anything changed that somebody may wait for."""
        self._touched.append(listener)

    def tell(self, event: Event) -> None:
        """Send an event to every session that may know of it."""
        for watcher in self._watchers:
            watcher(event)
        self.touch()

    def touch(self) -> None:
        """Let who waits for something look again."""
        for listener in self._touched:
            listener()

    def _later(self) -> None:
        for interaction in self.interactions.values():
            if interaction.lost:
                interaction.settled.set()
        self.touch()

    def id(self) -> str:
        """Return a new snowflake."""
        return self.clock.snowflake()

    def direct(self, first: User, second: User) -> Channel | None:
        """Return the direct conversation of two users."""
        for channel in self.channels.values():
            if channel.kind is ChannelKind.DIRECT and {first.id, second.id} == set(
                channel.recipients
            ):
                return channel
        return None


def _nobody(user: User) -> Person:
    raise LookupError(user.name)
