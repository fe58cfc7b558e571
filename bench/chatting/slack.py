"""Slack: how soon a command is acknowledged, and what it costs beside bolt's bare handler."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from bench.chatting.comparing import compared
from chatops.bootstrap import registry
from chatops.conversation.addresses import Member, Place
from tests.support.slack import App, Bot, Channel, Person, SlackServer

_CHANNELS: Final = 10


@dataclass(frozen=True)
class Stage:
    """A workspace of ten people and ten channels."""

    server: SlackServer
    app: App
    bot: Bot
    members: list[Person]
    channels: list[Channel]

    async def call(self, number: int, line: str) -> float:
        """Let somebody call; return the seconds until the acknowledgement."""
        person = self.members[number % len(self.members)]
        delivery = await person.slash(self.channels[number % len(self.channels)], f"/quitx {line}")
        assert delivery.acked, delivery
        return delivery.latency

    @property
    def environ(self) -> Mapping[str, str]:
        """Return what `quitx run` is told."""
        return {
            "QUITX_SLACK__BOT_TOKEN": self.bot.token,
            "QUITX_SLACK__APP_TOKEN": self.app.token,
            "QUITX_SLACK__API_URL": self.server.api_url,
        }

    @property
    def arguments(self) -> Sequence[str]:
        """What bolt is told."""
        return self.server.api_url, self.bot.token, self.app.token

    @property
    def people(self) -> tuple[Sequence[Member], Sequence[Place]]:
        """The people and the channels, as the core names them."""
        team = self.bot.team.id
        return (
            [Member("slack", team, each.id, each.name) for each in self.members],
            [Place("slack", team, each.id) for each in self.channels],
        )

    def ready(self) -> object:
        """Whether the bot is connected."""
        return self.app.connections


@asynccontextmanager
async def staged() -> AsyncIterator[Stage]:
    """Set the stage."""
    # Loaded here: an adapter loads on use.
    from adapters.slack.manifest import manifest  # noqa: PLC0415

    async with SlackServer() as server:
        app = server.app(manifest(registry()))
        team = server.team("Les Amis")
        bot = team.install(app)
        people = [team.person(f"Member {n}") for n in range(_CHANNELS)]
        channels = [team.channel(f"c{n}", bot, *people) for n in range(_CHANNELS)]
        yield Stage(server, app, bot, people, channels)


def table() -> str:
    """Measure, and return the tables."""
    return compared("bolt", "bench.chatting.peers.bare_slack", staged)


if __name__ == "__main__":
    print(table())
