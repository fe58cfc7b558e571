"""`live`: leaving practice, once, knowingly."""

from __future__ import annotations

from chatops.conversation.command import Blueprint, Call, Command, Effect, Names, Nothing
from chatops.conversation.reply import Heading, Listing, Paragraph, Reply
from chatops.language import Code, Conflict, _
from chatops.organisations.accounts import Accounts
from chatops.organisations.organisations import Organisations
from chatops.organisations.records import Role

blueprint = Blueprint()


async def preview(call: Call, _parameters: Nothing) -> Reply:
    """Say what going live changes."""
    if call.organisation.mode == "live":
        raise Conflict(
            _("{organisation} is live already.", organisation=call.organisation.name),
            _("There is nothing to do: what is published is real."),
        )
    accounts = await call.service(Accounts).of(call.organisation.id)
    connected = tuple(
        _("{network}: {handle}", network=a.network.capitalize(), handle=a.handle) for a in accounts
    )
    known = (
        Listing(connected)
        if connected
        else Paragraph(
            _(
                "No account is connected yet. {command} in the terminal connects one.",
                command=Code("quitx connect bluesky"),
            )
        )
    )
    return Reply(
        (
            Heading(_("Leave practice")),
            Paragraph(_("From then on, what you confirm is published for everybody to see, on:")),
            known,
            Paragraph(_("There is no way back to practice. Plans made in practice stay there.")),
        )
    )


async def go_live(call: Call, _parameters: Nothing) -> Reply:
    """Leave practice."""
    await call.service(Organisations).go_live(call.organisation.id)
    return Reply(
        (
            Heading(_("{organisation} is live", organisation=call.organisation.name)),
            Paragraph(_("What you confirm from now on is published for everybody to see.")),
        )
    )


blueprint.add(
    Command(
        path=(Names("live", "réel"),),
        summary=_("Leave practice: from then on, what is confirmed is really published."),
        parameters=Nothing,
        run=go_live,
        preview=preview,
        confirm=_("Go live"),
        role=Role.ADMIN,
        effect=Effect.OUTSIDE,
    )
)
