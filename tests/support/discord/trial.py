"""A bare discord.py bot, to try the double with."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import discord
from discord import app_commands

QUICK = 0.01
"""Seconds that a trial bot waits for more guilds; discord.py waits two."""


class TrialBot(discord.Client):
    """A real client that notes what it hears.

    Args:
        heartbeat_timeout: Seconds without a word after which the connection counts as dead.
    """

    def __init__(self, token: str, *, heartbeat_timeout: float = 60.0, **intents: bool) -> None:
        wanted = discord.Intents.default()
        for name, switched_on in intents.items():
            setattr(wanted, name, switched_on)
        super().__init__(
            intents=wanted,
            allowed_mentions=discord.AllowedMentions.none(),
            guild_ready_timeout=QUICK,
            heartbeat_timeout=heartbeat_timeout,
        )
        self.tree = app_commands.CommandTree(self)
        self.messages: list[discord.Message] = []
        self.reactions: list[discord.RawReactionActionEvent] = []
        self.heard: list[str] = []
        """The names of all dispatches, as they came."""
        self.errors: list[BaseException] = []
        """What went wrong in commands."""
        self.tree.error(self._note)
        self._token = token
        self._ready_once = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        """Connect, and wait until it is ready."""
        self.begin()
        async with asyncio.timeout(5):
            await self._ready_once.wait()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say goodbye."""
        await self.close()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    def begin(self) -> asyncio.Task[None]:
        """Connect, and go on at once."""
        self._task = asyncio.create_task(self.start(self._token))
        return self._task

    async def over(self) -> BaseException:
        """Wait until it gave up, and return why."""
        assert self._task is not None
        async with asyncio.timeout(5):
            await asyncio.wait([self._task])
        error = self._task.exception()
        await self.close()
        assert error is not None
        return error

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at once, where discord.py waits five seconds."""

    async def on_ready(self) -> None:
        """Note it."""
        self._ready_once.set()

    async def on_message(self, message: discord.Message) -> None:
        """Note it."""
        self.messages.append(message)

    async def on_raw_reaction_add(self, event: discord.RawReactionActionEvent) -> None:
        """Note it."""
        self.reactions.append(event)

    async def on_socket_event_type(self, name: str) -> None:
        """Note it."""
        self.heard.append(name)

    async def _note(self, _: discord.Interaction[Any], error: app_commands.AppCommandError) -> None:
        self.errors.append(error)
