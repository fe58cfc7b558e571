"""Commands in replies, in the reader's words."""

from __future__ import annotations

import pytest

from chatops.bootstrap import registry
from chatops.conversation.localising import Localiser
from chatops.conversation.reply import Choice, Choices, Paragraph, Quote, Reply, choices_of
from chatops.language import Code, Speaker, _

LOCALISER = Localiser(registry())


@pytest.mark.parametrize(
    ("english", "french"),
    [
        ("/quitx status", "/quitx état"),
        ("/quitx migrate release 1", "/quitx déménager débloquer 1"),
        (
            "/quitx migrate plan a.zip to=bluesky",
            "/quitx déménager prévoir a.zip vers=bluesky",
        ),
        ("/quitx migrate", "/quitx déménager"),
        ("/quitx unknown words", "/quitx unknown words"),
        ("quitx connect bluesky", "quitx connect bluesky"),
        ("/quitx", "/quitx"),
    ],
)
def test_a_line_is_put_into_the_words_of_its_reader(english: str, french: str) -> None:
    assert LOCALISER.line(english, "fr") == french


def test_a_choice_is_shown_as_its_reader_would_type_it() -> None:
    reply = Reply((Choices((Choice(_("Plan it"), "migrate plan a.zip to=bluesky"),)),))
    [shown] = choices_of(LOCALISER(reply, "fr"))
    assert (shown.says, shown.typed) == (
        "migrate plan a.zip to=bluesky",
        "déménager prévoir a.zip vers=bluesky",
    )


def test_only_what_is_to_be_typed_changes() -> None:
    inner = _("or {command}", command=Code("/quitx status"))
    reply = Reply(
        (
            Paragraph(_("Type {command}, {other}.", command=Code("/quitx help"), other=inner)),
            Quote("/quitx status"),
            Choices((Choice(_("{c}", c=Code("/quitx live")), "live"),)),
        ),
        topic="a topic",
    )
    french = LOCALISER(reply, "fr")
    words = [block.text for block in french.blocks if isinstance(block, Paragraph)]
    assert "/quitx aide" in Speaker("en").say(words[0])
    assert "/quitx état" in Speaker("en").say(words[0])
    assert french.blocks[1] == reply.blocks[1]
    choices = french.blocks[2]
    assert isinstance(choices, Choices)
    assert choices.choices[0].says == "live"
    assert Speaker("en").say(choices.choices[0].label) == "/quitx réel"
    assert french.topic == "a topic"


def test_english_is_left_as_it_is() -> None:
    reply = Reply((Paragraph(_("{c}", c=Code("/quitx status"))),))
    assert LOCALISER(reply, "en") is reply
