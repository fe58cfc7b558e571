"""An account's records on its server: writing, reading back, removing.

A batch stands whole or not at all. So one that failed is looked up: a record that stands with the
same CID was written, by this call or by an earlier one, and one with another CID is in the way of
ours. A batch that was refused for an invalid record is halved until that record is alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from adapters.bluesky.batches import (
    Batch,
    after,
    batches,
    creation,
    found,
    independent,
    no_answer,
    refused,
    removal,
    suspects,
    written,
)
from adapters.bluesky.errors import Failure, Kind
from adapters.bluesky.limits import WRITES
from adapters.bluesky.records import key_of
from adapters.bluesky.service import Answer, Service
from adapters.bluesky.sessions import Sessions
from chatops.posts.network import (
    Absent,
    Account,
    Outcome,
    Published,
    RecordRef,
    Unknown,
)

_READERS: Final = 8
_EXECUTED: Final = (Kind.BROKEN, Kind.LOST)


class Repository:
    """The records of one account.

    Args:
        sessions: What opens the account.
        account: Whose records they are.
    """

    def __init__(self, sessions: Sessions, account: Account) -> None:
        self._sessions = sessions
        self._account = account

    async def create(self, records: Batch) -> list[Outcome]:
        """Write records in order, and say what became of each.

        Raises:
            Failure: None was written.
        """
        outcomes: dict[str, Outcome] = {}
        pending = deque(batches(records))
        while pending:
            batch = pending.popleft()
            try:
                outcomes |= written(batch, await self._apply([creation(r) for r in batch]))
            except Failure as failure:
                if failure.kind is Kind.INVALID and len(batch) > 1:
                    pending.extendleft(reversed(suspects(batch, failure)))
                elif failure.kind is Kind.INVALID:
                    outcomes[batch[0].key] = refused(failure)
                    pending = deque(independent(pending, batch))
                elif failure.kind in _EXECUTED:
                    traces = await self._traces(batch, failure)
                    outcomes |= traces
                    if not _explained(traces):
                        break
                    missing = [r for r in batch if not isinstance(traces[r.key], Published)]
                    pending = deque(independent(pending, missing))
                elif outcomes:
                    break
                else:
                    raise
        return [outcomes.get(record.key, Absent()) for record in records]

    async def find(self, records: Batch) -> list[Outcome]:
        """Say for each record whether it stands.

        Raises:
            Failure: The server did not tell.
        """
        standing = await self._standing([record.ref for record in records])
        return [found(record, cid) for record, cid in zip(records, standing, strict=True)]

    async def remove(self, refs: Sequence[RecordRef]) -> list[Outcome]:
        """Remove records; `Absent` means gone, `Published` that it still stands.

        Raises:
            Failure: None was removed.
        """
        outcomes: list[Outcome] = []
        for start in range(0, len(refs), WRITES):
            try:
                outcomes += await self._remove(refs[start : start + WRITES])
            except Failure:
                if not outcomes:
                    raise
                break
        return outcomes + [Published(ref) for ref in refs[len(outcomes) :]]

    async def _remove(self, refs: Sequence[RecordRef]) -> list[Outcome]:
        """Remove records in one write; if that failed, those of them that stand in another."""
        try:
            await self._apply([removal(ref) for ref in refs])
        except Failure as failure:
            if failure.kind not in (*_EXECUTED, Kind.INVALID):
                raise
        else:
            return [Absent()] * len(refs)
        standing = await self._standing(refs)
        left = [ref for ref, cid in zip(refs, standing, strict=True) if cid]
        outcomes: dict[RecordRef, Outcome] = {}
        if left:
            try:
                await self._apply([removal(ref) for ref in left])
            except Failure as failure:
                lost = Unknown(no_answer(failure)) if failure.kind is Kind.LOST else None
                outcomes = {ref: lost or Published(ref) for ref in left}
        return [outcomes.get(ref, Absent()) for ref in refs]

    async def _traces(self, batch: Batch, failure: Failure) -> dict[str, Outcome]:
        """Look up what a failed batch left behind."""
        try:
            standing = await self._standing([record.ref for record in batch])
        except Failure:
            return {record.key: Unknown(no_answer(failure)) for record in batch}
        return {
            record.key: after(failure, record, cid)
            for record, cid in zip(batch, standing, strict=True)
        }

    async def _apply(self, writes: Sequence[dict[str, Any]]) -> Answer:
        body = msgspec.json.encode({"repo": self._account.identity.key, "writes": writes})

        async def apply(service: Service, token: str) -> Answer:
            return await service.procedure("com.atproto.repo.applyWrites", body, token)

        return await self._sessions.call(self._account, apply)

    async def _standing(self, refs: Sequence[RecordRef]) -> list[str]:
        """Return for each address the CID of what stands there, empty where nothing does."""
        readers = asyncio.Semaphore(_READERS)

        async def read(service: Service, token: str) -> list[str]:
            async def one(ref: RecordRef) -> str:
                async with readers:
                    return await self._cid(service, token, ref)

            try:
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(one(ref)) for ref in refs]
            except* Failure as failures:
                raise failures.exceptions[0] from None
            return [task.result() for task in tasks]

        return await self._sessions.call(self._account, read)

    async def _cid(self, service: Service, token: str, ref: RecordRef) -> str:
        _repository, collection, key = key_of(ref)
        parameters = {"repo": self._account.identity.key, "collection": collection, "rkey": key}
        try:
            answer = await service.query("com.atproto.repo.getRecord", parameters, token)
        except Failure as failure:
            if failure.kind is Kind.MISSING:
                return ""
            raise
        return str(answer.get("cid", ""))


def _explained(traces: dict[str, Outcome]) -> bool:
    """Say whether keys in use explain a failure: then the server is well, and others may go on."""
    return not all(isinstance(outcome, Absent | Unknown) for outcome in traces.values())
