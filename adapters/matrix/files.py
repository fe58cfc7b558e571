"""Files that the bot shows; encrypted where the room is.

What is encrypted is AES-256 in counter mode, with a key that stands in the encrypted message and a
SHA-256 of what the homeserver holds.
"""

from __future__ import annotations

import asyncio
import hashlib
import mimetypes
import secrets
from base64 import b64encode, urlsafe_b64encode
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CTR

from adapters.matrix.answers import answer_in
from adapters.matrix.client import MEDIA, Client
from adapters.matrix.errors import NoAnswer
from adapters.matrix.rendering import Upload

_PATIENCE: Final = 600.0
_ANY: Final = "application/octet-stream"


async def uploaded(client: Client, upload: Upload, *, encrypted: bool) -> dict[str, Any]:
    """Upload a file; return the content of the event that shows it.

    Raises:
        Failure: The homeserver did not take it.
    """
    kind = mimetypes.guess_type(upload.name)[0] or _ANY
    content: dict[str, Any] = {
        "msgtype": "m.image" if upload.kind == "picture" else "m.file",
        "body": upload.name,
        "filename": upload.name,
        "info": {"mimetype": kind, "size": len(upload.data)},
        "m.mentions": {},
    }
    if encrypted:
        data, file = await asyncio.to_thread(_encrypted, upload.data)
        content["file"] = file | {"url": await _put(client, data, _ANY)}
    else:
        content["url"] = await _put(client, upload.data, kind)
    return content


async def _put(client: Client, data: bytes, kind: str) -> str:
    try:
        async with (
            asyncio.timeout(_PATIENCE),
            await client.transfer("POST", f"{MEDIA}/upload", data, kind) as answer,
        ):
            told = answer_in(answer.status, await answer.read())
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise NoAnswer(f"upload: {type(error).__name__}") from error
    return str(told["content_uri"])


def _encrypted(data: bytes) -> tuple[bytes, dict[str, Any]]:
    key, start = secrets.token_bytes(32), secrets.token_bytes(8) + bytes(8)
    sealed = Cipher(AES256(key), CTR(start)).encryptor().update(data)
    return sealed, {
        "v": "v2",
        "key": {
            "kty": "oct",
            "alg": "A256CTR",
            "ext": True,
            "key_ops": ["encrypt", "decrypt"],
            "k": urlsafe_b64encode(key).decode().rstrip("="),
        },
        "iv": b64encode(start).decode().rstrip("="),
        "hashes": {"sha256": b64encode(hashlib.sha256(sealed).digest()).decode().rstrip("=")},
    }
