"""Discord: how soon a command is answered first, and what it costs beside discord.py's bare one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.chatting.comparing import compared
from chatops.conversation.addresses import Member, Place
from tests.support.discord import Channel, DiscordServer, Guild, Person
from tests.support.discord.applications import Application

_CHANNELS: Final = 10
_TOKEN: Final = "good"  # noqa: S105 - the double's


@dataclass(frozen=True)
class Stage:
    """A server of ten people and ten channels."""

    server: DiscordServer
    application: Application
    guild: Guild
    members: list[Person]
    channels: list[Channel]

    async def call(self, number: int, line: str) -> float:
        """Let somebody call; return the seconds until the first answer."""
        person = self.members[number % len(self.members)]
        called = await person.slash(self.channels[number % len(self.channels)], f"quitx {line}")
        assert called.latency is not None, called
        return called.latency

    @property
    def environ(self) -> Mapping[str, str]:
        """Return what `quitx run` is told."""
        return {
            "QUITX_DISCORD__TOKEN": _TOKEN,
            "QUITX_DISCORD__API_URL": self.server.api_url,
            "QUITX_DISCORD__GATEWAY_URL": self.server.gateway_url,
        }

    @property
    def arguments(self) -> Sequence[str]:
        """What discord.py is told."""
        return self.server.api_url, self.server.gateway_url, _TOKEN

    @property
    def people(self) -> tuple[Sequence[Member], Sequence[Place]]:
        """The people and the channels, as the core names them."""
        guild = self.guild.id
        return (
            [Member("discord", "", each.id, each.name) for each in self.members],
            [Place("discord", guild, each.id) for each in self.channels],
        )

    def ready(self) -> object:
        """Whether the bot is there, and its command known."""
        return self.server.gateway.sessions(self.application) and self.application.commands()


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Set the stage."""
    async with DiscordServer(validating=False) as server:
        application = server.application(
            "QuitX", token=_TOKEN, privileged=("members", "message_content")
        )
        guild = server.guild("Les Amis")
        guild.add(application)
        people = [guild.person(f"Member {n}") for n in range(_CHANNELS)]
        channels = [guild.channel(f"c{n}") for n in range(_CHANNELS)]
        yield Stage(server, application, guild, people, channels)


def table() -> str:
    """Measure, and return the tables."""
    return compared("discord.py", "bench.chatting.peers.bare_discord", staged)


if __name__ == "__main__":
    print(table())
