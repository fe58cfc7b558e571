"""Failures are sorted by what they say about a write."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from atproto_client import exceptions
from atproto_client.models.common import XrpcError
from atproto_client.request import Response

from adapters.bluesky.errors import Failure, Kind, failure_of, told
from chatops.posts.network import CredentialRefused, NetworkUnavailable, OverLimit

HOST = "https://pds.example"


def answered(
    error: type[exceptions.RequestErrorBase], status: int, name: str = "", **headers: str
) -> exceptions.RequestErrorBase:
    content = XrpcError(error=name, message="words") if name else b"<html>"
    names = {key.replace("_", "-"): value for key, value in headers.items()}
    return error(Response(success=False, status_code=status, content=content, headers=names))


def around(
    error: type[exceptions.RequestErrorBase], cause: Exception
) -> exceptions.RequestErrorBase:
    raised = error()
    raised.__cause__ = cause
    return raised


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (around(exceptions.NetworkError, httpx.ConnectError("no")), Kind.UNREACHED),
        (around(exceptions.InvokeTimeoutError, httpx.ConnectTimeout("no")), Kind.UNREACHED),
        (around(exceptions.InvokeTimeoutError, httpx.PoolTimeout("no")), Kind.UNREACHED),
        (around(exceptions.InvokeTimeoutError, httpx.ReadTimeout("no")), Kind.LOST),
        (around(exceptions.InvokeTimeoutError, httpx.WriteTimeout("no")), Kind.LOST),
        (around(exceptions.NetworkError, httpx.ReadError("no")), Kind.LOST),
        (httpx.RemoteProtocolError("closed"), Kind.LOST),
        (httpx.InvalidURL("no"), Kind.UNREACHED),
        (ValueError("no JSON"), Kind.LOST),
        (answered(exceptions.BadRequestError, 400, "InvalidRequest"), Kind.INVALID),
        (answered(exceptions.BadRequestError, 400, "RecordNotFound"), Kind.MISSING),
        (answered(exceptions.BadRequestError, 400, "ExpiredToken"), Kind.ENDED),
        (answered(exceptions.BadRequestError, 400, "InvalidToken"), Kind.ENDED),
        (answered(exceptions.BadRequestError, 400), Kind.INVALID),
        (answered(exceptions.UnauthorizedError, 401, "AuthenticationRequired"), Kind.ENDED),
        (answered(exceptions.UnauthorizedError, 401, "AccountTakedown"), Kind.CLOSED),
        (answered(exceptions.UnauthorizedError, 401, "AuthFactorTokenRequired"), Kind.CODE),
        (answered(exceptions.UnauthorizedError, 403), Kind.ENDED),
        (answered(exceptions.NetworkError, 413, "PayloadTooLarge"), Kind.INVALID),
        (answered(exceptions.RateLimitExceededError, 429), Kind.LIMITED),
        (answered(exceptions.RequestException, 500, "InternalServerError"), Kind.BROKEN),
        (answered(exceptions.RequestException, 404), Kind.BROKEN),
        (answered(exceptions.NetworkError, 502), Kind.LOST),
        (answered(exceptions.RequestException, 503), Kind.LOST),
        (answered(exceptions.RequestException, 504), Kind.LOST),
    ],
)
def test_a_failure_is_sorted_by_what_it_says_about_a_write(error: Exception, kind: Kind) -> None:
    failure = failure_of(error, HOST)
    assert failure.kind is kind
    assert failure.service == HOST


def test_a_limit_says_when_it_ends() -> None:
    error = answered(exceptions.RateLimitExceededError, 429, "X", ratelimit_reset="1767225600")
    trouble = told(failure_of(error, HOST))
    assert isinstance(trouble, OverLimit)
    assert trouble.until == datetime(2026, 1, 1, tzinfo=UTC)
    silent = told(failure_of(answered(exceptions.RateLimitExceededError, 429), HOST))
    assert isinstance(silent, OverLimit)
    assert silent.until is None


REFUSALS = (Kind.ENDED, Kind.CLOSED, Kind.PASSWORD, Kind.CODE, Kind.STRANGER)


@pytest.mark.parametrize("kind", list(Kind))
def test_every_failure_has_words_for_people(kind: Kind) -> None:
    trouble = told(Failure(kind, HOST, "Name", "words"))
    assert str(trouble)
    if kind in REFUSALS:
        assert isinstance(trouble, CredentialRefused)
    elif kind is not Kind.LIMITED:
        assert isinstance(trouble, NetworkUnavailable)
        assert HOST in str(trouble)


def test_a_wrong_password_is_told_with_the_way_to_an_app_password() -> None:
    words = str(told(Failure(Kind.PASSWORD, HOST)))
    assert "xxxx-xxxx-xxxx-xxxx" in words
    assert "https://bsky.app/settings/app-passwords" in words
