"""Names for everything: ids in Slack's manner, and message timestamps that never repeat."""

from __future__ import annotations

import string

from tests.support.slack.clock import Clock

_DIGITS = string.digits + string.ascii_uppercase
_WIDTH = 10


class Names:
    """Makes ids and timestamps that are unique for one server."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 46_655
        self._last = 0

    def id(self, prefix: str) -> str:
        """Return a new id such as U00000010A."""
        self._count += 1
        rest, digits = self._count, ""
        while rest:
            rest, digit = divmod(rest, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        return prefix + digits.rjust(_WIDTH, "0")

    def timestamp(self) -> str:
        """Return a new message timestamp, later than every one before."""
        micros = max(int(self._clock.now() * 1_000_000), self._last + 1)
        self._last = micros
        return f"{micros // 1_000_000}.{micros % 1_000_000:06d}"
