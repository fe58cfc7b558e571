"""How what a person does reaches an application: as an interaction, with its three seconds."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from dataclasses import dataclass

from tests.support.discord.applications import Application
from tests.support.discord.faults import Faults
from tests.support.discord.interactions import FIRST_ANSWER, Interaction, InteractionKind
from tests.support.discord.places import Channel
from tests.support.discord.records import Json, Message, User
from tests.support.discord.world import World

_MARGIN = 0.2


@dataclass(frozen=True, slots=True)
class Sender:
    """Sends what one person does."""

    world: World
    user: User
    faults: Faults

    def begin(
        self,
        kind: InteractionKind,
        application: Application,
        channel: Channel,
        data: Json,
        **about: object,
    ) -> Interaction:
        """Send an interaction.

        Args:
            about: Further fields of the interaction.
        """
        interaction = Interaction(
            self.world,
            self.world.id(),
            secrets.token_urlsafe(48),
            kind,
            application,
            self.user,
            channel,
            data,
            self.world.clock.seconds(),
        )
        for name, value in about.items():
            setattr(interaction, name, value)
        self.world.interactions[interaction.id] = interaction
        self.world.tokens[interaction.token] = interaction
        self._dispatch(interaction)
        return interaction

    async def component(self, message: Message, data: Json) -> Interaction:
        """Use a component of a message, and wait for the first answer."""
        assert message.application is not None
        used = self.begin(
            InteractionKind.COMPONENT, message.application, message.channel, data, message=message
        )
        return await self.answered(used)

    async def answered(self, interaction: Interaction) -> Interaction:
        """Wait until an interaction is answered, or lost."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FIRST_ANSWER + _MARGIN):
                await interaction.settled.wait()
        return interaction

    def _dispatch(self, interaction: Interaction) -> None:
        loop, late = asyncio.get_running_loop(), self.faults.interactions_late
        if late:
            loop.call_later(late, interaction.dispatch)
        else:
            interaction.dispatch()
        if self.faults.interactions_twice is not None:
            loop.call_later(late + self.faults.interactions_twice, interaction.dispatch)
