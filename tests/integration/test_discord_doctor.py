"""What the doctor finds on Discord, and the mend of each."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.discord.doctor import examine
from chatops.clock import utc_now
from chatops.conversation.addresses import Place
from chatops.conversation.finding import Finding
from chatops.language import ENGLISH
from tests.support.discord import Channel, DiscordServer, Guild
from tests.support.discord.applications import Application
from tests.support.ports import free_port

ALL = ("members", "message_content")


class Clinic:
    """A Discord with a bot that has everything."""

    def __init__(self, server: DiscordServer, intents: tuple[str, ...] = ALL) -> None:
        self.server = server
        self.application: Application = server.application(
            "QuitX", token="good", privileged=intents
        )
        self.guild: Guild = server.guild("Les Amis")
        self.room: Channel = self.guild.channel("general")

    async def examine(self, **more: object) -> dict[str, str]:
        """Return what is not fine, with its mend."""
        wanted: dict[str, object] = {
            "api_url": self.server.api_url,
            "gateway_url": self.server.gateway_url,
            "places": [Place("discord", self.guild.id, self.room.id)],
            "clock": utc_now,
        }
        wanted |= more
        found = await examine("good", **wanted)  # type: ignore[arg-type]
        return {said(finding): mend(finding) for finding in found if finding.verdict != "fine"}


def said(finding: Finding) -> str:
    return f"{finding.verdict}: {ENGLISH.say(finding.subject)}"


def mend(finding: Finding) -> str:
    assert finding.mend is not None
    return ENGLISH.say(finding.mend)


async def test_where_all_is_well_nothing_is_found() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.guild.add(clinic.application, "MANAGE_MESSAGES")
        assert await clinic.examine() == {}


async def test_missing_intents_are_weak() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server, ())
        clinic.guild.add(clinic.application, "ADMINISTRATOR")
        found = await clinic.examine()
        assert list(found) == [
            "weak: The bot reads only messages that mention it, and direct messages.",
            "weak: Discord: the bot does not hear of members who leave; they keep their roles.",
        ]
        assert "Message Content Intent" in next(iter(found.values()))


async def test_a_wrong_token_ends_the_examination() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.application.revoke()
        found = await clinic.examine()
        assert list(found) == ["broken: Discord does not accept the bot’s token."]


async def test_a_bot_on_no_server_is_to_be_added() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        found = await clinic.examine(places=())
        [(subject, how)] = found.items()
        assert subject == "broken: Discord: the bot is on no server."
        assert f"client_id={clinic.application.id}&scope=bot+applications.commands" in how


async def test_missing_permissions_are_named() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.guild.add(clinic.application, "MANAGE_MESSAGES")
        clinic.guild.forbid("EMBED_LINKS", "ATTACH_FILES")
        found = await clinic.examine()
        lacking = "the bot lacks permissions: Embed Links and Attach Files."
        assert list(found) == [
            f"broken: Discord: on Les Amis {lacking}",
            f"broken: Discord: in the channel general {lacking}",
        ]


async def test_a_channel_can_differ_from_its_server() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.guild.add(clinic.application)
        clinic.room.forbid(clinic.guild.everyone, "SEND_MESSAGES", "EMBED_LINKS")
        clinic.room.allow(clinic.application, "EMBED_LINKS")
        found = await clinic.examine()
        assert list(found) == [
            "weak: Discord: on Les Amis the bot cannot take passwords and archives out of sight.",
            "broken: Discord: in the channel general the bot lacks permissions: Send Messages.",
        ]


async def test_a_channel_that_is_gone_is_told() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.guild.add(clinic.application, "MANAGE_MESSAGES")
        clinic.room.delete()
        found = await clinic.examine()
        assert list(found) == [
            f"broken: Discord: the bot does not see the channel {clinic.room.id}."
        ]


@pytest.mark.parametrize("path", ["", "/api", "/nothing/here"])
async def test_a_wrong_address_of_the_api_is_told(path: str) -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        found = await clinic.examine(api_url=f"{server.world.address}{path}")
        [(subject, how)] = found.items()
        assert subject.startswith("broken: What answers is not Discord’s API")
        assert "[discord] api_url" in how
        server.take_violations()


async def test_nobody_at_the_address_is_told() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        found = await clinic.examine(api_url=f"http://127.0.0.1:{free_port()}/api/v10")
        assert list(found) == ["broken: Discord’s API does not answer."]


async def test_a_wrong_address_of_the_gateway_is_told() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.guild.add(clinic.application, "MANAGE_MESSAGES")
        for url in (f"ws://127.0.0.1:{free_port()}/", server.gateway_url.replace("/gw/", "/x/")):
            found = await clinic.examine(gateway_url=url)
            [subject] = found
            assert subject.startswith("broken: Discord’s gateway does not answer at")
        server.take_violations()


async def test_a_clock_that_is_wrong_is_told() -> None:
    async with DiscordServer() as server:
        clinic = Clinic(server)
        clinic.guild.add(clinic.application, "MANAGE_MESSAGES")
        found = await clinic.examine(clock=lambda: utc_now() + timedelta(hours=1))
        [(subject, how)] = found.items()
        assert subject.startswith("weak: This machine’s clock is 3,60")
        assert "timedatectl" in how
