"""What migrations say in chat; nothing here decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Heading,
    Note,
    Paragraph,
    Progress,
    Quote,
    Reply,
)
from chatops.language import Code, Link, Moment, Text, _, n_
from chatops.migrations.records import Item, Migration, Tally
from chatops.migrations.states import Hold, ItemState, Phase, Step, phases_before

PHASES: dict[Phase, Text] = {
    Phase.PLANNING: _("the archive is being read"),
    Phase.PLANNED: _("planned, not started"),
    Phase.KEEPING: _("copying pictures and videos out of the archive"),
    Phase.TRIAL: _("moving the first posts"),
    Phase.ASKING: _("waiting for your yes to the first posts"),
    Phase.MOVING: _("moving"),
    Phase.DONE: _("done"),
    Phase.ABANDONED: _("abandoned"),
    Phase.UNDOING: _("being undone"),
    Phase.UNDONE: _("undone"),
}


def topic(migration: Migration) -> str:
    """Return the topic under which one message tells a migration's progress."""
    return f"migration:{migration.id}"


def progress(migration: Migration, tally: Tally) -> Reply:
    """Show how far a migration is, as one message that is edited in place."""
    moved = tally[ItemState.MOVED]
    blocks: list[Block] = [
        Heading(_title(migration)),
        Progress(_("posts moved"), moved, tally.chosen),
        *_failures(migration, tally),
        *_waiting(migration),
        *_possible(migration),
    ]
    return Reply(tuple(blocks), topic=topic(migration), about_publishing=True, mode=migration.mode)


def undoing(migration: Migration, tally: Tally) -> Reply:
    """Show how far an undoing is, as one message that is edited in place."""
    removed, left = tally[ItemState.REMOVED], tally[ItemState.MOVED]
    blocks: list[Block] = [
        Heading(_title(migration)),
        Progress(_("posts removed"), removed, removed + left),
        *_waiting(migration),
        *_possible(migration),
    ]
    return Reply(tuple(blocks), topic=topic(migration), about_publishing=True, mode=migration.mode)


def shown(phase: Phase) -> Callable[[Migration, Tally], Reply]:
    """Return what shows how far a migration is in a phase."""
    return undoing if phase in (Phase.UNDOING, Phase.UNDONE) else progress


def first_posts(migration: Migration, posts: Sequence[tuple[Item, str]], zone: str) -> Reply:
    """Show the first posts as they stand, and ask for a yes to the rest.

    Args:
        posts: Items that stand, each with the text of its first record.
        zone: The zone in which times are told.
    """
    blocks: list[Block] = [
        Heading(_("Migration {number}: the first posts stand", number=str(migration.id))),
        *(Quote(text, _stands(item, zone)) for item, text in posts),
        Note(
            _(
                "Bluesky marks old posts as archived, with the day on which they were first "
                "written: that is how your readers know that they are not new."
            )
        ),
        Paragraph(_("Look at them. If they are right, the rest follows.")),
        Choices(
            (
                Choice(
                    _("They are right, go on"),
                    f"migrate resume {migration.id}",
                    "✅",
                    style="primary",
                ),
                Choice(_("Remove them"), f"migrate undo {migration.id}", "❌", style="danger"),
            )
        ),
    ]
    return Reply(tuple(blocks), about_publishing=True, mode=migration.mode)


def done(migration: Migration, tally: Tally) -> Reply:
    """Say that a migration has ended, and what to do about what failed."""
    moved = tally[ItemState.MOVED]
    blocks: list[Block] = [
        Heading(_("Migration {number} is done", number=str(migration.id))),
        Paragraph(n_("{count} post stands.", "{count} posts stand.", moved)),
        *_failures(migration, tally),
        Choices((_report(migration),)),
    ]
    return Reply(tuple(blocks), about_publishing=True, mode=migration.mode)


def undone(migration: Migration, tally: Tally) -> Reply:
    """Say that a migration has been undone."""
    removed = tally[ItemState.REMOVED]
    return Reply(
        (
            Heading(_("Migration {number} is undone", number=str(migration.id))),
            Paragraph(
                n_(
                    "{count} post was removed; nothing else was touched.",
                    "{count} posts were removed; nothing else was touched.",
                    removed,
                )
            ),
        ),
        about_publishing=True,
        mode=migration.mode,
    )


