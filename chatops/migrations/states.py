"""The life of a migration and of its items.

Theory of operation. A migration has a phase, which only a step of the table below can change. What
has to be done in a phase of `WORKED` is done by short runs of durable work; each run re-reads the
row, so a step that a person takes meanwhile wins. Independent of its phase a migration may be on
hold: paused by a person, or stopped by something that a person has to mend. A hold keeps the phase,
so that going on is always going on from where it was.
"""

from __future__ import annotations

from enum import Enum


class Phase(Enum):
    """Where a migration is."""

    PLANNING = "planning"
    PLANNED = "planned"
    KEEPING = "keeping"
    """The files that it needs are copied out of the archive."""
    TRIAL = "trial"
    """The first few posts are moved; a rehearsal needs no trial."""
    ASKING = "asking"
    """The first posts stand; somebody has to look at them and say yes."""
    MOVING = "moving"
    DONE = "done"
    ABANDONED = "abandoned"
    UNDOING = "undoing"
    UNDONE = "undone"


class Step(Enum):
    """What can happen to a migration."""

    PLAN = "plan"
    START = "start"
    KEEP = "keep"
    REHEARSE = "rehearse"
    TRY = "try"
    AGREE = "agree"
    FINISH = "finish"
    REOPEN = "reopen"
    ABANDON = "abandon"
    UNDO = "undo"
    FINISH_UNDO = "finish undo"


TABLE: dict[tuple[Phase, Step], Phase] = {
    (Phase.PLANNING, Step.PLAN): Phase.PLANNED,
    (Phase.PLANNING, Step.ABANDON): Phase.ABANDONED,
    (Phase.PLANNED, Step.START): Phase.KEEPING,
    (Phase.PLANNED, Step.ABANDON): Phase.ABANDONED,
    (Phase.KEEPING, Step.KEEP): Phase.TRIAL,
    (Phase.KEEPING, Step.REHEARSE): Phase.MOVING,
    (Phase.KEEPING, Step.ABANDON): Phase.ABANDONED,
    (Phase.TRIAL, Step.TRY): Phase.ASKING,
    (Phase.TRIAL, Step.FINISH): Phase.DONE,
    (Phase.TRIAL, Step.ABANDON): Phase.ABANDONED,
    (Phase.TRIAL, Step.UNDO): Phase.UNDOING,
    (Phase.ASKING, Step.AGREE): Phase.MOVING,
    (Phase.ASKING, Step.ABANDON): Phase.ABANDONED,
    (Phase.ASKING, Step.UNDO): Phase.UNDOING,
    (Phase.MOVING, Step.FINISH): Phase.DONE,
    (Phase.MOVING, Step.ABANDON): Phase.ABANDONED,
    (Phase.MOVING, Step.UNDO): Phase.UNDOING,
    (Phase.DONE, Step.REOPEN): Phase.MOVING,
    (Phase.DONE, Step.UNDO): Phase.UNDOING,
    (Phase.ABANDONED, Step.UNDO): Phase.UNDOING,
    (Phase.UNDOING, Step.FINISH_UNDO): Phase.UNDONE,
}
"""Every step that can be taken; a pair that is not here is refused."""

WORKED = frozenset({Phase.KEEPING, Phase.TRIAL, Phase.MOVING, Phase.UNDOING})
"""The phases in which the bot has something to do by itself."""

ENDED = frozenset({Phase.DONE, Phase.ABANDONED, Phase.UNDONE})


def phases_before(step: Step) -> frozenset[Phase]:
    """Return the phases in which a step can be taken."""
    return frozenset(phase for phase, taken in TABLE if taken is step)


class Hold(Enum):
    """Why nothing goes on although there is work."""

    NONE = ""
    PAUSED = "paused"
    STOPPED = "stopped"


class ItemState(Enum):
    """What became of one source post."""

    PLANNED = "planned"
    HELD = "held"
    """It may never have been public: an admin has to release it first."""
    SKIPPED = "skipped"
    MOVING = "moving"
    MOVED = "moved"
    FAILED = "failed"
    REMOVED = "removed"
