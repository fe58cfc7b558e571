"""The bot of the benchmarks: an organisation of ten, in ten places, on the platform in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from chatops.bootstrap import House, opened, working
from chatops.clock import utc_now
from chatops.config import Settings, load
from chatops.conversation.addresses import Member, Place
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import Role
from chatops.store import Store
from chatops.testing import MemoryPlatform

MEMBERS = [Member("memory", "home", f"U{n}", f"Member {n}") for n in range(10)]
PLACES = [Place("memory", "home", f"C{n}") for n in range(10)]


@dataclass(frozen=True)
class Bot:
    """A bot that runs."""

    house: House
    platform: MemoryPlatform


def settings_in(folder: Path) -> Settings:
    """Return settings that keep everything in a folder."""
    return load(
        None,
        {
            "QUITX_STORE__URL": f"sqlite:///{folder / 'quitx.db'}",
            "QUITX_VAULT__KEY_FILE": str(folder / "quitx.key"),
            "QUITX_ARCHIVE__INBOX": str(folder / "inbox"),
            "QUITX_ARCHIVE__KEPT": str(folder / "kept"),
        },
    )


async def peopled(store: Store, members: Sequence[Member], places: Sequence[Place]) -> None:
    """Make an organisation with these places, whose editors are these members."""
    organisations, people = Organisations(store, utc_now), People(store, utc_now)
    first = places[0].spot
    made = await organisations.found(
        "The Shared Gardens",
        "en",
        "Europe/Paris",
        (first.platform, first.workspace, first.channel),
    )
    async with store.write() as connection:
        for place in places[1:]:
            await Places(store, utc_now).add(connection, made.id, place.spot)
    for member in members:
        person = await people.recognise(member.who, member.name)
        await people.grant(made.id, person.id, Role.EDITOR)


@asynccontextmanager
async def standing(folder: Path) -> AsyncIterator[Bot]:
    """Run the whole program with the platform in memory."""
    platform = MemoryPlatform()
    async with opened(settings_in(folder), lambda _ground: (platform,)) as house, working(house):
        await peopled(house.store, MEMBERS, PLACES)
        running = asyncio.create_task(platform.run(house.conversation.receive))
        await platform.connected.wait()
        try:
            yield Bot(house, platform)
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
