"""Messages that were written while the bot was away: Discord keeps them, and nobody else does."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final, TypeAlias

import discord

from adapters.discord.errors import told
from chatops.conversation.platform import PlaceClosed

log = logging.getLogger(__name__)

Readable: TypeAlias = discord.TextChannel | discord.VoiceChannel | discord.Thread

_CHANNELS: Final = 50
"""The channels that are looked into, the ones with the newest messages first."""

_MESSAGES: Final = 2_000
"""The messages that are read of each, the oldest first."""


async def missed(client: discord.Client, since: datetime) -> AsyncIterator[discord.Message]:
    """Go through the messages of servers that are newer than a time.

    Direct conversations are not looked into: Discord does not list them for bots.

    Raises:
        PlatformUnavailable: Discord does not answer.
    """
    for channel in _spoken_in(client, since)[:_CHANNELS]:
        try:
            async with told():
                messages = [
                    message
                    async for message in channel.history(
                        after=since, limit=_MESSAGES, oldest_first=True
                    )
                ]
        except PlaceClosed:
            continue
        if messages:
            log.info("%s messages were written in %s meanwhile", len(messages), channel.id)
        for message in messages:
            yield message


def _spoken_in(client: discord.Client, since: datetime) -> list[Readable]:
    channels: list[tuple[int, Readable]] = []
    for guild in client.guilds:
        own: list[Readable] = [*guild.text_channels, *guild.voice_channels, *guild.threads]
        for channel in own:
            last = channel.last_message_id
            if last is not None and discord.utils.snowflake_time(last) > since and _open(channel):
                channels.append((last, channel))
    newest_first = sorted(channels, key=lambda each: each[0], reverse=True)
    return [channel for _last, channel in newest_first]


def _open(channel: Readable) -> bool:
    may = channel.permissions_for(channel.guild.me)
    return may.view_channel and may.read_message_history
