"""`Connections`: keeps every platform running, whatever happens to one of them.

Each platform runs on its own. One that breaks off is started again after a pause that grows while
it keeps breaking off, and the others never notice.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from msgspec import Struct

from chatops.clock import Clock
from chatops.conversation.connection import Connection
from chatops.conversation.platform import ChatPlatform, Inbox
from chatops.language import Text, Trouble, _

log = logging.getLogger("chatops.conversation")

PAUSES: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds before a platform that broke off is started again; the last one repeats."""

STEADY: Final = 300.0
"""Seconds after which a platform counts as mended: its next pause is the first one again."""

PATIENCE: Final = timedelta(minutes=5)
"""How long a connection may mend itself before somebody should know."""

_LEAVING: Final = 5.0
"""Seconds that the platforms have to close their connections."""


class Reach(Struct, frozen=True):
    """One connection, and the platform that it belongs to."""

    platform: str
    connection: Connection


class Connections:
    """Runs platforms from `start` to `stop`.

    Args:
        platforms: Those that this process runs by itself.
        pauses: Seconds before each further start.
        steady: Seconds after which a platform counts as mended.
    """

    def __init__(
        self,
        platforms: Sequence[ChatPlatform],
        clock: Clock,
        pauses: Sequence[float] = PAUSES,
        steady: float = STEADY,
    ) -> None:
        self._clock = clock
        self._supervised = [_Supervised(each, clock, pauses, steady) for each in platforms]
        self._running: list[asyncio.Task[None]] = []

    @property
    def now(self) -> tuple[Reach, ...]:
        """Every connection, as it is now."""
        return tuple(
            Reach(each.platform.name, connection)
            for each in self._supervised
            for connection in each.connections
        )

    @property
    def troubled(self) -> bool:
        """Whether one needs somebody, or has not mended itself for too long."""
        long_ago = self._clock() - PATIENCE
        states = [reach.connection for reach in self.now]
        return any(
            each.state == "refused" or (each.state != "connected" and each.since < long_ago)
            for each in states
        )

    def start(self, inbox: Inbox) -> None:
        """Begin to hear and speak everywhere."""
        self._running = [
            asyncio.create_task(each.keep_running(inbox), name=each.platform.name)
            for each in self._supervised
        ]

    async def stop(self) -> None:
        """Leave every platform; one that does not let go is left behind after a while."""
        running, self._running = self._running, []
        for task in running:
            task.cancel()
        if running:
            _left, stuck = await asyncio.wait(running, timeout=_LEAVING)
            for task in stuck:
                log.warning("%s does not close its connection and is left behind", task.get_name())


class _Supervised:
    """One platform, started again and again."""

    def __init__(
        self, platform: ChatPlatform, clock: Clock, pauses: Sequence[float], steady: float
    ) -> None:
        self.platform = platform
        self._clock = clock
        self._pauses = pauses
        self._steady = steady
        self._falls = 0
        self._fallen: Connection | None = None

    @property
    def connections(self) -> Sequence[Connection]:
        """How it is connected; while it does not run, its own word does not count."""
        own = self.platform.connections
        fallen = self._fallen
        if fallen is None:
            return own
        names = [each.name for each in own] or [""]
        return [
            Connection(name, fallen.state, fallen.since, fallen.trouble, fallen.mend)
            for name in names
        ]

    async def keep_running(self, inbox: Inbox) -> None:
        """Run until cancelled."""
        while True:
            began = time.monotonic()
            trouble, mend = await self._run(inbox)
            if time.monotonic() - began >= self._steady:
                self._falls = 0
            pause = self._pauses[min(self._falls, len(self._pauses) - 1)]
            # Replicas that fell together must not come back together.
            pause *= random.uniform(0.75, 1.25)  # noqa: S311 - no secret
            self._falls += 1
            self._fallen = Connection("", "lost", self._clock(), trouble, mend)
            log.warning("%s is started again in %.1f s", self.platform.name, pause)
            await asyncio.sleep(pause)
            self._fallen = None

    async def _run(self, inbox: Inbox) -> tuple[Text, Text]:
        """Run once; return why it ended although nobody wanted that."""
        # In a task of its own: up to Python 3.12 a task group that fails forgets that it was
        # cancelled at the same time, and its task counts as cancelled for ever.
        running = asyncio.create_task(self.platform.run(inbox))
        [ended] = await asyncio.gather(running, return_exceptions=True)
        match ended:
            case Trouble():
                log.warning("%s broke off: %s", self.platform.name, ended)
                return ended.reason, ended.mend
            case None:
                log.error("%s ended by itself", self.platform.name)
            case _:
                log.error("%s broke off", self.platform.name, exc_info=ended)
        return (
            _("Something unexpected went wrong in the bot itself."),
            _("Nothing to do: it starts again by itself. If that goes on, look in the log."),
        )
