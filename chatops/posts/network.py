"""`SocialNetwork`: the port through which anything reaches a network.

Lifecycle. An adapter is made once for the process, with its settings, and imports its SDK on first
use. It keeps no state about accounts between calls but connections: an account is handed in with
every call, and what must outlive the process (a session) is handed back through the account.
`close` may be called twice.

Publishing once. `prepare` turns drafts into records that never change again; the caller stores them
before it calls `publish`. A prepared record may be published again after any failure, by any
process: the network's own identity of the record (a key derived from the draft's) makes the second
time harmless. Where a network has no such identity, `publish` answers `Unknown` for a lost reply
and `find` says what it can. `publish` never retries by itself.

Errors. `prepare`, `check` and `find` raise `NetworkUnavailable` when the network does not answer,
`CredentialRefused` when it no longer accepts the account, and `OverLimit` when it asks to wait.
`publish` and `delete` raise the same three only if nothing of the call has reached the network or
if it said so; whatever may have reached it is an `Unknown` outcome instead.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from chatops.language import Conflict, Text, Unavailable
from chatops.posts.limits import PostLimits
from chatops.posts.post import Post

NetworkName = Literal["bluesky", "mastodon", "rehearsal"]


class NetworkUnavailable(Unavailable):
    """The network does not answer, or answers that it is ill."""


class CredentialRefused(Conflict):
    """The network no longer accepts the account's credential."""


class OverLimit(Unavailable):
    """The network asks to wait.

    Args:
        until: When it may be asked again, UTC; None where it did not say.
    """

    def __init__(self, reason: Text, mend: Text, until: datetime | None) -> None:
        super().__init__(reason, mend)
        self.until = until


class Credential(Struct, frozen=True):
    """What opens an account; never printed.

    Args:
        service: The address of the account's server.
        identifier: What the person logs in with.
        secret: An app password or an access token.
    """

    service: str
    identifier: str
    secret: str

    def __repr__(self) -> str:
        """Leave the secret out."""
        return f"Credential(service={self.service!r}, identifier={self.identifier!r})"


class Identity(Struct, frozen=True):
    """Who an account is on its network.

    Args:
        key: What never changes about it: a DID, or an account's number with its server.
        handle: What people call it, without a leading sign.
        url: Where people see it.
    """

    key: str
    handle: str
    url: str


class Account(Protocol):
    """An account as an adapter sees it: its identity, and its secrets on request."""

    @property
    def identity(self) -> Identity:
        """Who it is on its network."""
        ...

    async def credential(self) -> Credential:
        """Open the vault for the account's credential."""
        ...

    async def session(self) -> str:
        """Return the session that was kept last, or an empty string."""
        ...

    async def keep_session(self, session: str) -> None:
        """Keep a session for later processes; encrypted at rest."""
        ...


class RecordRef(Struct, frozen=True):
    """Points at a record on a network.

    Args:
        address: The network's own address of the record, known before it is published where the
            network allows: an at-URI, an account's status number.
        fingerprint: What the network needs besides the address to point at exactly this record
            (on Bluesky its CID), else empty.
        url: Where people see it, empty where that is not known yet.
    """

    address: str
    fingerprint: str = ""
    url: str = ""


class Draft(Struct, frozen=True):
    """One post that is to become one or more records.

    Args:
        key: Never changes for the same post on the same account; records derive their identity
            from it.
        backdated: Whether the record carries the post's own time where the network allows.
        root: The first record of the thread that `parent` belongs to.
        parent: The record this one continues: an own one, published or prepared before.
        quoted: The own record it quotes.
        files: Where the media's bytes are, one for each of `post.media`; None for a missing file,
            without which the post goes.
    """

    key: str
    post: Post
    backdated: bool = True
    root: RecordRef | None = None
    parent: RecordRef | None = None
    quoted: RecordRef | None = None
    files: tuple[Path | None, ...] = ()


class Prepared(Struct, frozen=True):
    """One record, fixed to the byte, ready to be published as often as needed.

    Args:
        key: The draft's key, `#` and the part's number from 0.
        ref: Where it will stand.
        payload: The network's own form of it.
        cost: What it takes of the network's write budget.
        text: What readers will see, for previews and for comparing what stands.
    """

    key: str
    ref: RecordRef
    payload: bytes
    cost: int
    text: str


class Unfit(Struct, frozen=True):
    """A draft that the network cannot take at all, and why."""

    key: str
    reason: Text
    mend: Text


class Published(Struct, frozen=True, tag="published"):
    """The record stands."""

    ref: RecordRef


class Refused(Struct, frozen=True, tag="refused"):
    """The network will never take this record as it is."""

    reason: Text
    mend: Text


class Unknown(Struct, frozen=True, tag="unknown"):
    """The record may or may not stand: ask with `find` before anything else."""

    reason: Text


class Absent(Struct, frozen=True, tag="absent"):
    """The record does not stand."""


Outcome: TypeAlias = Published | Refused | Unknown | Absent
"""What became of one record. `Absent` after `publish`: surely not written, may be sent again."""


class Window(Struct, frozen=True):
    """A published limit on writes: at most `points` in any `period`, per account."""

    points: int
    period: timedelta


class SocialNetwork(Protocol):
    """A network on which an account publishes."""

    @property
    def name(self) -> NetworkName:
        """The network's name, as accounts are filed under it."""
        ...

    @property
    def limits(self) -> PostLimits:
        """What one record can hold."""
        ...

    @property
    def windows(self) -> tuple[Window, ...]:
        """The write budget that the network grants an account; empty where there is none."""
        ...

    @property
    def batch(self) -> int:
        """How many records are best published in one call."""
        ...

    @property
    def create_cost(self) -> int:
        """What one new record takes of the write budget."""
        ...

    @property
    def delete_cost(self) -> int:
        """What removing one record takes of the write budget."""
        ...

    async def check(self, credential: Credential) -> tuple[Identity, str]:
        """Log in, and return who it is and the session to keep."""
        ...

    async def prepare(self, account: Account, draft: Draft) -> Sequence[Prepared] | Unfit:
        """Make the records of a draft, uploading the media that they point at.

        The same draft gives the same records. A draft that continues or quotes another one names
        that one's `Prepared.ref`, so a thread is prepared in order.
        """
        ...

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Publish records in order; one outcome for each.

        A record that points at another one which is refused in the same call is left out, `Absent`:
        its draft has to be prepared again.
        """
        ...

    async def find(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Say for each record whether it stands: `Published`, `Absent`, or `Unknown`.

        `Refused` means that another record stands in its place.
        """
        ...

    async def delete(self, account: Account, refs: Sequence[RecordRef]) -> Sequence[Outcome]:
        """Remove records; `Absent` means gone, whether now or before, `Published` still there."""
        ...

    async def close(self) -> None:
        """Release connections."""
        ...
