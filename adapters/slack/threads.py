"""In which thread a message stands, which a reaction to it does not tell."""

from __future__ import annotations

from typing import Final

from adapters.slack.asked import Asked
from adapters.slack.failures import Failure
from adapters.slack.places import thread_of
from adapters.slack.workspace import Workspace

_KEPT: Final = 5_000
_SECONDS: Final = 30 * 24 * 3600.0


class Threads:
    """Threads of the messages of one workspace: those that the bot posted are known."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._known = Asked(self._ask, _KEPT, _SECONDS)

    def learn(self, channel: str, timestamp: str, thread: str) -> None:
        """Note in which thread a message was posted."""
        self._known.put((channel, timestamp), thread)

    async def of(self, channel: str, timestamp: str) -> str:
        """Return the thread of a message; empty where it stands in none."""
        try:
            return await self._known.get((channel, timestamp))
        except Failure:
            return ""

    async def _ask(self, message: tuple[str, str]) -> str:
        channel, timestamp = message
        answer = await self._workspace.ask(
            "conversations.replies", channel=channel, ts=timestamp, limit=1
        )
        found = [said for said in answer.get("messages") or () if said.get("ts") == timestamp]
        return thread_of(found[0]) if found else ""
