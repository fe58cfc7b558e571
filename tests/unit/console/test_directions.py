"""What a line of the console means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.directions import (
    Attach,
    Call,
    Direction,
    EnterThread,
    FillIn,
    GoTo,
    Press,
    React,
    Say,
    SpeakAs,
    Unreadable,
    Wait,
    folded,
    understood,
)
from chatops.language import ENGLISH, Trouble


@pytest.mark.parametrize(
    ("line", "command"),
    [
        ("/quitx status", "status"),
        ("!quitx status", "status"),
        ("! Quitx  status", "status"),
        ("@quitx, status", "status"),
        ("/QUITX\N{NO-BREAK SPACE}status", "status"),
        ("\ufeff/quitx status", "status"),
        ("`/quitx status`", "status"),
        ("“/quitx status”", "status"),
        ("« /quitx status »", "status"),
        ("/quitx", ""),
        ("  /quitx   ", ""),
        ("/quitx announce “Bonjour à tous” at=9h", "announce “Bonjour à tous” at=9h"),
        ("/quitx announce one\ntwo", "announce one\ntwo"),
    ],
)
def test_a_command_is_called_in_many_ways(line: str, command: str) -> None:
    assert understood(line) == Call(command)


@pytest.mark.parametrize("line", ["hello", "/quitxyz", "/quitx-status", "quitx status", "/status"])
def test_anything_else_is_a_plain_message(line: str) -> None:
    assert understood(line) == Say(line)


@pytest.mark.parametrize("line", ["", "   ", "\N{NO-BREAK SPACE}", "\ufeff", "\r"])
def test_an_empty_line_means_nothing(line: str) -> None:
    assert understood(line) is None


@pytest.mark.parametrize(
    ("line", "direction"),
    [
        (":as Claire Dupont", SpeakAs("Claire Dupont")),
        (":as @claire", SpeakAs("claire")),
        (": AS claire", SpeakAs("claire")),
        (":in #salon", GoTo("salon")),
        (":in @claire", GoTo("@claire")),
        (":in", GoTo("")),
        (":thread m3", EnterThread("m3")),
        (":thread", EnterThread("")),
        (":react ✅", React("✅", "", added=True)),
        (":react ✅ M3", React("✅", "m3", added=True)),
        (":unreact ✅ u1", React("✅", "u1", added=False)),
        (":press Confirm", Press("Confirm", "")),
        (":press Send it now m12", Press("Send it now", "m12")),
        (":press “Send it now” m12", Press("Send it now", "m12")),
        (":press 1", Press("1", "")),
        (":press m3", Press("m3", "")),
        (":attach ~/my archive.zip", Attach("~/my archive.zip")),
        (':attach "my archive.zip"', Attach("my archive.zip")),
        (":wait 1.5", Wait(1.5)),
        (":wait 1,5", Wait(1.5)),
        (":wait 0", Wait(0)),
    ],
)
def test_a_line_after_a_colon_directs(line: str, direction: Direction) -> None:
    assert understood(line) == direction


@pytest.mark.parametrize(
    ("line", "verb", "values"),
    [
        (":form status", "status", {}),
        (":form migrate plan to=bluesky", "migrate plan", {"to": "bluesky"}),
        (':form announce text="Hello all" at=9h', "announce", {"text": "Hello all", "at": "9h"}),
        (":form annoncer texte=“Bonjour à tous”", "annoncer", {"texte": "Bonjour à tous"}),
        (":form annoncer texte=« Bonjour à tous »", "annoncer", {"texte": "Bonjour à tous"}),
        (
            ":form announce text=Hello to all at=9h",
            "announce",
            {"text": "Hello to all", "at": "9h"},
        ),
        (":form announce text=https://a.b/?c=d", "announce", {"text": "https://a.b/?c=d"}),
        (":form a t=see https://a.b/?c=d now", "a", {"t": "see https://a.b/?c=d now"}),
        (':form announce text="unclosed words', "announce", {"text": '"unclosed words'}),
        (":form announce text= at=9h", "announce", {"text": "", "at": "9h"}),
    ],
)
def test_a_form_is_filled_in_by_name(line: str, verb: str, values: dict[str, str]) -> None:
    assert understood(line) == FillIn(verb, values)


@pytest.mark.parametrize(
    ("line", "cause", "mend"),
    [
        (":raect ✅", "The console knows no :raect.", "Did you mean :react EMOJI [MESSAGE]?"),
        (":as", "This does not say who speaks.", "Type :as NAME instead."),
        (":react", "This does not say which emoji.", "Type :react EMOJI [MESSAGE] instead."),
        (
            ":react ✅ plan",
            "plan is not a message, such as m2.",
            "Type :react EMOJI [MESSAGE] instead.",
        ),
        (":press", "This does not say which button.", "Type :press LABEL [MESSAGE] instead."),
        (":attach", "This does not say which file.", "Type :attach PATH instead."),
        (
            ":form",
            "This does not say which command the form belongs to.",
            "Type :form NAME key=value ... instead.",
        ),
        (":form a b=1 b=2", "b is given twice.", "Type :form NAME key=value ... instead."),
        (":wait soon", "soon is not a number of seconds.", "Type :wait SECONDS instead."),
        (":wait -1", "-1 is not a number of seconds.", "Type :wait SECONDS instead."),
        (":wait nan", "nan is not a number of seconds.", "Type :wait SECONDS instead."),
        (":wait inf", "inf is not a number of seconds.", "Type :wait SECONDS instead."),
    ],
)
def test_what_cannot_be_followed_says_what_can(line: str, cause: str, mend: str) -> None:
    with pytest.raises(Unreadable) as raised:
        understood(line)
    assert ENGLISH.say(raised.value.reason) == cause
    assert ENGLISH.say(raised.value.mend) == mend


@pytest.mark.parametrize("line", [":", ":)", ":xyzzy"])
def test_an_unknown_direction_lists_those_that_exist(line: str) -> None:
    with pytest.raises(Unreadable) as raised:
        understood(line)
    assert ":as NAME, :in PLACE" in ENGLISH.say(raised.value.mend)


def test_labels_compare_without_case_accents_and_emoji() -> None:
    assert folded("✅ DÉMÉNAGER  l’archive !") == folded("demenager l'archive")


@given(st.text())
def test_every_line_is_understood_or_refused_with_a_next_step(line: str) -> None:
    try:
        understood(line)
    except Trouble as trouble:
        told = trouble
    else:
        return
    assert ENGLISH.say(told.mend)
