"""`accounts`: which accounts are connected, and how they are."""

from __future__ import annotations

from chatops.conversation.command import Blueprint, Call, Command, Names, Nothing
from chatops.conversation.reply import Block, Field, Fields, Heading, Paragraph, Reply
from chatops.language import Code, Link, Moment, Text, _
from chatops.organisations.accounts import Accounts
from chatops.organisations.records import AccountRow, Role

blueprint = Blueprint()


async def accounts(call: Call, _parameters: Nothing) -> Reply:
    """Show the connected accounts."""
    rows = await call.service(Accounts).of(call.organisation.id)
    zone = call.organisation.zone
    shown: tuple[Block, ...] = tuple(
        Fields(
            (
                Field(_("{network}", network=row.network.capitalize()), _address(row)),
                Field(_("State"), state(row, zone)),
            )
        )
        for row in rows
    )
    if not shown:
        shown = (Paragraph(_("No account is connected yet.")),)
    connect = Paragraph(
        _(
            "Accounts are connected in the terminal, never in chat: {command}.",
            command=Code("quitx connect bluesky"),
        )
    )
    return Reply((Heading(_("Accounts")), *shown, connect), private=True)


def state(row: AccountRow, zone: str) -> Text:
    """Say in a few words how an account is."""
    if row.trouble is not None:
        return row.trouble
    if row.last_success_at is not None:
        return _("last published {moment}", moment=Moment(row.last_success_at, zone))
    return _("connected {moment}", moment=Moment(row.connected_at, zone))


def _address(row: AccountRow) -> Text:
    return _("{account}", account=Link(row.url, row.handle) if row.url else row.handle)


blueprint.add(
    Command(
        path=(Names("accounts", "comptes"),),
        summary=_("See which accounts are connected, and how they are."),
        parameters=Nothing,
        run=accounts,
        role=Role.READER,
    )
)
