"""Staying connected: syncing for ever, logging in anew where that ends, and how it goes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NoReturn

from nio.responses import SyncResponse

from adapters.matrix.client import Client
from adapters.matrix.errors import AGAIN, BUSY, SILENT, Failure, Refused, logged_out
from adapters.matrix.late import Late
from adapters.matrix.line import Line
from adapters.matrix.listening import Listening
from adapters.matrix.moving import Moving
from adapters.matrix.pace import Pace
from adapters.matrix.remembered import Remembered
from adapters.matrix.rooms import Rooms
from adapters.matrix.session import NotAdmitted, Sessions
from adapters.matrix.signing import CrossSigning
from chatops.conversation.connection import Link
from chatops.conversation.pauses import Pauses
from chatops.conversation.platform import Inbox, PlatformUnavailable
from chatops.language import Speaker

log = logging.getLogger(__name__)

STATE: Final = "state.db"


class Connecting:
    """Keeps the bot connected.

    Args:
        folder: For what must be known after a restart.
        allowed: The homeservers and users whose invitations are taken up.
        link: Told how it goes.
        speaker: Tells rooms what the bot could not read.
    """

    def __init__(
        self,
        sessions: Sessions,
        folder: Path,
        *,
        allowed: Sequence[str],
        link: Link,
        pace: Pace,
        speaker: Speaker,
    ) -> None:
        self._sessions = sessions
        self._folder = folder
        self._allowed = allowed
        self._link = link
        self._pace = pace
        self._speaker = speaker
        self._line: Line | None = None

    def line(self) -> Line:
        """Return what there is while the bot is connected.

        Raises:
            PlatformUnavailable: It is not.
        """
        if self._line is None:
            raise PlatformUnavailable(SILENT, AGAIN)
        return self._line

    async def stay(self, inbox: Inbox) -> None:
        """Stay connected until cancelled."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        remembered = Remembered(self._folder / STATE)
        pauses = Pauses(self._pace)
        try:
            while True:
                pause = await self._once(inbox, remembered, pauses)
                await asyncio.sleep(pause)
        finally:
            remembered.close()

    async def _once(self, inbox: Inbox, remembered: Remembered, pauses: Pauses) -> float:
        """Log in and listen until that ends; return how long to wait before the next time."""
        try:
            client = await self._sessions.open()
        except NotAdmitted as refused:
            self._link.refused(refused.reason, refused.mend)
            return self._pace.refused
        except Failure as failure:
            log.info("matrix: no login: %s", failure)
            wait = failure.retry_after if isinstance(failure, Refused) else None
            self._link.lost(SILENT if wait is None else BUSY)
            return pauses.next(wait)
        try:
            ended = await self._listen(client, inbox, remembered)
        finally:
            self._line = None
            await client.leave()
        worked = self._link.now.state == "connected"
        reason, mend = logged_out()
        if self._sessions.access.password:
            self._link.lost(reason)
        else:
            self._link.refused(reason, mend)
        # A session that never worked is not opened again and again.
        return pauses.next() if worked or ended.soft else self._pace.refused

    async def _listen(self, client: Client, inbox: Inbox, remembered: Remembered) -> _LoggedOut:
        """Listen until the session ends; return how it did."""
        rooms = Rooms(client, self._allowed)
        moving = Moving(client, rooms, remembered, self._allowed)
        line = Line(client, rooms, moving, remembered)
        late = Late(client, self._speaker)
        listening = Listening(line, late, inbox)
        await remembered.tidy()
        keys = _Keys(client, self._sessions.signing(client))
        # The end of a session is no error of the group's: one that fails forgets, up to Python
        # 3.12, that it was cancelled at the same time.
        async with asyncio.TaskGroup() as group:
            beside = [group.create_task(each.work()) for each in (keys, moving, late)]
            try:
                await self._sync(line, listening, keys)
            except _LoggedOut as ended:
                for each in beside:
                    each.cancel()
                return ended

    async def _sync(self, line: Line, listening: Listening, keys: _Keys) -> NoReturn:
        """Sync for ever; the first one tells the state of all rooms."""
        pauses = Pauses(self._pace)
        since = await listening.since()
        whole = True
        while True:
            try:
                # Whether it works again is known at once, and not when something happens.
                works = self._link.now.state == "connected"
                response = await line.client.sync_from(since, whole=whole, wait=works)
                self._line = line
                keys.wake.set()
                await self._handed(listening, response, since)
            except Failure as failure:
                await asyncio.sleep(self._lost(failure, pauses))
            else:
                since, whole = response.next_batch, False
                self._link.connected()
                pauses.reset()

    async def _handed(
        self, listening: Listening, response: SyncResponse, since: str | None
    ) -> None:
        """Hand over what a response tells; nio has taken it in, so it does not come again."""
        pauses = Pauses(self._pace)
        while True:
            try:
                await listening.take(response, since)
            except Failure as failure:
                await asyncio.sleep(self._lost(failure, pauses))
            else:
                return

    def _lost(self, failure: Failure, pauses: Pauses) -> float:
        """Say that the connection broke; return how long to wait.

        Raises:
            _LoggedOut: The session has ended.
        """
        if isinstance(failure, Refused) and failure.logged_out:
            raise _LoggedOut(soft=failure.soft)
        log.info("matrix: %s", failure)
        self._link.lost(SILENT)
        return pauses.next(failure.retry_after if isinstance(failure, Refused) else None)


class _LoggedOut(Exception):
    """The session has ended.

    Args:
        soft: Whether a login goes on as the same device.
    """

    def __init__(self, *, soft: bool) -> None:
        super().__init__()
        self.soft = soft


class _Keys:
    """Does beside the sync what encryption needs.

    Args:
        signing: Lets the account vouch for the device, once.
    """

    def __init__(self, client: Client, signing: CrossSigning) -> None:
        self.wake = asyncio.Event()
        self._client = client
        self._signing: CrossSigning | None = signing

    async def work(self) -> None:
        """Look after keys whenever something happened, until cancelled."""
        while True:
            await self.wake.wait()
            self.wake.clear()
            try:
                await self._client.look_after_keys()
                if self._signing is not None:
                    await self._signing.ensure()
                    self._signing = None
            except Failure as failure:
                log.warning("matrix: the keys could not be looked after: %s", failure)
