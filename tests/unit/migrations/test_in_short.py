"""What `status` says of a migration, in one line."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chatops.conversation.addresses import Place
from chatops.language import Speaker
from chatops.migrations.records import Migration, Tally
from chatops.migrations.replies import in_short
from chatops.migrations.states import Hold, ItemState, Phase

NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)
NONE: dict[ItemState, int] = {}


def migration(phase: Phase, hold: Hold) -> Migration:
    return Migration(
        id=1,
        organisation_id=1,
        account_id=1,
        network="bluesky",
        mode="live",
        phase=phase,
        hold=hold,
        run=1,
        archive=Path("archive.zip"),
        fingerprint="",
        summary=None,
        place=Place("memory", "home", "room"),
        created_at=NOW,
        changed_at=NOW,
        resume_at=None,
        reason=None,
        mend=None,
    )


@pytest.mark.parametrize(
    ("phase", "hold", "counts", "english", "french"),
    [
        (Phase.PLANNING, Hold.NONE, NONE, "the archive is being read", "lecture de l’archive"),
        (
            Phase.MOVING,
            Hold.PAUSED,
            {ItemState.MOVED: 3, ItemState.PLANNED: 4, ItemState.FAILED: 1, ItemState.SKIPPED: 9},
            "paused, 3 of 8 posts",
            "suspendu\u00a0: 3 sur 8 publications",
        ),
        (Phase.ABANDONED, Hold.NONE, NONE, "abandoned", "abandonné"),
        (
            Phase.UNDOING,
            Hold.NONE,
            {ItemState.REMOVED: 2, ItemState.MOVED: 6, ItemState.FAILED: 1},
            "being undone, 2 of 8 posts removed",
            "annulation en cours\u00a0: 2 publications supprimées sur 8",
        ),
        (
            Phase.UNDONE,
            Hold.NONE,
            {ItemState.REMOVED: 8, ItemState.SKIPPED: 1},
            "undone, 8 posts removed",
            "annulé\u00a0: 8 publications supprimées",
        ),
        (
            Phase.UNDONE,
            Hold.NONE,
            {ItemState.REMOVED: 1, ItemState.PLANNED: 7},
            "undone, 1 post removed",
            "annulé\u00a0: 1 publication supprimée",
        ),
    ],
)
def test_a_line_says_where_a_migration_is_and_how_many_posts_are_that_far(
    phase: Phase, hold: Hold, counts: dict[ItemState, int], english: str, french: str
) -> None:
    text = in_short(migration(phase, hold), Tally(counts))
    assert Speaker("en").say(text) == english
    assert Speaker("fr").say(text) == french
