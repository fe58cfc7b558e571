"""A small stage on which the real SDK tries the double."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest
from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from tests.support.slack.apps import App, Bot
from tests.support.slack.manifests import EVERYTHING
from tests.support.slack.people import Person
from tests.support.slack.places import Channel, Team
from tests.support.slack.records import Json
from tests.support.slack.seeing import Seen
from tests.support.slack.server import SlackServer

BUTTONS: list[Json] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "*Status* of &lt;us&gt;"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "go",
                "value": "start",
                "text": {"type": "plain_text", "text": "Start"},
            }
        ],
    },
]
FORM: Json = {
    "type": "modal",
    "callback_id": "form",
    "title": {"type": "plain_text", "text": "Form"},
    "submit": {"type": "plain_text", "text": "Send"},
    "blocks": [
        {
            "type": "input",
            "block_id": "name",
            "label": {"type": "plain_text", "text": "Name"},
            "element": {"type": "plain_text_input", "action_id": "typed"},
        }
    ],
}


@dataclass
class Stage:
    """One workspace with one installed app, a person and a channel."""

    server: SlackServer
    app: App
    team: Team
    bot: Bot
    amal: Person
    general: Channel
    client: AsyncWebClient
    session: aiohttp.ClientSession

    def as_token(self, token: str) -> AsyncWebClient:
        """Return a client that asks with another token."""
        return AsyncWebClient(token=token, base_url=self.server.api_url, session=self.session)

    async def said(self, text: str = "Status", **more: Any) -> Seen:  # noqa: ANN401 - whatever the method takes
        """Let the bot say something in the channel."""
        answer = await self.client.chat_postMessage(channel=self.general.id, text=text, **more)
        ts = answer["ts"]
        return next(each for each in self.amal.seen(self.general) if each.ts == ts)


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Set a stage."""
    async with SlackServer() as server, aiohttp.ClientSession() as session:
        app = server.app()
        team = server.team("Les Amis")
        bot = team.install(app)
        amal = team.person("Amal", locale="fr-FR")
        general = team.channel("general", amal, bot)
        client = AsyncWebClient(token=bot.token, base_url=server.api_url, session=session)
        yield Stage(server, app, team, bot, amal, general, client, session)


@dataclass
class Heard:
    """A bolt app that keeps what it hears."""

    bolt: AsyncApp
    events: list[Json]

    def kinds(self) -> list[str]:
        """Return the types of the events that were heard."""
        return [event["type"] for event in self.events]


def listening_app(stage: Stage) -> Heard:
    """Return an app that keeps every event."""
    bolt = AsyncApp(client=stage.client, signing_secret=stage.app.signing_secret)
    heard = Heard(bolt, [])

    async def keep(event: Json) -> None:
        heard.events.append(event)

    for event in EVERYTHING["settings"]["event_subscriptions"]["bot_events"]:
        bolt.event(event.partition(".")[0])(keep)
    return heard


@asynccontextmanager
async def connected(stage: Stage, bolt: AsyncApp) -> AsyncIterator[AsyncSocketModeHandler]:
    """Connect an app with the SDK's own client while the block runs."""
    handler: Any = AsyncSocketModeHandler(bolt, stage.app.token, ping_interval=0.2)
    before = len(stage.app.connections)
    await handler.connect_async()
    await stage.server.connected(stage.app, before + 1)
    try:
        yield handler
    finally:
        await handler.close_async()


async def told(call: Awaitable[AsyncSlackResponse]) -> Json:
    """Return what Slack answers."""
    data = (await call).data
    assert isinstance(data, dict)
    return data


async def refused(call: Awaitable[object]) -> Json:
    """Return the answer to a call that Slack refuses."""
    with pytest.raises(SlackApiError) as caught:
        await call
    answer = caught.value.response
    assert answer.status_code == 200
    data = answer.data
    assert isinstance(data, dict)
    return data


async def error_of(call: Awaitable[object]) -> str:
    """Return why Slack refuses a call."""
    return str((await refused(call))["error"])
