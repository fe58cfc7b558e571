"""discord.py as its documentation shows it, with a command that does nothing of its own.

`python -m bench.chatting.peers.bare_discord API_URL GATEWAY_URL TOKEN SAYING [DUTY]`: SAYING is
`silent`, or `saying` for one line in answer.
"""

from __future__ import annotations

import sys

import discord
import yarl
from discord import app_commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bench.chatting.peers.duty import Duty

_WORDS = "The Shared Gardens\nMode: practice: nothing is published"


def main() -> None:
    """Answer `/quitx status`."""
    api_url, gateway_url, token, saying, *duties = sys.argv[1:]
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = api_url, yarl.URL(gateway_url)
    duty = Duty(duties[0]) if duties else None
    engine = duty.async_engine() if duty else None
    client = discord.Client(
        intents=discord.Intents.default(), allowed_mentions=discord.AllowedMentions.none()
    )
    tree = app_commands.CommandTree(client)
    group = app_commands.Group(name="quitx", description="Talk to QuitX.")

    @group.command(name="status", description="See where things stand.")
    async def status(interaction: discord.Interaction) -> None:
        await interaction.response.defer(ephemeral=True)
        if duty and engine:
            await duty.do_async(engine)
        if saying == "saying":
            await interaction.edit_original_response(content=_WORDS)

    tree.add_command(group)

    @client.event
    async def setup_hook() -> None:  # pyright: ignore[reportUnusedFunction] - discord.py calls it
        await tree.sync()

    client.run(token, log_handler=None)


if __name__ == "__main__":
    main()
