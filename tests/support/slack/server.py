"""`SlackServer`: one loopback port on which everything answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from tests.support.slack import file_storage, responding, socket_mode
from tests.support.slack.apps import App
from tests.support.slack.clock import Clock
from tests.support.slack.faults import Faults
from tests.support.slack.manifests import EVERYTHING
from tests.support.slack.places import Team
from tests.support.slack.records import Call, Delivery, Json, Message, Violation
from tests.support.slack.seeing import ping_of
from tests.support.slack.web_api import answering
from tests.support.slack.world import World

_ADDRESS = "127.0.0.1"
_LARGEST_BODY = 1 << 30
# Zero would mean for ever.
_SHUTDOWN_SECONDS = 0.01
_POLL_SECONDS = 0.005


class SlackServer:
    """A strict Slack; see the package's own description."""

    def __init__(self) -> None:
        self._world = World()
        self._port = 0
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._world.close()
        await self.stop()
        if kind is None and self.violations:
            raise AssertionError(
                "\n".join(f"{each.kind}: {each.detail}" for each in self.violations)
            )

    @property
    def url(self) -> str:
        """Where everything answers, also while the server is stopped."""
        return self._world.url

    @property
    def api_url(self) -> str:
        """What `base_url` of the SDK's client is set to."""
        return f"{self._world.url}/api/"

    @property
    def ack_seconds(self) -> float:
        """How long an acknowledgement may take; less than Slack's 3 s makes a trial shorter."""
        return self._world.deadline

    @ack_seconds.setter
    def ack_seconds(self, seconds: float) -> None:
        self._world.deadline = seconds

    @property
    def clock(self) -> Clock:
        """The time by which triggers, response URLs and retries go."""
        return self._world.clock

    @property
    def faults(self) -> Faults:
        """The faults of the Web API."""
        return self._world.faults

    @property
    def calls(self) -> list[Call]:
        """Every call of the Web API, oldest first."""
        return self._world.calls

    @property
    def deliveries(self) -> list[Delivery]:
        """Every payload for an app, oldest first."""
        return self._world.deliveries

    @property
    def violations(self) -> list[Violation]:
        """What a correct app never does."""
        return self._world.violations

    def app(
        self,
        manifest: Mapping[str, Any] | None = None,
        *,
        token: str = "",
        signing_secret: str = "",
        request_url: str = "",
    ) -> App:
        """Create an app from its manifest; without one everything is granted."""
        number = len(self._world.apps) + 1
        app = App(
            self._world,
            EVERYTHING if manifest is None else manifest,
            token=token or f"xapp-{number}",
            signing_secret=signing_secret or f"secret-{number}",
            request_url=request_url,
        )
        self._world.apps.append(app)
        return app

    def team(self, name: str, domain: str = "") -> Team:
        """Create a workspace."""
        team = Team(self._world, name, domain or name.lower().replace(" ", "-"))
        self._world.teams.append(team)
        return team

    def calls_of(self, method: str) -> list[Call]:
        """Return the calls of one method."""
        return [call for call in self.calls if call.method == method]

    def delivered(self, name: str) -> list[Delivery]:
        """Return the payloads of this kind, or with this event, command or interaction."""
        return [each for each in self.deliveries if name in (each.kind, each.name)]

    async def redeliver(self, delivery: Delivery) -> bool:
        """Deliver the same payload once more, as after a lost acknowledgement."""
        app = next(each for each in self._world.apps if each.id == _addressee(delivery))
        return await self._world.courier.again(app, delivery)

    def take_violations(self) -> list[Violation]:
        """Return the violations, which are then forgiven."""
        taken = list(self.violations)
        self.violations.clear()
        return taken

    def textless(self) -> list[Message]:
        """Return the apps' messages without a top-level text: notifications show nothing."""
        return [each for each in self._said() if not each.text]

    def pings(self) -> list[tuple[Message, frozenset[str]]]:
        """Return the apps' messages that ping somebody, and whom."""
        found = [(each, ping_of(each)) for each in self._said()]
        return [(message, whom) for message, whom in found if whom]

    async def connected(self, app: App, sockets: int = 1, *, timeout: float = 10) -> None:  # noqa: ASYNC109 - a test says how long it waits
        """Wait until the app has that many connections."""
        await self.until(lambda: len(app.connections) >= sockets, timeout=timeout)

    async def until(self, condition: Callable[[], object], *, timeout: float = 5) -> None:  # noqa: ASYNC109 - a test says how long it waits
        """Wait until something holds.

        Raises:
            AssertionError: It did not hold in time.
        """
        end = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"still not so after {timeout} s")
            await asyncio.sleep(_POLL_SECONDS)

    async def settled(self) -> None:
        """Wait until every delivery is acknowledged or given up."""
        await self._world.settled()

    async def start(self) -> None:
        """Listen, on the port of before if there was one."""
        application = web.Application(client_max_size=_LARGEST_BODY)
        application.add_routes(self._routes())
        self._runner = web.AppRunner(
            application, shutdown_timeout=_SHUTDOWN_SECONDS, access_log=None
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, _ADDRESS, self._port, reuse_address=True).start()
        self._port = self._runner.addresses[0][1]
        self._world.url = f"http://{_ADDRESS}:{self._port}"

    async def stop(self) -> None:
        """Cut every connection and refuse new ones; what was said is kept."""
        for app in self._world.apps:
            app.abort()
        self._world.tickets.clear()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def _said(self) -> list[Message]:
        return [
            message
            for channel in self._world.channels()
            for message in [*channel.messages.values(), *channel.ephemeral]
            if message.app_id and not message.files
        ]

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.route("*", "/api/{method}", self._api),
            web.get("/link/", self._link),
            web.post("/actions/{team}/{name}", self._respond),
            web.post("/upload/v1/{file}", self._upload),
            web.get("/files-pri/{file}/{name:.*}", self._download),
            web.get("/signin", file_storage.sign_in),
        ]

    async def _api(self, request: web.Request) -> web.StreamResponse:
        return await answering.answer(self._world, request)

    async def _link(self, request: web.Request) -> web.StreamResponse:
        return await socket_mode.connect(self._world, request)

    async def _upload(self, request: web.Request) -> web.StreamResponse:
        async def do() -> answering.Done:
            return await file_storage.upload(self._world, request), {}

        return await self._guarded(request, "files.upload", do)

    async def _download(self, request: web.Request) -> web.StreamResponse:
        async def do() -> answering.Done:
            return await file_storage.download(self._world, request), {}

        return await self._guarded(request, "files.download", do)

    async def _respond(self, request: web.Request) -> web.StreamResponse:
        given = await answering.arguments(request)

        async def do() -> answering.Done:
            error = responding.through_url(self._world, request.match_info["name"], given)
            if not error:
                return web.Response(text="ok"), {"ok": True}
            told: Json = {"ok": False, "error": error}
            status = 404 if error in ("expired_url", "used_url") else 200
            return web.json_response(told, status=status), told

        return await self._guarded(request, "response_url", do, given)

    async def _guarded(
        self,
        request: web.Request,
        name: str,
        do: Callable[[], Awaitable[answering.Done]],
        given: Json | None = None,
    ) -> web.StreamResponse:
        asking = answering.Asking(name, given or dict(request.match_info))
        return await answering.guarded(self._world, request, asking, do)


def _addressee(delivery: Delivery) -> str:
    return str(delivery.payload.get("api_app_id"))
