"""Who hears what the gateway tells, and hands it on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from itertools import chain, repeat
from typing import Any, Final

import discord

from adapters.discord.client import Client
from adapters.discord.ears import Ears, Sound
from adapters.discord.hearing import (
    left_event,
    lost_channel,
    lost_guild,
    lost_thread,
    message_event,
    reaction_event,
)
from adapters.discord.interactions import Interactions
from adapters.discord.missed import missed
from adapters.discord.people import People
from adapters.discord.places import may_speak, place_at
from chatops.clock import Clock
from chatops.conversation.connection import Link
from chatops.conversation.events import Event
from chatops.language import Trouble, _

log = logging.getLogger(__name__)

LOOK_BACK: Final = timedelta(minutes=15)
"""How old a message may be that was written while nobody listened."""

READ_AGAIN: Final = (2.0, 10.0, 60.0)
"""Seconds between tries to read what was written meanwhile; the last for all others."""

_OVERLAP: Final = timedelta(minutes=1)


class Listening:
    """Hears for as long as the bot runs, whatever client is connected.

    Args:
        group: Runs what need not keep its order.
        sync: Tells Discord of the commands.
    """

    def __init__(  # noqa: PLR0913 - what a bot hears with
        self,
        *,
        group: asyncio.TaskGroup,
        ears: Ears,
        interactions: Interactions,
        link: Link,
        clock: Clock,
        people: People,
        sync: Callable[[Client], Awaitable[None]],
    ) -> None:
        self._group = group
        self._ears = ears
        self._interactions = interactions
        self._link = link
        self._clock = clock
        self._sync = sync
        self._since = clock() - LOOK_BACK
        self._people = people
        self._hearers: dict[str, Callable[..., None]] = {
            "interaction": self._interaction,
            "message": self._message,
            "raw_reaction_add": self._reaction,
            "raw_reaction_remove": self._reaction,
            "raw_member_remove": self._left,
            "guild_remove": self._lost_guild,
            "guild_channel_delete": self._lost_channel,
            "guild_channel_update": self._changed_channel,
            "raw_thread_delete": self._lost_thread,
            "ready": self._ready,
        }

    def heard(self, client: Client, event: str, about: tuple[Any, ...], moment: str) -> None:
        """Hear of an event."""
        hearer = self._hearers.get(event)
        if hearer is None:
            return
        try:
            hearer(client, moment, *about)
        except Exception:
            log.exception("an event of the kind %r could not be understood", event)

    def logged_in(self, client: Client) -> None:
        """Tell Discord of the commands, beside everything else."""
        self._group.create_task(_guarded(self._sync(client)))

    def connected(self, client: Client) -> None:
        """Note that events arrive."""
        del client
        self._link.connected()

    def lost(self, error: Exception) -> None:
        """Note that the connection broke."""
        log.info("the connection to Discord broke: %r", error)
        if self._link.now.state == "connected":
            self._since = self._clock() - _OVERLAP
        self._link.lost(_("The connection to Discord broke; it is being made again."))

    def _interaction(self, _client: Client, _moment: str, told: discord.Interaction[Any]) -> None:
        self._people.met(told.user, told.locale.value)
        self._group.create_task(self._interactions.take(told))

    def _message(self, client: Client, _moment: str, message: discord.Message) -> None:
        assert client.user is not None
        event = message_event(message, client.user, self._people.language(message.author.id))
        if event is None:
            return
        for user in (message.author, *message.mentions):
            self._people.met(user)

        async def sound() -> Event | None:
            return await self._people.introduced(client, event)

        self._ears.hear(sound, message.channel.id)

    def _reaction(
        self, client: Client, moment: str, payload: discord.RawReactionActionEvent
    ) -> None:
        bot = client.user is not None and payload.user_id == client.user.id
        if bot or (payload.member is not None and payload.member.bot):
            return

        async def sound() -> Event | None:
            place = await place_at(client, payload.channel_id, payload.guild_id)
            name = self._people.name(payload.user_id)
            return None if place is None else reaction_event(payload, place, name, moment)

        self._ears.hear(sound, payload.channel_id)

    def _left(self, _client: Client, moment: str, payload: discord.RawMemberRemoveEvent) -> None:
        if not payload.user.bot:
            self._ears.hear(_known(left_event(payload, moment)), None)

    def _lost_guild(self, _client: Client, moment: str, guild: discord.Guild) -> None:
        self._ears.hear(_known(lost_guild(guild, moment)), None)

    def _lost_channel(
        self, _client: Client, moment: str, channel: discord.abc.GuildChannel
    ) -> None:
        self._ears.hear(_known(lost_channel(channel, moment)), channel.id)

    def _changed_channel(
        self,
        _client: Client,
        moment: str,
        before: discord.abc.GuildChannel,
        after: discord.abc.GuildChannel,
    ) -> None:
        if may_speak(before) and not may_speak(after):
            self._ears.hear(_known(lost_channel(after, moment)), after.id)

    def _lost_thread(
        self, _client: Client, moment: str, payload: discord.RawThreadDeleteEvent
    ) -> None:
        self._ears.hear(_known(lost_thread(payload, moment)), payload.thread_id)

    def _ready(self, client: Client, _moment: str) -> None:
        """Read what was written while nobody listened; the core drops what it knows."""
        since = max(self._since, self._clock() - LOOK_BACK)
        self._group.create_task(_guarded(self._catch_up(client, since)))

    async def _catch_up(self, client: Client, since: datetime) -> None:
        for pause in chain(READ_AGAIN, repeat(READ_AGAIN[-1])):
            try:
                async for message in missed(client, since):
                    self._message(client, "", message)
            except (Trouble, discord.DiscordException) as trouble:
                log.warning("what was written meanwhile could not be read: %s", trouble)
            else:
                return
            await asyncio.sleep(pause)
            if client.is_closed():
                return


async def _guarded(work: Awaitable[None]) -> None:
    """Let nothing that goes wrong beside everything else end it."""
    try:
        await work
    except Exception:
        log.exception("something beside the conversation went wrong")


def _known(event: Event) -> Sound:
    async def sound() -> Event | None:
        return event

    return sound
