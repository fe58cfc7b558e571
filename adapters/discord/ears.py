"""What was heard, handed to the core one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from chatops.conversation.events import Event
from chatops.conversation.platform import Inbox

log = logging.getLogger(__name__)

Sound: TypeAlias = Callable[[], Awaitable[Event | None]]
"""Finds out what exactly was heard; None where it means nothing."""

PAUSES: Final = (0.2, 1.0, 3.0)
"""Seconds between tries to hand in an event that could not be stored."""


class Ears:
    """Keeps the order in which things were heard, and waits for the core to have stored each."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox
        self._heard: asyncio.Queue[tuple[Sound, asyncio.Future[bool]]] = asyncio.Queue()

    def hear(self, sound: Sound) -> asyncio.Future[bool]:
        """Line up something that was heard; what is returned tells whether it was stored."""
        stored: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._heard.put_nowait((sound, stored))
        return stored

    async def work(self) -> None:
        """Hand in what is heard, until cancelled."""
        while True:
            sound, stored = await self._heard.get()
            try:
                done = await self._hand_in(sound)
            except asyncio.CancelledError:
                stored.cancel()
                raise
            if not stored.done():
                stored.set_result(done)

    async def _hand_in(self, sound: Sound) -> bool:
        for pause in (*PAUSES, None):
            try:
                event = await sound()
                if event is not None:
                    await self._inbox(event)
            except Exception:
                if pause is None:
                    log.exception("something that was heard could not be stored")
                    return False
                await asyncio.sleep(pause)
            else:
                break
        return True
