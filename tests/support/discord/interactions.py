"""Interactions: what a person did with an application, and how far its answer is.

    waiting --callback in 3 s--> answered --token good for 15 minutes--> over
       |
       +--3 s later--> lost ("The application did not respond")

A message answer is at once `@original`; a deferred one is a "thinking" message that the first
follow-up or the first edit of `@original` replaces; its ephemeral flag stays that of the deferral.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING

from tests.support.discord import message_shapes, shapes
from tests.support.discord.drafts import FILE_SIZE
from tests.support.discord.intents import ALWAYS
from tests.support.discord.permissions import EVERYONE, in_channel
from tests.support.discord.records import Json, Message, User
from tests.support.discord.world import Event

if TYPE_CHECKING:
    from tests.support.discord.applications import Application
    from tests.support.discord.places import Channel
    from tests.support.discord.world import World

FIRST_ANSWER = 3.0
TOKEN = 15 * 60.0


class InteractionKind(IntEnum):
    """Discord's interaction types."""

    COMMAND = 2
    COMPONENT = 3
    AUTOCOMPLETE = 4
    MODAL = 5


class Answer(IntEnum):
    """Discord's interaction callback types."""

    MESSAGE = 4
    DEFERRED = 5
    DEFERRED_UPDATE = 6
    UPDATE = 7
    CHOICES = 8
    MODAL = 9


@dataclass(eq=False, slots=True, repr=False)
class Interaction:
    """One interaction.

    Args:
        words: The command's words, `quitx migrate plan`; empty for others.
        message: The message whose component was used, or from which the modal was opened.
        opened_by: What opened the modal that is submitted.
        answer: How it was answered first; None while it was not.
        latency: Seconds until then.
        response: `@original`.
        thinking: Whether `@original` is still the "thinking" message.
        followups: The messages that came after.
        modal: The modal that it opened.
        choices: What an autocompletion offered.
        times: How often it was dispatched.
        settled: Set once it is answered or lost.
    """

    world: World
    id: str
    token: str
    kind: InteractionKind
    application: Application
    user: User
    channel: Channel
    data: Json
    started: float
    words: str = ""
    message: Message | None = None
    opened_by: Interaction | None = None
    answer: Answer | None = None
    latency: float | None = None
    response: Message | None = None
    thinking: bool = False
    followups: list[Message] = field(default_factory=list)
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    times: int = 0
    settled: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def answered(self) -> bool:
        """Whether a first answer came in time."""
        return self.answer is not None

    @property
    def lost(self) -> bool:
        """Whether the person saw "The application did not respond"."""
        return not self.answered and self.age > FIRST_ANSWER

    @property
    def over(self) -> bool:
        """Whether its token is not good any more."""
        return self.age > TOKEN

    @property
    def age(self) -> float:
        """Seconds since it was made."""
        return self.world.clock.seconds() - self.started

    @property
    def owners(self) -> dict[str, str]:
        """Who authorised the application here: the guild."""
        return {"0": self.channel.guild.id if self.channel.guild else "0"}

    @property
    def messages(self) -> list[Message]:
        """Every message that answers it and still stands."""
        answers = [self.response, *self.followups] if self.response else list(self.followups)
        return [one for one in answers if one.id in one.channel.messages]

    def dispatch(self) -> None:
        """Send it to the application, once or again."""
        self.times += 1
        self.world.tell(
            Event("INTERACTION_CREATE", lambda _: payload(self), ALWAYS, only=self.application)
        )


def payload(it: Interaction) -> Json:
    """Return what the gateway brings."""
    guild, bot = it.channel.guild, it.application.bot
    there = in_channel(it.channel, bot.id) or EVERYONE
    shape: Json = {
        "id": it.id,
        "application_id": it.application.id,
        "type": int(it.kind),
        "token": it.token,
        "version": 1,
        "data": it.data,
        "channel_id": it.channel.id,
        "channel": shapes.with_permissions(it.channel, it.user),
        "locale": it.user.locale,
        "app_permissions": str(int(there)),
        "entitlements": [],
        "authorizing_integration_owners": it.owners,
        "context": 0 if guild else 1,
        "attachment_size_limit": FILE_SIZE,
    }
    if guild is None:
        shape["user"] = shapes.user(it.user)
    else:
        member = shapes.full_member(guild.members[it.user.id])
        may = str(int(in_channel(it.channel, it.user.id)))
        shape["member"] = member | {"permissions": may}
        shape["guild_id"] = guild.id
        shape["guild_locale"] = guild.locale
        shape["guild"] = {"id": guild.id, "locale": guild.locale, "features": []}
    if it.message is not None:
        # An interaction brings its message whole, whatever the intents.
        shape["message"] = message_shapes.message(it.message)
    return shape
