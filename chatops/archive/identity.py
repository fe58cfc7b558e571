"""Reading whose archive it is, and when the account was protected."""

from __future__ import annotations

from chatops.archive import shapes
from chatops.archive.files import Files
from chatops.archive.privacy import Protection, Seclusion
from chatops.archive.profile import AccountInfo, ProfileInfo
from chatops.archive.reading import moment
from chatops.language import _


def read_account(files: Files) -> AccountInfo:
    """Return the account, from the manifest where `account.js` is missing."""
    former = tuple(
        change.screen_name_change.changed_from
        for change in files.optional("screen-name-change.js", shapes.RENAMINGS)
        if change.screen_name_change.changed_from
    )
    for account in files.optional("account.js", shapes.ACCOUNT):
        return AccountInfo(
            username=account.username,
            account_id=account.account_id,
            display_name=account.account_display_name,
            created_at=moment(account.created_at),
            former_names=former,
        )
    manifest = files.manifest
    if not manifest.account_id:
        text = _("The archive does not say whose it is, so threads may be taken for replies.")
        files.tell("account", text)
    return AccountInfo(
        username=manifest.username,
        account_id=manifest.account_id,
        display_name=manifest.display_name,
        former_names=former,
    )


def read_profile(files: Files) -> ProfileInfo:
    """Return the account's page; empty where it is not there."""
    for profile in files.optional("profile.js", shapes.PROFILE):
        about = profile.description
        return ProfileInfo(about.bio, about.website, about.location)
    return ProfileInfo()


def read_seclusion(files: Files) -> Seclusion:
    """Return when posts may not have been for everybody.

    A history that cannot be read is no reason to go on: posts would lose their protection.
    """
    name = "protected-history.js"
    if name not in files.names:
        return Seclusion(())
    return Seclusion(
        Protection(at, change.action.lower() == "protect")
        for change in files.rows(name, shapes.PROTECTION)
        if (at := moment(change.protected_at)) is not None
    )
