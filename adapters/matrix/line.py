"""`Line`: what there is while the bot is logged in."""

from __future__ import annotations

from msgspec import Struct

from adapters.matrix.client import Client
from adapters.matrix.moving import Moving
from adapters.matrix.remembered import Remembered
from adapters.matrix.rooms import Rooms


class Line(Struct, frozen=True):
    """A session, with what is known of its rooms."""

    client: Client
    rooms: Rooms
    moving: Moving
    remembered: Remembered
