"""The publisher: each record at most once, whatever the network answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.ext.asyncio import AsyncConnection

from chatops.clock import utc_now
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.organisations.vault import Vault
from chatops.posts.memory import MemoryNetwork
from chatops.posts.network import (
    Absent,
    Credential,
    Draft,
    NetworkUnavailable,
    Outcome,
    OverLimit,
    Prepared,
    Published,
    Refused,
    Unknown,
    Window,
)
from chatops.posts.post import Post, Words
from chatops.publishing.publisher import Publisher, Sender
from chatops.publishing.states import Delivery
from chatops.store import Store


class Rows:
    """Stands for the caller's own rows: remembers what it was told, in which order."""

    def __init__(self) -> None:
        self.claims: list[Sequence[str]] = []
        self.settlements: list[Mapping[str, Outcome]] = []

    async def claimed(self, _connection: AsyncConnection, keys: Sequence[str]) -> None:
        self.claims.append(keys)

    async def settled(self, _connection: AsyncConnection, outcomes: Mapping[str, Outcome]) -> None:
        self.settlements.append(dict(outcomes))


class Bench:
    """A publisher with one account on a network in memory."""

    def __init__(self, store: Store, network: MemoryNetwork) -> None:
        self.network = network
        self.accounts = Accounts(
            store, utc_now, Vault(store, utc_now, Fernet.generate_key().decode())
        )
        self.publisher = Publisher(store, utc_now, self.accounts)
        self.store = store
        self.rows = Rows()
        self.sender: Sender

    async def connect(self) -> Bench:
        organisation = await Organisations(self.store, utc_now).found(
            "Les Amis", "fr", "Europe/Paris", ("test", "", "home")
        )
        row = await self.accounts.connect(
            organisation.id, self.network, Credential("memory://", "amis.test", "right")
        )
        self.sender = Sender(self.accounts.open(row), self.network)
        return self

    async def prepared(self, *texts: str) -> list[Prepared]:
        records: list[Prepared] = []
        for number, text in enumerate(texts):
            post = Post(str(number), "post", datetime(2020, 1, 1, tzinfo=UTC), (Words(text),))
            made = await self.network.prepare(self.sender.account, Draft(f"x:{number}", post))
            assert isinstance(made, list)
            records += made
        return records

    async def deliver(self, records: Sequence[Prepared]) -> Mapping[str, Outcome]:
        return await self.publisher.deliver(self.sender, "migration:1", records, self.rows)

    async def states(self, records: Sequence[Prepared]) -> list[Delivery]:
        standing = await self.publisher.standing(self.sender, [r.key for r in records])
        return [standing[record.key].state for record in records]


@pytest.fixture
async def bench(store: Store) -> Bench:
    return await Bench(store, MemoryNetwork()).connect()


async def test_records_are_published_in_order_and_kept(bench: Bench) -> None:
    records = await bench.prepared("one", "two")
    outcomes = await bench.deliver(records)
    assert bench.network.writes == ["x:0#0", "x:1#0"]
    assert all(isinstance(outcome, Published) for outcome in outcomes.values())
    assert await bench.states(records) == [Delivery.PUBLISHED] * 2


async def test_what_stands_is_not_sent_again(bench: Bench) -> None:
    records = await bench.prepared("one")
    await bench.deliver(records)
    outcomes = await bench.deliver(records)
    assert bench.network.writes == ["x:0#0"]
    assert isinstance(outcomes["x:0#0"], Published)


async def test_a_lost_answer_is_asked_for_at_once(bench: Bench) -> None:
    bench.network.losing = 1
    records = await bench.prepared("one")
    outcomes = await bench.deliver(records)
    assert isinstance(outcomes["x:0#0"], Published)
    assert bench.network.writes == ["x:0#0"]


async def test_unknown_stays_unknown_until_the_network_can_be_asked(bench: Bench) -> None:
    records = await bench.prepared("one")
    bench.network.losing = 1
    publish = bench.network.publish

    async def publish_and_leave(*arguments: object) -> Sequence[Outcome]:
        answers = await publish(*arguments)  # type: ignore[arg-type]
        bench.network.away = 1
        return answers

    bench.network.publish = publish_and_leave  # type: ignore[method-assign,assignment]
    outcomes = await bench.deliver(records)
    assert isinstance(outcomes["x:0#0"], Unknown)
    assert await bench.states(records) == [Delivery.UNKNOWN]

    bench.network.publish = publish  # type: ignore[method-assign]
    again = await bench.deliver(records)
    assert isinstance(again["x:0#0"], Unknown), "nothing is sent whose fate is unknown"
    assert bench.network.writes == ["x:0#0"]

    assert await bench.publisher.recover(bench.sender, "migration:1", bench.rows) == 0
    assert await bench.states(records) == [Delivery.PUBLISHED]


