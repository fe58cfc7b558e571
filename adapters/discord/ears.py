"""What was heard, handed to the core: in order in a channel, channels side by side."""

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
    """Keeps the order in which things were heard, and waits for the core to have stored each.

    Args:
        group: Runs what is heard, and ends it.
    """

    def __init__(self, inbox: Inbox, group: asyncio.TaskGroup) -> None:
        self._inbox = inbox
        self._group = group
        self._newest: dict[int | None, asyncio.Task[bool]] = {}

    def hear(self, sound: Sound, channel: int | None) -> asyncio.Task[bool]:
        """Line up something that was heard; what is returned tells whether it was stored.

        Args:
            channel: Where it was heard; None where it is about a whole server.
        """
        before = self._newest.get(channel)
        heard = self._group.create_task(self._in_turn(before, sound))
        self._newest[channel] = heard
        heard.add_done_callback(lambda done: self._leave(channel, done))
        return heard

    def _leave(self, channel: int | None, done: asyncio.Task[bool]) -> None:
        if self._newest.get(channel) is done:
            del self._newest[channel]

    async def _in_turn(self, before: asyncio.Task[bool] | None, sound: Sound) -> bool:
        if before is not None:
            await asyncio.wait([before])
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
