"""How a platform is connected, for `status`, for `/healthz` and for the log."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Literal

from msgspec import Struct

from chatops.clock import Clock
from chatops.language import ENGLISH, Text

log = logging.getLogger(__name__)

State = Literal["connecting", "connected", "lost", "refused"]


class Connection(Struct, frozen=True):
    """One connection, as it is now.

    Args:
        name: The workspace, server or home server, as people call it; empty where the platform has
            only one.
        state: `lost` mends itself; `refused` needs somebody to do what `mend` says.
        since: From when on, in UTC.
        trouble: Why it is not connected.
        mend: What to do about it.
    """

    name: str
    state: State
    since: datetime
    trouble: Text | None = None
    mend: Text | None = None


class Link:
    """Keeps track of one connection, and logs each change once."""

    def __init__(self, platform: str, clock: Clock, name: str = "") -> None:
        self._platform = platform
        self._clock = clock
        self.now = Connection(name, "connecting", clock())

    def named(self, name: str) -> None:
        """Learn what people call the other side."""
        self.now = Connection(name, self.now.state, self.now.since, self.now.trouble, self.now.mend)

    def connected(self) -> None:
        """Note that events arrive."""
        self._change("connected", None, None)

    def lost(self, trouble: Text, mend: Text | None = None) -> None:
        """Note that the connection broke and is being made again."""
        self._change("lost", trouble, mend)

    def refused(self, trouble: Text, mend: Text) -> None:
        """Note that the other side will not have the bot until somebody does something."""
        self._change("refused", trouble, mend)

    def _change(self, state: State, trouble: Text | None, mend: Text | None) -> None:
        now = self.now
        if (now.state, now.trouble) == (state, trouble):
            return
        since = now.since if now.state == state else self._clock()
        self.now = Connection(now.name, state, since, trouble, mend)
        name = " ".join(filter(None, (self._platform, now.name)))
        if trouble is None:
            log.info("%s: %s", name, state)
        else:
            log.warning("%s: %s: %s", name, state, ENGLISH.say(trouble))
