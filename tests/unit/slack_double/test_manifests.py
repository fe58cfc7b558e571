"""A manifest that Slack would refuse is told."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.support.slack.manifests import EVERYTHING, Manifest


def test_the_manifest_that_grants_everything_is_sound() -> None:
    assert Manifest.read(EVERYTHING).problems == ()


@pytest.mark.parametrize(
    ("path", "value", "sentence"),
    [
        (("oauth_config", "scopes", "bot"), ["chat:write"], "needs the scope reactions:read"),
        (("oauth_config", "scopes", "bot"), ["commands", "chat:all"], "no such bot scope"),
        (("oauth_config", "scopes", "bot"), [], "slash commands need the scope commands"),
        (("settings", "event_subscriptions", "bot_events"), ["message"], "no such bot event"),
        (("display_information", "name"), "a" * 36, "longer than 35"),
        (("display_information", "name"), "", "name is missing"),
        (("display_information", "long_description"), "short", "shorter than 174"),
        (("features", "slash_commands"), [{"command": "quitx", "description": "a"}], "not a slash"),
        (("features", "slash_commands"), [{"command": "/quitx"}], "needs a description"),
    ],
)
def test_a_mistake_is_named(path: tuple[str, ...], value: object, sentence: str) -> None:
    raw: dict[str, Any] = deepcopy(EVERYTHING)
    inner = raw
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    problems = Manifest.read(raw).problems
    assert any(sentence in problem for problem in problems), problems
