"""Socket Mode: one socket after another, for ever, over which Slack brings what happens.

The SDK's own client connects with the same ticket again and again once it failed, closes the old
socket before the new one stands, and takes a socket that answers pings for one that brings events.
Here every try asks for a ticket of its own, the old socket is listened to until the new one stands,
and one that brings nothing for long is replaced.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, Literal

import aiohttp
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.socket_mode.async_client import AsyncBaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.failures import AGAIN, UNANSWERED, Failure, NoAnswer, Refused, TooFast
from adapters.slack.pace import Pace
from adapters.slack.workspace import CONNECTED, Condition, called
from chatops.conversation.pauses import Pauses
from chatops.language import Code, _

log = logging.getLogger("adapters.slack")

Told = Callable[[Condition], None]
Ending = Literal["refresh", "lost", "crowded", "disabled"]

_HELLO_SECONDS: Final = 10.0
_CLOSE_SECONDS: Final = 2.0
_MOST_UNANSWERED: Final = 3
_LARGEST_FRAME: Final = 8 * 1024 * 1024
_REASONS: Final[dict[str, Ending]] = {
    "warning": "refresh",
    "refresh_requested": "refresh",
    "too_many_websockets": "crowded",
    "link_disabled": "disabled",
}
_CROWDED: Final = Condition(
    "lost",
    _("Slack keeps no more connections for this app."),
    _("Stop other copies of the bot that use the same app token."),
)
_DISABLED: Final = Condition(
    "refused",
    _("Socket Mode is switched off for the app."),
    _("Switch it on under Socket Mode on {page}.", page=Code("api.slack.com/apps")),
)
_LOST: Final = Condition("lost", UNANSWERED, AGAIN)
_ENDINGS: Final[dict[Ending, Condition]] = {
    "lost": _LOST,
    "crowded": _CROWDED,
    "disabled": _DISABLED,
}


class Line(AsyncBaseSocketModeClient):
    """One socket, from its greeting to its end.

    Args:
        ended: Is told once why another socket is needed; until it is closed this one goes on.
    """

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, app: AsyncApp, pace: Pace) -> None:
        self.logger = logging.getLogger("adapters.slack.sdk")
        self._socket = socket
        self._app = app
        self._pace = pace
        self._heard = self._brought = time.monotonic()
        self._answering: set[asyncio.Task[None]] = set()
        self._working: list[asyncio.Task[None]] = []
        self._began = self._heard
        self.ended: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()

    @property
    def age(self) -> float:
        """For how many seconds it has stood."""
        return time.monotonic() - self._began

    async def greeted(self) -> None:
        """Wait for Slack's greeting, then listen.

        Raises:
            Failure: Slack sent something else, or nothing.
        """
        try:
            while True:
                frame = await self._socket.receive_json(timeout=_HELLO_SECONDS)
                if frame.get("type") == "hello":
                    break
                if frame.get("type") == "disconnect":
                    self._end(_REASONS.get(frame.get("reason"), "lost"))
                    return
        except (TypeError, ValueError, TimeoutError, aiohttp.ClientError) as error:
            raise NoAnswer(f"no greeting: {type(error).__name__}") from None
        self._working = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]

    async def close(self) -> None:
        """Answer what is under way, and close."""
        if self._answering:
            await asyncio.wait(self._answering, timeout=_CLOSE_SECONDS)
        for task in self._working:
            task.cancel()
        await asyncio.gather(*self._working, return_exceptions=True)
        with suppress(aiohttp.ClientError, OSError, TimeoutError):
            await self._socket.close()
        self._end("lost")

    async def send_socket_mode_response(
        self, response: dict[str, Any] | SocketModeResponse
    ) -> None:
        """Acknowledge an envelope; where the socket is gone, Slack brings it again."""
        answer = response.to_dict() if isinstance(response, SocketModeResponse) else response
        with suppress(ConnectionError, aiohttp.ClientError):
            await self._socket.send_str(json.dumps(answer))

    async def _listen(self) -> None:
        while True:
            frame = await self._socket.receive()
            self._heard = time.monotonic()
            match frame.type:
                case aiohttp.WSMsgType.TEXT:
                    self._take(frame.data)
                case aiohttp.WSMsgType.PING:
                    with suppress(ConnectionError, aiohttp.ClientError):
                        await self._socket.pong(frame.data)
                case aiohttp.WSMsgType.PONG | aiohttp.WSMsgType.BINARY:
                    pass
                case _:
                    self._end("lost")
                    return

    def _take(self, frame: str) -> None:
        try:
            message: dict[str, Any] = json.loads(frame)
        except ValueError:
            log.warning("slack: a frame could not be read")
            return
        if message.get("type") == "disconnect":
            self._end(_REASONS.get(message.get("reason", ""), "refresh"))
            return
        request = SocketModeRequest.from_dict(message)
        if request is not None:
            self._brought = self._heard
            task = asyncio.create_task(self._answer(request))
            self._answering.add(task)
            task.add_done_callback(self._answering.discard)

    async def _answer(self, request: SocketModeRequest) -> None:
        began = time.time()
        response = await run_async_bolt_app(self._app, request)
        await send_async_response(self, request, response, began)

    async def _watch(self) -> None:
        """Ask a silent socket whether it still stands, and replace one that brings nothing."""
        unanswered = 0
        heard = self._heard
        while True:
            await asyncio.sleep(self._pace.pulse)
            # Counted, not measured: a machine that was busy for long has not listened either.
            unanswered = unanswered + 1 if self._heard == heard else 0
            heard = self._heard
            if unanswered > _MOST_UNANSWERED:
                self._end("lost")
                return
            if time.monotonic() - self._brought > self._pace.quiet:
                self._end("refresh")
                return
            with suppress(ConnectionError, aiohttp.ClientError):
                await self._socket.ping()

    def _end(self, why: Ending) -> None:
        if not self.ended.done():
            self.ended.set_result(why)


class Socket:
    """Keeps one socket of an app open.

    Args:
        client: Calls Slack with the app token.
        session: Opens the sockets.
        app: Takes what they bring.
        told: Is told how the connection is.
    """

    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        app: AsyncApp,
        told: Told,
        pace: Pace,
    ) -> None:
        self._client = client
        self._session = session
        self._app = app
        self._told = told
        self._pace = pace
        self._before: Line | None = None
        self._retiring: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        try:
            await self._stay()
        finally:
            before, self._before = self._before, None
            if before is not None:
                await before.close()
            for task in self._retiring:
                task.cancel()
            await asyncio.gather(*self._retiring, return_exceptions=True)

    async def _stay(self) -> None:
        pauses = Pauses(self._pace)
        while True:
            try:
                line = await self._opened()
            except Failure as failure:
                self._told(_condition(failure))
                await asyncio.sleep(self._patience(failure, pauses))
                continue
            if self._before is not None:
                self._retire(self._before, self._pace.overlap)
                self._before = None
            try:
                ending = await self._ended(line)
            except asyncio.CancelledError:
                await line.close()
                raise
            if line.age >= self._pace.settled:
                pauses.reset()
            if ending == "refresh":
                self._before = line
            else:
                self._retire(line, 0)
            await asyncio.sleep(self._rest(ending, line, pauses))

    async def _opened(self) -> Line:
        """Open a socket.

        Raises:
            Failure: That did not work.
        """
        answer = await called(self._client, "apps.connections.open", "POST")
        address = str(answer.get("url", ""))
        try:
            socket = await self._session.ws_connect(
                address,
                autoping=False,
                max_msg_size=_LARGEST_FRAME,
                timeout=aiohttp.ClientWSTimeout(ws_close=_CLOSE_SECONDS),  # pyright: ignore[reportCallIssue] - an attrs class, read as a plain one
            )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NoAnswer(f"no socket: {type(error).__name__}") from None
        line = Line(socket, self._app, self._pace)
        try:
            await line.greeted()
        except BaseException:
            await line.close()
            raise
        return line

    async def _ended(self, line: Line) -> Ending:
        """Wait for a socket's end, and tell how it stands."""
        if not line.ended.done():
            self._told(CONNECTED)
        ending = await line.ended
        if ending in _ENDINGS:
            self._told(_ENDINGS[ending])
        return ending

    def _retire(self, line: Line, after: float) -> None:
        task = asyncio.create_task(_closed(line, after))
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    def _rest(self, ending: Ending, line: Line, pauses: Pauses) -> float:
        """Return how long to wait before the next socket."""
        if ending == "disabled":
            return self._pace.refused
        if ending == "crowded":
            return self._pace.longest
        settled = line.age >= self._pace.settled
        return 0 if ending == "refresh" and settled else pauses.next()

    def _patience(self, failure: Failure, pauses: Pauses) -> float:
        match failure:
            case Refused():
                return self._pace.refused
            case TooFast(retry_after=seconds):
                return max(seconds, pauses.next())
            case _:
                return pauses.next()


async def _closed(line: Line, after: float) -> None:
    try:
        await asyncio.sleep(after)
    finally:
        await line.close()


def _condition(failure: Failure) -> Condition:
    if isinstance(failure, Refused):
        return Condition(
            "refused",
            _("Slack refuses the app token: {error}.", error=Code(failure.error)),
            _(
                "Make a new app-level token with the scope {scope} on {page}, and put it into "
                "{setting}.",
                scope=Code("connections:write"),
                page=Code("api.slack.com/apps"),
                setting=Code("[slack] app_token"),
            ),
        )
    return _LOST
