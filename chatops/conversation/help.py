"""Help, derived from declarations: the menu, the list of commands, and one command in full."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, Final

from chatops.conversation.command import Command, Effect
from chatops.conversation.forms import form_choice
from chatops.conversation.kinds import ManyOf, Networks, OneOf
from chatops.conversation.permissions import allows, needed
from chatops.conversation.registry import FieldOf, Registry
from chatops.conversation.reply import (
    Block,
    Choice,
    Choices,
    Heading,
    Listing,
    Note,
    Paragraph,
    Reply,
)
from chatops.conversation.usage import typed, usage_of
from chatops.language import Code, Language, Series, Text, Value, _, verbatim
from chatops.organisations.records import Role

EFFECTS: Final[dict[Effect, Text]] = {
    Effect.NONE: _("It changes nothing."),
    Effect.INSIDE: _("It changes only what the bot keeps."),
    Effect.OUTSIDE: _("It changes something outside: it is shown first, then confirmed."),
}
"""What the effects of a command mean."""


def menu(registry: Registry, roles: Collection[Role], language: Language) -> Reply:
    """Return what a member can do now.

    There is a button for all that needs nothing more to be said, and that changes nothing before
    it is confirmed; and one that opens a form for what needs more to be said.
    """
    ready = [
        command
        for command in _allowed(registry, roles)
        if command.effect is not Effect.INSIDE
        and not any(field.required for field in registry.fields(command))
    ]
    asking = [
        command
        for command in _allowed(registry, roles)
        if any(field.required for field in registry.fields(command)) and not command.answers
    ]
    buttons = (
        *(Choice(verbatim(c.words(language)), c.words(language)) for c in ready),
        *(_opening(command.words(language)) for command in asking),
    )
    listed = overview(registry, roles, language)
    heading, *blocks = listed.blocks
    return Reply((heading, Choices(buttons), *blocks), private=True)


def _opening(words: str) -> Choice:
    return Choice(_("{command} …", command=words), words, form=True)


def overview(registry: Registry, roles: Collection[Role], language: Language) -> Reply:
    """Return all commands that a member may call."""
    lines = tuple(_line(registry, c, language) for c in _allowed(registry, roles))
    return Reply(
        (Heading(_("What you can do")), Listing(lines), Note(_more(registry, language))),
        private=True,
    )


def _more(registry: Registry, language: Language) -> Text:
    example = registry.commands[0].words(language)
    return _(
        "{command} tells more about one of them. French and English names both work everywhere.",
        command=Code(typed(f"help {example}")),
    )


def actions(registry: Registry, commands: Sequence[Command[Any]], language: Language) -> Reply:
    """Return the commands of one verb."""
    verb = commands[0].path[0].in_(language)
    lines = tuple(_line(registry, command, language) for command in commands)
    return Reply((Heading(verbatim(verb)), Listing(lines)), private=True)


def one(registry: Registry, command: Command[Any], language: Language) -> Reply:
    """Return everything about one command."""
    fields = registry.fields(command)
    usage = usage_of(command, fields, language)
    blocks: list[Block] = [
        Heading(verbatim(command.words(language))),
        Paragraph(command.summary),
        Paragraph(_("It is typed like this: {usage}", usage=Code(typed(usage)))),
    ]
    if fields:
        blocks.append(Listing(tuple(parameter_line(field, language) for field in fields)))
    blocks += [Paragraph(detail) for detail in details_of(command)]
    if form := form_choice(registry, command, language):
        blocks.append(Choices((form,)))
    if command.examples:
        blocks.append(Paragraph(_("Examples:")))
        blocks.append(Listing(tuple(_examples(command, language))))
    other: Language = "en" if language == "fr" else "fr"
    blocks.append(
        Note(
            _(
                "{effect} {who} Its other name is {name}.",
                effect=EFFECTS[command.effect],
                who=needed(command),
                name=Code(command.words(other)),
            )
        )
    )
    return Reply(tuple(blocks), private=True)


def details_of(command: Command[Any]) -> Iterator[Text]:
    """Go through what else there is to know about a command."""
    yield from command.details
    if command.on_file:
        yield _(
            "A file whose name ends in {ending}, sent to me in a direct message without any words, "
            "calls it, too.",
            ending=Code(command.on_file),
        )


def parameter_line(field: FieldOf, language: Language) -> Text:
    """Say what one value of a command is."""
    values: dict[str, Value] = {
        "name": Code(field.parameter.names.in_(language)),
        "summary": field.parameter.summary,
        "kind": _kind(field, language),
    }
    if field.required:
        return _("{name}: {summary} ({kind})", **values)
    return _("{name}: {summary} ({kind}; can be left out)", **values)


def _kind(field: FieldOf, language: Language) -> Text:
    kind = field.parameter.kind
    match kind:
        case OneOf(names=names) | ManyOf(names=names):
            shown = Series(tuple(Code(each.in_(language)) for each in names.values()))
        case Networks():
            shown = Series(tuple(Code(each.in_(language)) for each in Networks.names.values()))
        case _:
            label: Text = kind.label
            return label
    return _("{kind}: {names}", kind=kind.label, names=shown)


def _line(registry: Registry, command: Command[Any], language: Language) -> Text:
    usage = usage_of(command, registry.fields(command), language)
    return _("{usage}: {summary}", usage=Code(typed(usage)), summary=command.summary)


def _examples(command: Command[Any], language: Language) -> Iterator[Text]:
    for example in command.examples:
        line = typed(example.line.in_(language))
        yield _("{line}: {summary}", line=Code(line), summary=example.summary)


def _allowed(registry: Registry, roles: Collection[Role]) -> list[Command[Any]]:
    return [command for command in registry.commands if allows(roles, command)]
