"""Everything that makes up a running connection to Slack, put together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from msgspec import Struct
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.answers import Answers
from adapters.slack.app import bolt_app, quiet_logger
from adapters.slack.ears import Ears, Work
from adapters.slack.files import Files
from adapters.slack.home import Home, HomeTab
from adapters.slack.interacting import Interacting
from adapters.slack.pace import Pace
from adapters.slack.people import People
from adapters.slack.posting import Posting
from adapters.slack.sockets import Socket
from adapters.slack.speaking import Speaking
from adapters.slack.teams import Team, Teams
from adapters.slack.threads import Threads
from adapters.slack.whispering import Whispering
from adapters.slack.workspace import CONNECTED, Condition, Workspace
from chatops.clock import Clock
from chatops.conversation.connection import Link
from chatops.conversation.registry import Registry

log = logging.getLogger("adapters.slack")

API: Final = "https://slack.com/api/"
_HOSTS: Final = frozenset({"slack.com", "files.slack.com", "hooks.slack.com"})
_TIMEOUT: Final = aiohttp.ClientTimeout(total=30, sock_connect=10)
_CONNECTIONS: Final = 30


class Setup(Struct, frozen=True, kw_only=True):
    """What the operator set up; see `SlackPlatform`."""

    bot_tokens: tuple[str, ...]
    app_tokens: tuple[str, ...]
    api_url: str
    signing_secret: str
    registry: Registry
    home: Home | None
    clock: Clock
    pace: Pace

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts to which tokens and answers may go."""
        own = urlsplit(self.api_url).hostname or ""
        return _HOSTS if self.api_url == API else frozenset({own})


def opened_session() -> aiohttp.ClientSession:
    """Return the pool of connections that all calls share."""
    connector = aiohttp.TCPConnector(limit=_CONNECTIONS)
    return aiohttp.ClientSession(connector=connector, timeout=_TIMEOUT)


class Wiring:
    """A connection to Slack, with all its parts.

    Args:
        links: Where each workspace's connection is told, in the order of the bot tokens.
    """

    def __init__(self, setup: Setup, session: aiohttp.ClientSession, links: Sequence[Link]) -> None:
        self._setup = setup
        self._session = session
        self._workspaces = [
            Workspace(token, self._client(token), link, setup.pace)
            for token, link in zip(setup.bot_tokens, links, strict=True)
        ]
        teams = Teams(Team(each, People(each), Threads(each)) for each in self._workspaces)
        secure = urlsplit(setup.api_url).scheme == "https"
        answers = Answers(session, setup.hosts, setup.clock)
        self.files = Files(session, setup.hosts, secure=secure)
        posting = Posting(self.files)
        self.work = Work()
        self.ears = Ears(teams, answers, HomeTab(setup.home), self.work, setup.pace)
        interacting = Interacting(
            teams=teams,
            answers=answers,
            posting=posting,
            registry=setup.registry,
            clock=setup.clock,
            ears=self.ears,
            work=self.work,
        )
        self.speaking = Speaking(teams, posting, Whispering(answers), self.ears.heard_first)
        self.app = bolt_app(self._client(None), teams, self.ears, interacting, setup.signing_secret)

    @property
    def ready(self) -> bool:
        """Whether it is known from which workspaces something may come."""
        return all(each.is_settled for each in self._workspaces)

    async def run(self) -> None:
        """Stay connected until cancelled; what fails begins anew, and stops nothing else."""
        async with asyncio.TaskGroup() as group:
            for workspace in self._workspaces:
                group.create_task(self._forever(workspace.watch))
            for token, served in self._served():
                group.create_task(self._forever(self._socket(token, served)))
            if not self._setup.app_tokens:
                for workspace in self._workspaces:
                    workspace.socket(CONNECTED)

    def _served(self) -> list[tuple[str, list[Workspace]]]:
        """Return which workspaces each app token serves."""
        tokens = self._setup.app_tokens
        if len(tokens) == 1:
            return [(tokens[0], self._workspaces)]
        return [(token, [each]) for token, each in zip(tokens, self._workspaces, strict=False)]

    def _socket(self, token: str, served: Sequence[Workspace]) -> Callable[[], Awaitable[None]]:
        def told(condition: Condition) -> None:
            for workspace in served:
                workspace.socket(condition)

        socket = Socket(self._client(token), self._session, self.app, told, self._setup.pace)

        async def listen() -> None:
            # What comes from a workspace that is not known yet could not be told apart.
            await asyncio.gather(*(workspace.settled() for workspace in served))
            await socket.run()

        return listen

    async def _forever(self, work: Callable[[], Awaitable[None]]) -> None:
        while True:
            try:
                await work()
            except Exception:
                log.exception("slack: a part of the connection broke, and begins anew")
            await asyncio.sleep(self._setup.pace.longest)

    def _client(self, token: str | None) -> AsyncWebClient:
        # The SDK would repeat a call whose answer was lost, and with it the message.
        return AsyncWebClient(
            token,
            self._setup.api_url,
            session=self._session,
            retry_handlers=[],
            logger=quiet_logger(),
        )
