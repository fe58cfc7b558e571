"""Which files of an archive hold what, and their parts in order."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Literal

Kind = Literal["tweets", "notes", "following", "followers", "blocks", "mutes", "lists"]

STEMS: Mapping[Kind, tuple[str, ...]] = {
    "tweets": ("tweets", "tweet"),
    "notes": ("note-tweet",),
    "following": ("following",),
    "followers": ("follower",),
    "blocks": ("block",),
    "mutes": ("mute",),
    "lists": ("lists-created", "lists-member", "lists-subscribed"),
}
"""File names without `-part1` and `.js`; tweets have a name of today and one of before 2022."""

_PART = re.compile(r"(?P<stem>.+?)(?:-part(?P<number>\d+))?\.js")


def stem(name: str) -> str:
    """Return what the parts of one file have in common."""
    found = _PART.fullmatch(name)
    return found["stem"] if found else name


def files_of(kind: Kind, names: Iterable[str]) -> list[str]:
    """Return the files of a kind in order.

    Where tweets are there under both names, two exports were unpacked into one folder: the files of
    the newer one count, for what only the older one has was deleted in between.
    """
    found = sorted((stem(name), _number(name), name) for name in names if stem(name) in STEMS[kind])
    if kind == "tweets" and any(each[0] == "tweets" for each in found):
        found = [each for each in found if each[0] == "tweets"]
    return [name for _stem, _part, name in found]


def _number(name: str) -> int:
    found = _PART.fullmatch(name)
    return int(found["number"] or 0) if found else 0
