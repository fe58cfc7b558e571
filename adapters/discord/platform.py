"""`DiscordPlatform`: Discord as a `ChatPlatform`."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Final

import discord
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from adapters.discord.answers import Answers
from adapters.discord.client import Client
from adapters.discord.connecting import Connecting, seen
from adapters.discord.ears import Ears
from adapters.discord.errors import unreachable
from adapters.discord.files import fetched
from adapters.discord.interactions import Interactions
from adapters.discord.limits import CAPABILITIES
from adapters.discord.listening import Listening
from adapters.discord.people import People
from adapters.discord.places import NAME
from adapters.discord.syncing import sync
from adapters.discord.tree import tree_of
from adapters.discord.voice import Voice
from chatops.clock import Clock
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.connection import Connection, Link
from chatops.conversation.events import Attachment
from chatops.conversation.platform import Capabilities, Inbox
from chatops.conversation.registry import Registry, key_of
from chatops.conversation.reply import Reply
from chatops.language import Language, Speaker, Trouble

log = logging.getLogger(__name__)

_SYNC_AGAIN: Final = (10.0, 60.0, 600.0)
"""Seconds between tries to tell Discord of the commands; the last for all others."""


class DiscordPlatform:
    """Discord: one application in any number of servers.

    Args:
        token: The bot's.
        registry: Makes the application's command.
        language: Spoken to members whose own is not known.
        api_url: Where the API stands, if not at Discord, its version included.
        gateway_url: Where the gateway stands, if not at Discord.
    """

    def __init__(
        self,
        token: str,
        registry: Registry,
        clock: Clock,
        *,
        language: Language = "en",
        api_url: str = "",
        gateway_url: str = "",
    ) -> None:
        self._registry = registry
        self._clock = clock
        self._language: Language = language
        self._api_url = api_url.rstrip("/")
        self._gateway_url = gateway_url
        self._tree = tree_of(registry)
        self._link = Link(NAME, clock)
        self._answers = Answers()
        self._people = People()
        self._voice = Voice(self._client, self._answers)
        self._token = token
        self._connecting: Connecting | None = None

    @property
    def name(self) -> str:
        """The platform's name, as in `Place.platform`."""
        return NAME

    @property
    def capabilities(self) -> Capabilities:
        """What it can show."""
        return CAPABILITIES

    @property
    def connections(self) -> tuple[Connection, ...]:
        """The one connection to the gateway, which serves all servers."""
        client = self._connecting.client if self._connecting is not None else None
        return (seen(self._link.now, client),)

    async def run(self, inbox: Inbox) -> None:
        """Connect, hand in events, and stay until cancelled."""
        self._point()
        async with asyncio.TaskGroup() as group:
            ears = Ears(inbox, group)
            listening = Listening(
                group=group,
                ears=ears,
                interactions=Interactions(
                    registry=self._registry,
                    tree=self._tree,
                    answers=self._answers,
                    ears=ears,
                    people=self._people,
                    language=self._language,
                ),
                people=self._people,
                link=self._link,
                clock=self._clock,
                sync=self._sync,
            )
            self._connecting = Connecting(self._token, lambda: Client(listening), self._link)
            group.create_task(self._connecting.stay())

    async def send(
        self, address: Address, reply: Reply, speaker: Speaker, *, key: str
    ) -> MessageRef:
        """Say something; the same key says it once."""
        return await self._voice.send(address, reply, speaker, key)

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says."""
        await self._voice.edit(message, reply, speaker)

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message; a member's where the bot may manage messages."""
        return await self._voice.delete(message)

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction."""
        await self._voice.react(message, emoji)

    async def direct(self, member: Member) -> Place:
        """Return the place where only the member and the bot talk."""
        return await self._voice.direct(member)

    async def fetch(self, attachment: Attachment, target: Path, *, limit: int) -> None:
        """Write a file that a member shared."""
        await fetched(attachment, target, limit, self._api_url)

    def _client(self) -> Client:
        client = self._connecting.client if self._connecting is not None else None
        if client is None or client.is_closed() or client.application_id is None:
            raise unreachable()
        return client

    def _point(self) -> None:
        """Point the library, for the whole process, at what the settings name."""
        if self._api_url:
            Route.BASE = self._api_url
        if self._gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(self._gateway_url)

    async def _sync(self, client: Client) -> None:
        """Tell Discord of the commands, again and again until it knows them."""
        for command in self._tree.left_out:
            log.warning("of all slash commands only /quitx line reaches %r", key_of(command))
        failures = 0
        while not client.is_closed():
            try:
                await sync(client, self._tree.spelled)
            except (Trouble, discord.DiscordException) as trouble:
                log.warning("Discord could not be told of the commands: %s", trouble)
            else:
                return
            await asyncio.sleep(_SYNC_AGAIN[min(failures, len(_SYNC_AGAIN) - 1)])
            failures += 1
