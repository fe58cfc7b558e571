"""Views that an app shows, by whatever way: checked as Slack checks them, and kept."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from tests.support.slack.apps import Bot
from tests.support.slack.records import Json, View
from tests.support.slack.saying import named
from tests.support.slack.validation import check_view
from tests.support.slack.validation.views import too_large

if TYPE_CHECKING:
    from tests.support.slack.world import World

MOST_MODALS = 3


class Unshowable(Exception):
    """Slack does not take this as a view."""

    def __init__(self, error: str, problems: tuple[str, ...] = ()) -> None:
        super().__init__(error)
        self.error = error
        self.problems = problems


def show(world: World, bot: Bot, user_id: str, content: object, *, kind: str) -> View:
    """Make a view for one person.

    Raises:
        Unshowable: Slack does not take it; the violation was recorded.
    """
    accepted = _accepted(world, content, kind)
    external = accepted.get("external_id")
    if external and any(
        view.open and view.content.get("external_id") == external for view in world.views.values()
    ):
        raise Unshowable("duplicate_external_id")
    view = View(
        id=world.names.id("V"),
        user_id=user_id,
        app_id=bot.app.id,
        bot_id=bot.bot_id,
        team_id=bot.team.id,
        content=accepted,
        hash=_hash(world),
    )
    world.views[view.id] = view
    return view


def change(world: World, view: View, content: object, *, kind: str) -> None:
    """Show something else in a view.

    Raises:
        Unshowable: Slack does not take it; the violation was recorded.
    """
    view.content = _accepted(world, content, kind)
    view.hash = _hash(world)
    view.errors.clear()


def _accepted(world: World, content: object, kind: str) -> Json:
    if too_large(content):
        world.accuse("view", "view_too_large")
        raise Unshowable("view_too_large")
    problems = check_view(content, kind=kind)
    if problems or not isinstance(content, dict):
        world.accuse("view", "; ".join(problems))
        raise Unshowable("invalid_arguments", tuple(problems))
    return {**content, "blocks": named(content["blocks"])}


def _hash(world: World) -> str:
    return f"{int(world.clock.now())}.{secrets.token_hex(4)}"
