"""What the terminal asks for that is done once and then over."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from chatops.bootstrap import House, opened, registry
from chatops.clock import utc_now
from chatops.config import Settings
from chatops.conversation.finding import Finding
from chatops.language import Code, Invalid, Strong, Text, _
from chatops.organisations.inviting import invitation_lines, recovery_lines
from chatops.organisations.records import Organisation
from chatops.organisations.setup import Wish
from chatops.platforms import examined, unlearn
from chatops.posts.network import Credential, NetworkName
from chatops.upkeep import examination, restore
from chatops.upkeep.restore import Restored


async def connect_account(
    settings: Settings,
    network: str,
    account: str,
    secret: str,
    service: str | None,
    organisation_id: int | None,
) -> Text:
    """Try a credential and keep it; return what to tell the person.

    Raises:
        Invalid: It is no app password: a main password could do more than publish.
    """
    async with opened(settings) as house:
        known = house.networks.real(cast("NetworkName", network))
        if known.name == "bluesky":
            _check_app_password(secret)
        organisation = await _whose(house, organisation_id)
        server = service or settings.bluesky.service
        credential = Credential(server, account.removeprefix("@"), secret)
        row = await house.accounts.connect(organisation.id, known, credential)
    return _(
        "{handle} is connected for {organisation}. Its credential is kept encrypted.",
        handle=Strong(row.handle),
        organisation=organisation.name,
    )


async def invite(settings: Settings, wishes: Sequence[Wish]) -> Sequence[Text]:
    """Make organisations, and return what to tell their first admins."""
    async with opened(settings) as house:
        invitations = await house.setup.invite(wishes)
    return invitation_lines(invitations)


async def put_back(settings: Settings, file: Path, *, force: bool) -> Restored:
    """Put a backup back, and settle what that leaves open."""
    done = await restore.put_back(
        settings, file, utc_now(), lambda folder: unlearn(settings, folder), force=force
    )
    async with opened(settings) as house:
        await house.engine.stop()
    return done


async def examine(settings: Settings) -> Sequence[Finding]:
    """Look at everything that the settings name."""
    own, places = await examination.examine(settings, utc_now)
    return [*own, *await examined(settings, registry(), utc_now, places)]


async def recover(settings: Settings, name: str) -> Sequence[Text]:
    """Make an organisation's next admin, and return what to tell that person."""
    async with opened(settings) as house:
        invitation = await house.setup.recover(name)
    return recovery_lines(invitation)


def _check_app_password(secret: str) -> None:
    from adapters.bluesky.sessions import looks_like_app_password  # noqa: PLC0415 - loads on use

    if not looks_like_app_password(secret):
        raise Invalid(
            _("That is not an app password."),
            _("Make one in the settings of your Bluesky account, under App passwords."),
        )


async def _whose(house: House, organisation_id: int | None) -> Organisation:
    if organisation_id is not None:
        return await house.organisations.get(organisation_id)
    known = await house.organisations.all()
    if len(known) == 1:
        return known[0]
    raise Invalid(
        _("Several organisations are served here."),
        _("Say whose account it is: {option}.", option=Code(f"--organisation {known[0].id}")),
    )
