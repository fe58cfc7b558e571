"""The commands that every bot has: the menu, help, a yes or a no, and the member's language."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Struct
from msgspec.structs import replace

from chatops.conversation import help as pages
from chatops.conversation.command import (
    Blueprint,
    Call,
    Command,
    Effect,
    Example,
    Names,
    Nothing,
    Parameter,
    Visit,
)
from chatops.conversation.confirmations import Confirmations
from chatops.conversation.kinds import OneOf, RestOfLine, Word
from chatops.conversation.parsing import Misunderstood
from chatops.conversation.registry import Registry, UnknownWords
from chatops.conversation.reply import Paragraph, Reply
from chatops.conversation.usage import typed
from chatops.language import Code, Language, Series, Text, _
from chatops.organisations.people import People
from chatops.organisations.records import Role

MENU: Final = Names("menu", "menu")
"""What a call without any words means."""

_LANGUAGES: Final[dict[Language, Text]] = {"en": _("English"), "fr": _("French")}

blueprint = Blueprint()


class Subject(Struct, frozen=True):
    """What `help` is asked about."""

    words: Annotated[
        str | None,
        Parameter(Names("command", "commande"), RestOfLine(), _("The command."), rest=True),
    ] = None


class Which(Struct, frozen=True):
    """What is confirmed or cancelled."""

    id: Annotated[
        str,
        Parameter(Names("id", "id"), Word(), _("The six-character code under the preview.")),
    ]


class Wanted(Struct, frozen=True):
    """The language that a member wants."""

    language: Annotated[
        Language,
        Parameter(
            Names("language", "langue"),
            OneOf({"en": Names("english", "anglais"), "fr": Names("french", "français")}),
            _("The language in which you want to be answered."),
        ),
    ]


async def menu(call: Call, _parameters: Nothing) -> Reply:
    """Show what the member can do now."""
    return pages.menu(call.service(Registry), call.roles, call.speaker.language)


async def explain(call: Call, subject: Subject) -> Reply:
    """Show all commands, those of a verb, or one in full."""
    registry, language = call.service(Registry), call.speaker.language
    if subject.words is None:
        return pages.overview(registry, call.roles, language)
    words = subject.words.replace(typed(""), " ").split() or [""]
    siblings = registry.under(words[0])
    if len(words) == 1 and len(siblings) > 1:
        return pages.actions(registry, siblings, language)
    try:
        command, _length = registry.find(words, language)
    except UnknownWords as unknown:
        lines = tuple(f"help {each.words}" for each in unknown.suggestions)
        shown = Series(tuple(Code(typed(line)) for line in lines), either=True)
        raise Misunderstood(
            _("There is no command {typed}.", typed=Code(" ".join(words))),
            _("Did you mean {lines}?", lines=shown)
            if lines
            else _("{command} shows all commands.", command=Code("/quitx help")),
            None,
            lines,
        ) from None
    return pages.one(registry, command, language)


async def confirm(call: Call, which: Which) -> Reply:
    """Do what was previewed, once."""
    claimed = await call.service(Confirmations).claim(which.id.lower(), call)
    reply = await claimed.command.run(call, claimed.record)
    return replace(reply, about_publishing=True)


async def cancel(call: Call, which: Which) -> Reply:
    """Leave what was previewed undone."""
    line = await call.service(Confirmations).cancel(which.id.lower(), call)
    return Reply((Paragraph(_("Cancelled, nothing was done: {line}", line=Code(typed(line)))),))


async def speak(visit: Visit, wanted: Wanted) -> Reply:
    """Remember the member's language."""
    await visit.service(People).set_language(visit.person.id, wanted.language)
    name = _LANGUAGES[wanted.language]
    return Reply((Paragraph(_("From now on I answer you in {name}.", name=name)),), private=True)


blueprint.add(
    Command(
        path=(Names("help", "aide"),),
        summary=_("See what you can do, or all about one command."),
        parameters=Subject,
        run=explain,
        role=Role.READER,
        examples=(
            Example(Names("help", "aide"), _("All commands that you may call.")),
            Example(Names("help status", "aide état"), _("One command in full.")),
        ),
    )
)
blueprint.add(
    Command(
        path=(MENU,),
        summary=_("See buttons for what you can do now."),
        parameters=Nothing,
        run=menu,
        role=Role.READER,
    )
)
blueprint.add(
    Command(
        path=(Names("confirm", "confirmer"),),
        summary=_("Say yes to what was previewed."),
        parameters=Which,
        run=confirm,
        role=Role.READER,
        effect=Effect.INSIDE,
        details=(_("The ✅ reaction and the button under the preview do the same."),),
        answers=True,
    )
)
blueprint.add(
    Command(
        path=(Names("cancel", "annuler"),),
        summary=_("Say no to what was previewed."),
        parameters=Which,
        run=cancel,
        role=Role.READER,
        effect=Effect.INSIDE,
        details=(_("The ❌ reaction and the button under the preview do the same."),),
        answers=True,
    )
)
blueprint.add(
    Command(
        path=(Names("language", "langue"),),
        summary=_("Choose the language in which you are answered."),
        parameters=Wanted,
        run=speak,
        role=None,
        effect=Effect.INSIDE,
        examples=(
            Example(Names("language french", "langue français"), _("Be answered in French.")),
        ),
    )
)
