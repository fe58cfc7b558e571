"""What can come of a call to Slack, and what people are told of it.

Failure
├── Refused    Slack said no: nothing was done
├── TooFast    Slack said not now: nothing was done
└── NoAnswer   nobody knows whether it was done
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from chatops.conversation.platform import MessageGone, PlaceClosed, PlatformUnavailable
from chatops.language import Code, Text, Trouble, _

UNANSWERED: Final = _("Slack does not answer.")
AGAIN: Final = _("Wait a few minutes; the bot tries again by itself.")

_CLOSED: Final = frozenset(
    {
        "cannot_dm_bot",
        "cannot_reply_to_message",
        "channel_is_limited_access",
        "channel_not_found",
        "channel_type_not_supported",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_locked",
        "restricted_action_thread_only_channel",
        "thread_not_found",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
        "team_access_not_granted",
    }
)
_GONE: Final = frozenset(
    {"cant_update_message", "edit_window_closed", "message_not_found", "no_item_specified"}
)
TOKEN_REFUSED: Final = frozenset(
    {
        "account_inactive",
        "invalid_auth",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "token_expired",
        "token_revoked",
    }
)
"""What Slack says of a token that works no more, until somebody does something."""

_UNSURE: Final = frozenset(
    {"fatal_error", "internal_error", "request_timeout", "service_unavailable", "unknown_error"}
)
_TOO_FAST: Final = 429
_SERVER_FAULT: Final = 500
_PATIENCE: Final = 30.0
"""Seconds to wait where Slack asks to wait and does not say how long."""

_REFUSED_PATIENCE: Final = 60.0


class Failure(Exception):
    """A call did not do what it should."""


class Refused(Failure):
    """Slack said no.

    Args:
        error: Slack's word for it.
        needed: The scopes that are missing, separated by commas.
    """

    def __init__(self, error: str, needed: str = "") -> None:
        super().__init__(error)
        self.error = error
        self.needed = needed


class TooFast(Failure):
    """Slack asks to wait for so many seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"asked to wait for {retry_after:g} s")
        self.retry_after = retry_after


class NoAnswer(Failure):
    """The answer was lost, or was none; what was asked may have been done."""


def failure_in(status: int, headers: Mapping[str, str], answer: object) -> Failure:
    """Return what went wrong, from an answer that says so."""
    known: Mapping[str, Any] = answer if isinstance(answer, Mapping) else {}
    error = str(known.get("error", ""))
    if status == _TOO_FAST or error == "ratelimited":
        return TooFast(_seconds(headers.get("Retry-After", "")))
    if status >= _SERVER_FAULT or not error or error in _UNSURE:
        return NoAnswer(error or f"status {status}")
    return Refused(error, str(known.get("needed", "")))


def _seconds(written: str) -> float:
    try:
        return max(0.0, float(written))
    except ValueError:
        return _PATIENCE


def trouble_of(failure: Failure) -> Trouble:
    """Return what the port promises for a failure."""
    match failure:
        case TooFast(retry_after=seconds):
            reason = _("Slack asks the bot to wait for a while.")
            return PlatformUnavailable(reason, AGAIN, seconds)
        case Refused():
            return _trouble_of_refusal(failure)
        case _:
            return PlatformUnavailable(UNANSWERED, AGAIN)


def _trouble_of_refusal(refusal: Refused) -> Trouble:
    error = refusal.error
    if error in TOKEN_REFUSED:
        return PlatformUnavailable(token_refused(error), REINSTALL, _REFUSED_PATIENCE)
    if error in _GONE:
        return MessageGone(_("This message is gone."), _("Say it anew."))
    if error == "missing_scope":
        return PlaceClosed(missing_scope(refusal.needed), add_scope(refusal.needed))
    if error in _CLOSED:
        reason = _("The bot may not write there: {error}.", error=Code(error))
        return PlaceClosed(reason, _("Invite it there with {line}.", line=Code("/invite")))
    # A message that Slack will never take must not be tried for ever.
    return Trouble(
        _("Slack refused it: {error}.", error=Code(error)), _("Tell whoever runs the bot.")
    )


def token_refused(error: str) -> Text:
    """Say that a token works no more."""
    return _("Slack refuses the bot's token: {error}.", error=Code(error))


REINSTALL: Final = _(
    "Install the app in the workspace again, and put its new token into {setting}.",
    setting=Code("[slack] bot_token"),
)


def missing_scope(needed: str) -> Text:
    """Say that the app lacks a right."""
    return _("The app lacks the scope {scope}.", scope=Code(needed or "?"))


def add_scope(needed: str) -> Text:
    """Say how the app gets a right."""
    return _(
        "Add {scope} under OAuth & Permissions on {page}, then install the app again.",
        scope=Code(needed or "?"),
        page=Code("api.slack.com/apps"),
    )
