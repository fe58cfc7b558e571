"""How patiently the homeserver is asked, and how soon again."""

from __future__ import annotations

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Seconds; tests hurry.

    Args:
        answer: For the answer to any request.
        poll: How long the homeserver may hold a sync open when nothing happens.
        state: For the answer to a sync that tells everything.
        first: The first pause after a failure; each further one is twice as long.
        longest: The longest of these pauses.
        refused: How often what was refused is tried again.
        late: How long a key may come after the message that needs it.
    """

    answer: float = 30.0
    poll: float = 30.0
    state: float = 300.0
    first: float = 0.5
    longest: float = 60.0
    refused: float = 600.0
    late: float = 60.0
