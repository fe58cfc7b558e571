"""Bluesky as a `SocialNetwork`."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from datetime import timedelta
from typing import TypeVar

from adapters.bluesky.errors import Failure, told
from adapters.bluesky.facets import Names, nobody
from adapters.bluesky.limits import BATCH, CREATE_COST, DELETE_COST, LIMITS
from adapters.bluesky.records import prepared
from adapters.bluesky.repository import Repository
from adapters.bluesky.service import Services
from adapters.bluesky.sessions import Sessions
from adapters.bluesky.uploads import Uploads
from chatops.clock import Clock, utc_now
from chatops.posts.limits import PostLimits
from chatops.posts.media import Unusable
from chatops.posts.network import (
    Account,
    Credential,
    Draft,
    Identity,
    NetworkName,
    Outcome,
    Prepared,
    RecordRef,
    Unfit,
    Window,
)

_T = TypeVar("_T")


class BlueskyNetwork:
    """Publishes on Bluesky, and on any other server of the AT Protocol.

    A record's key comes from its draft's and its CID is computed here, so a whole thread with its
    quotes is known to the byte before its first record stands.

    Args:
        service: Where an account logs in that names no server of its own.
        points_per_hour: The write budget that servers publish for an account.
        points_per_day: The same, for a day.
        names: Who is known under which DID; mentions of others stay plain words.
        clock: Tells the time of records that are not backdated.
    """

    def __init__(
        self,
        service: str,
        points_per_hour: int,
        points_per_day: int,
        names: Names = nobody,
        clock: Clock = utc_now,
    ) -> None:
        self._windows = (
            Window(points_per_hour, timedelta(hours=1)),
            Window(points_per_day, timedelta(days=1)),
        )
        self._names = names
        self._clock = clock
        self._services = Services()
        self._sessions = Sessions(self._services, service)
        self._uploads = Uploads(self._sessions)

    @property
    def name(self) -> NetworkName:
        """The network's name."""
        return "bluesky"

    @property
    def limits(self) -> PostLimits:
        """What one record can hold."""
        return LIMITS

    @property
    def windows(self) -> tuple[Window, ...]:
        """The write budget of an account."""
        return self._windows

    @property
    def batch(self) -> int:
        """How many records are best published in one call."""
        return BATCH

    @property
    def create_cost(self) -> int:
        """What one new record takes of the write budget."""
        return CREATE_COST

    @property
    def delete_cost(self) -> int:
        """What removing one record takes of the write budget."""
        return DELETE_COST

    async def check(self, credential: Credential) -> tuple[Identity, str]:
        """Log in, and return who it is and the session to keep."""
        session = await _telling(self._sessions.login(credential))
        url = f"https://bsky.app/profile/{session.handle}"
        return Identity(session.did, session.handle, url), session.encode()

    async def prepare(self, account: Account, draft: Draft) -> Sequence[Prepared] | Unfit:
        """Make the records of a draft, uploading its files; without files nothing is sent."""
        try:
            uploads = await _telling(self._uploads.of(account, draft)) if draft.files else ()
        except Unusable as trouble:
            return Unfit(draft.key, trouble.reason, trouble.mend)
        return prepared(account.identity, draft, uploads, self._names, self._clock())

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Publish records in order; one outcome for each."""
        return await _telling(Repository(self._sessions, account).create(records))

    async def find(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Say for each record whether it stands.

        `Refused` means that another record stands at its address.
        """
        return await _telling(Repository(self._sessions, account).find(records))

    async def delete(self, account: Account, refs: Sequence[RecordRef]) -> Sequence[Outcome]:
        """Remove records; `Absent` means gone, `Published` that it still stands."""
        return await _telling(Repository(self._sessions, account).remove(refs))

    async def close(self) -> None:
        """Release connections."""
        await self._services.close()


async def _telling(work: Awaitable[_T]) -> _T:
    """Wait for work, and tell its failure in the words of the port."""
    try:
        return await work
    except Failure as failure:
        raise told(failure) from failure
