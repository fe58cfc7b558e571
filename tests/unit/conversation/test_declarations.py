"""The commands that are shipped: their examples work, and their page is fresh."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from chatops.bootstrap import registry
from chatops.conversation import help as pages
from chatops.conversation.command import Reading
from chatops.conversation.parsing import read_line
from chatops.conversation.registry import key_of
from chatops.conversation.reply import Listing
from chatops.language import ENGLISH, LANGUAGES, Language
from chatops.organisations.records import Role

REGISTRY = registry()
READING = Reading(datetime(2025, 1, 15, 10, 30, tzinfo=UTC), "Europe/Paris", "en")


def _examples() -> Iterator[tuple[str, str]]:
    for command in REGISTRY.commands:
        for example in command.examples:
            for language in LANGUAGES:
                yield key_of(command), example.line.in_(language)


@pytest.mark.parametrize(("key", "line"), list(_examples()))
def test_an_example_calls_its_command(key: str, line: str) -> None:
    assert key_of(read_line(REGISTRY, line, READING).command) == key


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_command_has_its_help(language: Language) -> None:
    for command in REGISTRY.commands:
        assert pages.one(REGISTRY, command, language).blocks


def test_an_admin_sees_every_command_in_the_overview() -> None:
    _heading, listing, _note = pages.overview(REGISTRY, {Role.ADMIN}, "en").blocks

    assert isinstance(listing, Listing)
    said = [ENGLISH.say(item) for item in listing.items]
    for command, line in zip(REGISTRY.commands, said, strict=True):
        assert line.startswith(f"/quitx {key_of(command)}")


def test_somebody_without_a_role_sees_what_anybody_may_call() -> None:
    _heading, listing, _note = pages.overview(REGISTRY, set(), "en").blocks

    assert isinstance(listing, Listing)
    said = [ENGLISH.say(item).split()[1] for item in listing.items]
    assert said == ["link", "setup", "language"]
