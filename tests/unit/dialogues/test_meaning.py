"""What is seen is what was meant, or the comparison says what is not."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.reply import (
    Choice,
    Choices,
    Complaint,
    Document,
    Heading,
    Paragraph,
    Reply,
)
from chatops.language import ENGLISH, Code, _, verbatim
from chatops.testing import EVERYTHING
from tests.support.dialogues.driver import FileSeen, Seen
from tests.support.dialogues.house import Told
from tests.support.dialogues.meaning import explained
from tests.support.dialogues.memory import POOR

PLACE = Place("memory", "home", "general")
REPLY = Reply(
    (
        Heading(verbatim("Otters & friends")),
        Paragraph(_("Type {line} to go on.", line=Code("/quitx status"))),
        Choices((Choice(verbatim("Go on"), "status", "✅"),)),
    )
)
SEEN = Seen("1", "Otters & friends\nType /quitx status to go on.", ("✅ Go on",))


def told(reply: Reply = REPLY) -> Told:
    return Told(MessageRef(PLACE, "1"), Address(PLACE), reply, ENGLISH)


def why(*seen: Seen, reply: Reply = REPLY) -> str:
    """Return why the messages do not say what was told."""
    _count, mismatch = explained(told(reply), seen, EVERYTHING)
    return "" if mismatch is None else mismatch.reason


def test_the_words_of_a_reply_in_order_are_what_was_meant() -> None:
    assert explained(told(), [SEEN], EVERYTHING) == (1, None)


def test_a_long_reply_may_be_several_messages_and_no_more_are_taken() -> None:
    first = replace(SEEN, text="Otters & friends (1/2)", buttons=())
    second = replace(SEEN, id="2", text="(2/2) Type !quitx status to go on.")
    assert explained(told(), [first, second, SEEN], EVERYTHING) == (2, None)


@pytest.mark.parametrize(
    ("seen", "reason"),
    [
        (replace(SEEN, text="Otters friends\nType /quitx status to go on."), "'&' is missing"),
        (replace(SEEN, text="Type /quitx status to go on.\nOtters & friends"), "is missing"),
        (replace(SEEN, text=f"{SEEN.text}\nand more"), "['and', 'more'] was not said"),
        (replace(SEEN, buttons=()), "nothing offers 'Go on'"),
        (replace(SEEN, pings=("Amal",)), "['Amal'] are notified"),
        (replace(SEEN, links=("http://otters.example",)), "can be clicked"),
    ],
)
def test_any_difference_is_told(seen: Seen, reason: str) -> None:
    assert reason in why(seen)


def test_a_choice_may_stand_in_words_where_the_platform_says_so() -> None:
    words = (
        f"{SEEN.text}\n1. Go on: type !quitx status, or react with ✅\n"
        "Not everything fits on a button here: type the line instead."
    )
    seen = replace(SEEN, text=words, buttons=())
    assert explained(told(), [seen], POOR) == (1, None)
    assert "was not said" in why(seen)


def test_an_error_is_told_with_its_number_and_what_was_typed() -> None:
    reply = Reply(complaint=Complaint("ab12cd", verbatim("No."), verbatim("Yes."), "say *no*"))
    assert why(Seen("1", "✗ No.\n→ Yes.\nYou typed: say *no*\nError ab12cd"), reply=reply) == ""
    assert "'*no*' is missing" in why(Seen("1", "No. Yes. say no ab12cd"), reply=reply)
    assert "'ab12cd' is missing" in why(Seen("1", "No. Yes. say *no*"), reply=reply)


def test_a_file_is_attached_or_described_by_its_name() -> None:
    reply = Reply((Document("a.csv", b"1", verbatim("All of it.")),))
    assert why(Seen("1", "All of it.", files=(FileSeen("a.csv", b"1"),)), reply=reply) == ""
    assert why(Seen("1", "File a.csv (1 B): All of it."), reply=reply) == ""
    assert "'a.csv' is missing" in why(Seen("1", "All of it."), reply=reply)


def test_an_edit_that_does_not_look_like_one_is_told() -> None:
    edited = told()
    edited.edited = True
    _count, mismatch = explained(edited, [SEEN], EVERYTHING)
    assert mismatch is not None
    assert explained(edited, [replace(SEEN, edited=True)], EVERYTHING) == (1, None)
