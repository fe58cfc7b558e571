from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest_asyncio

from adapters.slack.doctor import examine
from adapters.slack.manifest import manifest
from chatops.clock import utc_now
from chatops.config import Secret, SlackSettings
from chatops.conversation.finding import Finding
from chatops.language import ENGLISH
from tests.support.ports import free_port
from tests.support.slack import SlackServer
from tests.support.slack.apps import Bot
from tests.support.slack_stage import REGISTRY


class Installed:
    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.app = server.app(manifest(REGISTRY))
        self.bot: Bot = server.team("Les Amis").install(self.app)

    def settings(self, bot: str = "", app: str = "", url: str = "") -> SlackSettings:
        return SlackSettings(
            bot_token=Secret(bot or self.bot.token),
            app_token=Secret(app or self.app.token),
            api_url=url or self.server.api_url,
        )


@pytest_asyncio.fixture
async def installed() -> AsyncIterator[Installed]:
    async with SlackServer() as server:
        yield Installed(server)


def told(findings: list[Finding]) -> list[tuple[str, str, str]]:
    return [
        (each.verdict, ENGLISH.say(each.subject), ENGLISH.say(each.mend) if each.mend else "")
        for each in findings
    ]


async def test_where_all_is_well_all_is_fine(installed: Installed) -> None:
    findings = await examine(installed.settings(), REGISTRY)
    assert {each.verdict for each in findings} == {"fine"}
    assert len(findings) == 4
    assert not installed.server.calls_of("chat.postMessage")


async def test_a_missing_scope_is_named_with_its_events_and_its_mend(
    installed: Installed,
) -> None:
    installed.bot.lose("reactions:read", "files:write")
    findings = told(await examine(installed.settings(), REGISTRY))
    [broken] = [each for each in findings if each[0] == "broken"]
    assert "lacks the scope reactions:read" in broken[1]
    assert "reaction_added and reaction_removed" in broken[2]
    assert "install the app again" in broken[2]
    [weak] = [each for each in findings if each[0] == "weak"]
    assert "files:write" in weak[1]


async def test_wrong_tokens_are_told(installed: Installed) -> None:
    swapped = installed.settings(bot=installed.app.token, app=installed.bot.token)
    [finding] = told(await examine(swapped, REGISTRY))
    assert finding[0] == "broken"
    assert "xoxb-" in finding[2]
    revoked = installed.settings(bot="xoxb-gone", app="xapp-gone")
    first, second = told(await examine(revoked, REGISTRY))
    assert "invalid_auth" in first[1]
    assert "connections:write" in second[2]


async def test_a_wrong_address_is_told(installed: Installed) -> None:
    nowhere = f"http://127.0.0.1:{free_port()}/api/"
    [finding] = told(await examine(installed.settings(url=nowhere), REGISTRY))
    assert nowhere in finding[1]
    assert "api_url" in finding[2]
    beside = installed.server.url + "/"
    [finding] = told(await examine(installed.settings(url=beside), REGISTRY))
    assert finding[0] == "broken"


async def test_a_clock_that_is_wrong_is_told(installed: Installed) -> None:
    findings = await examine(
        installed.settings(), REGISTRY, clock=lambda: utc_now() + timedelta(minutes=10)
    )
    [weak] = [each for each in told(findings) if each[0] == "weak"]
    assert "10 minutes off" in weak[1]
    assert "timedatectl" in weak[2]
