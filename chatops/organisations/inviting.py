"""What the terminal says about codes for admins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chatops.language import Code, Moment, Text, _
from chatops.organisations.setup import Invitation


def invitation_lines(invitations: Sequence[Invitation]) -> Sequence[Text]:
    """Say what to do with the codes of new organisations; the codes stand in lines of their own."""
    return list(_lines(invitations))


def recovery_lines(invitation: Invitation) -> Sequence[Text]:
    """Say what to do with the code that makes a new admin."""
    explained = _(
        "Whoever types this line where the bot is becomes an admin of {organisation}. It works "
        "once, until {moment}, and is not shown again.",
        organisation=invitation.organisation.name,
        moment=_until(invitation),
    )
    return [explained, _line(invitation)]


def _lines(invitations: Sequence[Invitation]) -> Iterator[Text]:
    for each in invitations:
        if each.replaces:
            yield _(
                "{before} is now called {organisation}.",
                before=each.replaces,
                organisation=each.organisation.name,
            )
    yield _(
        "Whoever types such a line in chat becomes the first admin, and the place where it is "
        "typed becomes the organisation's home. It works once, until {moment}, and is not shown "
        "again.",
        moment=_until(invitations[0]),
    )
    yield from map(_line, invitations)


def _line(invitation: Invitation) -> Text:
    return _(
        "{organisation}: {command}",
        organisation=invitation.organisation.name,
        command=Code(f"/quitx setup {invitation.code}"),
    )


def _until(invitation: Invitation) -> Moment:
    return Moment(invitation.until, invitation.organisation.zone)
