"""Each kind reads what people type for it, and says what it would understand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.conversation.command import Kind, Names, Reading, Unreadable
from chatops.conversation.events import Attachment
from chatops.conversation.kinds import (
    Day,
    File,
    Flag,
    Length,
    ManyOf,
    Networks,
    Number,
    OneOf,
    PointInTime,
    RestOfLine,
    Word,
    XHandle,
)
from chatops.language import ENGLISH

READING = Reading(datetime(2025, 1, 15, 10, 30, tzinfo=UTC), "Europe/Paris", "fr")
KINDS = OneOf({"post": Names("posts", "publications"), "thread": Names("threads", "fils")})
MANY = ManyOf(KINDS.names)


@pytest.mark.parametrize(
    ("kind", "typed", "value"),
    [
        (Word(), "mot", "mot"),
        (RestOfLine(), "a  b", "a  b"),
        (KINDS, "Publications", "post"),
        (KINDS, "threads", "thread"),
        (KINDS, "thread", "thread"),
        (MANY, "posts,fils", {"post", "thread"}),
        (MANY, "Fils et publications", {"post", "thread"}),
        (MANY, "posts", {"post"}),
        (MANY, "tout", {"post", "thread"}),
        (Networks(), "Bluesky", {"bluesky"}),
        (Networks(), "bluesky, mastodon", {"bluesky", "mastodon"}),
        (Networks(), "bluesky mastodon", {"bluesky", "mastodon"}),
        (Networks(), "les\u00a0deux", {"bluesky", "mastodon"}),
        (XHandle(), "@Jack", "Jack"),
        (XHandle(), "jack", "jack"),
        (XHandle(), "https://x.com/jack", "jack"),
        (XHandle(), "https://mobile.twitter.com/jack/status/20?s=1", "jack"),
        (XHandle(), "x.com/@jack", "jack"),
        (XHandle(), "https://twitter.com/intent/user?screen_name=jack", "jack"),
        (XHandle(), "<https://x.com/jack|x.com/jack>", "jack"),
        (XHandle(), "<@U123|jack>", "jack"),
        (XHandle(), "a_handle_of_20_signs", "a_handle_of_20_signs"),
        (PointInTime(), "demain 9h", datetime(2025, 1, 16, 8, tzinfo=UTC)),
        (Number(), "1 234", 1234),
        (Number(), "#12", 12),
        (Number(1, 9), "n° 3", 3),
        (Flag(), "Oui", True),
        (Flag(), "NON", False),
        (File(), "archive.zip", "archive.zip"),
    ],
)
def test_a_value_is_read(kind: Kind[Any], typed: str, value: object) -> None:
    assert kind.read(typed, READING) == value


@pytest.mark.parametrize(
    ("kind", "typed", "said"),
    [
        (Word(), "  ", "There is nothing behind the equals sign"),
        (KINDS, "fil", "Did you mean fils?"),
        (KINDS, "zzz", "Choose from publications or fils."),
        (MANY, "posts,fis", "Did you mean fils?"),
        (Networks(), "rehearsal", "Choose from bluesky or mastodon."),
        (XHandle(), "not a handle", "is not an X handle"),
        (XHandle(), "x.com/home", "is not an X handle"),
        (XHandle(), "a" * 21, "is not an X handle"),
        (XHandle(), "<@U123>", "mention of a colleague"),
        (XHandle(), "@jack:example.org", "mention of a colleague"),
        (Number(1, 9), "10", "Give a number from 1 to 9."),
        (Number(1), "0", "Give a number from 1 up."),
        (Number(), "deux", "is not a whole number"),
        (Flag(), "peut-être", "is neither yes nor no"),
    ],
)
def test_what_is_not_read_is_told_with_what_would_be(
    kind: Kind[Any], typed: str, said: str
) -> None:
    with pytest.raises(Unreadable, match=said.replace("?", r"\?")):
        kind.read(typed, READING)


def test_the_other_choices_stay_in_what_is_offered() -> None:
    with pytest.raises(Unreadable) as raised:
        MANY.read("posts,fis", READING)

    assert raised.value.offers == ("posts,fils",)


def test_a_file_is_the_attachment_when_nothing_is_said() -> None:
    one, other = Attachment("1", "a.zip"), Attachment("2", "b.zip")

    assert File().unsaid(READING) is None
    assert File().unsaid(_with(one)) == one
    assert File().read("B.zip", _with(one, other)) == other
    with pytest.raises(Unreadable) as raised:
        File().unsaid(_with(one, other))
    assert raised.value.offers == ("a.zip", "b.zip")


def _with(*attachments: Attachment) -> Reading:
    return Reading(READING.now, READING.zone, READING.language, attachments)


ALL: list[Kind[Any]] = [
    Word(),
    RestOfLine(),
    KINDS,
    MANY,
    Networks(),
    XHandle(),
    PointInTime(),
    Day(),
    Length(),
    Number(),
    Flag(),
    File(),
]


@pytest.mark.parametrize("kind", ALL, ids=lambda kind: type(kind).__name__)
def test_a_kind_has_a_name_that_help_can_say(kind: Kind[Any]) -> None:
    assert ENGLISH.say(kind.label)


@given(st.sampled_from(ALL), st.text(max_size=40))
@settings(deadline=None)
def test_any_text_is_a_value_or_an_error_with_a_next_step(kind: Kind[Any], typed: str) -> None:
    try:
        kind.read(typed, READING)
    except Unreadable as error:
        said = (ENGLISH.say(error.reason), ENGLISH.say(error.mend))
    else:
        return
    assert all(said)
