"""What Discord refuses beyond its API description: messages, modals and commands."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.discord.command_rules import command_problems, size_of
from tests.support.discord.message_rules import message_problems, modal_problems
from tests.support.discord.refusals import invalid, problem

BUTTON: dict[str, Any] = {"type": 2, "style": 1, "label": "a", "custom_id": "a"}
MENU: dict[str, Any] = {"type": 3, "custom_id": "m", "options": [{"label": "a", "value": "a"}]}


def row(*components: dict[str, Any]) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def inputs(count: int) -> dict[str, Any]:
    labels = [
        {"type": 18, "label": "a", "component": {"type": 4, "custom_id": str(number)}}
        for number in range(count)
    ]
    return {"custom_id": "m", "title": "t", "components": labels}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"components": [row(BUTTON)] * 6}, "components"),
        ({"components": [BUTTON]}, "components.0.type"),
        ({"components": [row(BUTTON, MENU)]}, "components.0.components"),
        ({"components": [row({"type": 2, "style": 1, "custom_id": "a"})]}, "label"),
        ({"components": [row({"type": 2, "style": 1, "label": "a"})]}, "custom_id"),
        ({"components": [row({"type": 2, "style": 5, "label": "a"})]}, "url"),
        ({"components": [row({**BUTTON, "url": "https://a.fr"})]}, "url"),
        ({"components": [row({**MENU, "options": MENU["options"] * 2})]}, "options"),
        ({"components": [row({**MENU, "max_values": 2})]}, "max_values"),
        ({"embeds": [{"title": "a", "author": {"name": ""}}]}, "author.name"),
        ({"allowed_mentions": {"parse": ["users"], "users": ["1"]}}, "allowed_mentions"),
        ({"flags": 1 << 15, "content": "a", "components": [{"type": 10}]}, "content"),
    ],
)
def test_a_message_with_a_problem(body: dict[str, Any], where: str) -> None:
    found = message_problems(body, set())
    assert where in str(found[0])


def test_a_message_at_its_limits_has_no_problem() -> None:
    rows = [
        row(*({**BUTTON, "custom_id": f"{line} {number}"} for number in range(5)))
        for line in range(5)
    ]
    embeds = [{"description": "x" * 3000}, {"description": "x" * 3000}]
    assert not message_problems(
        {"content": "x" * 2000, "embeds": embeds, "components": rows}, set()
    )


def test_a_modal_has_five_inputs_at_most() -> None:
    assert not modal_problems(inputs(5))
    assert modal_problems(inputs(6))


def command(name: str = "go", **about: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"name": name, "description": "d", "type": 1, **about}


def option(name: str = "a", kind: int = 3, **about: Any) -> dict[str, Any]:  # noqa: ANN401 - any JSON
    return {"name": name, "description": "d", "type": kind, **about}


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (command("Quit X"), "name is invalid"),
        (command("Quitx"), "name is invalid"),
        (command(name_localizations={"fr": "Déménager"}), "name is invalid"),
        (command(name_localizations={"french": "a"}), "no locale"),
        (command(description=""), "required"),
        (command(options=[option(), option("b", required=True)]), "must be placed before"),
        (command(options=[option(), option()]), "used twice"),
        (
            command(
                options=[
                    option("a", name_localizations={"fr": "x"}),
                    option("b", name_localizations={"fr": "x"}),
                ]
            ),
            "used twice fr",
        ),
        (command(options=[option(), option("b", 1)]), "exclude all other"),
        (command(options=[option(str(number)) for number in range(26)]), "25 or fewer"),
        (
            command(options=[option(choices=[{"name": "a", "value": "1"}] * 2)]),
            "name 'a' is used twice",
        ),
        (
            command(options=[option(autocomplete=True, choices=[{"name": "a", "value": "1"}])]),
            "exclude each other",
        ),
        (command(options=[option("a", 2, options=[option("b", 2)])]), "only at the top"),
    ],
)
def test_a_command_with_a_problem(given: dict[str, Any], why: str) -> None:
    assert why in " ".join(map(str, command_problems([given])))


def test_accents_are_fine_in_names() -> None:
    assert not command_problems([command(name_localizations={"fr": "déménager"})])


def test_no_more_than_a_hundred_commands_stand_together() -> None:
    assert not command_problems([command(f"c{number}") for number in range(100)])
    assert command_problems([command(f"c{number}") for number in range(101)])


def test_of_each_text_only_the_longest_language_counts() -> None:
    one = command(description_localizations={"fr": "longer"}, options=[option()])
    assert size_of(one) == len("go") + len("longer") + len("a") + len("d")


def test_an_invalid_form_is_told_where_it_lies() -> None:
    refusal = invalid(problem(("embeds", 0, "title"), "Too long", "LENGTH"))
    assert refusal.body() == {
        "code": 50035,
        "message": "Invalid Form Body",
        "errors": {
            "embeds": {"0": {"title": {"_errors": [{"code": "LENGTH", "message": "Too long"}]}}}
        },
    }
