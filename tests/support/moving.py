"""Everything that migrations need, in this process: a network, an engine and a chat in memory.

async with moving(store, tmp_path) as house:
migration = await house.started(house.archive(tweet(text="Bonjour")))
await house.settled()
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec
from cryptography.fernet import Fernet
from msgspec import Struct
from sqlalchemy import select

from adapters.rehearsal import RehearsalNetwork
from chatops.archive.composing import Draft as Tweet
from chatops.archive.composing import Record, snowflake, tweet_record
from chatops.bootstrap import registry
from chatops.conversation.addresses import Member, Place
from chatops.conversation.dispatch import Conversation
from chatops.conversation.outbox import Outbox
from chatops.conversation.supervision import Connections
from chatops.engine import HandClock, MemoryEngine
from chatops.language import _
from chatops.migrations.keeping import KeptFiles
from chatops.migrations.ledger import Ledger
from chatops.migrations.records import Item, Migration, Selection
from chatops.migrations.runs import Runs
from chatops.migrations.service import Migrations
from chatops.migrations.sources import Sources
from chatops.migrations.states import ItemState
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import AccountRow, Organisation, Person, Role
from chatops.organisations.vault import Vault
from chatops.posts.fitting import fit, visible
from chatops.posts.memory import MemoryNetwork
from chatops.posts.network import (
    Absent,
    Account,
    Credential,
    CredentialRefused,
    Draft,
    Outcome,
    Prepared,
    RecordRef,
    Window,
)
from chatops.publishing.networks import Networks
from chatops.publishing.publisher import Publisher
from chatops.publishing.rehearsals import Rehearsals
from chatops.store import Store
from chatops.store.tables import deliveries
from chatops.testing import MemoryPlatform, Said
from tests.support.archives import ACCOUNT_ID, USERNAME, Made

NOW = datetime(2026, 1, 20, 12, tzinfo=UTC)
ROOM = Place("memory", "home", "room")
ANNA = Member("memory", "home", "U1", "Anna")

_SOON = timedelta(seconds=20)
_FIRST = datetime(2019, 3, 1, 8, tzinfo=UTC)
_KEY = Fernet.generate_key().decode()


class Standing(Struct, frozen=True):
    """A record on the network in memory, with everything that it points at."""

    text: str
    written_at: datetime
    root: str = ""
    parent: str = ""
    quoted: str = ""
    files: int = 0


class Network(MemoryNetwork):
    """A network in memory that keeps what records point at, and that can be ill in more ways.

    Each fault holds for a number of calls, or for as long as it is set.
    """

    def __init__(self, batch: int = 3, windows: tuple[Window, ...] = ()) -> None:
        super().__init__(batch=batch, windows=windows)
        self.calls: list[Sequence[str]] = []
        self.failing = 0
        """How many writes from now on fail as a whole, as with a server's 500."""
        self.poison: set[str] = set()
        """The keys on which every write fails that has one of them in it."""
        self.locked_out = False
        self.writing = asyncio.Event()
        """Set while a write waits because of `hold_up`."""
        self._free = asyncio.Event()
        self._free.set()

    async def prepare(self, account: Account, draft: Draft) -> Sequence[Prepared]:  # noqa: ARG002 - the port's signature
        """Cut a draft into the records of a thread."""
        records: list[Prepared] = []
        root, parent = draft.root or draft.parent, draft.parent
        for number, part in enumerate(fit(draft.post.body, self.limits)):
            key = f"{draft.key}#{number}"
            text = visible(part, self.limits)
            standing = Standing(
                text,
                draft.post.written_at,
                root.address if root else "",
                parent.address if parent else "",
                draft.quoted.address if draft.quoted and not number else "",
                0 if number else sum(file is not None for file in draft.files),
            )
            payload = msgspec.json.encode(standing)
            ref = RecordRef(f"memory:{key}", sha256(payload).hexdigest(), f"memory:{key}")
            records.append(Prepared(key, ref, payload, self.create_cost, text))
            root, parent = root or ref, ref
        return records

    async def publish(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Write records, or fail as it was told to."""
        keys = [record.key for record in records]
        self.calls.append(keys)
        if not self._free.is_set():
            self.writing.set()
            await self._free.wait()
        self._let_in()
        if self.failing:
            self.failing -= 1
            return [Absent()] * len(records)
        if self.poison.intersection(keys):
            return [Absent()] * len(records)
        return await super().publish(account, records)

    async def find(self, account: Account, records: Sequence[Prepared]) -> Sequence[Outcome]:
        """Say which records stand."""
        self._let_in()
        return await super().find(account, records)

    async def delete(self, account: Account, refs: Sequence[RecordRef]) -> Sequence[Outcome]:
        """Remove records."""
        self._let_in()
        return await super().delete(account, refs)

    def hold_up(self) -> None:
        """Have the next writes wait until `go_on`."""
        self.writing.clear()
        self._free.clear()

    def go_on(self) -> None:
        """Let writes through again."""
        self._free.set()

    def _let_in(self) -> None:
        if self.locked_out:
            raise CredentialRefused(_("The password is no longer right."), _("Connect it again."))

    @property
    def posts(self) -> Mapping[str, Standing]:
        """What stands on it, by source id and part, such as `12#0`."""
        return {
            address.removeprefix("memory:x:"): msgspec.json.decode(payload, type=Standing)
            for (_account, address), payload in self.standing.items()
        }

    @property
    def texts(self) -> list[str]:
        """What stands on it, in the order in which it was written."""
        posts = self.posts
        return [posts[key.removeprefix("x:")].text for key in self.writes if key[2:] in posts]


class House:
    """The rooms, open, of one association and its account."""

    def __init__(self, store: Store, folder: Path, network: Network) -> None:
        self.store = store
        self.folder = folder
        self.network = network
        self.clock = HandClock(NOW)
        self.engine = MemoryEngine(self.clock, grace=timedelta(seconds=1))
        self.platform = MemoryPlatform()
        self.organisations = Organisations(store, self._tick)
        self.people = People(store, self._tick)
        self.accounts = Accounts(store, self.clock.now, Vault(store, self.clock.now, _KEY))
        rehearsal = RehearsalNetwork(Rehearsals(store), network.limits)
        self.networks = Networks({"bluesky": network}, {"bluesky": rehearsal})
        self.publisher = Publisher(store, self.clock.now, self.accounts)
        self.outbox = Outbox(store, self._tick, {self.platform.name: self.platform}, (0.01,))
        self.kept = KeptFiles(folder / "kept")
        self.ledger = Ledger(store, self.clock.now)
        self.migrations = Migrations(
            store, self.engine, self.ledger, self.accounts, self.networks, self.kept
        )
        self.runs = Runs(
            store=store,
            engine=self.engine,
            clock=self.clock.now,
            organisations=self.organisations,
            accounts=self.accounts,
            networks=self.networks,
            publisher=self.publisher,
            outbox=self.outbox,
            migrations=self.migrations,
            ledger=self.ledger,
            kept=self.kept,
        )
        self.sources = Sources(folder / "inbox", self.kept, frozenset())
        self.conversation = Conversation(
            store=store,
            clock=self._tick,
            organisations=self.organisations,
            people=self.people,
            places=Places(store, self._tick),
            registry=registry(),
            outbox=self.outbox,
            platforms={self.platform.name: self.platform},
            services=[
                self.accounts,
                self.migrations,
                self.sources,
                Rehearsals(store),
                Connections((), self._tick),
            ],
        )
        self.home: Organisation
        self.account: AccountRow
        self.anna: Person
        self._ticks = itertools.count()
        self._archives = itertools.count(1)

    def _tick(self) -> datetime:
        """Return a present in which no two messages are sent at once."""
        return self.clock.now() + timedelta(microseconds=next(self._ticks))

    async def found(self, name: str, place: Place, *, live: bool) -> Organisation:
        """Make an organisation whose admin is Anna."""
        home = (place.platform, place.workspace, place.channel)
        made = await self.organisations.found(name, "en", "Europe/Paris", home)
        if live:
            await self.organisations.go_live(made.id)
        await self.people.grant(made.id, self.anna.id, Role.ADMIN)
        return await self.organisations.get(made.id)

    async def connect(self, organisation: Organisation, handle: str) -> AccountRow:
        """Connect an account of an organisation."""
        credential = Credential("memory://", handle, "right")
        return await self.accounts.connect(organisation.id, self.network, credential)

    def archive(self, *tweets: Record, media: Mapping[str, bytes] | None = None) -> Path:
        """Write an archive with these tweets."""
        path = self.folder / f"archive-{next(self._archives)}.zip"
        return Made({"tweets.js": list(tweets)}, media=media or {}).zipped(path)

    async def planned(
        self,
        archive: Path,
        selection: Selection | None = None,
        organisation: Organisation | None = None,
        account: AccountRow | None = None,
    ) -> Migration:
        """Plan a migration to the account, or to another one."""
        home = organisation or self.home
        whole = selection or Selection(home.zone)
        account = account or await self.migrations.account(home, "bluesky", None)
        return await self.migrations.plan(home, self.anna, ROOM, archive, account, whole)

    async def started(self, archive: Path, selection: Selection | None = None) -> Migration:
        """Plan and start a migration, and let it work until it waits for something."""
        migration = await self.planned(archive, selection)
        await self.migrations.start(self.home, migration)
        return await self.now(migration)

    async def moved(self, archive: Path, selection: Selection | None = None) -> Migration:
        """Plan a migration, start it, say yes to its first posts, and see it through."""
        return await self.agreed(await self.started(archive, selection))

    async def agreed(self, migration: Migration) -> Migration:
        """Say yes to the first posts, if they wait for it, and let the rest move."""
        if (await self.ledger.get(migration.id)).phase.value == "asking":
            await self.migrations.resume(await self.ledger.get(migration.id))
        return await self.now(migration)

    async def now(self, migration: Migration) -> Migration:
        """Let everything work that can, and return the migration as it is then."""
        await self.settled()
        return await self.ledger.get(migration.id)

    async def settled(self) -> None:
        """Wait until all that is due now is done, and all that is to be said is said."""
        await self.conversation.settled()
        assert await self.engine.settled(_SOON), "the work does not come to its end"
        await self.conversation.settled()

    async def engine_is_idle_or_waits(self) -> None:
        """Give everything that can go on the time to do so, also while a write is held up."""
        await asyncio.sleep(0.2)
        await self.conversation.settled()

    async def later(self, length: timedelta) -> None:
        """Let time pass, and all work be done that becomes due."""
        await self.clock.advance(length)
        # The sleepers that were woken have to get up first.
        await asyncio.sleep(0)
        await self.settled()

    async def items(self, migration: Migration) -> dict[str, Item]:
        """Return the items of a migration by their source ids, in their order."""
        page = await self.ledger.page(migration.id, -1)
        return {item.post.source_id: item for item in page}

    async def states(self, migration: Migration) -> list[ItemState]:
        """Return the states of a migration's items, in their order."""
        return [item.state for item in (await self.items(migration)).values()]

    async def said_in(self, place: Place, line: str) -> Said:
        """Have Anna call the bot in a place, and return what it answers."""
        before = len(self.platform.said)
        await self.platform.call(ANNA, place, line)
        await self.conversation.settled()
        return self.platform.said[before]

    async def says(self, line: str) -> Said:
        """Have Anna call the bot, and return what it answers."""
        return await self.said_in(ROOM, line)

    async def confirms(self, line: str) -> Said:
        """Have Anna call a command that is previewed first, and say yes; return the preview."""
        preview = await self.says(line)
        await self.platform.react_to(ANNA, preview.ref, "✅")
        await self.conversation.settled()
        return preview

    def heard(self, words: str) -> list[str]:
        """Return the messages, as they stand, in which these words are."""
        return [said.text for said in self.platform.said if words in said.text]

    async def ledger_agrees(self) -> None:
        """Check that deliveries say that it stands exactly of what stands on the network."""
        async with self.store.read() as connection:
            rows = await connection.execute(
                select(deliveries.c.record, deliveries.c.state).where(
                    deliveries.c.network == "bluesky"
                )
            )
            known = {json.loads(row.record)["ref"]["address"]: row.state for row in rows}
        published = {address for address, state in known.items() if state == "published"}
        assert published == {address for _account, address in self.network.standing}
        assert not {"sending", "unknown", "removing"} & set(known.values())


@asynccontextmanager
async def moving(
    store: Store,
    folder: Path,
    network: Network | None = None,
    *,
    live: bool = True,
) -> AsyncIterator[House]:
    """Open a house whose association is live and has an account, or is in practice."""
    house = House(store, folder, network or Network())
    house.anna = await house.people.recognise(ANNA.who, ANNA.name)
    house.home = await house.found("Les Amis", ROOM, live=live)
    if live:
        house.account = await house.connect(house.home, "amis.test")
    house.runs.register()
    house.outbox.start()
    await house.engine.start()
    listening = asyncio.create_task(house.platform.run(house.conversation.receive))
    await house.platform.connected.wait()
    try:
        yield house
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await house.conversation.stop()
        await house.engine.stop()
        await house.outbox.stop()


def at(hour: int) -> datetime:
    """Return a moment of the past, so many hours after the first post."""
    return _FIRST + timedelta(hours=hour)


def number(hour: int) -> str:
    """Return the id of the post of that hour."""
    return str(snowflake(at(hour)))


def post(
    hour: int,
    text: str = "",
    *,
    answers: int | None = None,
    quotes: int | None = None,
    pictures: Sequence[str] = (),
    versions: Iterable[int] = (),
) -> Record:
    """Return a tweet of the association, written in some hour.

    Args:
        answers: The hour of its own tweet that it continues.
        quotes: The hour of its own tweet that it quotes.
        versions: The hours of all versions, this one included, if it was edited.
    """
    text = text or f"Message {hour}"
    if quotes is not None:
        text += f" https://twitter.com/{USERNAME}/status/{number(quotes)}"
    draft = Tweet(
        int(number(hour)),
        text,
        "fr",
        USERNAME,
        pictures=pictures,
        answers=None if answers is None else (number(answers), ACCOUNT_ID, USERNAME),
        versions=[int(number(version)) for version in versions],
    )
    return tweet_record(draft, at(hour))
