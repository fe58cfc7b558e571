"""Whose archive it is."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class AccountInfo(Struct, frozen=True):
    """The account on X; empty where the archive does not say.

    Args:
        username: The handle, without the sign.
        former_names: Handles that the account had before, the oldest first.
    """

    username: str = ""
    account_id: str = ""
    display_name: str = ""
    created_at: datetime | None = None
    former_names: tuple[str, ...] = ()


class ProfileInfo(Struct, frozen=True):
    """The account's page on X.

    Args:
        website: As X has it: shortened, so only X can tell where it leads.
    """

    bio: str = ""
    website: str = ""
    location: str = ""
