"""Files that members shared, fetched from Discord's own hosts only."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp

from chatops.conversation.events import Attachment
from chatops.conversation.platform import PlatformUnavailable
from chatops.language import Bytes, Invalid, Missing, _

_HOSTS: Final = frozenset({"cdn.discordapp.com", "media.discordapp.net"})
_CHUNK: Final = 1 << 18
_PATIENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=30)
_GONE: Final = frozenset({403, 404, 410})


async def fetched(attachment: Attachment, target: Path, limit: int, api_url: str) -> None:
    """Write a file's bytes; nothing is left at the target of a failed one.

    Args:
        api_url: Where Discord's API stands, if not at Discord: files may come from there as well.

    Raises:
        Invalid: It is larger than the limit, or not one of Discord's.
        Missing: It is no longer there.
        PlatformUnavailable: It does not come.
    """
    if not _is_discords(attachment.id, api_url):
        raise Invalid(
            _("{name} is not a file of Discord’s.", name=attachment.name), _("Attach the file.")
        )
    if attachment.size > limit:
        raise _too_large(attachment, limit)
    try:
        # A file's address carries its own right to be read: the bot's token stays here.
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as session,
            session.get(attachment.id, allow_redirects=False) as answer,
        ):
            _check(answer, attachment)
            await _written(answer, target, attachment, limit)
    except BaseException as failed:
        await asyncio.to_thread(target.unlink, missing_ok=True)
        if isinstance(failed, aiohttp.ClientError | TimeoutError):
            raise _unavailable(attachment) from failed
        raise


def _check(answer: aiohttp.ClientResponse, attachment: Attachment) -> None:
    if answer.status in _GONE:
        raise Missing(
            _("The file {name} is no longer there.", name=attachment.name), _("Attach it again.")
        )
    if answer.status != HTTPStatus.OK:
        raise _unavailable(attachment)


async def _written(
    answer: aiohttp.ClientResponse, target: Path, attachment: Attachment, limit: int
) -> None:
    room = limit
    with await asyncio.to_thread(target.open, "wb") as file:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            room -= len(chunk)
            if room < 0:
                raise _too_large(attachment, limit)
            await asyncio.to_thread(file.write, chunk)


def _is_discords(address: str, api_url: str) -> bool:
    try:
        url = urlsplit(address)
        api = urlsplit(api_url)
    except ValueError:
        return False
    if api_url and (url.scheme, url.netloc) == (api.scheme, api.netloc):
        return True
    return url.scheme == "https" and url.netloc in _HOSTS


def _too_large(attachment: Attachment, limit: int) -> Invalid:
    return Invalid(
        _("{name} is larger than {limit}.", name=attachment.name, limit=Bytes(limit)),
        _("Attach a smaller file."),
    )


def _unavailable(attachment: Attachment) -> PlatformUnavailable:
    return PlatformUnavailable(
        _("The file {name} does not come from Discord.", name=attachment.name),
        _("Try again in a moment."),
    )
