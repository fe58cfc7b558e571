"""`practice`: trying everything without publishing anything."""

from __future__ import annotations

import asyncio

from chatops.archive.sample import write_sample_archive
from chatops.conversation.command import Blueprint, Call, Command, Effect, Names, Nothing
from chatops.conversation.reply import (
    Choice,
    Choices,
    Document,
    Heading,
    Paragraph,
    Quote,
    Reply,
)
from chatops.language import Code, Moment, _, n_
from chatops.migrations.sources import Sources
from chatops.organisations.accounts import Accounts
from chatops.organisations.records import Role
from chatops.publishing.rehearsal_page import page
from chatops.publishing.rehearsals import Rehearsals, Rehearsed

blueprint = Blueprint()

PRACTICE = Names("practice", "essai")
_SHOWN = 5
_ON_PAGE = 5_000
_SAMPLE = "quitx-sample.zip"


async def show(call: Call, _parameters: Nothing) -> Reply:
    """Show what would have been published."""
    rehearsals = call.service(Rehearsals)
    rows = await call.service(Accounts).with_stand_ins(call.organisation.id)
    counts = {row.key: await rehearsals.count(row.key) for row in rows}
    newest: list[Rehearsed] = []
    for row in rows:
        newest += await rehearsals.newest(row.key, _ON_PAGE)
    newest.sort(key=lambda record: (record.written_at, record.key), reverse=True)
    if not newest:
        return _nothing_yet()
    zone = call.organisation.zone
    html = page(call.organisation.name, newest, zone, call.speaker)
    return Reply(
        (
            Heading(_("Practice: what would stand on the network")),
            Paragraph(
                n_(
                    "{count} publication. The newest:",
                    "{count} publications. The newest:",
                    sum(counts.values()),
                )
            ),
            *(
                Quote(record.text, _("{moment}", moment=Moment(record.written_at, zone)))
                for record in newest[:_SHOWN]
            ),
            Document("quitx-practice.html", html.encode(), _("All of it as one page.")),
        ),
        about_publishing=True,
        mode="practice",
    )


def _nothing_yet() -> Reply:
    sample = "practice sample"
    return Reply(
        (
            Paragraph(_("Nothing has been published in practice yet.")),
            Paragraph(
                _("Make a sample archive and move it: {command}.", command=Code(f"/quitx {sample}"))
            ),
            Choices((Choice(_("Make a sample archive"), sample, style="primary"),)),
        )
    )


async def sample(call: Call, _parameters: Nothing) -> Reply:
    """Write a small archive to try everything with; one that is there stays, with its plans."""
    folder = await asyncio.to_thread(call.service(Sources).inbox, call.organisation)
    path = folder / _SAMPLE
    if not await asyncio.to_thread(path.exists):
        await asyncio.to_thread(write_sample_archive, path, call.organisation.language, call.now)
    plan = f"migrate plan {_SAMPLE} to=bluesky"
    return Reply(
        (
            Heading(_("A sample archive is ready")),
            Paragraph(
                _(
                    "It is the archive of an association that does not exist: {file}.",
                    file=Code(str(folder / _SAMPLE)),
                )
            ),
            Paragraph(_("Next, see what would move: {command}.", command=Code(f"/quitx {plan}"))),
            Choices((Choice(_("Plan the migration"), plan, "✅", style="primary"),)),
        )
    )


blueprint.add(
    Command(
        path=(PRACTICE, Names("show", "montrer")),
        summary=_("See what would have been published, as text and as a page."),
        parameters=Nothing,
        run=show,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(PRACTICE, Names("sample", "exemple")),
        summary=_("Make a small archive of an invented association, to try everything with."),
        parameters=Nothing,
        run=sample,
        role=Role.EDITOR,
        effect=Effect.INSIDE,
    )
)
