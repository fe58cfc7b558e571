"""The application command, made from the declarations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct, defstruct

from adapters.discord.completing import endings
from adapters.discord.filled import filled, said
from adapters.discord.limits import COMMAND_CHARACTERS
from adapters.discord.options import ATTACHMENT, BOOLEAN, INTEGER, TEXT, Asked, Offered
from adapters.discord.syncing import same
from adapters.discord.tree import Tree, tree_of, weight
from chatops.bootstrap import registry
from chatops.conversation.command import Call, Command, Kind, Names, Nothing, Parameter
from chatops.conversation.kinds import (
    File,
    Flag,
    ManyOf,
    Networks,
    Number,
    OneOf,
    RestOfLine,
    Word,
)
from chatops.conversation.registry import Registry, key_of
from chatops.conversation.reply import Reply
from chatops.language import verbatim
from chatops.organisations.records import Role
from tests.support.discord.command_rules import command_problems
from tests.support.discord.description import described, missing
from tests.support.on_discord import toys


async def nothing(_call: Call, _parameters: Struct) -> Reply:
    """Do nothing."""
    return Reply()


def command(
    path: tuple[str, ...], parameters: type[Struct] = Nothing, summary: str = "Do it."
) -> Command[Any]:
    return Command(
        path=tuple(Names(word, f"{word}fr") for word in path),
        summary=verbatim(summary),
        parameters=parameters,
        run=nothing,
        role=Role.READER,
    )


def record(*kinds: Kind[object], required: bool = False, summary: str = "What.") -> type[Struct]:
    fields = []
    for number, kind in enumerate(kinds):
        name = f"value{chr(97 + number // 26)}{chr(97 + number % 26)}"
        parameter = Parameter(Names(name, f"fr{name}"), kind, verbatim(summary), named=True)
        kind_of = Annotated[Any, parameter]
        fields.append((name, kind_of) if required else (name, kind_of, None))
    return defstruct("Values", fields, frozen=True, module=__name__)


def tree(*commands: Command[Any]) -> Tree:
    return tree_of(Registry([commands]))


def refusals(tree: Tree) -> list[object]:
    problems: list[object] = list(command_problems([tree.spelled]))
    description = described() if missing() is None else None
    if description is not None:
        template = "/applications/{application_id}/commands"
        problems += description.request("POST", template, tree.spelled)
        problems += description.unknown_keys("POST", template, tree.spelled)
    return problems


def leaves(spelled: dict[str, Any], before: str = "") -> Iterator[str]:
    nested = [each for each in spelled.get("options", ()) if each["type"] in (1, 2)]
    if not nested:
        yield before
    for each in nested:
        yield from leaves(each, f"{before} {each['name']}".strip())


def reached(tree: Tree) -> set[str]:
    entries = tree.entries.values()
    return {key_of(entry.command) for entry in entries if entry.command is not None}


@pytest.mark.parametrize("commands", [toys(), registry()], ids=["toys", "real"])
def test_discord_takes_the_commands(commands: Registry) -> None:
    made = tree_of(commands)
    assert not refusals(made)
    assert not made.left_out
    assert reached(made) == {key_of(command) for command in commands.commands}


def test_a_verb_alone_stands_beside_its_actions() -> None:
    made = tree(command(("places",)), command(("places", "add")), command(("status",)))
    assert list(leaves(made.spelled)) == ["places show", "places add", "status", "line"]
    entry = made.entries["places", "show"]
    assert entry.command is not None
    assert entry.command.path == (Names("places", "placesfr"),)


def test_a_verb_alone_leaves_the_name_to_an_action_that_has_it() -> None:
    made = tree(command(("places",)), command(("places", "show")))
    assert list(leaves(made.spelled)) == ["places places", "places show", "line"]


def test_what_is_required_comes_first() -> None:
    class Values(Struct, frozen=True):
        first: Annotated[str | None, Parameter(Names("a", "a"), Word(), verbatim("A."), named=True)]
        second: Annotated[
            str | None, Parameter(Names("b", "b"), Word(), verbatim("B."), named=True)
        ] = None

    made = tree(command(("do",), Values))
    options = made.spelled["options"][0]["options"]
    assert [(each["name"], each.get("required", False)) for each in options] == [
        ("a", True),
        ("b", False),
    ]


@pytest.mark.parametrize(
    ("kind", "types"),
    [
        (Number(1, 9), [INTEGER]),
        (Flag(), [BOOLEAN]),
        (File(), [ATTACHMENT, TEXT]),
        (Word(), [TEXT]),
        (Networks(), [TEXT]),
    ],
)
def test_a_kind_has_its_type(kind: Kind[Any], types: list[int]) -> None:
    made = tree(command(("do",), record(kind)))
    options = made.spelled["options"][0]["options"]
    assert [each["type"] for each in options] == types
    assert not refusals(made)


def test_choices_are_offered_up_to_twenty_five_and_completed_beyond() -> None:
    for count, chosen in ((25, True), (26, False)):
        names = {f"v{n}": Names(f"value{n}", f"valeur{n}") for n in range(count)}
        [option] = tree(command(("do",), record(OneOf(names)))).spelled["options"][0]["options"]
        assert (len(option.get("choices", ())) == count) == chosen
        assert option.get("autocomplete", False) != chosen


@settings(max_examples=15, deadline=None)
@given(
    st.integers(1, 40),
    st.integers(1, 30),
    st.sampled_from([Word(), Flag(), File(), Number(), RestOfLine()]),
    st.integers(1, 300),
)
def test_however_many_commands_there_are_discord_takes_the_tree(
    verbs: int, options: int, kind: Kind[object], length: int
) -> None:
    kinds = [] if isinstance(kind, RestOfLine) else [kind] * options
    commands = [
        command((f"verb{chr(97 + n // 26)}{chr(97 + n % 26)}",), record(*kinds), "x" * length)
        for n in range(verbs)
    ]
    made = tree(*commands)
    assert not refusals(made)
    assert weight(made.spelled) <= COMMAND_CHARACTERS
    left_out = {key_of(each) for each in made.left_out}
    assert reached(made) | left_out == {key_of(each) for each in commands}
    assert ("line",) in made.entries


def test_names_are_written_as_discord_wants_them() -> None:
    parameter = Parameter(Names("until", "jusqu’au"), Word(), verbatim("Until."), named=True)
    values = defstruct("V", [("until", Annotated[Any, parameter], None)], frozen=True)
    [option] = tree(command(("do",), values)).spelled["options"][0]["options"]
    assert option["name_localizations"] == {"fr": "jusqu'au"}


def test_a_command_that_says_the_same_is_the_same() -> None:
    spelled = tree_of(toys()).spelled
    kept = {**spelled, "id": "1", "version": "2", "nsfw": False, "name_localizations": None}
    kept["options"] = [{**each, "required": False} for each in spelled["options"]]
    assert same(kept, spelled)
    assert not same({**kept, "description": "another"}, spelled)
    assert not same({**kept, "options": list(reversed(kept["options"]))}, spelled)


def test_what_is_given_to_a_subcommand_is_found() -> None:
    made = tree_of(toys())
    data = {
        "name": "quitx",
        "options": [
            {
                "name": "post",
                "type": 2,
                "options": [
                    {
                        "name": "remove",
                        "type": 1,
                        "options": [
                            {"name": "number", "type": 4, "value": 3},
                            {"name": "quietly", "type": 5, "value": False},
                            {"name": "unknown", "type": 3, "value": "x"},
                        ],
                    }
                ],
            }
        ],
    }
    called = said(data)
    assert called.path == ("post", "remove")
    given = filled(made.entries[called.path], called.options, data)
    assert given.values == {"number": "3", "quietly": "no"}


MANY = tuple(Offered(value, Names(value, f"{value}é")) for value in ("post", "thread", "quote"))


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("", [("posté", "post"), ("threadé", "thread"), ("quoteé", "quote")]),
        ("post, ", [("posté, threadé", "post, thread"), ("posté, quoteé", "post, quote")]),
        ("posté,QU", [("posté, quoteé", "post, quote")]),
        ("zzz", []),
    ],
)
def test_one_choice_after_the_other_is_completed(
    typed: str, offered: list[tuple[str, str]]
) -> None:
    commands = toys()
    field = commands.fields(commands.commands[0])[0]
    asked = Asked(Names("kinds", "types"), verbatim(""), TEXT, field, offered=MANY, several=True)
    assert list(endings(commands, asked, typed, "fr")) == offered


@given(st.text(max_size=200))
def test_anything_can_be_typed_while_completing(typed: str) -> None:
    commands = toys()
    for entry in tree_of(commands).entries.values():
        for asked in entry.asked.values():
            if asked.completed:
                found = endings(commands, asked, typed, "en")
                assert len(found) <= 25
                assert all(
                    0 < len(value) <= 100 and 0 < len(shown) <= 100 for shown, value in found
                )


def test_many_of_a_list_have_no_fixed_choices() -> None:
    names = {"a": Names("a", "a"), "b": Names("b", "b")}
    [option] = tree(command(("do",), record(ManyOf(names)))).spelled["options"][0]["options"]
    assert option["autocomplete"]
    assert "choices" not in option
