"""`status` tells how the platforms are connected, and what somebody has to put in order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from chatops.bootstrap import House, opened, working
from chatops.clock import utc_now
from chatops.config import ArchiveSettings, Secret, Settings, StoreSettings, VaultSettings
from chatops.conversation.addresses import Member, Place
from chatops.conversation.events import PlaceLost
from chatops.language import _
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import Role, Spot
from chatops.testing import MemoryPlatform

ANNA = Member("slack", "T1", "U1", "Anna")
ROOM = Place("slack", "T1", "C1")


@asynccontextmanager
async def running(folder: Path, *platforms: MemoryPlatform) -> AsyncIterator[House]:
    """Run the whole house, as `quitx run` does, over platforms in memory."""
    settings = Settings(
        store=StoreSettings(url=Secret(f"sqlite:///{folder / 'quitx.db'}")),
        vault=VaultSettings(key_file=folder / "quitx.key"),
        archive=ArchiveSettings(inbox=folder / "inbox", kept=folder / "files"),
    )
    async with opened(settings, lambda _ground: platforms) as house, working(house):
        house.connections.start(house.conversation.receive)
        for platform in platforms:
            await platform.connected.wait()
        yield house
        await house.connections.stop()


async def at_home(house: House, *spots: Spot) -> None:
    """Give the first organisation places, and Anna the rights of an admin."""
    [organisation] = await house.organisations.all()
    for spot in spots:
        await places(house).settle(organisation.id, spot)
    people = People(house.store, utc_now, frozenset())
    person = await people.recognise(ANNA.who, ANNA.name)
    await people.grant(organisation.id, person.id, Role.ADMIN)


def places(house: House) -> Places:
    return Places(house.store, utc_now)


async def status(house: House, platform: MemoryPlatform) -> str:
    await platform.call(ANNA, ROOM, "status")
    await house.conversation.settled()
    return platform.said[-1].text


async def test_the_connections_of_the_organisations_platforms_are_told(tmp_path: Path) -> None:
    slack, matrix, discord = (MemoryPlatform(name) for name in ("slack", "matrix", "discord"))
    async with running(tmp_path, slack, matrix, discord) as house:
        await at_home(house, Spot("slack", "T1", "C1"), Spot("matrix", "x.test", "!room"))
        matrix._link.refused(_("The token was revoked."), _("Make a new one."))
        told = await status(house, slack)
    assert "Slack: connected since" in told
    assert "Matrix: not connected since" in told
    assert "The token was revoked. Make a new one." in told
    assert "Discord" not in told, "the organisation is not at home there"


async def test_a_connection_that_mends_itself_says_so(tmp_path: Path) -> None:
    slack = MemoryPlatform("slack")
    async with running(tmp_path, slack) as house:
        await at_home(house, Spot("slack", "T1", "C1"))
        slack._link.lost(_("Slack does not answer."))
        told = await status(house, slack)
    assert "Slack does not answer. It is tried again by itself." in told


async def test_lost_places_are_told(tmp_path: Path) -> None:
    slack = MemoryPlatform("slack")
    async with running(tmp_path, slack) as house:
        await at_home(house, Spot("slack", "T1", "C1"), Spot("slack", "T1", "C2"))
        await house.conversation.receive(PlaceLost("e1", Place("slack", "T1", "C2")))
        await house.conversation.settled()
        told = await status(house, slack)
    assert "In 1 place the bot may not speak any more" in told


async def test_what_is_heard_while_it_stops_is_handled_after_the_next_start(tmp_path: Path) -> None:
    slack = MemoryPlatform("slack")
    async with running(tmp_path, slack) as house:
        await at_home(house, Spot("slack", "T1", "C1"))
        await house.conversation.stop()
        await slack.call(ANNA, ROOM, "status")
        await asyncio.sleep(0.1)
        assert slack.said == []
    again = MemoryPlatform("slack")
    async with running(tmp_path, again) as house:
        await house.conversation.settled()
        assert len(again.said) == 1