async def test_a_process_that_died_in_the_middle_is_recovered(bench: Bench) -> None:
    records = await bench.prepared("written", "not written")

    class Died(BaseException):
        pass

    async def publish_half(*_arguments: object) -> Sequence[Outcome]:
        await MemoryNetwork.publish(bench.network, bench.sender.account, records[:1])
        raise Died

    bench.network.publish = publish_half  # type: ignore[method-assign,assignment]
    with pytest.raises(Died):
        await bench.deliver(records)
    assert await bench.states(records) == [Delivery.SENDING] * 2

    del bench.network.publish
    assert await bench.publisher.recover(bench.sender, "migration:1", bench.rows) == 0
    assert await bench.states(records) == [Delivery.PUBLISHED, Delivery.ABSENT]
    await bench.deliver(records)
    assert bench.network.writes == ["x:0#0", "x:1#0"]


async def test_a_network_that_is_away_leaves_everything_to_be_sent_later(bench: Bench) -> None:
    records = await bench.prepared("one")
    bench.network.away = 1
    with pytest.raises(NetworkUnavailable):
        await bench.deliver(records)
    assert await bench.states(records) == [Delivery.ABSENT]
    assert [type(o) for o in bench.rows.settlements[-1].values()] == [Absent]
    await bench.deliver(records)
    assert bench.network.writes == ["x:0#0"]


async def test_a_limit_says_until_when(bench: Bench) -> None:
    until = datetime(2030, 1, 1, tzinfo=UTC)
    bench.network.waiting = (1, until)
    with pytest.raises(OverLimit) as caught:
        await bench.deliver(await bench.prepared("one"))
    assert caught.value.until == until


async def test_one_refused_record_does_not_stop_the_others(bench: Bench) -> None:
    bench.network.refusing = {"x:0#0"}
    records = await bench.prepared("bad", "good")
    outcomes = await bench.deliver(records)
    assert isinstance(outcomes["x:0#0"], Refused)
    assert await bench.states(records) == [Delivery.REFUSED, Delivery.PUBLISHED]


async def test_the_budget_is_spent_before_anything_is_sent(store: Store) -> None:
    window = Window(100, timedelta(hours=1))
    bench = await Bench(store, MemoryNetwork(windows=(window,))).connect()
    assert (await bench.publisher.allowance(bench.sender)).points == 80
    bench.network.losing = 1
    await bench.deliver(await bench.prepared("one", "two"))
    allowed = await bench.publisher.allowance(bench.sender)
    assert allowed.points == 80 - 2 * 3
    assert allowed.more_at is not None


async def test_a_network_that_is_away_spends_no_budget(store: Store) -> None:
    window = Window(100, timedelta(hours=1))
    bench = await Bench(store, MemoryNetwork(windows=(window,))).connect()
    bench.network.away = 1
    with pytest.raises(NetworkUnavailable):
        await bench.deliver(await bench.prepared("one", "two"))
    assert (await bench.publisher.allowance(bench.sender)).points == 80


async def test_removing_removes_what_stands_and_nothing_else(bench: Bench) -> None:
    records = await bench.prepared("one", "two")
    await bench.deliver(records)
    keys = await bench.publisher.removable(bench.sender, "migration:1", 10)
    assert keys == ["x:1#0", "x:0#0"], "the newest goes first"
    await bench.publisher.remove(bench.sender, keys[:1], bench.rows)
    assert [address for _account, address in bench.network.standing] == [records[0].ref.address]
    assert await bench.states(records) == [Delivery.PUBLISHED, Delivery.REMOVED]
    assert await bench.publisher.removable(bench.sender, "migration:2", 10) == []


async def test_a_removal_that_was_broken_off_can_be_repeated(bench: Bench) -> None:
    records = await bench.prepared("one")
    await bench.deliver(records)
    bench.network.away = 1
    with pytest.raises(NetworkUnavailable):
        await bench.publisher.remove(bench.sender, ["x:0#0"], bench.rows)
    keys = await bench.publisher.removable(bench.sender, "migration:1", 10)
    await bench.publisher.remove(bench.sender, keys, bench.rows)
    assert await bench.states(records) == [Delivery.REMOVED]
