"""`Queue`: what one platform is to be told, in order and for as long as it takes.

A message that a platform will not take for a while is tried again with longer and longer pauses;
then it is given up and logged, unless it was promised.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from itertools import chain, repeat
from typing import Final

from chatops.conversation.addresses import Place
from chatops.conversation.delivering import Delivery
from chatops.conversation.letters import Letter
from chatops.conversation.platform import PlaceClosed, PlatformUnavailable
from chatops.conversation.promises import Promises
from chatops.language import Unavailable

log = logging.getLogger("chatops.conversation")

PAUSES: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 120.0, 240.0, 480.0)
"""Seconds between tries, a quarter of an hour in all; after the last, a message is given up."""

_SIDE_BY_SIDE: Final = 16
"""Channels of one platform that are spoken to at the same time."""


class _Lane:
    """What one channel is to be told, in order."""

    def __init__(self) -> None:
        self.waiting: deque[Letter] = deque()
        self.current: Letter | None = None

    @property
    def private(self) -> Letter | None:
        """What is being told to one member only."""
        current = self.current
        return current if current is not None and current.address.to is not None else None

    @property
    def letters(self) -> list[Letter]:
        return [*self.waiting, *([self.current] if self.current else [])]


class Queue:
    """The messages that one platform is to take: in order in a channel, channels side by side.

    Args:
        platform: Its name.
        pauses: Seconds between tries.
    """

    def __init__(
        self, platform: str, delivery: Delivery, promises: Promises, pauses: Sequence[float]
    ) -> None:
        self._platform = platform
        self._delivery = delivery
        self._promises = promises
        self._pauses = pauses
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._working: dict[tuple[str, str], asyncio.Task[None]] = {}
        self._turnstile = asyncio.Semaphore(_SIDE_BY_SIDE)
        self._started = False

    def start(self) -> None:
        """Begin to send."""
        self._started = True
        for channel in self._lanes:
            self._work_on(channel)

    async def stop(self) -> None:
        """Stop at once; what was not sent is left."""
        self._started = False
        working = list(self._working.values())
        for task in working:
            task.cancel()
        await asyncio.gather(*working, return_exceptions=True)

    def add(self, letter: Letter) -> None:
        """Line a letter up; the newest about a topic takes the place of one that waits."""
        channel = (letter.address.place.workspace, letter.address.place.channel)
        lane = self._lanes.setdefault(channel, _Lane())
        if letter.way == "topic":
            for waiting in lane.waiting:
                if waiting.way == "topic" and waiting.subject == letter.subject:
                    waiting.reply = letter.reply
                    letter.sent = waiting.sent
                    return
        lane.waiting.append(letter)
        if self._started:
            self._work_on(channel)

    async def flush(self) -> None:
        """Wait until what is due now has been sent, or given up."""
        await self._all_of([each for lane in self._lanes.values() for each in lane.letters])

    async def settled(self, place: Place) -> None:
        """Wait the same for what is due in one place."""
        await self._all_of(
            [
                each
                for lane in self._lanes.values()
                for each in lane.letters
                # What is for one member may be on its way to a direct conversation.
                if each.address.place == place or (place.direct and each is lane.private)
            ]
        )

    async def _all_of(self, letters: Sequence[Letter]) -> None:
        if letters and self._started:
            await asyncio.wait([letter.sent for letter in letters])

    def _work_on(self, channel: tuple[str, str]) -> None:
        if channel not in self._working:
            name = f"outbox {self._platform}"
            self._working[channel] = asyncio.create_task(self._work(channel), name=name)

    async def _work(self, channel: tuple[str, str]) -> None:
        lane = self._lanes[channel]
        try:
            while lane.waiting:
                lane.current = letter = lane.waiting.popleft()
                try:
                    await self._surely(letter, self._delivery.deliver)
                    if letter.promised:
                        await self._surely(letter, self._fulfilled)
                finally:
                    if not letter.sent.done():
                        letter.sent.set_result(None)
                    lane.current = None
            del self._lanes[channel]
        finally:
            del self._working[channel]

    async def _fulfilled(self, letter: Letter) -> None:
        await self._promises.fulfilled(letter.key)

    async def _surely(self, letter: Letter, step: Callable[[Letter], Awaitable[None]]) -> None:
        """Take a step; whatever goes wrong must not keep the next letters waiting for ever."""
        last: Iterable[float | None] = repeat(self._pauses[-1]) if letter.promised else (None,)
        for pause in chain(self._pauses, last):
            try:
                async with self._turnstile:
                    await step(letter)
            except Unavailable as error:
                if pause is None:
                    log.error("gave up a message on %s: %s", self._platform, error)  # noqa: TRY400 - the cause is said
                    return
                await asyncio.sleep(max(pause, _asked_for(error)))
            except PlaceClosed as error:
                log.warning("a message cannot be said on %s: %s", self._platform, error)
                return
            except Exception:
                log.exception("a message was lost on %s", self._platform)
                return
            else:
                return


def _asked_for(error: Unavailable) -> float:
    """Return for how long the platform wants to be left alone; the store never says so."""
    return (error.retry_after or 0.0) if isinstance(error, PlatformUnavailable) else 0.0
