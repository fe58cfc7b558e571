"""How anything reaches a network exactly once.

Theory of operation. `deliver` works in three steps: it claims (one transaction: the deliveries as
`sending`, the budget as spent, the caller's own rows), sends (no transaction), and settles (one
transaction: what became of each, and the caller's own rows). A process that dies between two steps
leaves rows in `sending`; `recover` asks the network about them before the caller goes on. Nothing
is sent again whose fate is not known.

Where a backup was put back, the ledger may lack what was sent after it was made. There a record
without a row becomes `unknown` first, and the network is asked like about any other such one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec import Struct
from sqlalchemy import insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from chatops.clock import Clock
from chatops.language import Text, Trouble, _
from chatops.organisations.accounts import Accounts, OpenAccount
from chatops.posts.network import (
    Absent,
    NetworkName,
    NetworkUnavailable,
    Outcome,
    Prepared,
    Published,
    Refused,
    SocialNetwork,
    Unknown,
)
from chatops.publishing.budget import Allowance, allowance, forget_before, spend
from chatops.publishing.states import UNSETTLED, Delivery, before
from chatops.store import Store
from chatops.store.tables import deliveries

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_RECORD = msgspec.json.Decoder(Prepared)
_STANDING = (Delivery.PUBLISHED, Delivery.REMOVING)
_REMEMBERED = timedelta(days=7)
_LEFT_BEHIND = timedelta(minutes=10)
"""Longer than any sending takes: whoever left a delivery unsettled for so long is gone."""


class Companion(Protocol):
    """The caller's own rows, which change together with the deliveries."""

    async def claimed(self, connection: AsyncConnection, keys: Sequence[str], /) -> None:
        """Change what must change before anything is sent.

        Args:
            keys: What will be sent now: not what stands already.
        """
        ...

    async def settled(
        self, connection: AsyncConnection, outcomes: Mapping[str, Outcome], /
    ) -> None:
        """Change what must change now that it is known what became of each."""
        ...


class Standing(Struct, frozen=True):
    """A delivery as it was kept.

    Args:
        attempts: How often it was sent.
    """

    record: Prepared
    state: Delivery
    attempts: int


class _Move(Struct, frozen=True):
    """Where a delivery goes, and why where that is to be told."""

    state: Delivery
    reason: Text | None = None
    mend: Text | None = None


@dataclass(frozen=True, slots=True)
class Sender:
    """An account on the network that it reaches, which in practice is the rehearsal."""

    account: OpenAccount
    network: SocialNetwork

    @property
    def ledger(self) -> tuple[int, NetworkName]:
        """Under what the ledger files it."""
        return self.account.row.id, self.network.name


