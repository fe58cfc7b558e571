"""One call of the Web API: who asks, with which arguments, and how it is refused."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from tests.support.slack.apps import App, Bot
from tests.support.slack.places import Channel, Team
from tests.support.slack.records import Json, Message, User
from tests.support.slack.scopes import ChannelKind, scope
from tests.support.slack.world import World

ALWAYS = frozenset({"token", "team_id"})
"""Arguments that every method takes; bolt adds the team's id to all calls of a listener."""


class Refused(Exception):
    """Slack answers with this error."""

    def __init__(self, error: str, **details: object) -> None:
        super().__init__(error)
        self.error = error
        self.details = details


@dataclass(frozen=True)
class Asked:
    """A call whose token was recognised; `bot` is missing when an app-level token asks."""

    world: World
    app: App
    caller: Bot | None
    method: str
    args: Json

    @property
    def bot(self) -> Bot:
        """The bot that asks."""
        if self.caller is None:
            raise Refused("not_allowed_token_type")
        return self.caller

    @property
    def team(self) -> Team:
        """The workspace in which it asks."""
        return self.bot.team

    def need_bot(self) -> None:
        """Refuse an app-level token."""
        if self.caller is None:
            raise Refused("not_allowed_token_type")

    def need(self, *scopes: str) -> None:
        """Refuse unless the token has one of these scopes."""
        bot = self.bot
        if bot.scopes & set(scopes):
            return
        if not bot.lost & set(scopes):
            self.world.accuse("scope", f"{self.method} needs {' or '.join(scopes)}")
        raise Refused(
            "missing_scope", needed=",".join(scopes), provided=",".join(sorted(bot.scopes))
        )

    def need_in(self, kind: ChannelKind, right: str) -> None:
        """Refuse unless the token has this right over this kind of conversation."""
        self.need(scope(kind, right))

    def words(self, key: str, default: str = "") -> str:
        """Return an argument as text."""
        value = self.args.get(key)
        return default if value is None else str(value)

    def required(self, key: str, error: str = "") -> str:
        """Return an argument that must be there."""
        value = self.words(key)
        if not value:
            sentence = f"[ERROR] missing required field: {key}"
            metadata = {"messages": [sentence]}
            raise Refused(error or "invalid_arguments", response_metadata=metadata)
        return value

    def flag(self, key: str) -> bool:
        """Return an argument that is true or false; forms write it as text."""
        return str(self.args.get(key, "")).lower() in ("1", "true")

    def number(self, key: str, default: int) -> int:
        """Return an argument that is a whole number."""
        return int(self.args.get(key) or default)

    def channel(self, key: str = "channel") -> Channel:
        """Return the conversation that is meant, if the bot may know of it."""
        found = self.team.find(self.required(key))
        if found is None or (found.private and self.bot.user_id not in found.members):
            raise Refused("channel_not_found")
        return found

    def writable(self, channel: Channel) -> Channel:
        """Refuse unless the bot may write there."""
        if channel.archived:
            raise Refused("is_archived")
        if channel.read_only:
            raise Refused("restricted_action")
        member = self.bot.user_id in channel.members
        if not member and not ({"chat:write.public"} & self.bot.scopes and not channel.private):
            raise Refused("not_in_channel")
        return channel

    def message(self, channel: Channel, key: str = "ts") -> Message:
        """Return a standing message; ephemeral ones cannot be found."""
        found = channel.find(self.required(key))
        if found is None:
            raise Refused("message_not_found")
        return found

    def user(self, user_id: str) -> User:
        """Return a user of the workspace."""
        found = self.team.users.get(user_id)
        if found is None:
            raise Refused("user_not_found")
        return found

    def page(
        self, found: list[Json], *, default: int = 100, most: int = 1000
    ) -> tuple[list[Json], str]:
        """Return one page of a listing, and the cursor of the next one."""
        limit = self.number("limit", default)
        if not 0 < limit <= most:
            raise Refused("invalid_limit")
        cursor = self.words("cursor")
        try:
            begin = int(cursor.removeprefix("next:") or 0)
        except ValueError:
            raise Refused("invalid_cursor") from None
        end = begin + limit
        return found[begin:end], f"next:{end}" if end < len(found) else ""


Answer: TypeAlias = Json | None
Does: TypeAlias = Callable[[Asked], Answer | Awaitable[Answer]]


@dataclass(frozen=True)
class Method:
    """A method: what it does, its arguments, the scopes of which one is needed."""

    does: Does
    takes: frozenset[str]
    scopes: tuple[str, ...]
    app_level: bool


METHODS: dict[str, Method] = {}


def method(
    name: str, takes: str = "", *, scopes: tuple[str, ...] = (), app_level: bool = False
) -> Callable[[Does], Does]:
    """Declare a method with its arguments, separated by spaces."""

    def declare(does: Does) -> Does:
        METHODS[name] = Method(does, frozenset(takes.split()) | ALWAYS, scopes, app_level)
        return does

    return declare
