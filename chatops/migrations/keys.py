"""Under which keys the deliveries of items are filed."""

from __future__ import annotations

from chatops.migrations.records import Item


def key_of(item: Item) -> str:
    """Return the key of an item's draft."""
    return f"x:{item.post.source_id}"


def first_key(item: Item) -> str:
    """Return the delivery key of an item's first record."""
    return f"{key_of(item)}#0"


def position_of(key: str) -> int:
    """Return the position of the item whose record has this key."""
    return int(key.removeprefix("x:").partition("#")[0])
