"""Forms as Discord's modals, and what comes back."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.discord.modals import OTHERS, modal_of, submitted
from chatops.conversation.forms import Form, Input, Option, form_of
from chatops.language import ENGLISH, LANGUAGES, Speaker, verbatim
from tests.support.discord.description import described, missing
from tests.support.discord.message_rules import modal_problems
from tests.support.on_discord import toys

NAMES = st.from_regex(r"[a-z]{1,12}", fullmatch=True)
OPTIONS = st.lists(
    st.builds(Option, st.text("abé ", min_size=1, max_size=150), NAMES),
    max_size=30,
    unique_by=lambda option: option.value,
).map(tuple)
INPUTS = st.builds(
    Input,
    NAMES,
    st.text("abé", min_size=1, max_size=60),
    st.text(min_size=1, max_size=200).map(lambda text: verbatim(f"x{text}")),
    st.booleans(),
    OPTIONS,
    st.booleans(),
    st.booleans(),
    st.booleans(),
)
FORMS = st.builds(
    Form,
    st.just("migrate plan"),
    st.text(min_size=1, max_size=90),
    st.just(verbatim("Do it.")),
    st.lists(INPUTS, min_size=1, max_size=9, unique_by=lambda each: each.name).map(tuple),
)


def refusals(modal: dict[str, Any]) -> list[object]:
    problems: list[object] = list(modal_problems(modal))
    description = described() if missing() is None else None
    if description is not None:
        template = "/interactions/{interaction_id}/{interaction_token}/callback"
        problems += description.request("POST", template, {"type": 9, "data": modal})
    return problems


@settings(max_examples=60, deadline=None)
@given(FORMS)
def test_every_form_is_one_that_discord_takes(form: Form) -> None:
    assert not refusals(modal_of(form, ENGLISH))


def test_every_command_has_a_form_that_discord_takes() -> None:
    commands = toys()
    for command in commands.commands:
        for language in LANGUAGES:
            if commands.fields(command):
                form = form_of(commands, command, language)
                assert not refusals(modal_of(form, Speaker(language)))


def plain(name: str, *, required: bool = False, file: bool = False) -> Input:
    return Input(name, name, verbatim("What."), required, file=file)


def form(*inputs: Input) -> Form:
    return Form("do", "do", verbatim("Do it."), inputs)


def test_what_finds_no_room_is_asked_for_by_words() -> None:
    modal = modal_of(form(*(plain(f"n{n}") for n in range(7))), ENGLISH)
    labels = [component["label"] for component in modal["components"]]
    assert labels == ["n0", "n1", "n2", "n3", "Everything else, by name"]
    assert modal["components"][-1]["description"] == "n4=… n5=… n6=…"


def text(name: str, value: str) -> dict[str, Any]:
    return {"type": 18, "component": {"type": 4, "custom_id": name, "value": value}}


def test_words_for_everything_else_are_read_by_name() -> None:
    words = 'since=31 May 2023 kinds="posts, threads" account=x'
    given = submitted([text("to", "bluesky"), text(OTHERS, words)], {})
    assert given.values == {
        "to": "bluesky",
        "since": "31 May 2023",
        "kinds": "posts, threads",
        "account": "x",
    }


def test_a_file_is_uploaded_or_named() -> None:
    upload = {
        "type": 18,
        "component": {"type": 19, "custom_id": "archive", "values": ["7"]},
    }
    files = {"attachments": {"7": {"url": "https://x/7", "filename": "a.zip", "size": 3}}}
    given = submitted([upload, text("archive:name", "")], files)
    assert [file.name for file in given.attachments] == ["a.zip"]
    named = submitted([text("archive:name", "b.zip")], {})
    assert named.values == {"archive": "b.zip"}


@given(st.text(max_size=300))
def test_any_words_can_stand_for_everything_else(words: str) -> None:
    given = submitted([text(OTHERS, words)], {})
    assert all(name in words for name in given.values)
