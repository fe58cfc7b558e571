"""`migrate`: moving an X archive to a network."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Struct
from msgspec.structs import replace

from chatops.conversation.command import (
    Blueprint,
    Call,
    Command,
    Effect,
    Example,
    Names,
    Parameter,
)
from chatops.conversation.events import Attachment
from chatops.conversation.kinds import Day, File, ManyOf, Networks, Number, Word
from chatops.conversation.outbox import Outbox
from chatops.conversation.reply import Note, Paragraph, Reply
from chatops.language import Code, Invalid, Text, _, n_
from chatops.migrations import plan_reply, replies
from chatops.migrations.records import Migration, Selection
from chatops.migrations.report import report as full_report
from chatops.migrations.service import Migrations
from chatops.migrations.sources import Sources
from chatops.organisations.accounts import Accounts
from chatops.organisations.records import AccountRow, Role
from chatops.posts.network import NetworkName
from chatops.posts.post import PostKind

blueprint = Blueprint()

MIGRATE = Names("migrate", "déménager")

_MOVABLE: dict[str, Names] = {
    "post": Names("posts", "publications"),
    "thread": Names("threads", "fils"),
    "quote": Names("quotes", "citations"),
    "reply": Names("replies", "réponses"),
}


class Plan(Struct, frozen=True):
    """What `migrate plan` is told."""

    archive: Annotated[
        Attachment | str,
        Parameter(
            Names("archive", "archive"),
            File(private=True),
            _("The ZIP that X gave you: attached, or by its name in the inbox folder."),
        ),
    ]
    to: Annotated[
        frozenset[NetworkName],
        Parameter(Names("to", "vers"), Networks(), _("Where to move."), named=True),
    ] = frozenset({"bluesky"})
    since: Annotated[
        date | None,
        Parameter(Names("since", "depuis"), Day(), _("The first day to move."), named=True),
    ] = None
    until: Annotated[
        date | None,
        Parameter(Names("until", "jusqu’au"), Day(), _("The last day to move."), named=True),
    ] = None
    kinds: Annotated[
        frozenset[PostKind],
        Parameter(
            Names("kinds", "types"),
            ManyOf(_MOVABLE),
            _("Which posts to move; without it, all but answers to others."),
            named=True,
        ),
    ] = frozenset({"post", "thread", "quote"})
    account: Annotated[
        str | None,
        Parameter(
            Names("account", "compte"),
            Word(),
            _("Which account, where several are connected."),
            named=True,
        ),
    ] = None


class Which(Struct, frozen=True):
    """A migration by its number; the newest where none is given."""

    number: Annotated[
        int | None,
        Parameter(Names("number", "numéro"), Number(), _("The migration's number.")),
    ] = None


async def _find(call: Call, which: Which) -> Migration:
    return await call.service(Migrations).ledger.find(call.organisation.id, which.number)


async def _pin(call: Call, which: Which) -> Which:
    """Name the migration that is newest now: a later yes must not be to another one."""
    return Which((await _find(call, which)).id)


async def _progress(call: Call, migration: Migration) -> Reply:
    tally = await call.service(Migrations).ledger.tally(migration.id)
    return replace(replies.status(migration, tally), accounts=await _accounts(call, migration))


async def _accounts(call: Call, migration: Migration) -> tuple[Text, ...]:
    return (_where(await call.service(Accounts).get(migration.account_id)),)


def _only(networks: frozenset[NetworkName]) -> NetworkName:
    if len(networks) == 1:
        return next(iter(networks))
    raise Invalid(
        _("A plan is for one network."),
        _("Make one for each: {example}.", example=Code("to=bluesky")),
    )


async def plan(call: Call, parameters: Plan) -> Reply:
    """Read an archive and say what would move."""
    migrations, sources = call.service(Migrations), call.service(Sources)
    network = _only(parameters.to)
    account = await migrations.account(call.organisation, network, parameters.account)
    if isinstance(parameters.archive, Attachment):
        path = await sources.attached(parameters.archive, call.fetch, direct=call.place.direct)
    else:
        path = await sources.named(call.organisation, call.place.platform, parameters.archive)
    if await sources.takes_long(path):
        await _say_reading(call, path.name)
    selection = Selection(
        call.organisation.zone, parameters.kinds, parameters.since, parameters.until
    )
    migration = await migrations.plan(
        call.organisation, call.person, call.place, path, account, selection
    )
    return plan_reply.plan(migration, call.organisation.zone, _where(account))


def _where(account: AccountRow) -> Text:
    if not account.service:
        return _("{network}, in practice", network=account.network.capitalize())
    return _("{handle} on {network}", handle=account.handle, network=account.network.capitalize())


async def _say_reading(call: Call, name: str) -> None:
    reading = _("Reading {name}. A large archive takes a minute or two.", name=name)
    await call.service(Outbox).tell(
        call.organisation, call.place, Reply((Note(reading),)), key=f"reading {call.event_id}"
    )


async def preview_start(call: Call, which: Which) -> Reply:
    """Show the plan that would be started."""
    migration = await _find(call, which)
    await call.service(Migrations).may_start(call.organisation, migration)
    account = await call.service(Accounts).get(migration.account_id)
    blocks = plan_reply.outline(migration, call.organisation.zone, _where(account))
    return Reply(tuple(blocks), accounts=(_where(account),))


async def start(call: Call, which: Which) -> Reply:
    """Start a planned migration."""
    migration = await call.service(Migrations).start(call.organisation, await _find(call, which))
    return await _progress(call, migration)


async def status(call: Call, which: Which) -> Reply:
    """Say where a migration is."""
    return await _progress(call, await _find(call, which))


async def pause(call: Call, which: Which) -> Reply:
    """Pause a migration."""
    return await _progress(call, await call.service(Migrations).pause(await _find(call, which)))


async def resume(call: Call, which: Which) -> Reply:
    """Let a migration go on."""
    return await _progress(call, await call.service(Migrations).resume(await _find(call, which)))


async def abandon(call: Call, which: Which) -> Reply:
    """Give up what has not moved."""
    return await _progress(call, await call.service(Migrations).abandon(await _find(call, which)))


async def preview_undo(call: Call, which: Which) -> Reply:
    """Say what undoing would remove."""
    migrations = call.service(Migrations)
    migration = await _find(call, which)
    standing = await migrations.may_undo(migration)
    return Reply(
        (
            Paragraph(
                n_(
                    "{count} post that migration {number} created would be removed for good.",
                    "{count} posts that migration {number} created would be removed for good.",
                    standing,
                    number=str(migration.id),
                )
            ),
        ),
        accounts=await _accounts(call, migration),
    )


async def undo(call: Call, which: Which) -> Reply:
    """Remove what a migration created."""
    migration = await call.service(Migrations).undo(await _find(call, which))
    return await _progress(call, migration)


async def preview_release(call: Call, which: Which) -> Reply:
    """Say what a release would let move."""
    migration = await _find(call, which)
    held = await call.service(Migrations).may_release(migration)
    return Reply(
        (
            Paragraph(
                n_(
                    "{count} post may have been for a few people only. Released, it moves with the "
                    "others, for everybody to see.",
                    "{count} posts may have been for a few people only. Released, they move with "
                    "the others, for everybody to see.",
                    held,
                )
            ),
        ),
        accounts=await _accounts(call, migration),
    )


async def release(call: Call, which: Which) -> Reply:
    """Let posts move that were held back."""
    migration = await _find(call, which)
    released = await call.service(Migrations).release(migration)
    text = n_(
        "{count} post that was held back now moves with the others.",
        "{count} posts that were held back now move with the others.",
        released,
    )
    return Reply((Paragraph(text if released else _("Nothing was held back.")),))


async def report(call: Call, which: Which) -> Reply:
    """Say what became of every source post."""
    return await full_report(
        call.service(Migrations).ledger, await _find(call, which), call.speaker
    )


blueprint.add(
    Command(
        path=(MIGRATE, Names("plan", "prévoir")),
        summary=_("Read an X archive and see what would move; nothing is published."),
        parameters=Plan,
        run=plan,
        role=Role.EDITOR,
        effect=Effect.INSIDE,
        on_file=".zip",
        examples=(
            Example(
                Names(
                    "migrate plan quitx-sample.zip to=bluesky",
                    "déménager prévoir quitx-sample.zip vers=bluesky",
                ),
                _("Plan the move of an archive in the inbox folder."),
            ),
            Example(
                Names(
                    "migrate plan archive.zip since=2020-01-01 kinds=posts,threads",
                    "déménager prévoir archive.zip depuis=2020-01-01 types=publications,fils",
                ),
                _("Move only what was written since 2020, without quotes."),
            ),
        ),
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("start", "lancer")),
        summary=_("Start a planned migration. Live, five posts go first and wait for your yes."),
        parameters=Which,
        run=start,
        preview=preview_start,
        pin=_pin,
        confirm=_("Start the migration"),
        role=Role.EDITOR,
        effect=Effect.OUTSIDE,
        examples=(
            Example(Names("migrate start", "déménager lancer"), _("Start the newest plan.")),
        ),
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("status", "état")),
        summary=_("See how far a migration is."),
        parameters=Which,
        run=status,
        role=Role.READER,
        examples=(Example(Names("migrate status", "déménager état"), _("See the newest one.")),),
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("pause", "suspendre")),
        summary=_("Pause a migration; what stands stays."),
        parameters=Which,
        run=pause,
        role=Role.EDITOR,
        effect=Effect.INSIDE,
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("resume", "reprendre")),
        summary=_("Let a migration go on, or say yes to its first posts."),
        parameters=Which,
        run=resume,
        role=Role.EDITOR,
        effect=Effect.INSIDE,
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("abandon", "abandonner")),
        summary=_("Give up what has not moved yet; what stands stays."),
        parameters=Which,
        run=abandon,
        role=Role.EDITOR,
        effect=Effect.INSIDE,
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("undo", "défaire")),
        summary=_("Remove everything that a migration created, and nothing else."),
        parameters=Which,
        run=undo,
        preview=preview_undo,
        pin=_pin,
        confirm=_("Remove these posts"),
        role=Role.ADMIN,
        effect=Effect.OUTSIDE,
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("release", "débloquer")),
        summary=_("Let posts move that may have been for a few people only."),
        parameters=Which,
        run=release,
        preview=preview_release,
        pin=_pin,
        confirm=_("Release these posts"),
        role=Role.ADMIN,
        effect=Effect.OUTSIDE,
    )
)
blueprint.add(
    Command(
        path=(MIGRATE, Names("report", "rapport")),
        summary=_("See what became of every post, as a list and a file."),
        parameters=Which,
        run=report,
        role=Role.READER,
    )
)
