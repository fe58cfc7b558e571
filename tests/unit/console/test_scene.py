"""Who speaks, where, and with which files."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.console.messages import Messages
from adapters.console.scene import HOME, Scene
from chatops.conversation.addresses import Place
from chatops.conversation.reply import Reply
from chatops.language import ENGLISH, Invalid, Missing


@pytest.fixture
def messages() -> Messages:
    return Messages("s1")


@pytest.fixture
def scene(messages: Messages) -> Scene:
    return Scene(messages, "operator")


def test_the_console_begins_in_a_direct_conversation(scene: Scene) -> None:
    assert (scene.place, scene.member.id) == (
        Place("console", "", "console", direct=True),
        "operator",
    )


def test_a_place_and_a_member_are_the_same_in_any_case(scene: Scene) -> None:
    scene.go_to("Salon")
    scene.speak_as("Claire  Dupont")
    assert scene.place == Place("console", "", "salon")
    assert (scene.member.id, scene.member.name) == ("claire dupont", "Claire  Dupont")


def test_an_at_sign_opens_a_direct_conversation(scene: Scene) -> None:
    scene.go_to("@Claire")
    assert scene.place == Place("console", "", "@claire", direct=True)


@pytest.mark.parametrize("home", ["", "console"])
def test_the_way_home_is_known(scene: Scene, home: str) -> None:
    scene.go_to("salon")
    scene.go_to(home)
    assert scene.place == HOME


def test_a_thread_stands_under_a_message_wherever_it_is(scene: Scene, messages: Messages) -> None:
    scene.go_to("salon")
    message = messages.say(scene.place, None, Reply(), ENGLISH)
    scene.go_to("")
    scene.enter_thread("m1")
    assert scene.place == Place("console", "", "salon", thread=message.ref.id)
    assert scene.label(scene.place) == "salon/m1"
    scene.enter_thread("")
    assert scene.label(scene.place) == "salon"
    scene.go_to("salon/m1")
    assert scene.label(scene.place) == "salon/m1"


def test_files_are_handed_over_once(scene: Scene, tmp_path: Path) -> None:
    (tmp_path / "a b.zip").write_bytes(b"12345")
    scene.attach(str(tmp_path / "a b.zip"))
    scene.attach(f"{tmp_path}/a\\ b.zip")
    scene.attach((tmp_path / "a b.zip").as_uri())
    assert [(each.name, each.size) for each in scene.hand_over()] == [("a b.zip", 5)] * 3
    assert scene.hand_over() == ()


@pytest.mark.parametrize("path", ["nowhere.zip", "~nobody-of-that-name/x", "x" * 5000, "a\0b", "'"])
def test_a_file_that_is_not_there_is_told(scene: Scene, path: str) -> None:
    with pytest.raises(Missing):
        scene.attach(path)


def test_a_folder_is_not_attached(scene: Scene, tmp_path: Path) -> None:
    with pytest.raises(Invalid):
        scene.attach(str(tmp_path))
