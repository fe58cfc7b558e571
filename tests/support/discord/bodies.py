"""Reads the bodies of requests: JSON, or multipart with `payload_json` and `files[n]`."""

from __future__ import annotations

import json
import re
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support.discord.drafts import Upload
from tests.support.discord.refusals import INVALID_JSON, Refusal, invalid, problem

_FILE = re.compile(r"files\[(\d+)\]")
_SNOWFLAKES = frozenset(
    {"attachment_id", "message_id", "channel_id", "guild_id", "recipient_id", "parent_id"}
    | {"users", "roles", "sticker_ids"}
)

Body = tuple[Any, dict[int, Upload]]


async def read_body(request: web.Request) -> Body:
    """Return the JSON of a request and the files that came with it."""
    if request.content_type == "multipart/form-data":
        return await _multipart(request)
    raw = await request.read()
    if not raw:
        return None, {}
    if request.content_type != "application/json":
        raise invalid(problem((), 'Expected "Content-Type" header to be one of JSON or multipart.'))
    return _corrected(_decoded(raw)), {}


async def _multipart(request: web.Request) -> Body:
    body: Any = None
    files: dict[int, Upload] = {}
    reader = await request.multipart()
    async for part in reader:
        assert isinstance(part, BodyPartReader)
        content = bytes(await part.read(decode=True))
        file = _FILE.fullmatch(part.name or "")
        if part.name == "payload_json":
            body = _decoded(content)
        elif file is not None and part.filename:
            files[int(file[1])] = Upload(part.filename, content)
        else:
            raise invalid(problem((part.name or "",), "Neither payload_json nor files[n]."))
    return _corrected(body), files


def _decoded(raw: bytes) -> Any:  # noqa: ANN401 - any JSON
    try:
        return json.loads(raw)
    except ValueError:
        raise Refusal(INVALID_JSON, violation=True) from None


def _corrected(value: Any, key: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Take numbers as snowflakes, as Discord does though its description does not."""
    if isinstance(value, dict):
        return {name: _corrected(inner, _key(name, key)) for name, inner in value.items()}
    if isinstance(value, list):
        return [_corrected(inner, key) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and key in _SNOWFLAKES:
        return str(value)
    return value


def _key(name: str, outer: str) -> str:
    """Return the name under which a value is looked up: only attachments have ids as numbers."""
    return "attachment_id" if name == "id" and outer == "attachments" else name
