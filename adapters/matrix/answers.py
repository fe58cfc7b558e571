"""What a homeserver answers, and what comes instead."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

from nio.responses import ErrorResponse, Response

from adapters.matrix.errors import Failure, NoAnswer, Refused, WhoAsks


def path_of(*parts: str) -> str:
    """Return the path that these parts are, each escaped."""
    return "".join(f"/{quote(part, safe='')}" for part in parts)


def answer_in(status: int, raw: bytes) -> dict[str, Any]:
    """Return what a homeserver answered.

    Raises:
        Refused: It says no.
        NoAnswer: It says nothing that can be understood.
    """
    try:
        answer = json.loads(raw)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise NoAnswer(f"no JSON, status {status}")
    if status < HTTPStatus.BAD_REQUEST:
        return answer
    raise _refusal(status, answer)


def _refusal(status: int, answer: Mapping[str, Any]) -> Failure:
    code, wait = answer.get("errcode"), answer.get("retry_after_ms")
    if status == HTTPStatus.UNAUTHORIZED and "flows" in answer:
        return WhoAsks(str(answer.get("session", "")))
    if not isinstance(code, str):
        return NoAnswer(f"status {status}")
    return Refused(
        status,
        code,
        str(answer.get("error", ""))[:200],
        retry_after=wait / 1000 if isinstance(wait, int | float) else None,
        soft=answer.get("soft_logout") is True,
    )


def check(response: Response | ErrorResponse) -> None:
    """Go on where nio has an answer.

    Raises:
        Failure: It has none.
    """
    if isinstance(response, ErrorResponse):
        raise refusal_in(response)


def refusal_in(response: ErrorResponse) -> Failure:
    """Return what nio says of an answer that is none."""
    transport: Any = response.transport_response
    status = transport.status if transport is not None else 0
    if status < HTTPStatus.BAD_REQUEST or not isinstance(response.status_code, str):
        return NoAnswer(f"no answer of a homeserver, status {status}")
    wait = response.retry_after_ms
    return Refused(
        status,
        response.status_code,
        str(response.message)[:200],
        retry_after=wait / 1000 if wait else None,
        soft=bool(response.soft_logout),
    )
