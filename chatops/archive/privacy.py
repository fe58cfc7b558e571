"""What of an archive is opened, and which of its posts wait for somebody's word.

Opening is by permission: a file that is not named here is never opened. So direct messages,
deleted tweets, addresses, phone numbers, IP audits, Circle tweets and what advertisers know stay
closed, also the files that X will add.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from msgspec import Struct

from chatops.language import Text, _

_OPENABLE = re.compile(
    r"(?:manifest|account|profile|screen-name-change|protected-history|tweets?|note-tweet"
    r"|following|follower|block|mute|lists-(?:created|member|subscribed))(?:-part\d{1,4})?\.js"
)
MEDIA_FOLDERS = ("tweets_media", "tweet_media")
"""Where the media of posts are: the name since autumn 2022, and the one before."""

CIRCLES_BEGAN = datetime(2022, 8, 1, tzinfo=UTC)
CIRCLES_ENDED = datetime(2023, 11, 1, tzinfo=UTC)
"""X could write for a few people only in these months, and does not mark these posts any more."""

_EVER = datetime.min.replace(tzinfo=UTC)
_ALWAYS = datetime.max.replace(tzinfo=UTC)

_IN_CIRCLES = _("X had Circles then, so it may have been meant for a few people only.")
_PROTECTED = _("The account was protected then, so only its followers could read it.")


def may_open(name: str) -> bool:
    """Say whether a JavaScript file of an archive may be opened at all."""
    return _OPENABLE.fullmatch(name) is not None


class Protection(Struct, frozen=True):
    """One change of the account's protection."""

    at: datetime
    protected: bool


class Seclusion:
    """Knows when posts may not have been for everybody.

    Args:
        changes: All known changes of the account's protection, in any order.
    """

    def __init__(self, changes: Iterable[Protection]) -> None:
        self._periods: list[tuple[datetime, datetime]] = []
        since: datetime | None = None
        for index, change in enumerate(sorted(changes, key=lambda change: change.at)):
            if change.protected:
                since = since or change.at
            elif since is not None or index == 0:
                # The history may begin with the end of a protection that began before it.
                self._periods.append((since or _EVER, change.at))
                since = None
        if since is not None:
            self._periods.append((since, _ALWAYS))

    def reason(self, written_at: datetime) -> Text | None:
        """Say why a post of that time waits until an admin releases it; None if it need not."""
        if any(start <= written_at < end for start, end in self._periods):
            return _PROTECTED
        if CIRCLES_BEGAN <= written_at < CIRCLES_ENDED:
            return _IN_CIRCLES
        return None
