"""`MemoryNetwork`: an in-memory twin of the `SocialNetwork` port, for tests.

It refuses what a real network refuses: text over the limit, another record at a used address, a
credential that it does not know. It can be told to be away, to ask to wait, to lose its answer, or
to refuse a record, always for a number of calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from chatops.language import Text, _
from chatops.posts.fitting import fit, graphemes, visible
from chatops.posts.limits import PostLimits
from chatops.posts.network import (
    Absent,
    Account,
    Credential,
    CredentialRefused,
    Draft,
    Identity,
    NetworkName,
    NetworkUnavailable,
    Outcome,
    OverLimit,
    Prepared,
    Published,
    RecordRef,
    Refused,
    Unfit,
    Unknown,
    Window,
)

LIMITS = PostLimits(
    characters=300,
    text_bytes=3000,
    url_weight=0,
    images=4,
    image_bytes=1_000_000,
    image_pixels=0,
    video_bytes=0,
    alt_characters=1000,
    link_text="label",
    backdates=True,
)

_AGAIN = _("Try again.")


class MemoryNetwork:
    """A network in this process.

    Args:
        accepted: The secret of every account on it.
    """

    name: NetworkName = "bluesky"
    create_cost = 3
    delete_cost = 1
    limits = LIMITS

    def __init__(
        self, accepted: str = "right", batch: int = 10, windows: tuple[Window, ...] = ()
    ) -> None:
        self.batch = batch
        self.windows = windows
        self.standing: dict[tuple[str, str], bytes] = {}
        self.writes: list[str] = []
        self.away = 0
        self.losing = 0
        self.waiting: tuple[int, datetime | None] = (0, None)
        self.refusing: set[str] = set()
        self._accepted = accepted

    async def check(self, credential: Credential) -> tuple[Identity, str]:
        """Accept the right password only."""
        if credential.secret != self._accepted:
            raise CredentialRefused(_("The password is wrong."), _AGAIN)
        handle = credential.identifier
        return Identity(f"did:memory:{handle}", handle, f"memory://{handle}"), "a session"

    async def prepare(self, account: Account, draft: Draft) -> Sequence[Prepared] | Unfit:
        """Cut a draft into records with addresses of their own."""
        parts = fit(draft.post.body, self.limits)
        pointers = (draft.parent, draft.quoted)
        suffix = "".join(f"\n-> {ref.address}" for ref in pointers if ref is not None)
        records = []
        for number, part in enumerate(parts):
            key = f"{draft.key}#{number}"
            address = f"memory://{account.identity.handle}/{key}"
            text = visible(part, self.limits)
            payload = f"{text}{suffix}".encode()
            ref = RecordRef(address, sha256(payload).hexdigest(), address)
            records.append(Prepared(key, ref, payload, self.create_cost, text))
        return records

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Write records, or fail as it was told to."""
        self._answer()
        outcomes: list[Outcome] = []
        gone: list[bytes] = []
        for record in records:
            left_out = any(address in record.payload for address in gone)
            outcomes.append(Absent() if left_out else self._write(account, record))
            if not isinstance(outcomes[-1], Published):
                gone.append(record.ref.address.encode())
        if self.losing:
            self.losing -= 1
            return [Unknown(_("The answer was lost.")) for _outcome in outcomes]
        return outcomes

    async def find(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Say which records stand."""
        self._answer()
        return [
            Published(r.ref) if (account.identity.key, r.ref.address) in self.standing else Absent()
            for r in records
        ]

    async def delete(self, account: Account, refs: Sequence[RecordRef]) -> Sequence[Outcome]:
        """Remove records."""
        self._answer()
        for ref in refs:
            self.standing.pop((account.identity.key, ref.address), None)
        return [Absent() for _ref in refs]

    async def close(self) -> None:
        """Do nothing: there are no connections."""

    def _answer(self) -> None:
        if self.away:
            self.away -= 1
            raise NetworkUnavailable(_("The network is away."), _AGAIN)
        calls, until = self.waiting
        if calls:
            self.waiting = (calls - 1, until)
            raise OverLimit(_("The network asks to wait."), _AGAIN, until)

    def _write(self, account: Account, record: Prepared) -> Outcome:
        if record.key in self.refusing:
            return _refused(_("The network refuses this one."))
        if graphemes(record.text) > self.limits.characters:
            return _refused(_("The text is too long."))
        place = (account.identity.key, record.ref.address)
        if self.standing.get(place, record.payload) != record.payload:
            return _refused(_("Another record stands there."))
        if place in self.standing:
            return Published(record.ref)
        self.standing[place] = record.payload
        self.writes.append(record.key)
        return Published(record.ref)


def _refused(reason: Text) -> Refused:
    return Refused(reason, _AGAIN)
