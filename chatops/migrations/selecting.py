"""Which source posts move, which stay behind, and what is lost on the way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from chatops.archive import SourcePost
from chatops.language import Text, _
from chatops.migrations.records import Item, Reason, Sample, Selection
from chatops.migrations.states import ItemState
from chatops.posts.fitting import fit, visible
from chatops.posts.limits import PostLimits
from chatops.posts.post import Mention, Post, PostKind

SAMPLES = 3

_NOT_CHOSEN: dict[PostKind, Text] = {
    "post": _("Posts of their own were left out of this plan."),
    "thread": _("Threads were left out of this plan."),
    "quote": _("Quotes were left out of this plan."),
    "reply": _("An answer to somebody else: without what it answers, it would mean nothing."),
    "repost": _("A repost of somebody else's post: it is not yours to move."),
}
CONTINUATION = _("It continues an answer that stays behind.")
_OUTSIDE_DATES = _("Outside the dates of this plan.")
_NOTHING_LEFT = _("Nothing is left of it: its files are not in the archive.")


def choose(source: SourcePost, selection: Selection, missing: frozenset[str]) -> Item:
    """Decide what becomes of one source post.

    Args:
        missing: The media of the post that are not in the archive.
    """
    post = source.post
    state, reason = ItemState.PLANNED, None
    if post.kind == "repost" or post.kind not in selection.kinds:
        state, reason = ItemState.SKIPPED, _NOT_CHOSEN[post.kind]
    elif not _inside(post.written_at, selection):
        state, reason = ItemState.SKIPPED, _OUTSIDE_DATES
    elif not post.body and all(media.name in missing for media in post.media):
        state, reason = ItemState.SKIPPED, _NOTHING_LEFT
    elif source.held is not None:
        state, reason = ItemState.HELD, source.held
    return Item(position=int(post.source_id), kind=post.kind, state=state, post=post, reason=reason)


def _inside(written_at: datetime, selection: Selection) -> bool:
    if selection.since is None and selection.until is None:
        return True
    day = written_at.astimezone(ZoneInfo(selection.zone)).date()
    after = selection.since is None or day >= selection.since
    return after and (selection.until is None or day <= selection.until)


class Forecast:
    """Adds up what a plan will do, one item after another, in memory that does not grow.

    Args:
        limits: Of the network that the posts will stand on.
    """

    def __init__(self, limits: PostLimits) -> None:
        self._limits = limits
        self.moves: Counter[PostKind] = Counter()
        self.records = 0
        self.held = 0
        self.samples: list[Sample] = []
        self.first: datetime | None = None
        self.last: datetime | None = None
        self._skipped: Counter[str] = Counter()
        self._reasons: dict[str, Text] = {}
        self._losses: Counter[str] = Counter()

    def add(self, item: Item, missing: frozenset[str]) -> None:
        """Take one item into account."""
        if item.state is ItemState.SKIPPED and item.reason is not None:
            self._skipped[item.reason.message] += 1
            self._reasons[item.reason.message] = item.reason
        elif item.state is ItemState.HELD:
            self.held += 1
        elif item.state is ItemState.PLANNED:
            self._add_moving(item.post, missing)

    def leave_out_continuations(self, count: int) -> None:
        """Take into account that some posts of threads continue an answer that stays behind."""
        if count:
            self.moves["thread"] -= count
            self.records -= count
            self._skipped[CONTINUATION.message] += count
            self._reasons[CONTINUATION.message] = CONTINUATION

    @property
    def skipped(self) -> tuple[Reason, ...]:
        """Why posts stay behind, the most frequent reason first."""
        return tuple(
            Reason(self._reasons[message], count) for message, count in self._skipped.most_common()
        )

    @property
    def losses(self) -> tuple[Reason, ...]:
        """What will not be the same, the most frequent first."""
        return tuple(Reason(_LOSSES[loss], count) for loss, count in self._losses.most_common())

    def _add_moving(self, post: Post, missing: frozenset[str]) -> None:
        parts = fit(post.body, self._limits)
        present = sum(media.name not in missing for media in post.media)
        pictures = -(-present // self._limits.images) if self._limits.images else 0
        self.moves[post.kind] += 1
        self.records += max(len(parts), pictures, 1)
        self._losses.update(_lost(post, len(parts), missing))
        self.first = min(self.first or post.written_at, post.written_at)
        self.last = max(self.last or post.written_at, post.written_at)
        self._sample(
            Sample(post.written_at, tuple(visible(part, self._limits) for part in parts), present)
        )

    def _sample(self, sample: Sample) -> None:
        """Keep the samples that tell most: those with the most parts, then the most pictures."""
        self.samples.append(sample)
        if len(self.samples) > SAMPLES:
            self.samples.sort(key=_tells, reverse=True)
            self.samples.pop()


def _tells(sample: Sample) -> tuple[int, int, datetime]:
    return min(len(sample.parts), 2), min(sample.media, 1), sample.written_at


_LOSSES: dict[str, Text] = {
    "cut": _("Too long for one post: it becomes a thread."),
    "missing": _("A picture or video is not in the archive: the post moves without it."),
    "undescribed": _("Pictures have no description: X leaves descriptions out of its archives."),
    "mentions": _("People named in it stay plain names: nobody is notified about an old post."),
    "quoted": _("A quoted post of somebody else becomes a link."),
}


def _lost(post: Post, parts: int, missing: frozenset[str]) -> Iterator[str]:
    if parts > 1:
        yield "cut"
    if missing:
        yield "missing"
    if any(media.name not in missing and not media.alt for media in post.media):
        yield "undescribed"
    if any(isinstance(run, Mention) for run in post.body):
        yield "mentions"
    if post.quotes_url and not post.quotes:
        yield "quoted"
