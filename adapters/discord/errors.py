"""What Discord refuses, in the words of the port.

    discord.RateLimited, 429, 5xx, no answer, 401   PlatformUnavailable
    no such channel, no access, no permission       PlaceClosed
    no such message                                 MessageGone
    no such interaction any more                    Expired

Anything else is a mistake of this program and goes through as it is.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Final

import aiohttp
import discord

from chatops.conversation.platform import MessageGone, PlaceClosed, PlatformUnavailable
from chatops.language import Code, Text, _

PATIENCE: Final = 90.0
"""Seconds for one request, files and the library's own repetitions included."""

LONGEST_WAIT: Final = 30.0
"""Seconds that the library may wait for its turn by itself."""

_BANNED: Final = 60.0
"""Seconds to keep away where Discord does not say how long."""

_CLOSED: Final = frozenset(
    {
        10003,  # unknown channel
        10004,  # unknown server
        50001,  # missing access
        50007,  # this user takes no direct messages
        50008,  # a channel without text
        50013,  # missing permission
        50083,  # an archived thread
        50278,  # a user with whom the bot shares no server
        160005,  # a locked thread
    }
)
_GONE: Final = frozenset({10008})  # unknown message


class Expired(Exception):
    """The interaction can no longer be answered."""


class Acknowledged(Exception):
    """The interaction was acknowledged before."""


_OVER: Final[dict[int, type[Exception]]] = {
    10015: Expired,  # its address for answers is closed
    10062: Expired,
    50027: Expired,  # its token is not known any more
    40060: Acknowledged,
}


@asynccontextmanager
async def told(patience: float = PATIENCE) -> AsyncIterator[None]:
    """Say what Discord refuses as the port does; wait for an answer so many seconds.

    Raises:
        PlatformUnavailable: It does not answer, or wants to be left alone for a while.
        PlaceClosed: The bot may not speak there.
        MessageGone: The message is not there.
        Expired: The interaction is not there.
        Acknowledged: The interaction was answered before.
    """
    try:
        async with asyncio.timeout(patience):
            yield
    except discord.RateLimited as limited:
        raise unreachable(limited.retry_after) from limited
    except discord.HTTPException as refused:
        meant = _meant(refused)
        if meant is None:
            raise
        raise meant from refused
    except (aiohttp.ClientError, TimeoutError, OSError) as lost:
        raise unreachable() from lost


def _meant(refused: discord.HTTPException) -> Exception | None:
    code, status = refused.code, refused.status
    if code in _CLOSED:
        return closed()
    if code in _GONE:
        return MessageGone(_("This message is no longer there."), _("Say it anew."))
    if code in _OVER:
        return _OVER[code]()
    if status == HTTPStatus.UNAUTHORIZED:
        return PlatformUnavailable(*revoked())
    if status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return unreachable(_wait_said(refused))
    return None


def closed() -> PlaceClosed:
    """Return what is said of a place where the bot has no say."""
    return PlaceClosed(
        _("The bot may not write there."),
        _(
            "Let the bot see the channel and send messages and files in it: in the channel’s "
            "settings, under Permissions."
        ),
    )


def revoked() -> tuple[Text, Text]:
    """Return what is said of a token that Discord does not take, and the mend."""
    return (
        _("Discord does not accept the bot’s token."),
        _(
            "Make a new one on {page}, under Bot, and put it where {setting} stands.",
            page=Code("discord.com/developers/applications"),
            setting=Code("[discord] token"),
        ),
    )


def _wait_said(refused: discord.HTTPException) -> float | None:
    if refused.status != HTTPStatus.TOO_MANY_REQUESTS:
        return None
    try:
        return float(refused.response.headers.get("Retry-After", _BANNED))
    except ValueError:
        return _BANNED


def unreachable(retry_after: float | None = None) -> PlatformUnavailable:
    """Return what is said while Discord does not answer."""
    return PlatformUnavailable(
        _("Discord does not answer."), _("Wait a moment; it is tried again."), retry_after
    )
