"""How often and how patiently the outside is tried."""

from __future__ import annotations

from msgspec import Struct


class Pace(Struct, frozen=True):
    """Seconds between tries and looks; tests hurry.

    Args:
        pulse: After so long without a frame the socket is asked whether it still stands; after
            three times that it is taken for dead.
        quiet: After so long without an event the socket is replaced: one may stand and yet bring
            nothing.
        check: How often a token is looked at.
        refused: How often what was refused is tried again.
        first: The first pause after a failure; each further one is twice as long.
        longest: The longest of these pauses.
        settled: A connection that stood for so long counts as made.
        overlap: For how long an old socket is still listened to beside its successor.
    """

    pulse: float = 10.0
    quiet: float = 1800.0
    check: float = 60.0
    refused: float = 120.0
    first: float = 0.5
    longest: float = 30.0
    settled: float = 10.0
    overlap: float = 10.0
