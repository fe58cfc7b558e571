"""Workspaces and their channels, and what administrators do to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tests.support.slack.apps import App, Bot
from tests.support.slack.records import Impossible, Json, Message, User
from tests.support.slack.scopes import ChannelKind

if TYPE_CHECKING:
    from tests.support.slack.people import Person
    from tests.support.slack.world import World


SLACKBOT = "USLACKBOT"
"""Who tells people what went wrong."""


class Somebody(Protocol):
    """A person or a bot."""

    @property
    def user(self) -> User:
        """Who that is in the workspace."""
        ...


class Channel:
    """A conversation; ephemeral messages are kept apart, each for its one reader."""

    def __init__(self, team: Team, name: str, kind: ChannelKind) -> None:
        prefix = {"channel": "C", "group": "C", "im": "D", "mpim": "G"}[kind]
        self.id = team.world.names.id(prefix)
        self.team = team
        self.name = name
        self.kind: ChannelKind = kind
        self.shared = False
        self.archived = False
        self.deleted = False
        self.read_only = False
        self.members: set[str] = set()
        self.messages: dict[str, Message] = {}
        self._threads: dict[str, list[Message]] = {}
        self.ephemeral: list[Message] = []

    @property
    def private(self) -> bool:
        """Whether only its members know of it."""
        return self.kind != "channel"

    @property
    def _family(self) -> str:
        return "channel" if self.kind == "channel" else "group"

    def has(self, who: Somebody) -> bool:
        """Tell whether somebody is a member."""
        return who.user.id in self.members

    def find(self, ts: str) -> Message | None:
        """Return the message that stands under this timestamp, ephemeral ones left out."""
        message = self.messages.get(ts)
        return None if message is None or message.deleted else message

    def keep(self, message: Message) -> None:
        """Let a message stand."""
        self.messages[message.ts] = message
        self._threads.setdefault(message.root, []).append(message)

    def thread(self, root: str) -> list[Message]:
        """Return a thread's standing messages, the first one first."""
        return [each for each in self._threads.get(root, ()) if not each.deleted]

    def standing(self) -> list[Message]:
        """Return the messages that were not deleted, oldest first."""
        return [each for each in self.messages.values() if not each.deleted]

    def invite(self, *members: Somebody) -> None:
        """Add people or bots."""
        for member in members:
            if member.user.id in self.members:
                continue
            self.members.add(member.user.id)
            if member.user.stranger:
                self.shared = True
            self.announce(
                {
                    "type": "member_joined_channel",
                    "user": member.user.id,
                    "channel": self.id,
                    "channel_type": self.id[0],
                    "team": self.team.id,
                }
            )

    def kick(self, who: Somebody) -> None:
        """Remove a person or a bot.

        A removed bot hears `channel_left` or `group_left`, and no `member_left_channel`: that is
        for those who remain.
        """
        self.members.discard(who.user.id)
        self.announce(
            {
                "type": "member_left_channel",
                "user": who.user.id,
                "channel": self.id,
                "channel_type": self.id[0],
                "team": self.team.id,
            }
        )
        for bot in self.team.bots:
            if bot.user_id == who.user.id:
                self.team.announce({"type": f"{self._family}_left", "channel": self.id}, only=bot)

    def rename(self, name: str) -> None:
        """Give it another name."""
        self.name = name
        self._changed("rename", {"channel": {"id": self.id, "name": name, "name_normalized": name}})

    def archive(self) -> None:
        """Close it: nobody can write there until it is opened again."""
        self.archived = True
        self._changed("archive", {"channel": self.id, "is_moved": 0})

    def unarchive(self) -> None:
        """Open it again."""
        self.archived = False
        self._changed("unarchive", {"channel": self.id})

    def delete(self) -> None:
        """Remove it with all that was said."""
        self._changed("deleted", {"channel": self.id})
        self.deleted = True

    def share(self) -> None:
        """Share it with another organisation."""
        self.shared = True
        self.announce({"type": "channel_shared", "channel": self.id})

    def announce(self, event: Json, *, subscription: str = "") -> None:
        """Tell the bots that are members."""
        self.team.announce(event, channel=self, subscription=subscription)

    def _changed(self, what: str, details: Json) -> None:
        """Tell of a change: of a public channel all bots, of a private one its members."""
        event = {"type": f"{self._family}_{what}", **details}
        if self.kind == "channel":
            self.team.announce(event)
        else:
            self.announce(event)


