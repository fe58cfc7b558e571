"""What a person sees, now or after a while."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from tests.support.slack.apps import Bot
from tests.support.slack.places import Channel, Team
from tests.support.slack.records import Impossible, User
from tests.support.slack.seeing import Seen, Sight, behold, see

_POLL_SECONDS = 0.005
Wanted = str | Callable[[Seen], object]


class Reader:
    """Somebody of a workspace who looks at it."""

    def __init__(self, team: Team, user: User) -> None:
        self.team = team
        self.user = user
        self._world = team.world

    @property
    def id(self) -> str:
        """The user's id."""
        return self.user.id

    @property
    def name(self) -> str:
        """The user's name."""
        return self.user.name

    @property
    def view(self) -> Sight | None:
        """The modal on top, if one is open."""
        stack = self._world.modals.get(self.id)
        return behold(stack[-1], self.team) if stack else None

    def home(self, bot: Bot | None = None) -> Sight | None:
        """Return the Home tab of the app, once it set one."""
        shown = self._world.homes.get((self.id, self.team.bot(bot).app.id))
        return behold(shown, self.team) if shown else None

    def dm(self, bot: Bot | None = None) -> Channel:
        """Return the direct conversation with the app."""
        return self.team.direct(self, self.team.bot(bot))

    def seen(self, channel: Channel, thread: Seen | str | None = None) -> list[Seen]:
        """Return what this person sees in a channel, or in one of its threads, oldest first."""
        if channel.deleted or (channel.private and not channel.has(self)):
            raise Impossible(f"{self.name} does not see {channel.name}")
        own = [each for each in channel.ephemeral if each.only_for == self.id and not each.deleted]
        found = sorted([*channel.standing(), *own], key=lambda each: float(each.ts))
        root = root_of(thread)
        return [see(channel, each) for each in found if not root or each.root == root]

    def reload(self) -> None:
        """Start the client anew: what only this person saw is gone."""
        for channel in self.team.channels:
            for message in channel.ephemeral:
                message.deleted |= message.only_for == self.id

    async def until(
        self,
        channel: Channel,
        wanted: Wanted,
        *,
        thread: Seen | str | None = None,
        timeout: float = 5,  # noqa: ASYNC109 - a test says how long it waits
    ) -> Seen:
        """Wait for a message that says something, or that fits; return the newest one."""
        end = time.monotonic() + timeout
        while True:
            seen = self.seen(channel, thread)
            for each in reversed(seen):
                if wanted in each.text if isinstance(wanted, str) else wanted(each):
                    return each
            if time.monotonic() > end:
                shown = "\n---\n".join(each.text for each in seen)
                raise AssertionError(f"{self.name} did not see {wanted!r}, but:\n{shown}")
            await asyncio.sleep(_POLL_SECONDS)

    async def until_view(
        self,
        wanted: str | Callable[[Sight], object] = "",
        *,
        timeout: float = 5,  # noqa: ASYNC109 - a test says how long it waits
    ) -> Sight:
        """Wait for a modal with this in its title or text, or that fits."""
        end = time.monotonic() + timeout
        while True:
            shown = self.view
            if shown is not None and (
                wanted in f"{shown.title}\n{shown.text}"
                if isinstance(wanted, str)
                else wanted(shown)
            ):
                return shown
            if time.monotonic() > end:
                raise AssertionError(f"{self.name} did not see {wanted!r}, but: {shown}")
            await asyncio.sleep(_POLL_SECONDS)


def root_of(thread: Seen | str | None) -> str:
    """Return the timestamp that names a thread; nothing for none."""
    if thread is None:
        return ""
    return thread if isinstance(thread, str) else thread.message.root