def stopped(migration: Migration, reason: Text, mend: Text) -> Reply:
    """Say that a migration cannot go on without somebody."""
    return Reply(
        (
            Heading(_("Migration {number} has stopped", number=str(migration.id))),
            Paragraph(reason),
            Paragraph(mend),
            Choices((Choice(_("Go on"), f"migrate resume {migration.id}", "✅", style="primary"),)),
        ),
        about_publishing=True,
        mode=migration.mode,
    )


def status(migration: Migration, tally: Tally) -> Reply:
    """Show where a migration is; from now on this is the message that tells its progress."""
    return shown(migration.phase)(migration, tally)


def phase_of(migration: Migration) -> Text:
    """Say in a few words where a migration is."""
    match migration.hold:
        case Hold.PAUSED:
            return _("paused")
        case Hold.STOPPED:
            return _("stopped: somebody has to look at it")
        case Hold.NONE:
            return PHASES[migration.phase]


def in_short(migration: Migration, tally: Tally) -> Text:
    """Say in one line where a migration is, and how many of its posts are that far."""
    phase, removed = phase_of(migration), tally[ItemState.REMOVED]
    if migration.phase is Phase.UNDONE:
        return n_(
            "{phase}, {count} post removed", "{phase}, {count} posts removed", removed, phase=phase
        )
    if migration.phase is Phase.UNDOING:
        return _(
            "{phase}, {removed} of {all} posts removed",
            phase=phase,
            removed=removed,
            all=removed + tally[ItemState.MOVED],
        )
    if migration.phase is Phase.PLANNING or not tally.chosen:
        return phase
    return _(
        "{phase}, {moved} of {all} posts",
        phase=phase,
        moved=tally[ItemState.MOVED],
        all=tally.chosen,
    )


def _title(migration: Migration) -> Text:
    return _("Migration {number}: {phase}", number=str(migration.id), phase=phase_of(migration))


def _stands(item: Item, zone: str) -> Text:
    assert item.stands is not None, "only posts that stand are shown"
    ref = item.stands.first
    return _(
        "{moment}: {address}",
        moment=Moment(item.post.written_at, zone),
        address=Link(ref.url or ref.address),
    )


def _failures(migration: Migration, tally: Tally) -> list[Block]:
    failed = tally[ItemState.FAILED]
    if not failed:
        return []
    return [
        Paragraph(
            n_(
                "{count} post could not be moved. {report} says why and what to do.",
                "{count} posts could not be moved. {report} says why and what to do.",
                failed,
                report=Code(f"/quitx migrate report {migration.id}"),
            )
        )
    ]


def _waiting(migration: Migration) -> list[Block]:
    """Say why nothing goes on at the moment, if so."""
    if migration.reason is None:
        return []
    blocks: list[Block] = [Paragraph(migration.reason)]
    if migration.mend is not None:
        blocks.append(Paragraph(migration.mend))
    return blocks


def _possible(migration: Migration) -> list[Block]:
    choices = tuple(_now_possible(migration))
    return [Choices(choices)] if choices else []


def _now_possible(migration: Migration) -> list[Choice]:
    """Return the steps that a person can take now, the most likely first."""
    number = migration.id
    go_on = Choice(_("Go on"), f"migrate resume {number}", "✅", style="primary")
    undo = Choice(_("Undo"), f"migrate undo {number}", style="danger")
    if migration.hold is not Hold.NONE:
        return [go_on, undo] if migration.phase in phases_before(Step.UNDO) else [go_on]
    match migration.phase:
        case Phase.PLANNED:
            return [
                Choice(_("Start the migration"), f"migrate start {number}", "✅", style="primary")
            ]
        case Phase.KEEPING | Phase.TRIAL | Phase.MOVING:
            return [Choice(_("Pause"), f"migrate pause {number}")]
        case Phase.ASKING:
            return [go_on, undo]
        case Phase.DONE | Phase.ABANDONED:
            return [_report(migration), undo]
        case _:
            return []


def _report(migration: Migration) -> Choice:
    return Choice(_("Show the report"), f"migrate report {migration.id}")
