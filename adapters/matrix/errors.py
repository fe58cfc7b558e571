"""What a homeserver refuses, and what that means for people.

M_LIMIT_EXCEEDED, 5xx, no answer, no JSON, a token that is refused   PlatformUnavailable
M_FORBIDDEN, a room that is not known                                PlaceClosed
M_NOT_FOUND of an event                                              MessageGone
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from chatops.conversation.platform import MessageGone, PlaceClosed, PlatformUnavailable
from chatops.language import Code, Text, _

NOT_FOUND: Final = "M_NOT_FOUND"
FORBIDDEN: Final = "M_FORBIDDEN"
TOO_LARGE: Final = "M_TOO_LARGE"
DUPLICATE: Final = "M_DUPLICATE_ANNOTATION"

_LOGGED_OUT: Final = frozenset({"M_UNKNOWN_TOKEN", "M_MISSING_TOKEN", "M_USER_DEACTIVATED"})
_AWAY: Final = frozenset({FORBIDDEN, "M_UNKNOWN_ROOM", "M_GUEST_ACCESS_FORBIDDEN"})

SILENT: Final = _("The Matrix homeserver does not answer.")
BUSY: Final = _("The Matrix homeserver asks to wait.")
AGAIN: Final = _("Wait a moment; it is tried again.")


class Failure(Exception):
    """A request did not do what it should."""


class NoAnswer(Failure):
    """Nothing came, or nothing that a homeserver says; whether it was done is not known."""


class WhoAsks(Failure):
    """The homeserver wants to know once more who asks.

    Args:
        session: Under which it is told.
    """

    def __init__(self, session: str) -> None:
        super().__init__("the homeserver asks for the password")
        self.session = session


class Refused(Failure):
    """The homeserver said no.

    Args:
        code: Such as `M_FORBIDDEN`; empty where it named none.
        words: What it said, for the log.
        retry_after: Seconds that it asked to wait.
        soft: Whether a login with the password goes on as the same device.
    """

    def __init__(
        self,
        status: int,
        code: str,
        words: str = "",
        *,
        retry_after: float | None = None,
        soft: bool = False,
    ) -> None:
        super().__init__(f"{status} {code} {words}".strip())
        self.status = status
        self.code = code
        self.words = words
        self.retry_after = retry_after
        self.soft = soft

    @property
    def logged_out(self) -> bool:
        """Whether the access token is no longer good."""
        return self.code in _LOGGED_OUT

    @property
    def passing(self) -> bool:
        """Whether the same may work in a while."""
        return (
            self.status == HTTPStatus.TOO_MANY_REQUESTS
            or self.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        )


def trouble_of(failure: Failure) -> Exception:
    """Return what a failure means for whoever speaks."""
    match failure:
        case Refused(logged_out=True):
            return PlatformUnavailable(*logged_out())
        case Refused(passing=True):
            return PlatformUnavailable(SILENT, AGAIN, failure.retry_after)
        case Refused(code=code) if code in _AWAY:
            return closed()
        case Refused(code="M_NOT_FOUND"):
            return gone()
        case Refused():
            return failure
        case _:
            return PlatformUnavailable(SILENT, AGAIN)


def closed() -> PlaceClosed:
    """Return what is said of a room where the bot has no say."""
    return PlaceClosed(
        _("The bot may not write in this Matrix room."),
        _("Invite it again, and let it send messages: in the room’s settings, under Permissions."),
    )


def gone() -> MessageGone:
    """Return what is said of a message that is not there."""
    return MessageGone(_("This message is no longer there."), _("Say it anew."))


def logged_out() -> tuple[Text, Text]:
    """Return what is said of a session that has ended, and the mend."""
    return (
        _("The Matrix homeserver does not accept the bot’s access token."),
        _(
            "Give {password}, or make a new access token and put it where {token} stands.",
            password=Code("[matrix] password"),
            token=Code("[matrix] access_token"),
        ),
    )
