"""Messages whose keys come after them, or never: then their room is told that nobody read them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.matrix.client import Client
from adapters.matrix.errors import Failure
from adapters.matrix.rendering import render
from adapters.matrix.sending import send, text, transaction
from chatops.conversation.reply import Note, Reply
from chatops.language import Speaker, Trouble, _

log = logging.getLogger(__name__)

_MOST: Final = 500
_QUIET: Final = 3600.0
"""Seconds in which a room is told so once."""

_UNREAD: Final = Reply(
    (
        Note(
            _(
                "I could not read a message here: its encryption key did not reach me. If it was "
                "for me, please send it again."
            )
        ),
    )
)


@dataclass(slots=True)
class _Waiting:
    since: float
    room_id: str
    source: Mapping[str, Any]
    told: bool = False


class Late:
    """Keeps what cannot be read yet.

    Args:
        speaker: Tells a room that something was not read.
    """

    def __init__(self, client: Client, speaker: Speaker) -> None:
        self._client = client
        self._speaker = speaker
        self._waiting: dict[str, _Waiting] = {}
        self._told: dict[str, float] = {}

    def keep(self, room_id: str, source: Mapping[str, Any]) -> None:
        """Keep an event that could not be decrypted."""
        if source["sender"] == self._client.user_id:
            return
        log.warning("matrix: a message in %s cannot be read yet: its key is missing", room_id)
        while len(self._waiting) >= _MOST:
            del self._waiting[next(iter(self._waiting))]
        self._waiting[str(source["event_id"])] = _Waiting(time.monotonic(), room_id, source)

    def readable(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Go through what can be read now, in order; it is kept no longer."""
        for event_id, waiting in [*self._waiting.items()]:
            read = self._client.read(waiting.room_id, waiting.source)
            if read is not waiting.source:
                del self._waiting[event_id]
                yield waiting.room_id, read

    async def work(self) -> None:
        """Tell rooms what was not read in time, until cancelled."""
        while True:
            await asyncio.sleep(self._client.pace.late / 4)
            for room_id, event_id in self._overdue():
                content = text(render(_UNREAD, self._speaker))
                tx_id = transaction("unread", event_id)
                try:
                    await send(self._client, room_id, "m.room.message", content, tx_id)
                except (Trouble, Failure) as failure:
                    log.info("matrix: %s was not told of an unread message: %s", room_id, failure)

    def _overdue(self) -> list[tuple[str, str]]:
        """Return the rooms that are to be told, each with a message that was not read there."""
        now = time.monotonic()
        found: dict[str, str] = {}
        for event_id, waiting in self._waiting.items():
            if waiting.told or now - waiting.since < self._client.pace.late:
                continue
            waiting.told = True
            if now - self._told.get(waiting.room_id, -_QUIET) >= _QUIET:
                self._told[waiting.room_id] = now
                found[waiting.room_id] = event_id
        return [*found.items()]
