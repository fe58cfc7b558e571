"""What a sync left out: it tells the newest events of a room only, and where the others begin."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Final

from adapters.matrix.answers import path_of
from adapters.matrix.client import Client
from adapters.matrix.hearing import begins

log = logging.getLogger(__name__)

_PAGE: Final = 100
_MOST: Final = 5_000
"""Events of one room that are read back; a bot that was away for months answers no older ones."""


async def missed(client: Client, room_id: str, before: str, since: str) -> list[Mapping[str, Any]]:
    """Return the events between two points, the oldest first, decrypted where they can be.

    Args:
        before: Where the events begin that are known.
        since: Up to where everything was heard.

    Raises:
        Failure: The homeserver did not answer as it should.
    """
    found: list[Mapping[str, Any]] = []
    at: str | None = before
    while at and len(found) < _MOST:
        told = await client.ask(
            "GET",
            f"{path_of('rooms', room_id)}/messages",
            query={"dir": "b", "from": at, "to": since, "limit": str(_PAGE)},
        )
        page = [each for each in told.get("chunk") or () if isinstance(each, dict)]
        found += [client.read(room_id, each) for each in page]
        # Whatever is older was said before the bot was there.
        if not page or any(begins(each, client.user_id) for each in page):
            break
        at = told.get("end")
    if len(found) >= _MOST:
        log.warning("matrix: more than %s events were missed in %s", _MOST, room_id)
    return found[::-1]
