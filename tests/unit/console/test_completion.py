"""What Tab offers."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from adapters.console.completion import Completion, Completions
from adapters.console.messages import Messages
from adapters.console.scene import HOME, Scene
from chatops.conversation.reply import Choice, Choices, Reply
from chatops.language import ENGLISH, verbatim


def commands(line: str) -> Sequence[Completion]:
    """Stand in for the core: two verbs, and an archive parameter."""
    if line.startswith("migrate plan archive="):
        return (Completion("archive=", len(line) - len("migrate plan "), path=True),)
    return tuple(
        Completion(verb, len(line), "a verb")
        for verb in ("migrate", "status")
        if verb.startswith(line)
    )


@pytest.fixture
def messages() -> Messages:
    return Messages("s1")


@pytest.fixture
def completions(messages: Messages) -> Completions:
    return Completions(commands, Scene(messages, "operator"), messages)


def after(completions: Completions, line: str) -> list[str]:
    """Return the lines that Tab would make of a line."""
    return [
        line[: len(line) - completion.replaces] + completion.text
        for completion in completions.of(line)
    ]


@pytest.mark.parametrize("line", ["", "/", "/qui"])
def test_the_name_of_the_bot_comes_first(completions: Completions, line: str) -> None:
    assert after(completions, line) == ["/quitx "]


def test_verbs_come_from_the_core(completions: Completions) -> None:
    assert after(completions, "/quitx ") == ["/quitx migrate", "/quitx status"]
    assert after(completions, "!quitx sta") == ["!quitx status"]
    assert after(completions, "hello sta") == []


def test_directions_are_completed(completions: Completions) -> None:
    assert after(completions, ":re") == [":react "]
    assert after(completions, ":")[:2] == [":as ", ":in "]


def test_messages_labels_and_reactions_are_completed(
    completions: Completions, messages: Messages
) -> None:
    choices = Choices(
        (Choice(verbatim("Confirm"), "confirm", "✅"), Choice(verbatim("Cancel"), "cancel"))
    )
    messages.say(HOME, None, Reply((choices,)), ENGLISH)
    messages.say(HOME, None, Reply(), ENGLISH)
    assert after(completions, ":press ") == [":press Confirm", ":press Cancel"]
    assert after(completions, ":press con") == [":press Confirm"]
    assert after(completions, ":press Confirm m") == [":press Confirm m2", ":press Confirm m1"]
    assert after(completions, ":react ") == [":react ✅"]
    assert after(completions, ":react ✅ m1") == [":react ✅ m1"]
    assert after(completions, ":thread ") == [":thread m2", ":thread m1"]
    assert after(completions, ":wait ") == []


def test_files_are_completed_where_a_path_is_wanted(
    completions: Completions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "twitter.zip").touch()
    (tmp_path / "my archives").mkdir()
    (tmp_path / "my archives" / "old.zip").touch()
    (tmp_path / ".hidden").touch()
    assert after(completions, ":attach ") == [":attach my archives/", ":attach twitter.zip"]
    assert after(completions, ":attach my archives/") == [":attach my archives/old.zip"]
    assert after(completions, f":attach {tmp_path}/tw") == [f":attach {tmp_path}/twitter.zip"]
    assert after(completions, ":attach nowhere/") == []
    assert after(completions, ":attach .h") == [":attach .hidden"]
    begun = "/quitx migrate plan archive="
    assert after(completions, f"{begun}tw") == [f"{begun}twitter.zip"]
    assert after(completions, f"{begun}my") == [f'{begun}"my archives/']
    assert after(completions, f'{begun}"my archives/') == [f'{begun}"my archives/old.zip"']
