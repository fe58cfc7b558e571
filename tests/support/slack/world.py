"""Everything that one server knows, whatever door it is asked through."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any

from tests.support.slack.apps import App
from tests.support.slack.clock import Clock
from tests.support.slack.delivering import Courier
from tests.support.slack.exchanges import Exchanges
from tests.support.slack.faults import Faults
from tests.support.slack.http_delivery import SignedRequests
from tests.support.slack.names import Names
from tests.support.slack.places import Channel, Team
from tests.support.slack.records import Call, Delivery, File, User, View, Violation

if TYPE_CHECKING:
    from tests.support.slack.people import Person

ACK_SECONDS = 3.0


class World:
    """Workspaces, apps, views and files; what was done wrong; and the means to tell apps."""

    def __init__(self) -> None:
        self.url = ""
        self.deadline = ACK_SECONDS
        self.clock = Clock()
        self.names = Names(self.clock)
        self.faults = Faults()
        self.courier = Courier(self)
        self.http = SignedRequests(self)
        self.exchanges = Exchanges(self)
        self.teams: list[Team] = []
        self.apps: list[App] = []
        self.files: dict[str, File] = {}
        self.views: dict[str, View] = {}
        self.modals: dict[str, list[View]] = {}
        self.homes: dict[tuple[str, str], View] = {}
        self.tickets: dict[str, App] = {}
        self.calls: list[Call] = []
        self.deliveries: list[Delivery] = []
        self.violations: list[Violation] = []
        self._later: set[asyncio.Task[None]] = set()

    def accuse(self, kind: str, detail: str) -> None:
        """Keep something that a correct app never does."""
        self.violations.append(Violation(kind, detail))

    def person(self, team: Team, user: User) -> Person:
        """Return what lets a test act as this user."""
        from tests.support.slack.people import Person  # noqa: PLC0415 - people act on the world

        return Person(team, user)

    def channels(self) -> list[Channel]:
        """Return all channels of all workspaces."""
        return [channel for team in self.teams for channel in team.channels]

    def new_file(self, team: Team, name: str, owner: str) -> File:
        """Make room for a file."""
        file_id = self.names.id("F")
        address = f"{self.url}/files-pri/{team.id}-{file_id}"
        file = File(file_id, name, owner, team.id, address)
        self.files[file_id] = file
        return file

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something in the background."""
        task = asyncio.get_running_loop().create_task(work)
        self._later.add(task)
        task.add_done_callback(self._later.discard)

    async def settled(self) -> None:
        """Wait until nothing is under way any more."""
        while self._later:
            await asyncio.wait(self._later)
        await self.courier.settled()

    async def close(self) -> None:
        """Give up on what is under way."""
        for task in self._later:
            task.cancel()
        await asyncio.gather(*self._later, return_exceptions=True)
        await self.courier.close()
