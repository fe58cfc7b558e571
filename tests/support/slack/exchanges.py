"""Triggers and response URLs: what an interaction lets the app do for a while."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.slack.apps import Bot
from tests.support.slack.records import Message, User

if TYPE_CHECKING:
    from tests.support.slack.places import Channel
    from tests.support.slack.world import World

TRIGGER_SECONDS = 3
RESPONSE_SECONDS = 30 * 60
RESPONSES = 5


@dataclass
class Trigger:
    """Lets the app open one view for one person; `view_id` is the modal that it came from."""

    bot: Bot
    user: User
    expires: float
    view_id: str = ""
    spent: bool = False


@dataclass
class ResponseUrl:
    """Lets the app answer an interaction five times within half an hour."""

    bot: Bot
    user: User
    channel: Channel
    expires: float
    original: Message | None = None
    posts: int = 0


class Exchanges:
    """Hands out triggers and response URLs, and knows which of them still hold."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.urls: dict[str, ResponseUrl] = {}
        self._triggers: dict[str, Trigger] = {}

    def trigger(self, bot: Bot, user: User, *, view_id: str = "") -> str:
        """Return a new trigger."""
        name = f"{len(self._triggers) + 1}.{bot.team.id}.{secrets.token_hex(16)}"
        expires = self._world.clock.now() + TRIGGER_SECONDS
        self._triggers[name] = Trigger(bot, user, expires, view_id)
        return name

    def response_url(
        self, bot: Bot, user: User, channel: Channel, original: Message | None = None
    ) -> str:
        """Return a new address for answers."""
        name = secrets.token_hex(16)
        expires = self._world.clock.now() + RESPONSE_SECONDS
        self.urls[name] = ResponseUrl(bot, user, channel, expires, original)
        return f"{self._world.url}/actions/{bot.team.id}/{name}"

    def exchange(self, name: str, bot: Bot) -> Trigger | str:
        """Spend a trigger; the error's name when it does not hold."""
        trigger = self._triggers.get(name)
        if trigger is None or trigger.bot is not bot:
            return "invalid_trigger_id"
        if trigger.spent:
            return "exchanged_trigger_id"
        if self._world.clock.now() > trigger.expires:
            return "expired_trigger_id"
        trigger.spent = True
        return trigger
