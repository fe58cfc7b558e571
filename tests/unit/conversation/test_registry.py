"""Commands are bound once, found in either language, and checked against each other."""

from __future__ import annotations

from typing import Annotated, Any

import pytest
from msgspec import Struct

from chatops.conversation.command import Call, Command, Effect, Handler, Names, Nothing, Parameter
from chatops.conversation.kinds import RestOfLine, Word
from chatops.conversation.registry import BindError, Registry, UnknownWords, key_of
from chatops.conversation.reply import Reply
from chatops.language import Language, _
from chatops.organisations.records import Role


async def _run(_call: Call, _record: object) -> Reply:
    return Reply()


def _command(
    *path: Names,
    parameters: type[Struct] = Nothing,
    effect: Effect = Effect.NONE,
    preview: Handler[Any] | None = None,
) -> Command[Any]:
    return Command(
        path=path,
        summary=_("Do it."),
        parameters=parameters,
        run=_run,
        role=Role.READER,
        effect=effect,
        preview=preview,
    )


def _word(en: str, fr: str) -> Parameter:
    return Parameter(Names(en, fr), Word(), _("A word."))


MIGRATE = Names("migrate", "déménager")
PLAN = _command(MIGRATE, Names("plan", "prévoir"))
START = _command(MIGRATE, Names("start", "lancer"))
STATUS = _command(Names("status", "état"))
REGISTRY = Registry([[PLAN, START], [STATUS]])


@pytest.mark.parametrize(
    ("words", "key", "length"),
    [
        ("status", "status", 1),
        ("ÉTAT x", "status", 1),
        ("etat", "status", 1),
        ("migrate plan x", "migrate plan", 2),
        ("demenager prevoir", "migrate plan", 2),
        ("déménager plan", "migrate plan", 2),
    ],
)
def test_a_command_is_found_in_either_language(words: str, key: str, length: int) -> None:
    command, found = REGISTRY.find(words.split(), "en")

    assert (key_of(command), found) == (key, length)


@pytest.mark.parametrize(
    ("words", "language", "verb", "suggested"),
    [
        ("stauts", "en", "", ["status"]),
        ("stauts", "fr", "", ["état"]),
        ("migrat plan", "en", "", ["migrate"]),
        ("prévoir", "fr", "", ["déménager prévoir"]),
        ("xyzzy", "en", "", []),
        ("migrate", "en", "migrate", ["migrate plan", "migrate start"]),
        ("migrate strat", "fr", "déménager", ["déménager lancer"]),
        ("migrate xyzzy", "en", "migrate", ["migrate plan", "migrate start"]),
    ],
)
def test_unknown_words_come_with_what_may_be_meant(
    words: str, language: Language, verb: str, suggested: list[str]
) -> None:
    with pytest.raises(UnknownWords) as raised:
        REGISTRY.find(words.split(), language)

    assert raised.value.verb == verb
    assert [each.words for each in raised.value.suggestions] == suggested


class _Unmarked(Struct, frozen=True):
    name: str


class _Reserved(Struct, frozen=True):
    name: Annotated[str, _word("name", "association")]


class _Twice(Struct, frozen=True):
    one: Annotated[str, _word("name", "nom")]
    other: Annotated[str, _word("title", "NOM")]


class _Spaced(Struct, frozen=True):
    name: Annotated[str, _word("full name", "nom")]


class _RestFirst(Struct, frozen=True):
    text: Annotated[str, Parameter(Names("text", "texte"), RestOfLine(), _("Text."), rest=True)]
    name: Annotated[str, _word("name", "nom")]


class _OptionalFirst(Struct, frozen=True, kw_only=True):
    name: Annotated[str, _word("name", "nom")] = ""
    other: Annotated[str, _word("other", "autre")]


class _Positional(Struct, frozen=True):
    name: Annotated[str, _word("name", "nom")]


class _Unwritable(Struct, frozen=True):
    name: Annotated[complex | object, _word("name", "nom")]


@pytest.mark.parametrize(
    "commands",
    [
        [STATUS, _command(Names("state", "STATUS"))],
        [_command(MIGRATE, parameters=_Positional), PLAN],
        [_command(Names("two words", "mot"))],
        [_command(Names("a=b", "mot"))],
        [_command(Names("a", "a"), Names("b", "b"), Names("c", "c"))],
        [_command(Names("a", "a"), parameters=_Unmarked)],
        [_command(Names("a", "a"), parameters=_Reserved)],
        [_command(Names("a", "a"), parameters=_Twice)],
        [_command(Names("a", "a"), parameters=_Spaced)],
        [_command(Names("a", "a"), parameters=_RestFirst)],
        [_command(Names("a", "a"), parameters=_OptionalFirst)],
        [_command(Names("a", "a"), effect=Effect.OUTSIDE)],
        [_command(Names("a", "a"), preview=_run)],
    ],
)
def test_contradictions_are_refused_when_commands_are_bound(
    commands: list[Command[Any]],
) -> None:
    with pytest.raises(BindError):
        Registry([commands])
