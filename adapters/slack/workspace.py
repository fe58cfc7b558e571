"""One workspace: its token, who the bot is in it, and how it is connected."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, Literal

import aiohttp
from msgspec import Struct
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.failures import (
    AGAIN,
    REINSTALL,
    TOKEN_REFUSED,
    UNANSWERED,
    Failure,
    NoAnswer,
    Refused,
    TooFast,
    add_scope,
    failure_in,
    missing_scope,
    token_refused,
)
from adapters.slack.pace import Pace
from chatops.conversation.connection import Link, State
from chatops.conversation.pauses import Pauses
from chatops.language import Text

if TYPE_CHECKING:
    from slack_sdk.web.async_slack_response import AsyncSlackResponse

log = logging.getLogger("adapters.slack")

Answer = Mapping[str, Any]


class Condition(Struct, frozen=True):
    """How one half of a connection is: the token, or the socket."""

    state: State
    trouble: Text | None = None
    mend: Text | None = None


class Identity(Struct, frozen=True):
    """Who the bot is in a workspace, and what it may do there."""

    team: str
    team_name: str
    user: str
    user_name: str
    bot: str
    scopes: frozenset[str]
    answered_at: str = ""


_WORST_FIRST: Final[tuple[State, ...]] = ("refused", "lost", "connecting", "connected")
CONNECTING: Final = Condition("connecting")
CONNECTED: Final = Condition("connected")


class Workspace:
    """One workspace, called with its bot token.

    Args:
        token: What the app was given when it was installed.
        client: The SDK's client, which has this token.
        link: Where its connection is told.
        pace: How often it is looked whether the token still works.
    """

    def __init__(self, token: str, client: AsyncWebClient, link: Link, pace: Pace) -> None:
        self.token = token
        self._client = client
        self._link = link
        self._token = CONNECTING
        self._socket = CONNECTING
        self._tried = asyncio.Event()
        self._pace = pace
        self.identity: Identity | None = None

    @property
    def refused(self) -> bool:
        """Whether its token works no more."""
        return self._token.state == "refused"

    async def call(self, method: str, **arguments: object) -> Answer:
        """Have something done.

        Raises:
            Failure: It was not done, or nobody knows.
        """
        given = {name: value for name, value in arguments.items() if value is not None}
        return await self._answer(method, "POST", json=given)

    async def ask(self, method: str, **arguments: object) -> Answer:
        """Ask something that changes nothing.

        Raises:
            Failure: It was not answered.
        """
        return await self._answer(method, "GET", params=arguments)

    async def watch(self) -> None:
        """Learn who the bot is here, and look again and again whether the token still works."""
        pauses = Pauses(self._pace)
        while True:
            try:
                self.identity = await identify(self._client)
            except Refused as refusal:
                self._tell(token=_condition(refusal))
                await asyncio.sleep(self._pace.refused)
            except Failure as failure:
                self._tell(token=_condition(failure))
                asked = failure.retry_after if isinstance(failure, TooFast) else 0
                await asyncio.sleep(max(asked, pauses.next()))
            else:
                self._link.named(self.identity.team_name)
                self._tell(token=CONNECTED)
                pauses.reset()
                self._tried.set()
                await asyncio.sleep(self._pace.check)

    @property
    def is_settled(self) -> bool:
        """Whether it is known who the bot is here, or that the token is refused."""
        return self._tried.is_set()

    async def settled(self) -> None:
        """Wait until it is known who the bot is here, or that the token is refused."""
        await self._tried.wait()

    def socket(self, condition: Condition) -> None:
        """Note how the socket is by which its events come."""
        self._tell(socket=condition)

    def revoked(self, error: str) -> None:
        """Note that the app was taken out of the workspace, and look whether that is so."""
        self._tell(token=_condition(Refused(error)))

    def _tell(self, *, token: Condition | None = None, socket: Condition | None = None) -> None:
        self._token = token or self._token
        self._socket = socket or self._socket
        if self._token.state == "refused":
            self._tried.set()
        worst = min(self._token, self._socket, key=lambda each: _WORST_FIRST.index(each.state))
        none = Text("")
        match worst.state:
            case "connected":
                self._link.connected()
            case "lost":
                self._link.lost(worst.trouble or none, worst.mend)
            case "refused":
                self._link.refused(worst.trouble or none, worst.mend or none)
            case _:
                pass

    async def _answer(self, method: str, verb: Literal["GET", "POST"], **body: Any) -> Answer:  # noqa: ANN401 - JSON or a query
        try:
            response = await called(self._client, method, verb, **body)
        except Refused as refusal:
            if refusal.error in TOKEN_REFUSED:
                self._tell(token=_condition(refusal))
            if refusal.error == "missing_scope":
                log.warning("slack: %s needs the scope %s", method, refusal.needed)
            raise
        return response.data if isinstance(response.data, dict) else {}


async def identify(client: AsyncWebClient) -> Identity:
    """Ask Slack whose token this is.

    Raises:
        Failure: It is nobody's, or Slack does not answer.
    """
    response = await called(client, "auth.test", "POST")
    return Identity(
        team=str(response.get("team_id", "")),
        team_name=str(response.get("team", "")),
        user=str(response.get("user_id", "")),
        user_name=str(response.get("user", "")),
        bot=str(response.get("bot_id", "")),
        scopes=frozenset(
            scope.strip() for scope in str(response.headers.get("x-oauth-scopes", "")).split(",")
        )
        - {""},
        answered_at=str(response.headers.get("Date", "")),
    )


async def called(
    client: AsyncWebClient,
    method: str,
    verb: Literal["GET", "POST"],
    **body: Any,  # noqa: ANN401 - JSON or a query
) -> AsyncSlackResponse:
    """Call a method of the Web API.

    Raises:
        Failure: It was not done, or nobody knows.
    """
    try:
        return await client.api_call(method, http_verb=verb, **body)
    except SlackApiError as error:
        answer: Any = error.response
        status: int = getattr(answer, "status_code", 0) or getattr(answer, "status", 0)
        raise failure_in(status, answer.headers, getattr(answer, "data", None)) from None
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoAnswer(f"{method}: {type(error).__name__}") from None
    except (AttributeError, ValueError) as error:
        # The SDK takes for granted that every answer is a JSON object.
        raise NoAnswer(f"{method}: no answer of Slack's ({error})") from None


def _condition(failure: Failure) -> Condition:
    match failure:
        case Refused(error="missing_scope", needed=needed):
            return Condition("refused", missing_scope(needed), add_scope(needed))
        case Refused(error=error):
            return Condition("refused", token_refused(error), REINSTALL)
        case _:
            return Condition("lost", UNANSWERED, AGAIN)


def clock_ahead(answered_at: str, now: datetime) -> float | None:
    """Return how many seconds this machine's clock is ahead of Slack's; None where unknown."""
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - asked for once

    try:
        return (now - parsedate_to_datetime(answered_at)).total_seconds()
    except (TypeError, ValueError):
        return None
