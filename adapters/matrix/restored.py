"""What becomes of the adapter's folder when it comes from a backup."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.matrix.connecting import STATE


def unlearn(folder: Path, *, new_device: bool) -> None:
    """Take out of a folder what is worse than nothing once time has passed. It blocks.

    Up to where everything was heard is forgotten: what was said since the backup has been acted on,
    and must not be heard as new. Keys of a device are of no use either, because others have gone on
    with those that came after; whoever can log in gets a new device.

    Args:
        new_device: Whether the bot can log in as a new device.
    """
    state = folder / STATE
    if state.exists():
        with closing(sqlite3.connect(state)) as connection, connection:
            connection.execute("DELETE FROM remembered WHERE kind = 'token'")
    if new_device:
        for keys in folder.glob("device-*.db*"):
            keys.unlink()
