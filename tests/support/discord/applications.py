"""Applications and their bots."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.discord.intents import Intent
from tests.support.discord.records import Json, User

if TYPE_CHECKING:
    from tests.support.discord.places import Guild
    from tests.support.discord.world import World

_SUBCOMMAND, _GROUP = 1, 2


@dataclass(eq=False, slots=True, repr=False)
class Application:
    """An application with its bot.

    Args:
        privileged: The privileged intents that its owner switched on.
        registered: Its commands as last synced, by guild id; None holds the global ones.
        syncs: How often commands were put.
        together: How many events come next the other way round.
    """

    world: World
    id: str
    name: str
    token: str
    bot: User
    privileged: Intent
    revoked: bool = False
    registered: dict[str | None, list[Json]] = field(default_factory=dict)
    syncs: int = 0
    together: int = 1
    on_revoked: list[Callable[[Application], None]] = field(default_factory=list)

    @property
    def user(self) -> User:
        """Its bot."""
        return self.bot

    def commands(self, guild: Guild | None = None) -> list[str]:
        """Return the words of every command that is registered, as `quitx migrate plan`."""
        registered = self.registered.get(guild.id if guild else None, [])
        return [words for command in registered for words in _leaves(command)]

    def offered(self, guild: Guild | None) -> list[Json]:
        """Return the commands that its users see; one of the guild hides a global namesake."""
        own = self.registered.get(guild.id, []) if guild else []
        names = {(command["type"], command["name"]) for command in own}
        shared = self.registered.get(None, [])
        return own + [one for one in shared if (one["type"], one["name"]) not in names]

    def reorder(self, events: int) -> None:
        """Let the next so many events come together, the last one first."""
        self.together = events

    def revoke(self) -> None:
        """Make the token worthless: 401 from now on, and sessions closed with 4004."""
        self.revoked = True
        for listener in self.on_revoked:
            listener(self)

    def renew(self, token: str) -> None:
        """Give it a new token after it was revoked."""
        self.token = token
        self.revoked = False


def _leaves(command: Json) -> list[str]:
    nested = [
        option for option in command.get("options", []) if option["type"] in (_SUBCOMMAND, _GROUP)
    ]
    if not nested:
        return [command["name"]]
    return [f"{command['name']} {words}" for option in nested for words in _leaves(option)]
