"""Moving 2,000 posts to a real PDS, ledger and all, beside the SDK's bare calls in the same run."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from atproto import AsyncClient, AsyncRequest, models
from cryptography.fernet import Fernet

from adapters.bluesky.network import BlueskyNetwork
from chatops.clock import utc_now
from chatops.conversation.addresses import Place
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.ledger import Ledger
from chatops.migrations.moving import Mover
from chatops.migrations.records import Item
from chatops.migrations.states import ItemState
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import EVERYWHERE
from chatops.organisations.records import MemberId
from chatops.organisations.vault import Vault
from chatops.posts.network import Credential
from chatops.posts.post import Hashtag, Post, Words
from chatops.publishing.publisher import Publisher, Sender
from chatops.store import Store
from tests.support.bluesky.pds import Account, PdsServer

POSTS = 2_000
SINGLES = 200
"""Posts created one at a time: enough to know the rate, which does not change."""
BATCH = 100
ROUNDS = 5
_NO_LIMIT = 10**9
_FIRST = datetime(2015, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Rate:
    """Posts in a second, in each round."""

    name: str
    rounds: list[float]

    @property
    def median(self) -> float:
        """The round to quote."""
        return statistics.median(self.rounds)


def posts() -> list[Post]:
    """Return plausible posts, one a day."""
    return [
        Post(
            source_id=str(1_000_000_000_000_000_000 + (number << 22)),
            kind="post",
            written_at=_FIRST + timedelta(days=number),
            body=(
                Words(f"Jour {number} : nous plantons des haies avec l’école. "),
                Hashtag("haies"),
            ),
            language="fr",
        )
        for number in range(POSTS)
    ]


async def migrated(server: PdsServer, store_url: str) -> float:
    """Move the posts as a migration does; return posts in a second."""
    async with _mover(server, store_url) as mover:
        start = time.perf_counter()
        await mover.recover()
        await mover.move(_go_on)
        return POSTS / (time.perf_counter() - start)


async def batched(server: PdsServer) -> float:
    """Send the same records by bare `applyWrites` of the SDK; return posts in a second."""
    account = server.create_account()
    client = await _client(server, account)
    records = [
        models.AppBskyFeedPost.Record(
            text="".join(r.text if isinstance(r, Words) else "#haies" for r in post.body),
            created_at=post.written_at.isoformat(),
            langs=["fr"],
            facets=[_facet()],
        )
        for post in posts()
    ]
    start = time.perf_counter()
    for first in range(0, POSTS, BATCH):
        writes: list[Any] = [
            models.ComAtprotoRepoApplyWrites.Create(collection="app.bsky.feed.post", value=record)
            for record in records[first : first + BATCH]
        ]
        await client.com.atproto.repo.apply_writes(
            models.ComAtprotoRepoApplyWrites.Data(repo=account.did, writes=writes)
        )
    return POSTS / (time.perf_counter() - start)


async def single(server: PdsServer) -> float:
    """Create records one at a time; return posts in a second."""
    account = server.create_account()
    client = await _client(server, account)
    start = time.perf_counter()
    for post in posts()[:SINGLES]:
        await client.com.atproto.repo.create_record(
            models.ComAtprotoRepoCreateRecord.Data(
                repo=account.did,
                collection="app.bsky.feed.post",
                record=models.AppBskyFeedPost.Record(
                    text="Nous plantons des haies. #haies",
                    created_at=post.written_at.isoformat(),
                    langs=["fr"],
                ),
            )
        )
    return SINGLES / (time.perf_counter() - start)


def run() -> str:
    """Measure all of them in turn, and return a table."""
    with PdsServer() as server, tempfile.TemporaryDirectory() as folder:
        ways: dict[str, Callable[[int], Awaitable[float]]] = {
            "createRecord, one at a time": lambda _number: single(server),
            f"bare applyWrites of {BATCH}": lambda _number: batched(server),
            "migration, ledger and all": lambda number: migrated(
                server, f"sqlite:///{Path(folder) / f'bench{number}.db'}"
            ),
        }
        measured: dict[str, list[float]] = {name: [] for name in ways}
        for number in range(ROUNDS):
            for name, way in ways.items():
                measured[name].append(asyncio.run(_awaited(way, number)))
    one, bare, ours = (Rate(name, rounds) for name, rounds in measured.items())
    lines = [
        f"| {POSTS:,} posts to a local PDS | posts/s (median of {ROUNDS}) | ratio | floor |",
        "|---|---|---|---|",
        f"| {one.name} | {one.median:,.0f} | | |",
        f"| {bare.name} | {bare.median:,.0f} | | |",
        f"| {ours.name} | {ours.median:,.0f} | {_ratio(ours, bare):.2f} of bare | 0.85 |",
        f"| {ours.name} | | {_ratio(ours, one):.1f}x one at a time | 5x |",
    ]
    return "\n".join(lines)


def _ratio(ours: Rate, other: Rate) -> float:
    """Return the median of the ratios pair by pair: the machine's own drift cancels out."""
    return statistics.median(a / b for a, b in zip(ours.rounds, other.rounds, strict=True))


async def _awaited(way: Callable[[int], Awaitable[float]], number: int) -> float:
    return await way(number)


async def _go_on(_through: int) -> bool:
    return True


async def _client(server: PdsServer, account: Account) -> AsyncClient:
    client = AsyncClient(server.url, request=AsyncRequest(timeout=60))
    await client.login(account.handle, account.password, fetch_bsky_profile=False)
    return client


def _facet() -> models.AppBskyRichtextFacet.Main:
    return models.AppBskyRichtextFacet.Main(
        index=models.AppBskyRichtextFacet.ByteSlice(byte_start=0, byte_end=6),
        features=[models.AppBskyRichtextFacet.Tag(tag="haies")],
    )


@asynccontextmanager
async def _mover(server: PdsServer, store_url: str) -> AsyncIterator[Mover]:
    """Build just the rooms that move posts, with a migration ready to go."""
    account = server.create_account()
    store = await Store.open(store_url)
    network = BlueskyNetwork(server.url, _NO_LIMIT, _NO_LIMIT)
    try:
        accounts = Accounts(store, utc_now, Vault(store, utc_now, Fernet.generate_key().decode()))
        organisations = Organisations(store, utc_now)
        organisation = await organisations.found("Bench", "fr", "UTC", ("bench", "", EVERYWHERE))
        person = await People(store, utc_now).recognise(MemberId("bench", "", "b"), "bench")
        credential = Credential(server.url, account.handle, account.password)
        row = await accounts.connect(organisation.id, network, credential)
        ledger = Ledger(store, utc_now)
        number = await ledger.open(organisation, row, person, Place("bench", "", ""), Path())
        for first in range(0, POSTS, 500):
            chunk = posts()[first : first + 500]
            await ledger.add(
                number,
                [Item(int(p.source_id), "post", ItemState.PLANNED, p) for p in chunk],
            )
        yield Mover(
            ledger,
            Publisher(store, utc_now, accounts),
            KeptFiles(Path()),
            await ledger.get(number),
            Sender(accounts.open(row), network),
        )
    finally:
        await network.close()
        await store.close()


if __name__ == "__main__":
    print(run())
