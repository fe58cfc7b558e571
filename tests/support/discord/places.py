"""Guilds and channels: how a test furnishes them, and what their administrators do."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tests.support.discord import announcing
from tests.support.discord.permissions import NOTHING, Permission, named
from tests.support.discord.records import ChannelKind, Member, Message, Overwrite, Role, User

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.people import Person
    from tests.support.discord.world import World

_ONE_DAY = 1440
_THREADS = (ChannelKind.PUBLIC_THREAD, ChannelKind.PRIVATE_THREAD)


def identity(somebody: User | Person | Application | Role) -> str:
    """Return the id under which somebody is a member, or of a role."""
    if isinstance(somebody, (User, Role)):
        return somebody.id
    return somebody.user.id


@dataclass(eq=False, slots=True, repr=False)
class Channel:
    """A text channel, a direct conversation, or a thread.

    Args:
        recipients: The ids of who talks in a direct conversation.
        joined: The ids of who joined a thread.
    """

    world: World
    id: str
    kind: ChannelKind
    name: str
    created: datetime
    guild: Guild | None = None
    parent: Channel | None = None
    owner: User | None = None
    recipients: list[str] = field(default_factory=list)
    overwrites: dict[str, Overwrite] = field(default_factory=dict)
    joined: list[str] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    archived: bool = False
    locked: bool = False
    auto_archive: int = _ONE_DAY
    topic: str | None = None

    @property
    def is_thread(self) -> bool:
        """Whether it hangs on another channel."""
        return self.kind in _THREADS

    def thread(self, name: str, by: User | Person, *, private: bool = False) -> Channel:
        """Open a thread in it, as a person does."""
        kind = ChannelKind.PRIVATE_THREAD if private else ChannelKind.PUBLIC_THREAD
        owner = self.world.users[identity(by)]
        return open_thread(self, name, kind, owner)

    def forbid(self, whom: User | Person | Application | Role, *permissions: str) -> None:
        """Take permissions from somebody, in this channel."""
        self._overwrite(whom, NOTHING, named(permissions))

    def allow(self, whom: User | Person | Application | Role, *permissions: str) -> None:
        """Give permissions to somebody, in this channel."""
        self._overwrite(whom, named(permissions), NOTHING)

    def delete(self) -> None:
        """Remove it, with everything in it."""
        announcing.channel_gone(self)
        for channel in list(self.world.channels.values()):
            if channel.parent is self:
                del self.world.channels[channel.id]
        del self.world.channels[self.id]
        self.world.touch()

    def _overwrite(
        self,
        whom: User | Person | Application | Role,
        allow: Permission,
        deny: Permission,
    ) -> None:
        id_ = identity(whom)
        old = self.overwrites.get(id_, Overwrite(NOTHING, NOTHING, not isinstance(whom, Role)))
        self.overwrites[id_] = Overwrite(
            (old.allow | allow) & ~deny, (old.deny | deny) & ~allow, old.member
        )
        announcing.channel_changed(self)


@dataclass(eq=False, slots=True, repr=False)
class Guild:
    """A server, as Discord calls it towards people."""

    world: World
    id: str
    name: str
    owner: User
    everyone: Role
    created: datetime
    locale: str = "en-US"
    members: dict[str, Member] = field(default_factory=dict)
    roles: list[Role] = field(default_factory=list)
    unavailable: bool = False

    @property
    def channels(self) -> list[Channel]:
        """Its channels, without threads."""
        return [c for c in self.world.channels.values() if c.guild is self and not c.is_thread]

    @property
    def threads(self) -> list[Channel]:
        """Its threads that are not archived."""
        return [
            c
            for c in self.world.channels.values()
            if c.guild is self and c.is_thread and not c.archived
        ]

    def person(
        self, name: str, *, locale: str = "en-US", permissions: tuple[str, ...] = ()
    ) -> Person:
        """Make a new person who joins it, with a role of their own for what they may do here."""
        user = User(self.world.id(), name, locale=locale)
        self.world.users[user.id] = user
        person = self.world.introduce(user)
        self.join(person)
        if permissions:
            self.give(person, self.role(f"{name}'s", *permissions))
        return person

    def join(self, who: User | Person) -> None:
        """Let a user in."""
        self._enter(self.world.users[identity(who)])

    def add(self, application: Application, *permissions: str) -> None:
        """Invite an application with its bot, which gets a role with these permissions."""
        role = self._new_role(application.name, named(permissions), managed=True)
        self._enter(application.bot, role)
        announcing.guild_here(self, application)

    def role(self, name: str, *permissions: str, mentionable: bool = False) -> Role:
        """Make a role."""
        role = self._new_role(name, named(permissions), mentionable=mentionable)
        announcing.role_made(self, role)
        return role

    def give(self, who: User | Person | Application, role: Role) -> None:
        """Give somebody a role."""
        member = self.members[identity(who)]
        member.roles.append(role)
        announcing.member_changed(member)

    def take(self, who: User | Person | Application, role: Role) -> None:
        """Take a role from somebody."""
        member = self.members[identity(who)]
        member.roles.remove(role)
        announcing.member_changed(member)

    def forbid(self, *permissions: str) -> None:
        """Take permissions from everyone."""
        self.everyone.permissions &= ~named(permissions)
        announcing.role_changed(self, self.everyone)

    def channel(
        self, name: str, *, readers: tuple[User | Person | Application, ...] | None = None
    ) -> Channel:
        """Make a text channel; with readers it is private to them."""
        channel = Channel(
            self.world, self.world.id(), ChannelKind.TEXT, name, self.world.clock.now(), self
        )
        if readers is not None:
            view = Permission.VIEW_CHANNEL
            channel.overwrites[self.everyone.id] = Overwrite(NOTHING, view, member=False)
            for reader in readers:
                channel.overwrites[identity(reader)] = Overwrite(view, NOTHING, member=True)
        self.world.channels[channel.id] = channel
        announcing.channel_made(channel)
        return channel

    def kick(self, who: User | Person | Application) -> None:
        """Put a member out; a bot is told that the guild is gone."""
        member = self.members.pop(identity(who))
        self.roles[:] = [role for role in self.roles if not (role.managed and role in member.roles)]
        announcing.member_gone(member)

    def outage(self) -> None:
        """Let Discord have trouble with this guild: unavailable, until `recover`."""
        self.unavailable = True
        announcing.guild_out(self)

    def recover(self) -> None:
        """End the outage."""
        self.unavailable = False
        announcing.guild_back(self)

    def _enter(self, user: User, *roles: Role) -> None:
        member = Member(self, user, self.world.clock.now(), list(roles))
        self.members[user.id] = member
        announcing.member_here(member)

    def _new_role(
        self,
        name: str,
        permissions: Permission,
        *,
        managed: bool = False,
        mentionable: bool = False,
    ) -> Role:
        position = len(self.roles) + 1
        role = Role(self.world.id(), name, permissions, position, managed, mentionable)
        self.roles.append(role)
        return role


def open_thread(
    channel: Channel, name: str, kind: ChannelKind, owner: User, *, id_: str | None = None
) -> Channel:
    """Open a thread that its owner has joined."""
    world = channel.world
    thread = Channel(
        world, id_ or world.id(), kind, name, world.clock.now(), channel.guild, channel, owner
    )
    thread.joined.append(owner.id)
    world.channels[thread.id] = thread
    announcing.thread_made(thread)
    return thread


def open_direct(world: World, first: User, second: User) -> Channel:
    """Return the direct conversation of two users, opened where there is none."""
    channel = world.direct(first, second)
    if channel is None:
        channel = Channel(
            world,
            world.id(),
            ChannelKind.DIRECT,
            "",
            world.clock.now(),
            recipients=[first.id, second.id],
        )
        world.channels[channel.id] = channel
    return channel
