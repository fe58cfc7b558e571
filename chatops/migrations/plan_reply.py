"""What a plan says in chat: what moves, what stays, what is lost, and how it will look."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Field,
    Fields,
    Heading,
    Listing,
    Note,
    Paragraph,
    Quote,
    Reply,
)
from chatops.language import Code, Day, Moment, Span, Text, _, n_
from chatops.migrations.records import Migration, Reason, Sample, Summary
from chatops.posts.post import PostKind

_KINDS: dict[PostKind, Text] = {
    "post": _("on their own"),
    "thread": _("in threads"),
    "quote": _("with a quote"),
    "reply": _("answers to others"),
}


def plan(migration: Migration, zone: str, account: Text) -> Reply:
    """Show what a plan would do, and offer to start it.

    Args:
        zone: The organisation's zone, in which days are told.
        account: Where the posts would stand.
    """
    number = migration.id
    offer: Block = Paragraph(_("Nothing would move. Plan again with other dates or kinds."))
    if _summary(migration).total:
        start = Choice(_("Start the migration"), f"migrate start {number}", "✅", style="primary")
        offer = Choices((start,))
    blocks = (*outline(migration, zone, account), *_details(migration, zone), offer)
    return Reply(blocks, about_publishing=True, mode=migration.mode, accounts=(account,))


def outline(migration: Migration, zone: str, account: Text) -> Sequence[Block]:
    """Show a plan's figures, without its reasons and samples."""
    summary = _summary(migration)
    return (
        Heading(
            _(
                "Plan {number}: @{source} to {account}",
                number=str(migration.id),
                source=summary.handle,
                account=account,
            )
        ),
        Fields(_figures(summary, zone)),
    )


def _details(migration: Migration, zone: str) -> Sequence[Block]:
    summary = _summary(migration)
    return (
        *_listed(_("What stays behind:"), summary.skipped),
        *_held(migration, summary),
        *_listed(_("What will not be the same:"), summary.losses),
        *(Note(warning) for warning in summary.warnings),
        *_samples(summary.samples, zone),
    )


def _summary(migration: Migration) -> Summary:
    assert migration.summary is not None, "a planned migration has its summary"
    return migration.summary


def _figures(summary: Summary, zone: str) -> tuple[Field, ...]:
    figures = [Field(_("Moves"), n_("{count} post", "{count} posts", summary.total))]
    moved = [(name, summary.moves.get(kind, 0)) for kind, name in _KINDS.items()]
    if sum(count > 0 for _name, count in moved) > 1:
        figures += [Field(name, _("{count}", count=count)) for name, count in moved if count]
    if summary.records != summary.total:
        figures.append(
            Field(_("Becomes"), n_("{count} publication", "{count} publications", summary.records))
        )
    if summary.first is not None and summary.last is not None:
        first, last = _day(summary.first, zone), _day(summary.last, zone)
        written = _("from {first} to {last}", first=first, last=last)
        figures.append(Field(_("Written"), written))
    figures.append(Field(_("Takes"), _duration(summary.duration)))
    return tuple(figures)


def _day(moment: datetime, zone: str) -> Day:
    return Day(moment.astimezone(ZoneInfo(zone)).date())


def _duration(length: timedelta) -> Text:
    if length < timedelta(minutes=1):
        return _("a few minutes at most")
    return _(
        "about {length}: the network takes so many posts a day, and some are left for you",
        length=Span(length),
    )


def _listed(title: Text, reasons: Sequence[Reason]) -> tuple[Block, ...]:
    if not reasons:
        return ()
    lines = tuple(
        n_("{count} post: {reason}", "{count} posts: {reason}", reason.count, reason=reason.text)
        for reason in reasons
    )
    return Paragraph(title), Listing(lines)


def _held(migration: Migration, summary: Summary) -> tuple[Block, ...]:
    if not summary.held:
        return ()
    return (
        Paragraph(
            n_(
                "{count} post waits for an admin: it may have been for a few people only. "
                "{release} lets it move.",
                "{count} posts wait for an admin: they may have been for a few people only. "
                "{release} lets them move.",
                summary.held,
                release=Code(f"/quitx migrate release {migration.id}"),
            )
        ),
    )


def _samples(samples: Sequence[Sample], zone: str) -> tuple[Block, ...]:
    if not samples:
        return ()
    quotes = tuple(
        Quote(part, _caption(sample, number, zone))
        for sample in samples
        for number, part in enumerate(sample.parts)
    )
    return Paragraph(_("How they will look:")), *quotes


def _caption(sample: Sample, number: int, zone: str) -> Text | None:
    """Say above its first part when a post was written, and what comes with it."""
    if number:
        return None
    moment = Moment(sample.written_at, zone)
    if not sample.media:
        return _("{moment}", moment=moment)
    return n_(
        "{moment}, with {count} picture or video",
        "{moment}, with {count} pictures or videos",
        sample.media,
        moment=moment,
    )
