"""The library's client, kept to what the bot needs, and connecting for ever.

The library waits longer and longer after an outage, up to a quarter of an hour, and gives up where
the gateway cannot be reached the first time (Rapptz/discord.py#10520). `connect` is its own with
both mended: waits stay short, and only what no retry can mend ends it.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from typing import Any, Final, Protocol

import aiohttp
import discord
from discord.gateway import DiscordWebSocket, ReconnectWebSocket

from adapters.discord.errors import LONGEST_WAIT

log = logging.getLogger(__name__)

_OPENING: Final = 60.0
"""Seconds for a connection to say hello."""

FATAL: Final = frozenset({4004, 4010, 4011, 4012, 4013, 4014})
"""Closed with these, the gateway will not have the bot until somebody changes something."""

_ORDINARY: Final = (
    ReconnectWebSocket,
    discord.DiscordException,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
)
"""How connections break."""

_ANEW: Final[dict[str, Any]] = {"initial": False, "shard_id": None}
"""How to connect with a new session."""

_KEEPING_SESSION: Final = 4000
_STREAMING: Final = 2.0
"""Seconds without another server after which all of them are known."""

_BETWEEN_SESSIONS: Final = 5.0
_TRUSTING: Final = 5
"""Failures in a row after which a session, and the address to resume it at, are given up."""

_SOLID: Final = 30.0
"""Seconds after which a connection counts as having worked."""

_FIRST_PAUSE: Final = 1.0
_LONGEST_PAUSE: Final = 30.0


# The bot never speaks aloud: what voice would need is missing on purpose.
discord.VoiceClient.warn_nacl = False
discord.VoiceClient.warn_dave = False


class Listener(Protocol):
    """Hears what the gateway tells."""

    def heard(self, client: Client, event: str, about: tuple[Any, ...], moment: str) -> None:
        """Hear of an event, by the library's name for it; called in order and at once.

        Args:
            about: What the library tells of it.
            moment: Names this very telling; the same when the gateway repeats it.
        """
        ...

    def logged_in(self, client: Client) -> None:
        """Note that requests can be made; connecting follows."""
        ...

    def connected(self, client: Client) -> None:
        """Note that events arrive, after a new session as after a resumed one."""
        ...

    def lost(self, error: Exception) -> None:
        """Note that the connection broke; it is being made again."""
        ...


class Client(discord.Client):
    """One connection to Discord.

    Args:
        listener: Told of everything.
    """

    def __init__(self, listener: Listener) -> None:
        self.asked = discord.Intents(
            guilds=True,
            guild_messages=True,
            dm_messages=True,
            guild_reactions=True,
            dm_reactions=True,
        )
        self._listener = listener
        self._how = dict(_ANEW)
        self._next_session = 0.0
        super().__init__(
            intents=self.asked,
            allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False,
            guild_ready_timeout=_STREAMING,
            max_messages=None,
            max_ratelimit_timeout=LONGEST_WAIT,
            member_cache_flags=discord.MemberCacheFlags.none(),
        )

    async def setup_hook(self) -> None:
        """Ask for the privileged intents that the application has, and for no other."""
        flags = self.application_flags
        self.asked.members = flags.gateway_guild_members or flags.gateway_guild_members_limited
        self.asked.message_content = (
            flags.gateway_message_content or flags.gateway_message_content_limited
        )
        self._listener.logged_in(self)

    def dispatch(self, event: str, /, *args: object, **kwargs: object) -> None:
        """Hand on what was told, with its place in the session."""
        super().dispatch(event, *args, **kwargs)
        if self.is_closed():
            return
        if event in ("connect", "resumed"):
            self._listener.connected(self)
        socket: DiscordWebSocket | None = self.ws
        moment = "" if socket is None else f"{socket.session_id}:{socket.sequence}"
        self._listener.heard(self, event, args, moment)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Open at most one new session in five seconds."""
        del shard_id, initial
        wait = self._next_session - time.monotonic()
        if wait > 0:
            await asyncio.sleep(wait)
        self._next_session = time.monotonic() + _BETWEEN_SESSIONS

    async def connect(self, *, reconnect: bool = True) -> None:
        """Stay connected until closed.

        Raises:
            ConnectionClosed: The gateway will not have the bot.
        """
        del reconnect
        failures = 0
        while not self.is_closed():
            opened = time.monotonic()
            error = await self._follow_socket()
            if self.is_closed():
                return
            self._listener.lost(error)
            if time.monotonic() - opened > _SOLID:
                failures = 0
            await asyncio.sleep(_pause(failures, error))
            failures += 1
            if failures % _TRUSTING == 0:
                self._how = dict(_ANEW)

    async def _follow_socket(self) -> Exception:
        """Follow one socket to its end; return why it ended."""
        socket: DiscordWebSocket | None = None
        try:
            opening = DiscordWebSocket.from_client(self, **self._how)
            socket = self.ws = await asyncio.wait_for(opening, _OPENING)
            while True:
                await socket.poll_event()
        except Exception as error:
            if isinstance(error, discord.ConnectionClosed) and error.code in FATAL:
                raise
            if not isinstance(error, _ORDINARY):
                log.exception("an event of Discord's could not be read")
            if socket is not None:
                if socket.open:
                    await socket.close(code=_KEEPING_SESSION)
                self._how = _again(socket, resume=getattr(error, "resume", True))
            return error


def _again(socket: DiscordWebSocket, *, resume: bool) -> dict[str, Any]:
    """Return how to connect after a socket that had said hello."""
    if not resume or socket.session_id is None:
        return dict(_ANEW)
    return {
        "shard_id": None,
        "resume": True,
        "session": socket.session_id,
        "sequence": socket.sequence,
        "gateway": socket.gateway,
    }


def _pause(failures: int, error: Exception) -> float:
    """Return how long to wait; an orderly change of connection is made at once."""
    if not failures and isinstance(error, ReconnectWebSocket):
        return 0.0
    longest = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** min(failures, 8))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads, hides nothing
