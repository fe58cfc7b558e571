"""The report of a migration: every source post, and what became of it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from chatops.conversation.reply import Document, Field, Fields, Heading, Listing, Reply
from chatops.language import Link, Speaker, Text, _, n_, verbatim
from chatops.migrations.ledger import Ledger
from chatops.migrations.records import Item, Migration, Tally
from chatops.migrations.states import ItemState

_SHOWN = 10
"""Failures told in chat itself; the file has all."""

_STATES: dict[ItemState, Text] = {
    ItemState.MOVED: _("moved"),
    ItemState.FAILED: _("failed"),
    ItemState.SKIPPED: _("left out"),
    ItemState.HELD: _("waits for an admin"),
    ItemState.PLANNED: _("still to move"),
    ItemState.MOVING: _("on its way"),
    ItemState.REMOVED: _("removed again"),
}

_COLUMNS = (_("post on X"), _("written"), _("state"), _("address"), _("why"), _("what to do"))


async def report(ledger: Ledger, migration: Migration, speaker: Speaker) -> Reply:
    """Return what became of every source post: figures, what failed, and a CSV file with all."""
    tally = await ledger.tally(migration.id)
    failures: list[Text] = []
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow([speaker.say(name) for name in _COLUMNS])
    after = -1
    while page := await ledger.page(migration.id, after):
        writer.writerows(_row(item, migration, speaker) for item in page)
        failures += [_failure(item, migration) for item in page if item.state is ItemState.FAILED]
        after = page[-1].position
    return Reply(
        (
            Heading(_("Report of migration {number}", number=str(migration.id))),
            Fields(tuple(_counts(tally))),
            *((Listing(tuple(failures[:_SHOWN])),) if failures else ()),
            Document(
                f"quitx-migration-{migration.id}.csv",
                rows.getvalue().encode("utf-8-sig"),
                _("Every post of the archive and what became of it."),
            ),
        ),
        about_publishing=True,
        mode=migration.mode,
    )


def _counts(tally: Tally) -> Iterator[Field]:
    for state, name in _STATES.items():
        if tally[state]:
            yield Field(name, n_("{count} post", "{count} posts", tally[state]))


def _row(item: Item, migration: Migration, speaker: Speaker) -> list[str]:
    address = "" if item.stands is None else item.stands.first.url or item.stands.first.address
    return [
        _source(item, migration),
        item.post.written_at.isoformat(),
        speaker.say(_STATES[item.state]),
        address,
        "" if item.reason is None else speaker.say(item.reason),
        "" if item.mend is None else speaker.say(item.mend),
    ]


def _failure(item: Item, migration: Migration) -> Text:
    return _(
        "{source}: {reason} {mend}",
        source=Link(_source(item, migration)),
        reason=item.reason or verbatim(""),
        mend=item.mend or verbatim(""),
    )


def _source(item: Item, migration: Migration) -> str:
    handle = migration.summary.handle if migration.summary else "i"
    return f"https://x.com/{handle}/status/{item.post.source_id}"
