"""The life of a delivery.

A delivery is one record on one account. Its row is committed as `sending` before the first byte
leaves, so that whatever happens next, somebody can ask the network what became of it:

    (new) -> sending -> published -> removing -> removed
                     -> refused
                     -> absent      surely not written: may be sent again, unless an answer that
                                    comes late says that it stands after all
                     -> unknown     nobody knows: the network is asked before anything else

A row in `sending` that nobody is working on (the process died) is as good as `unknown`.
"""

from __future__ import annotations

from enum import Enum


class Delivery(Enum):
    """The states of a delivery."""

    SENDING = "sending"
    PUBLISHED = "published"
    REFUSED = "refused"
    ABSENT = "absent"
    UNKNOWN = "unknown"
    REMOVING = "removing"
    REMOVED = "removed"


FOLLOWS: dict[Delivery, frozenset[Delivery]] = {
    Delivery.SENDING: frozenset(
        {Delivery.PUBLISHED, Delivery.REFUSED, Delivery.ABSENT, Delivery.UNKNOWN}
    ),
    Delivery.UNKNOWN: frozenset({Delivery.PUBLISHED, Delivery.REFUSED, Delivery.ABSENT}),
    Delivery.ABSENT: frozenset({Delivery.SENDING, Delivery.PUBLISHED}),
    Delivery.REFUSED: frozenset({Delivery.SENDING}),
    Delivery.PUBLISHED: frozenset({Delivery.REMOVING}),
    Delivery.REMOVING: frozenset({Delivery.PUBLISHED, Delivery.REMOVED}),
    Delivery.REMOVED: frozenset({Delivery.SENDING}),
}
"""What may follow each state; a step that is not here is a defect, never a wish."""


def before(state: Delivery) -> frozenset[Delivery]:
    """Return the states from which a delivery may come into this one."""
    return frozenset(earlier for earlier, later in FOLLOWS.items() if state in later)


UNSETTLED = (Delivery.SENDING, Delivery.UNKNOWN)
"""The states in which only the network knows."""