class Publisher:
    """Delivers records, keeps the ledger, and spends within budgets.

    Args:
        doubtful: Whether the ledger may lack deliveries, because a backup was put back.
    """

    def __init__(
        self, store: Store, clock: Clock, accounts: Accounts, *, doubtful: bool = False
    ) -> None:
        self._store = store
        self._clock = clock
        self._accounts = accounts
        self.doubtful = doubtful

    async def allowance(self, sender: Sender) -> Allowance:
        """Return what may be spent on the account now."""
        async with self._store.read() as connection:
            return await allowance(connection, sender.ledger, sender.network.windows, self._clock())

    async def forget_spendings(self) -> None:
        """Remove spendings that no window of any network reaches back to."""
        async with self._store.write() as connection:
            await forget_before(connection, self._clock() - _REMEMBERED)

    async def standing(self, sender: Sender, keys: Sequence[str]) -> Mapping[str, Standing]:
        """Return the deliveries that are known under these keys."""
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(
                    deliveries.c.key,
                    deliveries.c.record,
                    deliveries.c.state,
                    deliveries.c.attempts,
                ).where(
                    deliveries.c.account_id == sender.ledger[0],
                    deliveries.c.network == sender.ledger[1],
                    deliveries.c.key.in_(keys),
                )
            )
            return {
                row.key: Standing(_RECORD.decode(row.record), Delivery(row.state), row.attempts)
                for row in rows
            }

    async def deliver(
        self,
        sender: Sender,
        subject: str,
        records: Sequence[Prepared],
        companion: Companion,
    ) -> Mapping[str, Outcome]:
        """Publish records in order, each at most once, and say what became of each by key.

        Records that stand already are not sent again. The budget is written down, not checked:
        the caller asks `allowance` first.

        Args:
            subject: What the deliveries belong to, such as `migration:12`.

        Raises:
            NetworkUnavailable, CredentialRefused, OverLimit: The network took nothing; the
                deliveries are settled as absent first.
        """
        if self.doubtful:
            await self.look_up(sender, subject, records)
        outcomes, fresh = await self._claim(sender, subject, records, companion)
        trouble: Trouble | None = None
        if fresh:
            sent, trouble = await self._send(sender, fresh)
            outcomes.update(sent)
        if isinstance(trouble, NetworkUnavailable):
            # Nothing has reached the network, so nothing was spent.
            async with self._store.write() as connection:
                cost = sum(record.cost for record in fresh)
                await spend(connection, sender.ledger, -cost, self._clock())
        await self._settle(sender, outcomes, companion, {record.key for record in fresh}, trouble)
        if trouble is not None:
            raise trouble
        return outcomes

    async def look_up(
        self, sender: Sender, subject: str, records: Sequence[Prepared]
    ) -> Mapping[str, Outcome]:
        """Say of each record whether it stands; the network is asked where the ledger lacks it.

        Raises:
            NetworkUnavailable, CredentialRefused: That cannot be learned now.
        """
        known = await self.standing(sender, [record.key for record in records])
        outcomes = {key: _as_it_is(kept) or Absent() for key, kept in known.items()}
        lacking = [record for record in records if record.key not in known]
        if not lacking:
            return outcomes
        row = {
            "account_id": sender.ledger[0],
            "network": sender.ledger[1],
            "subject": subject,
            "state": Delivery.UNKNOWN.value,
            "attempts": 0,
            "changed_at": self._clock(),
        }
        rows = [{**row, "key": r.key, "record": msgspec.json.encode(r)} for r in lacking]
        async with self._store.write() as connection:
            await connection.execute(insert(deliveries), rows)
        answers = await sender.network.find(sender.account, lacking)
        found = {record.key: answer for record, answer in zip(lacking, answers, strict=True)}
        moves = {key: _settled(answer) for key, answer in found.items()}
        async with self._store.write() as connection:
            await self._move(connection, sender, moves)
        return {**outcomes, **found}

    async def recover(self, sender: Sender, subject: str, companion: Companion) -> int:
        """Ask the network about deliveries whose fate is not known; return how many stay so.

        To be called before a subject goes on after its process may have died. Deliveries of others
        to the same account, long left behind, are asked about, too: they may be in its way.
        """
        long_ago = self._clock() - _LEFT_BEHIND
        async with self._store.read() as connection:
            rows = await connection.scalars(
                select(deliveries.c.record).where(
                    or_(deliveries.c.subject == subject, deliveries.c.changed_at < long_ago),
                    deliveries.c.account_id == sender.ledger[0],
                    deliveries.c.network == sender.ledger[1],
                    deliveries.c.state.in_([state.value for state in UNSETTLED]),
                )
            )
            records = [_RECORD.decode(row) for row in rows]
        if not records:
            return 0
        found = await sender.network.find(sender.account, records)
        outcomes = {record.key: answer for record, answer in zip(records, found, strict=True)}
        await self._settle(sender, outcomes, companion, outcomes, None)
        return sum(isinstance(outcome, Unknown) for outcome in outcomes.values())

    async def removable(self, sender: Sender, subject: str, limit: int) -> Sequence[str]:
        """Return the keys of a subject's records that stand, the newest first."""
        async with self._store.read() as connection:
            rows = await connection.scalars(
                select(deliveries.c.key)
                .where(
                    deliveries.c.subject == subject,
                    deliveries.c.account_id == sender.ledger[0],
                    deliveries.c.network == sender.ledger[1],
                    deliveries.c.state.in_([state.value for state in _STANDING]),
                )
                .order_by(deliveries.c.id.desc())
                .limit(limit)
            )
            return list(rows)

    async def remove(
        self, sender: Sender, keys: Sequence[str], companion: Companion
    ) -> Mapping[str, Outcome]:
        """Remove published records; `Absent` means gone. Removing twice is harmless."""
        standing = await self.standing(sender, keys)
        records = {key: kept.record for key, kept in standing.items() if kept.state in _STANDING}
        cost = len(records) * sender.network.delete_cost
        async with self._store.write() as connection:
            await self._move(connection, sender, dict.fromkeys(records, _Move(Delivery.REMOVING)))
            if cost:
                await spend(connection, sender.ledger, cost, self._clock())
        answers = await sender.network.delete(
            sender.account, [record.ref for record in records.values()]
        )
        outcomes = dict(zip(records, answers, strict=True))
        gone = [key for key, outcome in outcomes.items() if isinstance(outcome, Absent)]
        async with self._store.write() as connection:
            await self._move(connection, sender, dict.fromkeys(gone, _Move(Delivery.REMOVED)))
            await companion.settled(connection, outcomes)
        return outcomes

    async def _claim(
        self, sender: Sender, subject: str, records: Sequence[Prepared], companion: Companion
    ) -> tuple[dict[str, Outcome], list[Prepared]]:
        """Write the deliveries down as `sending`; return what stands already, and what to send."""
        known = await self.standing(sender, [record.key for record in records])
        outcomes = {
            key: outcome for key, kept in known.items() if (outcome := _as_it_is(kept)) is not None
        }
        fresh = [record for record in records if record.key not in outcomes]
        now = self._clock()
        row = {
            "account_id": sender.ledger[0],
            "network": sender.ledger[1],
            "subject": subject,
            "state": Delivery.SENDING.value,
            "attempts": 1,
            "changed_at": now,
        }
        new = [
            {**row, "key": record.key, "record": msgspec.json.encode(record)}
            for record in fresh
            if record.key not in known
        ]
        try:
            async with self._store.write() as connection:
                if new:
                    await connection.execute(insert(deliveries), new)
                again = [record for record in fresh if record.key in known]
                missed = await self._claim_again(connection, sender, subject, again)
                fresh = [record for record in fresh if record.key not in missed]
                await spend(connection, sender.ledger, sum(r.cost for r in fresh), now)
                await companion.claimed(connection, [record.key for record in fresh])
        except IntegrityError:
            if len(await self.standing(sender, [record.key for record in records])) == len(known):
                raise
            # Somebody else has claimed some of them in the same moment.
            return await self._claim(sender, subject, records, companion)
        return {**outcomes, **missed}, fresh

    async def _claim_again(
        self,
        connection: AsyncConnection,
        sender: Sender,
        subject: str,
        records: Sequence[Prepared],
    ) -> dict[str, Outcome]:
        """Take rows that surely do not stand; a new attempt sends the record as it is now.

        Returns:
            Those that somebody else has taken in the same moment.
        """
        missed: dict[str, Outcome] = {}
        for record in records:
            changed = await connection.execute(
                update(deliveries)
                .where(
                    deliveries.c.account_id == sender.ledger[0],
                    deliveries.c.network == sender.ledger[1],
                    deliveries.c.key == record.key,
                    deliveries.c.state.in_([s.value for s in before(Delivery.SENDING)]),
                )
                .values(
                    subject=subject,
                    state=Delivery.SENDING.value,
                    record=msgspec.json.encode(record),
                    attempts=deliveries.c.attempts + 1,
                    changed_at=self._clock(),
                    reason=None,
                    mend=None,
                )
            )
            if not changed.rowcount:
                missed[record.key] = _not_known()
        return missed

    async def _send(
        self, sender: Sender, records: Sequence[Prepared]
    ) -> tuple[dict[str, Outcome], Trouble | None]:
        """Send; where an answer was lost, ask at once what stands."""
        try:
            answers = await sender.network.publish(sender.account, records)
        except Trouble as trouble:
            return {record.key: Absent() for record in records}, trouble
        outcomes = {record.key: answer for record, answer in zip(records, answers, strict=True)}
        lost = [record for record in records if isinstance(outcomes[record.key], Unknown)]
        if lost:
            try:
                found = await sender.network.find(sender.account, lost)
            except Trouble:
                # They stay unknown: `recover` asks again before anything else is sent.
                return outcomes, None
            outcomes.update(zip((record.key for record in lost), found, strict=True))
        return outcomes, None

    async def _settle(
        self,
        sender: Sender,
        outcomes: Mapping[str, Outcome],
        companion: Companion,
        sent: Collection[str],
        trouble: Trouble | None,
    ) -> None:
        """Write down what became of what was sent; others' deliveries are theirs to settle."""
        account_id = sender.account.row.id
        moves = {key: _settled(answer) for key, answer in outcomes.items() if key in sent}
        async with self._store.write() as connection:
            await self._move(connection, sender, moves)
            await companion.settled(connection, outcomes)
            if any(isinstance(outcome, Published) for outcome in outcomes.values()):
                await self._accounts.note_success(connection, account_id)
            if trouble is not None:
                await self._accounts.note_trouble(connection, account_id, trouble.reason)

    async def _move(
        self, connection: AsyncConnection, sender: Sender, moves: Mapping[str, _Move]
    ) -> None:
        """Move deliveries to new states, those only that may go there."""
        plain: dict[Delivery, list[str]] = {}
        for key, move in moves.items():
            if move.reason is None:
                plain.setdefault(move.state, []).append(key)
            else:
                await self._move_all(connection, sender, [key], move)
        for state, keys in plain.items():
            await self._move_all(connection, sender, keys, _Move(state))

    async def _move_all(
        self, connection: AsyncConnection, sender: Sender, keys: Sequence[str], move: _Move
    ) -> None:
        await connection.execute(
            update(deliveries)
            .where(
                deliveries.c.account_id == sender.ledger[0],
                deliveries.c.network == sender.ledger[1],
                deliveries.c.key.in_(keys),
                deliveries.c.state.in_([state.value for state in before(move.state)]),
            )
            .values(
                state=move.state.value,
                changed_at=self._clock(),
                reason=move.reason,
                mend=move.mend,
            )
        )


async def standing_keys(connection: AsyncConnection, subject: str) -> Sequence[str]:
    """Return the keys of a subject's records that stand, or of which nobody knows."""
    states = [state.value for state in (*_STANDING, *UNSETTLED)]
    found = await connection.scalars(
        select(deliveries.c.key).where(
            deliveries.c.subject == subject, deliveries.c.state.in_(states)
        )
    )
    return list(found)


def _as_it_is(kept: Standing) -> Outcome | None:
    """Say what stands for a delivery that may not be sent now; None where it may."""
    if kept.state is Delivery.PUBLISHED:
        return Published(kept.record.ref)
    if kept.state in before(Delivery.SENDING):
        return None
    return _not_known()


def _not_known() -> Unknown:
    return Unknown(_("What became of an earlier sending is not known yet."))


def _settled(outcome: Outcome) -> _Move:
    match outcome:
        case Published():
            return _Move(Delivery.PUBLISHED)
        case Refused():
            return _Move(Delivery.REFUSED, outcome.reason, outcome.mend)
        case Unknown():
            return _Move(Delivery.UNKNOWN, outcome.reason)
        case Absent():
            return _Move(Delivery.ABSENT)
