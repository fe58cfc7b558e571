"""The Home tab: where an organisation stands, whenever a member opens it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from adapters.slack.failures import Failure
from adapters.slack.paging import Block
from adapters.slack.places import member
from adapters.slack.rendering import render
from adapters.slack.teams import Team
from chatops.conversation.addresses import Member
from chatops.conversation.reply import Note, Reply
from chatops.language import Code, Speaker, _

log = logging.getLogger("adapters.slack")

Home: TypeAlias = Callable[[Member], Awaitable[tuple[Reply, Speaker]]]
"""Returns what a member sees on the Home tab, and in which language."""

_ALL: Final = 1_000
_MORE: Final = _("There is more: {command} shows all of it.", command=Code("/quitx status"))


class HomeTab:
    """Draws the Home tab.

    Args:
        home: Says what stands there; without it the tab is left alone.
    """

    def __init__(self, home: Home | None) -> None:
        self._home = home

    async def publish(self, team: Team, user: str) -> None:
        """Show a member their Home tab as it is now."""
        if self._home is None:
            return
        profile = await team.people.profile(user)
        reply, speaker = await self._home(member(team.me.team, user, profile))
        view = {"type": "home", "blocks": blocks(reply, speaker)}
        try:
            await team.workspace.call("views.publish", user_id=user, view=view)
        except Failure as failure:
            log.warning("slack: the Home tab could not be shown: %s", failure)


def blocks(reply: Reply, speaker: Speaker) -> list[Block]:
    """Return a reply as the blocks of a Home tab; it says so where that is not all of it."""
    first, *others = render(reply, speaker, pages=_ALL).pages
    if len(others) <= 1:
        return [block for page in (first, *others) for block in page.blocks]
    more = render(Reply((Note(_MORE),)), speaker).pages[0]
    offered = [block for block in others[-1].blocks if block["type"] == "actions"]
    return [*first.blocks, *more.blocks, *offered]
