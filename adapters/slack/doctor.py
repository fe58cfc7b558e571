"""What is wrong between the bot and Slack, each with its mend."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.app import quiet_logger
from adapters.slack.failures import REINSTALL, Failure, Refused, add_scope, token_refused
from adapters.slack.manifest import SCOPES, scopes
from adapters.slack.tokens import check_tokens, tokens_in
from adapters.slack.wiring import API, opened_session
from adapters.slack.workspace import Identity, called, clock_ahead, identify
from chatops.clock import Clock, utc_now
from chatops.config import Secret, SlackSettings
from chatops.conversation.finding import Finding
from chatops.conversation.registry import Registry
from chatops.language import Code, Series, Span, Strong, Text, Trouble, _, n_

_LESS: Final = frozenset(
    {"files:write", "im:write", "mpim:history", "mpim:read", "reactions:write", "users:read"}
)
"""Scopes without which the bot works with less."""

_CLOCK_OFF: Final = 60.0
_TOO_OFF: Final = 300.0
"""Seconds after which Slack's signed requests are taken for replayed ones."""


async def examine(
    settings: SlackSettings, registry: Registry, clock: Clock = utc_now
) -> list[Finding]:
    """Look at everything that Slack shows; nothing is changed there.

    Slack does not show which events an app listens to. An event whose scope is missing never comes,
    so that it is named with that scope.
    """
    bots = tokens_in(_revealed(settings.bot_token))
    apps = tokens_in(_revealed(settings.app_token))
    by_http = settings.signing_secret is not None
    try:
        check_tokens(bots, apps, by_http=by_http)
    except Trouble as trouble:
        return [Finding(trouble.reason, "broken", trouble.mend)]
    findings: list[Finding] = []
    async with opened_session() as session:
        for token in bots:
            findings += await _workspace(
                _client(token, settings, session), registry, clock, by_http=by_http
            )
        for number, token in enumerate(apps, start=1):
            findings.append(await _app(_client(token, settings, session), number, settings))
    return [each for number, each in enumerate(findings) if each not in findings[:number]]


async def _workspace(
    client: AsyncWebClient, registry: Registry, clock: Clock, *, by_http: bool
) -> list[Finding]:
    try:
        identity = await identify(client)
    except Refused as refusal:
        return [Finding(token_refused(refusal.error), "broken", REINSTALL)]
    except Failure:
        return [_unreachable(client.base_url)]
    name = Strong(identity.team_name)
    works = _("Slack workspace {workspace}: the bot token works.", workspace=name)
    return [
        Finding(works, "fine"),
        *_scopes(identity, registry),
        *_clock(identity, clock(), by_http=by_http),
    ]


def _scopes(identity: Identity, registry: Registry) -> Iterator[Finding]:
    missing = [scope for scope in scopes(registry) if scope not in identity.scopes]
    name = Strong(identity.team_name)
    if not missing:
        granted = _("Slack workspace {workspace}: all scopes are granted.", workspace=name)
        yield Finding(granted, "fine")
    for scope in missing:
        lacks = _(
            "Slack workspace {workspace}: the app lacks the scope {scope}.",
            workspace=name,
            scope=Code(scope),
        )
        yield Finding(lacks, "weak" if scope in _LESS else "broken", _mend(scope))


def _mend(scope: str) -> Text:
    events = SCOPES[scope]
    if not events:
        return add_scope(scope)
    return n_(
        "{add} Then add the event {events} under Event Subscriptions as well.",
        "{add} Then add the events {events} under Event Subscriptions as well.",
        len(events),
        add=add_scope(scope),
        events=Series(tuple(Code(event) for event in events)),
    )


def _clock(identity: Identity, now: datetime, *, by_http: bool) -> Iterator[Finding]:
    ahead = clock_ahead(identity.answered_at, now)
    if ahead is None:
        return
    if abs(ahead) < _CLOCK_OFF:
        yield Finding(_("This machine's clock agrees with Slack's."), "fine")
        return
    off = _(
        "This machine's clock is {length} off Slack's.",
        length=Span(timedelta(seconds=round(abs(ahead)))),
    )
    mend = _("Set the clock, for example with {command}.", command=Code("timedatectl set-ntp true"))
    yield Finding(off, "broken" if by_http and abs(ahead) >= _TOO_OFF else "weak", mend)


async def _app(client: AsyncWebClient, number: int, settings: SlackSettings) -> Finding:
    """Ask for a socket, which is not opened: it would take events from a bot that runs."""
    try:
        await called(client, "apps.connections.open", "POST")
    except Refused as refusal:
        return Finding(
            _(
                "Slack refuses app token {number}: {error}.",
                number=number,
                error=Code(refusal.error),
            ),
            "broken",
            _(
                "Switch Socket Mode on, make an app-level token with the scope {scope} on {page}, "
                "and put it into {setting}.",
                scope=Code("connections:write"),
                page=Code("api.slack.com/apps"),
                setting=Code("[slack] app_token"),
            ),
        )
    except Failure:
        return _unreachable(settings.api_url or API)
    return Finding(_("Slack: app token {number} opens connections.", number=number), "fine")


def _unreachable(url: str) -> Finding:
    return Finding(
        _("No Slack answers at {url}.", url=Code(url)),
        "broken",
        _("Check the network, and {setting} if it is set.", setting=Code("[slack] api_url")),
    )


def _client(token: str, settings: SlackSettings, session: aiohttp.ClientSession) -> AsyncWebClient:
    url = settings.api_url or API
    return AsyncWebClient(token, url, session=session, retry_handlers=[], logger=quiet_logger())


def _revealed(secret: Secret | None) -> str:
    return secret.reveal() if secret is not None else ""
