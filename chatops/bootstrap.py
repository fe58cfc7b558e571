"""The composition root: the only place that knows every room.

`House.built` makes the rooms from the settings, in the order in which they stand on each other, and
opens them for as long as it is used. Adapters are imported here, each only if it is configured.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar, cast

from chatops.clock import Clock, utc_now
from chatops.config import Settings
from chatops.conversation.dispatch import Conversation
from chatops.conversation.outbox import Outbox
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.engine import DurableEngine, Engine
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.ledger import Ledger
from chatops.migrations.service import Migrations
from chatops.migrations.sources import Sources
from chatops.migrations.work import Work
from chatops.organisations.accounts import Accounts
from chatops.organisations.directory import EVERYWHERE, Organisations
from chatops.organisations.vault import Vault, key_from_file
from chatops.posts.network import NetworkName, SocialNetwork
from chatops.publishing.networks import Networks
from chatops.publishing.publisher import Publisher
from chatops.publishing.rehearsals import Rehearsals
from chatops.store import Store

S = TypeVar("S")

CONSOLE = "console"
_TRUSTED = frozenset({CONSOLE})


@dataclass(frozen=True, slots=True)
class House:
    """Every room, open."""

    settings: Settings
    store: Store
    engine: Engine
    registry: Registry
    outbox: Outbox
    conversation: Conversation
    services: Mapping[type[Any], object]

    def service(self, kind: type[S]) -> S:
        """Return the one service of a type."""
        return cast("S", self.services[kind])
