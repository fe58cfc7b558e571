"""`SlackPlatform`: the workspaces in which the app is installed, as one chat platform."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from adapters.slack.failures import AGAIN, UNANSWERED
from adapters.slack.home import Home
from adapters.slack.pace import Pace
from adapters.slack.places import PLATFORM
from adapters.slack.speaking import CAPABILITIES
from adapters.slack.tokens import check_tokens
from adapters.slack.wiring import API, Setup, Wiring, opened_session
from chatops.clock import Clock, utc_now
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.connection import Connection, Link
from chatops.conversation.events import Attachment
from chatops.conversation.platform import Capabilities, Inbox, PlatformUnavailable
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Reply
from chatops.language import Speaker

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route


class SlackPlatform:
    """Slack: a `ChatPlatform` over one or more workspaces.

    Args:
        bot_tokens: One for each workspace.
        app_tokens: One that serves all workspaces, or one for each bot token in the same order;
            none where Slack comes by signed HTTP only.
        registry: Knows the forms of commands.
        api_url: Where the Web API is, if it is not Slack's own.
        signing_secret: Proves that what comes by HTTP comes from Slack.
        home: Says what stands on the Home tab; without it the tab stays empty.
        clock: The present.
        pace: How often the outside is tried.

    Raises:
        Invalid: The tokens cannot work together.
    """

    def __init__(  # noqa: PLR0913 - one for each setting
        self,
        *,
        bot_tokens: Sequence[str],
        app_tokens: Sequence[str],
        registry: Registry,
        api_url: str = "",
        signing_secret: str = "",
        home: Home | None = None,
        clock: Clock = utc_now,
        pace: Pace | None = None,
    ) -> None:
        check_tokens(bot_tokens, app_tokens, by_http=bool(signing_secret))
        self._setup = Setup(
            bot_tokens=tuple(bot_tokens),
            app_tokens=tuple(app_tokens),
            api_url=api_url or API,
            signing_secret=signing_secret,
            registry=registry,
            home=home,
            clock=clock,
            pace=pace or Pace(),
        )
        self._links = tuple(Link(PLATFORM, clock) for _token in bot_tokens)
        self._wiring: Wiring | None = None

    @property
    def name(self) -> str:
        """The platform's name, as in `Place.platform`."""
        return PLATFORM

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        return CAPABILITIES

    @property
    def connections(self) -> tuple[Connection, ...]:
        """How each workspace is connected."""
        return tuple(link.now for link in self._links)

    async def run(self, inbox: Inbox) -> None:
        """Stay connected to every workspace until cancelled."""
        async with opened_session() as session:
            wiring = Wiring(self._setup, session, self._links)
            wiring.ears.listen(inbox)
            self._wiring = wiring
            try:
                await wiring.run()
            finally:
                await wiring.work.end()
                self._wiring = None

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        """Say something; the same key says it once, except to one member only."""
        return await self._connected.speaking.send(address, reply, speaker, key)

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        await self._connected.speaking.edit(message, reply, speaker)

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message of the bot; those of members Slack lets no bot remove."""
        return await self._connected.speaking.delete(message)

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction."""
        await self._connected.speaking.react(message, emoji)

    async def direct(self, member: Member) -> Place:
        """Return the direct conversation with a member; open it where there is none."""
        return await self._connected.speaking.direct(member)

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        """Write an attachment's bytes to a file, at most `limit` of them."""
        wiring = self._connected
        team = wiring.speaking.team(Place(PLATFORM, attachment.id.partition("/")[0], ""))
        await wiring.files.fetch(team.workspace, attachment, target, limit)

    def routes(self) -> list[Route]:
        """Return the routes at which Slack may come by signed HTTP instead of by a socket.

        They answer 503, so that Slack comes again, until the platform knows its workspaces.
        """
        from slack_bolt.adapter.starlette.async_handler import (  # noqa: PLC0415 - with pages only
            AsyncSlackRequestHandler,
        )
        from starlette.responses import PlainTextResponse  # noqa: PLC0415
        from starlette.routing import Route  # noqa: PLC0415

        async def taken(request: Request) -> Response:
            if self._wiring is None or not self._wiring.ready:
                return PlainTextResponse("not connected", status_code=503)
            return await AsyncSlackRequestHandler(self._wiring.app).handle(request)

        if not self._setup.signing_secret:
            return []
        return [Route("/slack/events", taken, methods=["POST"])]

    @property
    def _connected(self) -> Wiring:
        if self._wiring is None:
            raise PlatformUnavailable(UNANSWERED, AGAIN)
        return self._wiring
