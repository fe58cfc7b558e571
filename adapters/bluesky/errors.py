"""What can go wrong between us and a server, sorted by what it says about a write.

    sent?    executed?   kind         raised by the SDK as
    no       no          UNREACHED    NetworkError or InvokeTimeoutError around a failed connect
    yes      perhaps     LOST         any other NetworkError without an answer; 502, 503, 504;
                                      an answer that is not JSON
    yes      no          INVALID      BadRequestError; NetworkError 413
    yes      no          MISSING      BadRequestError RecordNotFound
    yes      no          ENDED        UnauthorizedError; BadRequestError ExpiredToken, InvalidToken
    yes      no          CLOSED       any error that names the account as taken down or inactive
    yes      no          LIMITED      RateLimitExceededError
    yes      failed      BROKEN       any other status, 500 above all: also for a key in use

A login adds three more: PASSWORD, CODE and STRANGER.
"""

from __future__ import annotations

from datetime import datetime
from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from chatops.language import Code, Trouble, _
from chatops.posts.network import CredentialRefused, NetworkUnavailable, OverLimit

if TYPE_CHECKING:
    from atproto_client.exceptions import RequestErrorBase
    from atproto_client.request import Response


class Kind(Enum):
    """What a failure says about what was asked."""

    UNREACHED = auto()
    LOST = auto()
    INVALID = auto()
    MISSING = auto()
    ENDED = auto()
    CLOSED = auto()
    LIMITED = auto()
    BROKEN = auto()
    PASSWORD = auto()
    CODE = auto()
    STRANGER = auto()


class Failure(Exception):
    """A call that did not succeed; stays inside the adapter.

    Args:
        kind: What it says about what was asked.
        service: The server's address.
        name: The server's name for the error, or our own for one without an answer.
        message: The server's words.
        until: When a limit ends, None where the server did not say.
    """

    def __init__(
        self,
        kind: Kind,
        service: str,
        name: str = "",
        message: str = "",
        until: datetime | None = None,
    ) -> None:
        super().__init__(f"{kind.name} {name} {message}".strip())
        self.kind = kind
        self.service = service
        self.name = name
        self.message = message
        self.until = until


APP_PASSWORDS: Final = "https://bsky.app/settings/app-passwords"

_GATEWAY: Final = frozenset({502, 503, 504})
_BY_STATUS: Final = {
    400: Kind.INVALID,
    401: Kind.ENDED,
    403: Kind.ENDED,
    413: Kind.INVALID,
    429: Kind.LIMITED,
}
_BY_NAME: Final = {
    "RecordNotFound": Kind.MISSING,
    "ExpiredToken": Kind.ENDED,
    "InvalidToken": Kind.ENDED,
    "AuthFactorTokenRequired": Kind.CODE,
    "AccountNotFound": Kind.CLOSED,
    "AccountTakedown": Kind.CLOSED,
    "AccountSuspended": Kind.CLOSED,
    "AccountDeactivated": Kind.CLOSED,
    "RepoTakendown": Kind.CLOSED,
    "RepoSuspended": Kind.CLOSED,
    "RepoDeactivated": Kind.CLOSED,
}


def failure_of(error: Exception, service: str) -> Failure:
    """Sort an exception of the SDK, or of the HTTP client below it."""
    import httpx  # noqa: PLC0415 - comes with the SDK
    from atproto_client.exceptions import RequestErrorBase  # noqa: PLC0415 - the SDK loads on use

    if isinstance(error, RequestErrorBase) and error.response is not None:
        return _answered(error, error.response, service)
    cause = error.__cause__ or error
    unreached = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.InvalidURL)
    kind = Kind.UNREACHED if isinstance(cause, unreached) else Kind.LOST
    return Failure(kind, service, type(cause).__name__)


def _answered(error: RequestErrorBase, response: Response, service: str) -> Failure:
    from atproto_client.exceptions import RateLimitExceededError  # noqa: PLC0415 - loads on use
    from atproto_client.models.common import XrpcError  # noqa: PLC0415

    name, message = f"HTTP {response.status_code}", ""
    if isinstance(response.content, XrpcError):
        name, message = response.content.error, response.content.message or ""
    kind = _BY_NAME.get(name) or _BY_STATUS.get(response.status_code)
    if kind is None:
        kind = Kind.LOST if response.status_code in _GATEWAY else Kind.BROKEN
    until = error.reset_at if isinstance(error, RateLimitExceededError) else None
    return Failure(kind, service, name, message, until)


def told(failure: Failure) -> Trouble:
    """Return what the port says of a failure after which nothing was written."""
    match failure.kind:
        case Kind.LIMITED:
            return OverLimit(
                _("Bluesky asks us to wait: this account has done as much as it allows."),
                _("Nothing is lost. It goes on when Bluesky allows it again."),
                failure.until,
            )
        case Kind.UNREACHED | Kind.LOST:
            return NetworkUnavailable(
                _("{service} does not answer.", service=Code(failure.service)),
                _("Nothing is lost. Try again in a few minutes."),
            )
        case Kind.PASSWORD | Kind.CODE | Kind.STRANGER | Kind.ENDED | Kind.CLOSED:
            return _refused(failure.kind)
        case _:
            return NetworkUnavailable(
                _(
                    "{service} answers with an error: {name}.",
                    service=Code(failure.service),
                    name=Code(failure.name),
                ),
                _("Try again in a few minutes. If it stays so, ask whoever runs that server."),
            )


def _refused(kind: Kind) -> CredentialRefused:
    page = Code(APP_PASSWORDS)
    match kind:
        case Kind.PASSWORD:
            return CredentialRefused(
                _("Bluesky does not accept this handle with this password."),
                _(
                    "Write the handle in full, such as {example}. Make an app password at {page}: "
                    "it looks like {form}. The account's main password stays with you.",
                    example=Code("name.bsky.social"),
                    page=page,
                    form=Code("xxxx-xxxx-xxxx-xxxx"),
                ),
            )
        case Kind.CODE:
            return CredentialRefused(
                _("Bluesky asks for a code by e-mail: that was the account's main password."),
                _("Make an app password at {page} and give that one.", page=page),
            )
        case Kind.STRANGER:
            return CredentialRefused(
                _("This login now opens another account than the one that was connected."),
                _("Connect the account again, with its present handle."),
            )
        case Kind.CLOSED:
            return CredentialRefused(
                _("Bluesky says that the account is closed, or not active at present."),
                _("Log in to Bluesky in a browser: it tells what the account needs."),
            )
        case _:
            return CredentialRefused(
                _("Bluesky no longer accepts the account's app password."),
                _("Make a new app password at {page} and connect the account again.", page=page),
            )
