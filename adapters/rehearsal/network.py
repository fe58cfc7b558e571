"""`RehearsalNetwork`: stands in for a real network in practice, and keeps instead of publishing.

It cuts and counts as the network does that it stands in for, and grants a budget without limits:
nobody waits in practice.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from chatops.language import Invalid, _
from chatops.posts.fitting import fit, visible
from chatops.posts.limits import PostLimits
from chatops.posts.network import (
    Absent,
    Account,
    Credential,
    Draft,
    Identity,
    NetworkName,
    Outcome,
    Prepared,
    Published,
    RecordRef,
    Unfit,
    Window,
)
from chatops.publishing.rehearsals import Rehearsals, Rehearsed

_RECORD = msgspec.json.Decoder(Rehearsed)


class RehearsalNetwork:
    """A network that nobody reads.

    Args:
        limits: Those of the network that it stands in for.
    """

    name: NetworkName = "rehearsal"
    windows: tuple[Window, ...] = ()
    batch = 100
    create_cost = 0
    delete_cost = 0

    def __init__(self, rehearsals: Rehearsals, limits: PostLimits) -> None:
        self._rehearsals = rehearsals
        self.limits = limits

    async def check(self, credential: Credential) -> tuple[Identity, str]:  # noqa: ARG002 - the port's signature
        """Refuse: nobody has an account here."""
        raise Invalid(
            _("The rehearsal network needs no account."),
            _("Plan a migration: in practice it is used by itself."),
        )

    async def prepare(self, account: Account, draft: Draft) -> Sequence[Prepared] | Unfit:  # noqa: ARG002 - the port's signature
        """Cut a draft as the real network would."""
        post = draft.post
        present = [m.name for m, file in zip(post.media, draft.files, strict=False) if file]
        texts = [visible(part, self.limits) for part in fit(post.body, self.limits)]
        most = self.limits.images or len(present) or 1
        count = max(len(texts), -(-len(present) // most))
        prepared: list[Prepared] = []
        for number in range(count):
            key = f"{draft.key}#{number}"
            before = f"{draft.key}#{number - 1}" if number else _address(draft.parent)
            record = Rehearsed(
                key=key,
                text=texts[number] if number < len(texts) else "",
                written_at=post.written_at,
                continues=before,
                quotes="" if number else _address(draft.quoted),
                media=tuple(present[number * most : (number + 1) * most]),
            )
            prepared.append(
                Prepared(key, RecordRef(key), msgspec.json.encode(record), 0, record.text)
            )
        return prepared

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Keep the records."""
        kept = [_RECORD.decode(record.payload) for record in records]
        await self._rehearsals.keep(account.identity.key, kept)
        return [Published(record.ref) for record in records]

    async def find(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Look them up."""
        known = await self._rehearsals.known(account.identity.key, [r.key for r in records])
        return [Published(r.ref) if r.key in known else Absent() for r in records]

    async def delete(self, account: Account, refs: Sequence[RecordRef]) -> Sequence[Outcome]:
        """Remove them."""
        await self._rehearsals.remove(account.identity.key, [ref.address for ref in refs])
        return [Absent() for _ref in refs]

    async def close(self) -> None:
        """Do nothing: there are no connections."""


def _address(ref: RecordRef | None) -> str:
    return "" if ref is None else ref.address
