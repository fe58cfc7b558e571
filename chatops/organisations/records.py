"""Organisations, the people in them, and what they may do."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Literal

from msgspec import Struct

from chatops.language import Language, Text
from chatops.posts.network import NetworkName

Mode = Literal["practice", "live"]


class Role(Enum):
    """What a person may do in an organisation; nobody has one by default."""

    READER = "reader"
    EDITOR = "editor"
    APPROVER = "approver"
    ADMIN = "admin"

    def allows(self, needed: Role) -> bool:
        """Whether somebody with this role may do what needs the other."""
        return needed is self or needed is Role.READER or self is Role.ADMIN


class Organisation(Struct, frozen=True):
    """An association.

    Args:
        zone: Its IANA time zone.
        mode: In practice, the rehearsal network stands in for the real ones.
    """

    id: int
    name: str
    language: Language
    zone: str
    mode: Mode


class Person(Struct, frozen=True):
    """One human with one or more members.

    Args:
        language: What they chose, None to follow the organisation.
    """

    id: int
    name: str
    language: Language | None


class MemberId(Struct, frozen=True, order=True):
    """Which user of which platform; the same record is the same member."""

    platform: str
    workspace: str
    id: str


class Spot(Struct, frozen=True, order=True):
    """A channel or room, whatever its threads; the same record is the same place.

    Args:
        channel: Empty for the whole workspace.
    """

    platform: str
    workspace: str
    channel: str


class HeldPlace(Struct, frozen=True):
    """A place that belongs to an organisation.

    Args:
        home: Whether the organisation is told there what nobody asked for.
        lost: Whether the bot may not speak there at the moment.
    """

    id: int
    organisation_id: int
    spot: Spot
    home: bool
    lost: bool


class Colleague(Struct, frozen=True):
    """A person who has a role in an organisation."""

    person: Person
    roles: frozenset[Role]
    members: tuple[MemberId, ...]


class AccountRow(Struct, frozen=True):
    """An organisation's account on a network.

    Args:
        trouble: What is wrong with it, None for nothing.
    """

    id: int
    organisation_id: int
    network: NetworkName
    service: str
    key: str
    handle: str
    url: str
    connected_at: datetime
    last_success_at: datetime | None
    trouble: Text | None
