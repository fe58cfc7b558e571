"""What the program tells the service manager that started it, where one did (systemd's protocol).

That it is ready comes after durable work has begun; that it lives comes from the event loop, so a
program that hangs is started again.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)

_MICROSECONDS = 1_000_000


class ServiceManager:
    """Whoever asked to be told through the environment; nobody, where nothing stands there."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._address = environ.get("NOTIFY_SOCKET", "")
        limit = environ.get("WATCHDOG_USEC", "")
        self._limit = int(limit) / _MICROSECONDS if limit.isdecimal() else 0.0

    def tell(self, state: str) -> None:
        """Tell one thing, such as `READY=1`; whoever does not listen misses it."""
        if not self._address:
            return
        # Linux writes a name that is in no folder with a zero byte in front.
        address = self._address.replace("@", "\0", 1) if self._address[0] == "@" else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
                line.settimeout(0)
                line.sendto(state.encode(), address)
        except OSError as error:
            log.warning("the service manager could not be told %s: %s", state, error)

    async def keep_telling(self) -> None:
        """Tell again and again that the program lives, as often as was asked for."""
        while self._address and self._limit:
            self.tell("WATCHDOG=1")
            await asyncio.sleep(self._limit / 3)
