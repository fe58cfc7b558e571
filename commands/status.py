"""`status`: where things stand, and the one most useful next step."""

from __future__ import annotations

from collections.abc import Sequence

from chatops.conversation.command import Blueprint, Call, Command, Example, Names, Nothing
from chatops.conversation.connection import Connection
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Field,
    Fields,
    Heading,
    Listing,
    Reply,
)
from chatops.conversation.supervision import Connections
from chatops.language import Code, Moment, Text, _, n_, verbatim
from chatops.migrations import replies
from chatops.migrations.records import Migration
from chatops.migrations.service import Migrations
from chatops.migrations.states import Phase
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.organisations.places import Places
from chatops.organisations.records import AccountRow, HeldPlace, Role

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
    places = await call.service(Places).of(call.organisation.id)
    fields += _connections(call, places)
    blocks: list[Block] = [
        Heading(_("{organisation}", organisation=call.organisation.name)),
        Fields(tuple(fields)),
    ]
    if todo := await _open_points(call, places):
        blocks.append(Listing(tuple(todo)))
    blocks.append(Choices((_next_step(migrations),)))
    return Reply(tuple(blocks), private=True)


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
        _("Migration {number}", number=str(migration.id)), replies.in_short(migration, tally)
    )


def _connections(call: Call, places: Sequence[HeldPlace]) -> list[Field]:
    """Tell how the platforms are connected on which the organisation is at home."""
    mine = {place.spot.platform for place in places} | {call.place.platform}
    reaches = [each for each in call.service(Connections).now if each.platform in mine]
    return [
        Field(
            verbatim(f"{reach.platform.capitalize()} {reach.connection.name}".rstrip()),
            _state(reach.connection, call.organisation.zone),
        )
        for reach in reaches
    ]


def _state(connection: Connection, zone: str) -> Text:
    since, trouble = Moment(connection.since, zone), connection.trouble
    if connection.state == "connected":
        return _("connected since {moment}", moment=since)
    if connection.state == "connecting":
        return _("connecting since {moment}", moment=since)
    if trouble is None:
        return _("not connected since {moment}", moment=since)
    if connection.state == "lost":
        return _(
            "not connected since {moment}: {trouble} It is tried again by itself.",
            moment=since,
            trouble=trouble,
        )
    return _(
        "not connected since {moment}: {trouble} {mend}",
        moment=since,
        trouble=trouble,
        mend=connection.mend or "",
    )


async def _open_points(call: Call, places: Sequence[HeldPlace]) -> list[Text]:
    """Say what somebody has to put in order."""
    points = []
    lost = sum(place.lost for place in places)
    if lost:
        points.append(
            n_(
                "In {count} place the bot may not speak any more: see {command}.",
                "In {count} places the bot may not speak any more: see {command}.",
                lost,
                command=Code("/quitx places"),
            )
        )
    if Role.ADMIN not in call.roles:
        orphans = await call.service(Organisations).without_admin()
        if any(orphan.id == call.organisation.id for orphan in orphans):
            points.append(
                _(
                    "Nobody is an admin any more. Whoever runs the bot makes one: {command}.",
                    command=Code("quitx setup --recover"),
                )
            )
    return points


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
