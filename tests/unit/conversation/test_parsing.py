"""A line and a form become the same record, or an error that keeps what was typed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.bootstrap import registry
from chatops.conversation import builtins
from chatops.conversation.command import Reading
from chatops.conversation.events import Attachment
from chatops.conversation.parsing import Misunderstood, read_form, read_line
from chatops.conversation.registry import Registry, key_of
from chatops.language import Language
from tests.support import toy_commands as toy

REGISTRY = Registry([toy.blueprint, builtins.blueprint])
NOW = datetime(2025, 1, 15, 10, 30, tzinfo=UTC)


def _reading(language: Language = "en", *files: Attachment) -> Reading:
    return Reading(NOW, "Europe/Paris", language, files)


@pytest.mark.parametrize(
    ("line", "record"),
    [
        ("greet Zoé", toy.Greeting("Zoé")),
        ("saluer «\u00a0Zoé Léa\u00a0» ton=formel", toy.Greeting("Zoé Léa", "formal")),
        ("greet tone=warm name=Zoé", toy.Greeting("Zoé")),
        ("post remove 3 quietly=oui", toy.Removal(3, quietly=True)),
        (
            "post send to=both Au revoir,  “X” !",
            toy.Publication(frozenset({"bluesky", "mastodon"}), "Au revoir,  “X” !"),
        ),
        (
            'post send to=bluesky "to=nobody"',
            toy.Publication(frozenset({"bluesky"}), "to=nobody"),
        ),
        (
            "post send to=bluesky first line\nsecond line",
            toy.Publication(frozenset({"bluesky"}), "first line\nsecond line"),
        ),
        (
            "post send at=“demain 9h” vers=bluesky Hop",
            toy.Publication(frozenset({"bluesky"}), "Hop", datetime(2025, 1, 16, 8, tzinfo=UTC)),
        ),
        ("lookup https://x.com/jack", toy.LookUp("jack")),
    ],
)
def test_a_line_becomes_a_record(line: str, record: object) -> None:
    assert read_line(REGISTRY, line, _reading()).record == record


@pytest.mark.parametrize(
    ("line", "said", "suggestions"),
    [
        ("greet", "Something is missing: name", ()),
        ("greet Zoé Léa", "Léa is one word too many", ()),
        ("greet Zoé tone=warm tone=formal", "tone is given twice", ()),
        ("greet Zoé tune=warm", "Did you mean tone=?", ()),
        ("greet Zoé xyz=warm", "has no option xyz=", ()),
        ("greet “Zoé", "are never closed", ()),
        ("greet Zoé tone=", "nothing behind the equals sign", ()),
        ("greet Zoé tone=formel2", "Did you mean formal?", ("greet Zoé tone=formal",)),
        ("post send Bonjour to=bluesky", "to= stands inside the text", ()),
        ("post send to=bluesk x y", "Did you mean bluesky?", ("post send to=bluesky x y",)),
        (
            "post send to=bluesky at=« mercredi 14h » x",
            "more than one way",
            (
                'post send to=bluesky at="2025-01-15 14:00" x',
                'post send to=bluesky at="2025-01-22 14:00" x',
            ),
        ),
        ("gret Zoé", "Did you mean /quitx greet?", ("greet Zoé",)),
        ("post", "post needs one more word", ("post send", "post remove")),
        ("xyzzy", "/quitx help shows all commands", ()),
    ],
)
def test_what_is_not_understood_is_told_with_what_may_be_meant(
    line: str, said: str, suggestions: tuple[str, ...]
) -> None:
    with pytest.raises(Misunderstood) as raised:
        read_line(REGISTRY, line, _reading())

    assert said in str(raised.value)
    assert raised.value.suggestions == suggestions


@pytest.mark.parametrize(
    "line",
    [
        "remind demain 9h on=les deux",
        "remind on=les deux at=demain à 9h",
        "rappeler demain 9h sur=bluesky et mastodon",
    ],
)
def test_a_value_of_several_words_needs_no_quotes_where_it_is_clear(line: str) -> None:
    assert read_line(REGISTRY, line, _reading()).record == toy.Reminder(
        datetime(2025, 1, 16, 8, tzinfo=UTC), frozenset({"bluesky", "mastodon"})
    )


@pytest.mark.parametrize("name", ["jusqu’au", "jusqu'au", "jusquau", "JUSQUAU", "until"])
def test_a_name_is_understood_with_or_without_its_apostrophe(name: str) -> None:
    parsed = read_line(registry(), f"migrate plan {name}=2020-01-31 x.zip", _reading("fr"))

    assert msgspec.structs.asdict(parsed.record)["until"] == date(2020, 1, 31)


def test_a_form_becomes_the_same_record_as_its_line() -> None:
    values = {"vers": "les deux", "Texte": "Bonjour to=« x »", "quand": " "}
    parsed = read_form(REGISTRY, "billet envoyer", values, _reading("fr"))

    assert parsed.record == toy.Publication(frozenset({"bluesky", "mastodon"}), "Bonjour to=« x »")
    assert parsed.line.startswith('billet envoyer vers="les deux" ')


def test_a_form_with_an_unknown_value_is_told() -> None:
    with pytest.raises(Misunderstood, match="has no option colour="):
        read_form(REGISTRY, "greet", {"name": "Zoé", "colour": "blue"}, _reading())


def test_of_several_attachments_one_has_to_be_named() -> None:
    files = Attachment("1", "a.zip"), Attachment("2", "b b.zip")
    with pytest.raises(Misunderstood) as raised:
        read_line(REGISTRY, "read", _reading("en", *files))

    assert raised.value.suggestions == ("read file=a.zip", 'read file="b b.zip"')
    assert read_line(REGISTRY, 'read "b b.zip"', _reading("en", *files)).record == toy.Reading(
        files[1]
    )


_SPOKEN = 'greet post send remove to=bluesky at= « » " “ ” tone=warm = organisation=1 Zoé lookup @'
_WORDS = st.sampled_from(_SPOKEN.split())


@given(st.one_of(st.text(max_size=80), st.lists(_WORDS, min_size=1).map(" ".join)))
@settings(deadline=None)
def test_any_line_is_a_command_or_an_error_that_people_understand(line: str) -> None:
    if not line.strip():
        return
    try:
        parsed = read_line(REGISTRY, line, _reading())
    except Misunderstood as error:
        said = str(error)
    else:
        said = key_of(parsed.command)
    assert said


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_suggestion_is_understood(language: Language) -> None:
    with pytest.raises(Misunderstood) as raised:
        read_line(REGISTRY, "greet Zoé tone=forml", _reading(language))

    (line,) = raised.value.suggestions
    assert read_line(REGISTRY, line, _reading()).record == toy.Greeting("Zoé", "formal")
