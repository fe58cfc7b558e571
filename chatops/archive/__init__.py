"""Reading X's export: fast, in constant memory, nothing private opened."""

from chatops.archive.archive import LARGEST_MEDIA, Archive, SourcePost
from chatops.archive.contents import Kind
from chatops.archive.people import ListOfPeople, ListRelation, Person
from chatops.archive.profile import AccountInfo, ProfileInfo
from chatops.archive.trouble import (
    ArchiveTrouble,
    Damaged,
    Dangerous,
    NotAnArchive,
    NotKept,
    Unreadable,
)

__all__ = [
    "LARGEST_MEDIA",
    "AccountInfo",
    "Archive",
    "ArchiveTrouble",
    "Damaged",
    "Dangerous",
    "Kind",
    "ListOfPeople",
    "ListRelation",
    "NotAnArchive",
    "NotKept",
    "Person",
    "ProfileInfo",
    "SourcePost",
    "Unreadable",
]
