"""Requests and replies held against Discord's own API description."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.discord.api import ROUTES
from tests.support.discord.description import Description, described, missing
from tests.support.needs import offer

POST = ("POST", "/channels/{channel_id}/messages")
CALLBACK = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")


@pytest.fixture
def description() -> Description:
    offer(missing())
    found = described()
    assert found is not None
    return found


def test_every_route_of_the_double_is_discords(description: Description) -> None:
    assert [one for one in ROUTES if not description.has(one.method, one.template)] == []


@pytest.mark.parametrize(
    ("route", "body", "where"),
    [
        (POST, {"content": 3}, "content"),
        (POST, {"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        (POST, {"allowed_mentions": {"parse": ["all"]}}, "allowed_mentions.parse.0"),
        (
            POST,
            {"components": [{"type": 1, "components": [{"type": 2, "style": 1}] * 6}]},
            "components.0.components",
        ),
        (
            CALLBACK,
            {"type": 8, "data": {"choices": [{"name": "a", "value": "b"}] * 26}},
            "data.choices",
        ),
        (
            CALLBACK,
            {"type": 9, "data": {"custom_id": "a", "title": "x" * 46, "components": []}},
            "data",
        ),
    ],
)
def test_a_wrong_request_is_told_where_it_is_wrong(
    description: Description, route: tuple[str, str], body: dict[str, Any], where: str
) -> None:
    problems = description.request(*route, body)
    assert problems
    assert str(problems[0]).startswith(where)


def test_unknown_keys_are_found_at_any_depth(description: Description) -> None:
    body = {"content": "a", "emded": 1, "components": [{"type": 1, "components": [
        {"type": 2, "style": 1, "label": "a", "custom_id": "a", "lable": "b"}]}]}  # fmt: skip
    found = description.unknown_keys(*POST, body)
    assert found == ["emded", "components[0].components[0].lable"]


def test_a_query_is_checked(description: Description) -> None:
    assert not description.query("GET", POST[1], {"limit": "100"})
    assert description.query("GET", POST[1], {"limit": "101"})
    assert description.query("GET", POST[1], {"page": "1"})


def test_a_reply_that_discord_would_not_give_is_found(description: Description) -> None:
    assert description.reply(*POST, 200, {"id": "1"})
    assert not description.reply(*POST, 404, {"code": 10003, "message": "Unknown Channel"})
