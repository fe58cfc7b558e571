"""Staying connected: one client after the other, and how it goes, for people."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Final

import aiohttp
import discord

from adapters.discord.client import FATAL, Client
from adapters.discord.errors import revoked
from chatops.conversation.connection import Connection, Link
from chatops.language import Text, _

log = logging.getLogger(__name__)

PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between tries to log in; the last for all others."""

RARELY: Final = 600.0
"""Seconds between tries where somebody has to do something first."""

_WRONG_TOKEN: Final = 4004
_NO_TELLING: Final = _("Discord cannot be reached.")


class Connecting:
    """Keeps a client connected.

    Args:
        token: The bot's.
        made: Makes a client that has not logged in.
        link: Told how it goes.
    """

    def __init__(self, token: str, made: Callable[[], Client], link: Link) -> None:
        self._token = token
        self._made = made
        self._link = link
        self.client: Client | None = None

    async def stay(self) -> None:
        """Stay connected until cancelled."""
        failures = refusals = 0
        while True:
            self.client = self._made()
            try:
                await self.client.login(self._token)
                failures = 0
                await self.client.connect()
            except Exception as error:  # noqa: BLE001 - whatever it is, the bot comes back
                refusals = self._refused(error, refusals)
            finally:
                client, self.client = self.client, None
                await _closed(client)
            # The first refusal may be of what the next login asks for no more.
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            await asyncio.sleep(RARELY if refusals > 1 else pause)
            failures += 1

    def _refused(self, error: Exception, refusals: int) -> int:
        """Tell why the connection ended; return how often it was refused in a row."""
        worked = self._link.now.state == "connected"
        refusal = _refusal(error)
        if refusal is not None:
            self._link.refused(*refusal)
            return 1 if worked else refusals + 1
        if not isinstance(error, OSError | aiohttp.ClientError | discord.DiscordException):
            log.error("the connection to Discord broke in an unknown way", exc_info=error)
        self._link.lost(_NO_TELLING)
        return 0


def seen(connection: Connection, client: Client | None) -> Connection:
    """Return how it is connected, with what works less than it could."""
    if client is None or connection.state != "connected" or client.asked.message_content:
        return connection
    return Connection(connection.name, connection.state, connection.since, *deaf())


def deaf() -> tuple[Text, Text]:
    """Return what is said of a bot that may not read messages, and the mend."""
    return (
        _("The bot reads only messages that mention it, and direct messages."),
        _(
            "For {line} in channels, switch on Message Content Intent in the developer portal, "
            "under Bot, and start the bot again.",
            line="!quitx",
        ),
    )


def _refusal(error: Exception) -> tuple[Text, Text] | None:
    """Return why Discord will not have the bot, where no retry can mend it."""
    if isinstance(error, discord.LoginFailure):
        return revoked()
    if isinstance(error, discord.ConnectionClosed) and error.code in FATAL:
        if error.code == _WRONG_TOKEN:
            return revoked()
        return (
            _("Discord refuses the connection (code {code}).", code=str(error.code)),
            _("Switch on the intents in the developer portal, under Bot, that the guide names."),
        )
    return None


async def _closed(client: Client) -> None:
    try:
        await client.close()
    except Exception:
        log.info("the connection to Discord could not be closed in good order", exc_info=True)
