"""`status`: where things stand, and the one most useful next step."""

from __future__ import annotations

from collections.abc import Sequence

from chatops.conversation.command import Blueprint, Call, Command, Example, Names, Nothing
from chatops.conversation.reply import Block, Choice, Choices, Field, Fields, Heading, Reply
from chatops.language import Text, _, n_
from chatops.migrations.records import Migration
from chatops.migrations.replies import phase_of
from chatops.migrations.service import Migrations
from chatops.migrations.states import ItemState, Phase
from chatops.organisations.accounts import Accounts
from chatops.organisations.records import AccountRow, Role

blueprint = Blueprint()


async def status(call: Call, _parameters: Nothing) -> Reply:
    """Show where things stand."""
    accounts = await call.service(Accounts).of(call.organisation.id)
    migrations = await call.service(Migrations).ledger.of(call.organisation.id)
    fields = [
        Field(_("Mode"), _mode(call)),
        Field(_("Accounts"), _accounts(accounts)),
    ]
    fields += [await _migration(call, migration) for migration in migrations]
    blocks: tuple[Block, ...] = (
        Heading(_("{organisation}", organisation=call.organisation.name)),
        Fields(tuple(fields)),
        Choices((_next_step(migrations),)),
    )
    return Reply(blocks, private=True)


def _mode(call: Call) -> Text:
    if call.organisation.mode == "live":
        return _("live: what is confirmed is published")
    return _("practice: nothing is published")


def _accounts(accounts: Sequence[AccountRow]) -> Text:
    if not accounts:
        return _("none connected yet")
    troubled = sum(account.trouble is not None for account in accounts)
    if troubled:
        return n_(
            "{count} connected, {troubled} with trouble",
            "{count} connected, {troubled} with trouble",
            len(accounts),
            troubled=troubled,
        )
    return n_("{count} connected", "{count} connected", len(accounts))


async def _migration(call: Call, migration: Migration) -> Field:
    tally = await call.service(Migrations).ledger.tally(migration.id)
    return Field(
        _("Migration {number}", number=str(migration.id)),
        _(
            "{phase}, {moved} of {all} posts",
            phase=phase_of(migration),
            moved=tally[ItemState.MOVED],
            all=tally.chosen,
        ),
    )


def _next_step(migrations: Sequence[Migration]) -> Choice:
    """Return what helps most now."""
    if not migrations:
        return Choice(_("Make a sample archive"), "practice sample", style="primary")
    newest = migrations[0]
    match newest.phase:
        case Phase.PLANNED:
            return Choice(
                _("Start the migration"), f"migrate start {newest.id}", "✅", style="primary"
            )
        case Phase.ASKING:
            return Choice(
                _("The first posts are right, go on"),
                f"migrate resume {newest.id}",
                "✅",
                style="primary",
            )
        case _:
            return Choice(_("See the migration"), f"migrate status {newest.id}")


blueprint.add(
    Command(
        path=(Names("status", "état"),),
        summary=_("See where things stand, and what to do next."),
        parameters=Nothing,
        run=status,
        role=Role.READER,
        examples=(Example(Names("status", "état"), _("One look at everything.")),),
    )
)
