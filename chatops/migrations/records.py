"""What is known of a migration."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

from msgspec import Struct

from chatops.conversation.addresses import Place
from chatops.language import Text
from chatops.migrations.states import Hold, ItemState, Phase
from chatops.organisations.records import Mode
from chatops.posts.network import NetworkName, RecordRef
from chatops.posts.post import Post, PostKind


class Selection(Struct, frozen=True):
    """Which posts of an archive are to be moved.

    Args:
        since: The first day, in the organisation's zone.
        until: The last day, included.
    """

    zone: str
    kinds: frozenset[PostKind] = frozenset({"post", "thread", "quote"})
    since: date | None = None
    until: date | None = None


class Reason(Struct, frozen=True):
    """Something that a number of posts have in common, such as why they stay behind."""

    text: Text
    count: int


class Sample(Struct, frozen=True):
    """A post as it will look: the text of each part."""

    written_at: datetime
    parts: tuple[str, ...]
    media: int


class Summary(Struct, frozen=True):
    """What a plan says.

    Args:
        handle: The X account whose archive it is.
        moves: How many posts of each kind will move.
        records: How many records they become on the network.
        skipped: Why others stay behind.
        held: Posts that wait for an admin's release.
        losses: What will not be the same.
        duration: How long it takes under the network's limits.
        warnings: What is odd about the archive.
    """

    handle: str
    moves: dict[PostKind, int]
    records: int
    skipped: tuple[Reason, ...]
    held: int
    losses: tuple[Reason, ...]
    duration: timedelta
    samples: tuple[Sample, ...]
    first: datetime | None
    last: datetime | None
    warnings: tuple[Text, ...] = ()

    @property
    def total(self) -> int:
        """How many posts will move."""
        return sum(self.moves.values())


class Migration(Struct, frozen=True):
    """A migration as its row stands.

    Args:
        network: The network that it was planned for, even where the rehearsal stands in for it.
        run: Which run of durable work is the current one; older ones do nothing.
        archive: Where the archive was read from.
        place: Where its progress is told.
        resume_at: When it goes on by itself after the network asked to wait.
        reason: Why it waits or has stopped.
    """

    id: int
    organisation_id: int
    account_id: int
    network: NetworkName
    mode: Mode
    phase: Phase
    hold: Hold
    run: int
    archive: Path
    fingerprint: str
    summary: Summary | None
    place: Place
    created_at: datetime
    changed_at: datetime
    resume_at: datetime | None
    reason: Text | None
    mend: Text | None

    @property
    def subject(self) -> str:
        """What its deliveries and its durable work are filed under."""
        return f"migration:{self.id}"


class Stands(Struct, frozen=True):
    """Where a moved post stands.

    Args:
        first: Its first record: what a quote of it points at.
        last: Its last record: what a continuation of it answers.
        root: The first record of the thread that it belongs to.
    """

    first: RecordRef
    last: RecordRef
    root: RecordRef


class Item(Struct, frozen=True):
    """One source post of a migration; its position is its number on X, so it is in time's order."""

    position: int
    kind: PostKind
    state: ItemState
    post: Post
    stands: Stands | None = None
    reason: Text | None = None
    mend: Text | None = None


class Tally(Struct, frozen=True):
    """How many items are in each state."""

    counts: dict[ItemState, int]

    def __getitem__(self, state: ItemState) -> int:
        """Return the number in a state."""
        return self.counts.get(state, 0)

    @property
    def chosen(self) -> int:
        """How many are to be moved, moved already, or failed."""
        return sum(
            self[state]
            for state in (
                ItemState.PLANNED,
                ItemState.MOVING,
                ItemState.MOVED,
                ItemState.FAILED,
            )
        )
