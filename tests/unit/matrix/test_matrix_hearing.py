"""What a member said, whatever shape the event has that says so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.matrix.client import Client
from adapters.matrix.hearing import (
    begins,
    left_event,
    message_event,
    reaction_in,
    redacted_by,
)
from adapters.matrix.pace import Pace
from adapters.matrix.rooms import Rooms
from chatops.conversation.events import CommandCalled, MessagePosted

OWN = "@quitx:t.test"
ROOM = "!room:t.test"


def rooms() -> Rooms:
    client = Client("http://127.0.0.1", Path(), "", Pace())
    client.user_id = OWN
    return Rooms(client, ())


def heard(**content: Any) -> CommandCalled | MessagePosted | None:  # noqa: ANN401 - any content
    source = {"event_id": "$1", "sender": "@ana:t.test", "content": content}
    return message_event(source, ROOM, rooms(), OWN)


def line(body: str, **content: Any) -> str | None:  # noqa: ANN401 - any content
    """Return what is said to the bot; None where it is not for it."""
    event = heard(msgtype="m.text", body=body, **content)
    return event.line if isinstance(event, CommandCalled) else None


MENTIONED = {"m.mentions": {"user_ids": [OWN]}}


@pytest.mark.parametrize(
    ("body", "content", "expected"),
    [
        ("!quitx status", {}, "status"),
        ("!QuitX  status ", {}, "status"),
        ("! quitx", {}, ""),
        ("quitx: status", {}, "status"),
        ("@quitx:t.test status", {}, "status"),
        ("@quitx:t.test: status", MENTIONED, "status"),
        ("quitx status", MENTIONED, "status"),
        ("Quitx, status", MENTIONED, "status"),
        ("quitx status", {}, None),
        ("quitxotic status", MENTIONED, None),
        ("ask quitx: status", MENTIONED, None),
        ("!important", {}, None),
        ("status", {}, None),
        ("!quitx status", {"m.relates_to": {"rel_type": "m.replace", "event_id": "$0"}}, None),
    ],
)
def test_who_is_meant(body: str, content: dict[str, Any], expected: str | None) -> None:
    assert line(body, **content) == expected


@pytest.mark.parametrize(
    ("body", "html", "expected"),
    [
        (
            "!quitx grant Ana editor",
            '!quitx grant <a href="https://matrix.to/#/@ana:t.test">Ana</a> editor',
            "grant @ana:t.test editor",
        ),
        (
            "!quitx grant @Ana B. editor",
            '<a href="https://matrix.to/#/%40ana%3At.test?via=t.test">@Ana B.</a>',
            "grant @ana:t.test editor",
        ),
        (
            "!quitx grant [Ana](https://matrix.to/#/@ana:t.test) editor",
            '<a href="https://matrix.to/#/@ana:t.test">Ana</a>',
            "grant @ana:t.test editor",
        ),
        (
            "!quitx grant Ana Bea",
            '<a href="matrix:u/ana:t.test">Ana</a> <a href="matrix:u/bea:t.test">Bea</a>',
            "grant @ana:t.test @bea:t.test",
        ),
        ("!quitx say **Ana**", "!quitx say <b>Ana</b>", "say **Ana**"),
        ("!quitx Ana", '<a href="https://evil.test/#/@ana:t.test">Ana</a>', "Ana"),
        (
            "> <@bea:t.test> Ana\n\n!quitx Ana",
            '<mx-reply><a href="https://matrix.to/#/@bea:t.test">Ana</a></mx-reply>!quitx Ana',
            "Ana",
        ),
    ],
)
def test_a_colleague_is_named_by_id(body: str, html: str, expected: str) -> None:
    reply = {"m.in_reply_to": {"event_id": "$0"}} if body.startswith(">") else {}
    assert line(body, formatted_body=html, **{"m.relates_to": reply}) == expected


def test_a_file_says_its_words_or_none() -> None:
    alone = heard(msgtype="m.file", body="a.zip", url="mxc://t.test/1", info={"size": 7})
    assert isinstance(alone, MessagePosted)
    assert (alone.text, alone.attachments[0].name, alone.attachments[0].size) == ("", "a.zip", 7)
    with_words = heard(msgtype="m.file", body="!quitx migrate", filename="a.zip", info={"size": -1})
    assert isinstance(with_words, CommandCalled)
    assert with_words.line == "migrate"
    assert with_words.attachments[0].size == 0
    assert with_words.attachments[0].id == f"{ROOM} $1"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "body",
                    "msgtype",
                    "filename",
                    "formatted_body",
                    "info",
                    "size",
                    "m.relates_to",
                    "rel_type",
                    "event_id",
                    "key",
                    "m.in_reply_to",
                    "m.mentions",
                    "user_ids",
                    "membership",
                    "prev_content",
                    "redacts",
                ]
            ),
            inner
            | st.sampled_from(["m.text", "m.file", "m.thread", "m.annotation", "leave", "join"]),
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON)
def test_no_shape_of_an_event_breaks_anything(content: object, unsigned: object) -> None:
    source = {
        "event_id": "$1",
        "sender": "@ana:t.test",
        "type": "m.room.member",
        "state_key": "@ana:t.test",
        "content": content,
        "unsigned": unsigned,
    }
    message_event(source, ROOM, rooms(), OWN)
    reaction_in(source, ROOM)
    left_event(source, ROOM, rooms())
    redacted_by(source)
    begins(source, OWN)


@given(st.text(max_size=100), st.text(max_size=200))
def test_no_words_break_anything(body: str, html: str) -> None:
    marked = f'<a href="https://matrix.to/#/{html}">{html}</a><mx-reply>{html}'
    line(body, formatted_body=marked, **MENTIONED)