class Team:
    """A workspace with its people, channels and installed apps."""

    def __init__(self, world: World, name: str, domain: str) -> None:
        self.id = world.names.id("T")
        self.world = world
        self.name = name
        self.domain = domain
        self.users: dict[str, User] = {}
        self.channels: list[Channel] = []
        self.bots: list[Bot] = []

    def install(self, app: App, *, token: str = "") -> Bot:
        """Install an app: its bot gets a token with the scopes of the manifest."""
        user = User(
            self.world.names.id("U"),
            app.name,
            is_bot=True,
            bot_id=self.world.names.id("B"),
            app_id=app.id,
        )
        self.users[user.id] = user
        bot = Bot(app, self, token or f"xoxb-{self.id}-{user.id}", user)
        self.bots.append(bot)
        app.bots.append(bot)
        return bot

    def person(
        self,
        name: str,
        *,
        locale: str = "en-US",
        guest: bool = False,
        stranger: bool = False,
        is_bot: bool = False,
        admin: bool = False,
    ) -> Person:
        """Add somebody; a guest is restricted, a stranger comes from another organisation."""
        user = User(
            self.world.names.id("U"),
            name,
            locale=locale,
            guest=guest,
            stranger=stranger,
            is_bot=is_bot,
            admin=admin,
        )
        self.users[user.id] = user
        return self.world.person(self, user)

    def channel(
        self, name: str, *members: Somebody, private: bool = False, shared: bool = False
    ) -> Channel:
        """Make a channel with these members, who were there before anybody listened."""
        channel = Channel(self, name, "group" if private else "channel")
        channel.shared = shared or any(member.user.stranger for member in members)
        channel.members = {member.user.id for member in members}
        self.channels.append(channel)
        return channel

    def direct(self, *members: Somebody) -> Channel:
        """Return the direct conversation of these members, opened when first asked for."""
        kind: ChannelKind = "im" if len(members) == 2 else "mpim"
        ids = {member.user.id for member in members}
        for channel in self.channels:
            if channel.kind == kind and channel.members == ids:
                return channel
        channel = Channel(self, "directmessage" if kind == "im" else "mpdm", kind)
        channel.members = ids
        self.channels.append(channel)
        return channel

    def find(self, channel_id: str) -> Channel | None:
        """Return the channel of this id, or of this name where it begins with a hash."""
        for channel in self.channels:
            if not channel.deleted and channel_id in (channel.id, f"#{channel.name}"):
                return channel
        return None

    def bot(self, chosen: Bot | None = None) -> Bot:
        """Return the bot that is meant: the only one, unless another is named."""
        if chosen is not None:
            return chosen
        installed = [bot for bot in self.bots if bot.installed]
        if len(installed) != 1:
            raise Impossible(f"{len(installed)} apps are installed in {self.name}: say which")
        return installed[0]

    def named_user(self, user_id: str) -> str:
        """Return a user's name, or the id of one whom nobody knows."""
        if user_id == SLACKBOT:
            return "Slackbot"
        return self.users[user_id].name if user_id in self.users else user_id

    def named_channel(self, channel_id: str) -> str:
        """Return a channel's name, or the id of one that nobody knows."""
        found = self.find(channel_id)
        return found.name if found else channel_id

    def announce(
        self,
        event: Json,
        *,
        channel: Channel | None = None,
        subscription: str = "",
        only: Bot | None = None,
    ) -> None:
        """Tell the bots that subscribed to the event and may hear it.

        Args:
            channel: Only bots that are members of it hear.
            subscription: The subscription's name, where it is not the event's type.
            only: The one bot whom it concerns.
        """
        for bot in [only] if only else self.bots:
            if channel is not None and bot.user_id not in channel.members:
                continue
            self.world.courier.event(
                bot, event, subscription or event["type"], kind=channel.kind if channel else None
            )
