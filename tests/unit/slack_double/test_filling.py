"""A form is filled in as the client lets people fill it in."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.slack import Impossible
from tests.support.slack.filling import state
from tests.support.slack.places import Team
from tests.support.slack.world import World

Json = dict[str, Any]


def field(element: Json, *, label: str = "Name", optional: bool = False) -> Json:
    return {
        "type": "input",
        "block_id": "b",
        "label": {"type": "plain_text", "text": label},
        "element": {"action_id": "a", **element},
        "optional": optional,
    }


def option(label: str, value: str) -> Json:
    return {"text": {"type": "plain_text", "text": label}, "value": value}


TEXT = {"type": "plain_text_input"}
MENU = {"type": "static_select", "options": [option("One", "1"), option("Two", "2")]}


@pytest.fixture
def team() -> Team:
    return Team(World(), "Les Amis", "les-amis")


@pytest.mark.parametrize("key", ["Name", "b", "a"])
def test_a_field_is_known_by_label_block_or_action(team: Team, key: str) -> None:
    assert state([field(TEXT)], team, {key: "x"}) == {
        "values": {"b": {"a": {"type": "plain_text_input", "value": "x"}}}
    }


def test_what_nobody_touched_stays_as_the_app_set_it(team: Team) -> None:
    begun = field({**TEXT, "initial_value": "x"})
    assert state([begun], team, {})["values"]["b"]["a"]["value"] == "x"
    assert state([field(TEXT, optional=True)], team, {})["values"]["b"]["a"]["value"] is None


@pytest.mark.parametrize(
    ("element", "value", "key", "told"),
    [
        (MENU, "Two", "selected_option", option("Two", "2")),
        (MENU, "1", "selected_option", option("One", "1")),
        ({**MENU, "type": "checkboxes"}, ["One"], "selected_options", [option("One", "1")]),
        ({"type": "datepicker"}, "2026-11-22", "selected_date", "2026-11-22"),
        ({"type": "datetimepicker"}, 1_700_000_000, "selected_date_time", 1_700_000_000),
        ({"type": "number_input", "is_decimal_allowed": False}, 12, "value", "12"),
    ],
)
def test_every_kind_of_field_tells_what_was_put_in(
    team: Team, element: Json, value: object, key: str, told: object
) -> None:
    assert state([field(element)], team, {"Name": value})["values"]["b"]["a"][key] == told


@pytest.mark.parametrize(
    ("element", "value"),
    [
        (TEXT, ""),
        ({**TEXT, "max_length": 2}, "abc"),
        ({**TEXT, "min_length": 2}, "a"),
        (TEXT, "two\nlines"),
        (MENU, "Three"),
        ({"type": "email_text_input"}, "nobody"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5"),
    ],
)
def test_what_the_client_would_not_send_is_impossible(
    team: Team, element: Json, value: object
) -> None:
    with pytest.raises(Impossible):
        state([field(element)], team, {"Name": value})


def test_a_field_that_is_not_there_is_impossible(team: Team) -> None:
    with pytest.raises(Impossible, match="there is no field Age"):
        state([field(TEXT)], team, {"Name": "x", "Age": "3"})
