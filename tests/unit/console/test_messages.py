"""Which message a line is about."""

from __future__ import annotations

import pytest

from adapters.console.messages import Message, Messages
from adapters.console.scene import HOME
from chatops.conversation.addresses import Member, MessageRef
from chatops.conversation.platform import MessageGone
from chatops.conversation.reply import Choice, Choices, Reply
from chatops.language import ENGLISH, Conflict, Missing, verbatim

ME = Member("console", "", "operator", "operator")
CLAIRE = Member("console", "", "claire", "Claire")


@pytest.fixture
def messages() -> Messages:
    return Messages("s1")


def say(messages: Messages, *labels: str, emoji: str = "", to: Member | None = None) -> Message:
    choices = Choices(tuple(Choice(verbatim(label), label.lower(), emoji) for label in labels))
    return messages.say(HOME, to, Reply((choices,)), ENGLISH)


def test_messages_are_named_in_order_and_apart_from_what_members_say(messages: Messages) -> None:
    names = [say(messages).name, messages.hear(HOME).name, say(messages).name]
    assert names == ["m1", "u1", "m2"]


def test_another_process_gives_other_ids_for_the_same_names() -> None:
    first, second = say(Messages("s1")), say(Messages("s2"))
    assert (first.name, second.name) == ("m1", "m1")
    assert first.ref != second.ref


def test_a_button_is_found_on_the_last_message_that_has_it(messages: Messages) -> None:
    first = say(messages, "Confirm", "Cancel")
    say(messages, "Pause")
    say(messages)
    assert messages.to_press("confirm", "", ME)[0] is first


def test_a_number_means_the_last_buttons(messages: Messages) -> None:
    say(messages, "Confirm", "Cancel")
    last = say(messages, "Pause")
    assert messages.to_press("1", "", ME) == (last, last.choices[0])
    with pytest.raises(Missing):
        messages.to_press("2", "", ME)


@pytest.mark.parametrize("label", ["DÉMÉNAGER", "demenager", "Démé", "✅ Déménager", "✅", "1"])
def test_a_label_is_read_forgivingly(messages: Messages, label: str) -> None:
    asking = say(messages, "Déménager", emoji="✅")
    assert messages.to_press(label, "", ME) == (asking, asking.choices[0])


def test_a_beginning_that_two_labels_share_is_not_guessed(messages: Messages) -> None:
    say(messages, "Confirm all", "Confirm one")
    with pytest.raises(Missing) as raised:
        messages.to_press("confirm", "", ME)
    assert ENGLISH.say(raised.value.reason) == "No button is called confirm."
    assert ENGLISH.say(raised.value.mend) == "m1 has Confirm all and Confirm one."


def test_a_named_message_is_meant_whatever_came_later(messages: Messages) -> None:
    first = say(messages, "Confirm")
    say(messages, "Confirm")
    assert messages.to_press("confirm", "m1", ME)[0] is first


def test_nothing_to_press_is_told_with_what_to_do(messages: Messages) -> None:
    with pytest.raises(Missing) as raised:
        messages.to_press("confirm", "", ME)
    assert ENGLISH.say(raised.value.mend) == "Type /quitx help to begin."


def test_a_private_message_is_for_its_reader_only(messages: Messages) -> None:
    say(messages, "Confirm", to=CLAIRE)
    with pytest.raises(Missing):
        messages.to_press("confirm", "", ME)
    with pytest.raises(Missing) as raised:
        messages.to_press("confirm", "m1", ME)
    assert ENGLISH.say(raised.value.mend) == "Speak as them first: :as Claire."
    assert messages.to_press("confirm", "", CLAIRE)[0].name == "m1"


def test_a_reaction_goes_to_the_message_that_asks_for_it(messages: Messages) -> None:
    asking = say(messages, "Confirm", emoji="✅")
    last = say(messages)
    assert messages.to_react("✅", "", ME) is asking
    assert messages.to_react("✅\N{VARIATION SELECTOR-16}", "", ME) is asking
    assert messages.to_react("👍", "", ME) is last
    last.invitations.append("👍")
    say(messages)
    assert messages.to_react("👍", "", ME) is last


def test_a_reaction_goes_to_the_bot_rather_than_to_a_member(messages: Messages) -> None:
    said = say(messages)
    heard = messages.hear(HOME)
    assert messages.to_react("👍", "", ME) is said
    assert messages.to_react("👍", "u1", ME) is heard


def test_only_a_reaction_that_was_given_is_taken_back(messages: Messages) -> None:
    message = say(messages)
    say(messages)
    message.reactions.add((ME.id, "✅"))
    assert messages.to_unreact("✅", "", ME) is message
    with pytest.raises(Conflict):
        messages.to_unreact("✅", "", CLAIRE)
    with pytest.raises(Conflict):
        messages.to_unreact("✅", "m2", ME)


def test_a_message_of_another_console_is_gone(messages: Messages) -> None:
    say(messages)
    with pytest.raises(MessageGone):
        messages.find(MessageRef(HOME, "s0.m1"))
    with pytest.raises(Missing):
        messages.named("m7", ME)
