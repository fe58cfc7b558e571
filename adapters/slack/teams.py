"""The workspaces in which the bot is installed, by their ids."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from adapters.slack.people import People
from adapters.slack.places import PLATFORM
from adapters.slack.threads import Threads
from adapters.slack.workspace import Identity, Workspace
from chatops.conversation.addresses import Member, Place


class Team(Struct, frozen=True):
    """A workspace with what is known of its people."""

    workspace: Workspace
    people: People
    threads: Threads

    @property
    def me(self) -> Identity:
        """Who the bot is there."""
        identity = self.workspace.identity
        assert identity is not None, "only workspaces that are known are found"
        return identity


class Teams:
    """Finds workspaces."""

    def __init__(self, teams: Iterable[Team]) -> None:
        self._teams = tuple(teams)

    def find(self, team_id: str) -> Team | None:
        """Return the workspace of an id, if it is known by now."""
        for team in self._teams:
            identity = team.workspace.identity
            if identity is not None and identity.team == team_id:
                return team
        return None

    @property
    def unknown(self) -> bool:
        """Whether there are workspaces of which nothing is known yet."""
        return any(each.workspace.identity is None for each in self._teams)


async def direct(team: Team, who: Member) -> Place:
    """Return the direct conversation with a member; open it where there is none.

    Raises:
        Failure: There can be none, or Slack does not answer.
    """
    answer = await team.workspace.call("conversations.open", users=who.id)
    channel = str((answer.get("channel") or {}).get("id") or "")
    team.people.met(channel)
    return Place(PLATFORM, team.me.team, channel, direct=True)
