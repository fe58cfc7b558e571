"""X's own records of an account and of what is around it, with only the fields that are needed.

What is not named here is never decoded. Every number is a string in an archive; decoding without
strictness takes both.
"""

from __future__ import annotations

from msgspec import Struct, field


class Relation(Struct, gc=False, rename="camel"):
    """An account on the other side of a follow, a block or a mute: nothing but its number."""

    account_id: str


class ListUrl(Struct, gc=False):
    """The address of a list."""

    url: str


class Account(Struct, gc=False, rename="camel"):
    """Whose archive it is; the e-mail address beside it is never decoded."""

    username: str
    account_id: str
    account_display_name: str = ""
    created_at: str = ""


class Description(Struct, gc=False):
    """What the account says of itself; the website is shortened."""

    bio: str = ""
    website: str = ""
    location: str = ""


class Profile(Struct, gc=False, rename="camel"):
    """The account's page."""

    description: Description = field(default_factory=Description)
    avatar_media_url: str = ""
    header_media_url: str = ""


class Renaming(Struct, gc=False, rename="camel"):
    """A change of the account's handle."""

    changed_from: str = ""
    changed_to: str = ""


class RenamingOfAccount(Struct, gc=False, rename="camel"):
    """A renaming with its account."""

    screen_name_change: Renaming


class ProtectionChange(Struct, gc=False, rename="camel"):
    """A change of who may read the account."""

    protected_at: str
    action: str


class UserInfo(Struct, gc=False, rename="camel"):
    """Whose archive it is, as the manifest says."""

    account_id: str = ""
    user_name: str = ""
    display_name: str = ""


class ArchiveInfo(Struct, gc=False, rename="camel"):
    """When the archive was made, and whether it is only a part."""

    generation_date: str = ""
    is_partial_archive: bool = False


class DataFile(Struct, gc=False, rename="camel"):
    """A file that the archive should have, and how many records it should hold."""

    file_name: str
    count: int | None = None


class DataType(Struct, gc=False):
    """The files of one kind of data."""

    files: list[DataFile] = []


class ManifestRecord(Struct, gc=False, rename="camel"):
    """What X says that the archive holds."""

    user_info: UserInfo = field(default_factory=UserInfo)
    archive_info: ArchiveInfo = field(default_factory=ArchiveInfo)
    data_types: dict[str, DataType] = {}
