"""The accounts around the archive's own: X gives their numbers, and neither handles nor names."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

ListRelation = Literal["created", "member", "subscribed"]


class Person(Struct, frozen=True, gc=False):
    """An account on X, by its number."""

    x_id: str


class ListOfPeople(Struct, frozen=True, gc=False):
    """A list on X, by its address, and what the account has to do with it."""

    url: str
    relation: ListRelation
