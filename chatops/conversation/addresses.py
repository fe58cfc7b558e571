"""Who speaks and where: the names that every chat platform shares."""

from __future__ import annotations

from msgspec import Struct

from chatops.organisations.records import MemberId, Spot


class Place(Struct, frozen=True):
    """Where a message can go.

    Args:
        platform: The platform's name: "console", "slack", "discord", "matrix".
        workspace: The workspace, server or home server.
        channel: The channel or room; for a direct conversation, the platform's own id of it.
        thread: The thread inside the channel, empty for none.
        direct: Whether only one member and the bot are there.
        shared: Whether guests, other organisations or the public read it too.
    """

    platform: str
    workspace: str
    channel: str
    thread: str = ""
    direct: bool = False
    shared: bool = False

    @classmethod
    def at(cls, spot: Spot) -> Place:
        """Return the place that a channel or room is."""
        return cls(spot.platform, spot.workspace, spot.channel)

    @property
    def spot(self) -> Spot:
        """The channel or room that it is in, which organisations keep."""
        return Spot(self.platform, self.workspace, self.channel)


class Member(Struct, frozen=True):
    """A user of one platform.

    Args:
        language: The language that the platform knows of the member, empty where it knows none.
    """

    platform: str
    workspace: str
    id: str
    name: str
    language: str = ""

    @property
    def who(self) -> MemberId:
        """Who it is, whatever they are called at the moment."""
        return MemberId(self.platform, self.workspace, self.id)


class MessageRef(Struct, frozen=True):
    """A message that stands on a platform."""

    place: Place
    id: str


class Address(Struct, frozen=True):
    """Where a reply goes.

    Args:
        to: The only member who may see it; None where everybody in the place may.
        answering: The event that it answers, so that a platform can use what only that event
            allows (a response address, a deferred interaction); empty for messages on their own.
    """

    place: Place
    to: Member | None = None
    answering: str = ""
