"""Files that members shared, fetched through the homeserver, decrypted as they come."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, BinaryIO, Final, Protocol

import aiohttp
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from adapters.matrix.answers import path_of
from adapters.matrix.client import MEDIA, Client
from adapters.matrix.errors import AGAIN, SILENT
from adapters.matrix.sending import event_of
from adapters.matrix.shapes import mapping
from chatops.conversation.events import Attachment
from chatops.conversation.platform import MessageGone, PlatformUnavailable
from chatops.language import Bytes, Invalid, Missing, _

_CHUNK: Final = 1 << 18
_DOWNLOADS: Final = ("/_matrix/client/v1/media/download", f"{MEDIA}/download")
"""Where files are; the second only on homeservers from before 2024."""


class _Opening(Protocol):
    """Makes what comes readable, piece by piece."""

    def read(self, chunk: bytes) -> bytes: ...

    def intact(self) -> bool:
        """Whether all that came is what was sent."""
        ...


class _Plain:
    def read(self, chunk: bytes) -> bytes:
        return chunk

    def intact(self) -> bool:
        return True


class _Sealed:
    """Decrypts.

    Raises:
        ValueError: The message does not say how.
    """

    def __init__(self, file: Mapping[str, Any]) -> None:
        try:
            key, start = _bytes(file["key"]["k"]), _bytes(file["iv"])
            self._wanted = _bytes(file["hashes"]["sha256"])
        except (KeyError, TypeError) as error:
            raise ValueError(str(error)) from error
        self._hash = hashlib.sha256()
        self._cipher = Cipher(AES256(key), CTR(start)).decryptor()

    def read(self, chunk: bytes) -> bytes:
        self._hash.update(chunk)
        return self._cipher.update(chunk)

    def intact(self) -> bool:
        return self._hash.digest() == self._wanted


async def fetched(client: Client, attachment: Attachment, target: Path, limit: int) -> None:
    """Write a file's bytes; nothing is left at the target of a failed one.

    Raises:
        Invalid: It is larger than the limit, or cannot be decrypted.
        Missing: It is no longer there.
        PlatformUnavailable: It does not come.
        PlaceClosed: The bot is no longer in its room.
    """
    if attachment.size > limit:
        raise _too_large(attachment, limit)
    room_id, _space, event_id = attachment.id.partition(" ")
    try:
        content = mapping((await event_of(client, room_id, event_id)).get("content"))
    except MessageGone:
        raise _missing(attachment) from None
    file = content.get("file")
    source = file if isinstance(file, dict) else content
    media = str(source.get("url", "")).removeprefix("mxc://").split("/")
    try:
        opening: _Opening = _Sealed(file) if isinstance(file, dict) else _Plain()
        [server, media_id] = media
    except ValueError:
        raise _broken(attachment) from None
    try:
        await _download(client, path_of(server, media_id), opening, target, attachment, limit)
    except BaseException as failed:
        await asyncio.to_thread(target.unlink, missing_ok=True)
        if isinstance(failed, aiohttp.ClientError | TimeoutError):
            raise PlatformUnavailable(SILENT, AGAIN) from failed
        raise


async def _download(
    client: Client,
    path: str,
    opening: _Opening,
    target: Path,
    attachment: Attachment,
    limit: int,
) -> None:
    for download in _DOWNLOADS:
        async with await client.transfer("GET", f"{download}{path}") as answer:
            if answer.status == HTTPStatus.NOT_FOUND:
                continue
            if answer.status != HTTPStatus.OK:
                raise PlatformUnavailable(SILENT, AGAIN)
            await _written(answer, opening, target, attachment, limit)
        if not opening.intact():
            raise _broken(attachment)
        return
    raise _missing(attachment)


async def _written(
    answer: aiohttp.ClientResponse,
    opening: _Opening,
    target: Path,
    attachment: Attachment,
    limit: int,
) -> None:
    room = limit
    with await asyncio.to_thread(target.open, "wb") as file:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            room -= len(chunk)
            if room < 0:
                raise _too_large(attachment, limit)
            await asyncio.to_thread(_write, file, opening, chunk)


def _write(file: BinaryIO, opening: _Opening, chunk: bytes) -> None:
    file.write(opening.read(chunk))


def _bytes(words: str) -> bytes:
    """Read base64 of either alphabet, padded or not."""
    plain = words.replace("+", "-").replace("/", "_").rstrip("=")
    return urlsafe_b64decode(plain + "=" * (-len(plain) % 4))


def _too_large(attachment: Attachment, limit: int) -> Invalid:
    return Invalid(
        _("{name} is larger than {limit}.", name=attachment.name, limit=Bytes(limit)),
        _("Attach a smaller file."),
    )


def _missing(attachment: Attachment) -> Missing:
    return Missing(
        _("The file {name} is no longer there.", name=attachment.name), _("Attach it again.")
    )


def _broken(attachment: Attachment) -> Invalid:
    return Invalid(
        _("The file {name} cannot be decrypted.", name=attachment.name), _("Attach it again.")
    )
