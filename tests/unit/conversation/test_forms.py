"""A command's form asks for what its declaration asks for, and no more."""

from __future__ import annotations

from typing import Any

import pytest

from chatops.bootstrap import registry
from chatops.conversation.command import Command
from chatops.conversation.forms import Option, command_of, form_choice, form_of
from chatops.conversation.registry import key_of

REGISTRY = registry()
PLAN = REGISTRY.at("migrate plan")
assert PLAN is not None


@pytest.mark.parametrize("command", REGISTRY.commands, ids=key_of)
def test_every_command_has_a_form_with_a_field_for_each_of_its_values(
    command: Command[Any],
) -> None:
    for language in ("en", "fr"):
        form = form_of(REGISTRY, command, language)

        names = {field.parameter.names.en for field in REGISTRY.fields(command)}
        assert {each.name for each in form.inputs} == names
        assert [each.required for each in form.inputs] == sorted(
            (each.required for each in form.inputs), reverse=True
        )


def test_what_can_be_chosen_is_shown_in_the_readers_words() -> None:
    assert PLAN is not None
    inputs = {each.name: each for each in form_of(REGISTRY, PLAN, "fr").inputs}

    assert Option("réponses", "reply") in inputs["kinds"].options
    assert inputs["kinds"].several
    assert inputs["archive"].file


def test_only_what_asks_for_something_has_a_button_for_its_form() -> None:
    status = REGISTRY.at("status")
    assert PLAN is not None
    assert status is not None

    assert form_choice(REGISTRY, status, "fr") is None
    form = form_choice(REGISTRY, PLAN, "fr")
    assert form is not None
    assert form.says == "déménager prévoir"
    assert form.form


@pytest.mark.parametrize(
    "says", ["migrate plan", "déménager prévoir", "organisation=2 migrate plan"]
)
def test_a_choice_opens_the_form_of_its_command_whatever_stands_before_it(says: str) -> None:
    assert command_of(REGISTRY, says, "en") is PLAN


@pytest.mark.parametrize("says", ["", "organisation=2", "nonsense"])
def test_what_is_no_command_has_no_form(says: str) -> None:
    assert command_of(REGISTRY, says, "en") is None
