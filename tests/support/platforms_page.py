"""The page `docs/platforms.md`: what each chat can show, and what is done instead."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Final

from msgspec import Struct

from chatops.conversation import fallbacks
from chatops.conversation.command import Names
from chatops.conversation.platform import Capabilities
from chatops.language import LANGUAGES, Bytes, Language, Speaker, _
from tests.support.dialogues.dialogue import dialogues
from tests.support.platform_limits import FACTS

_WHERE: Final = {
    "console": "adapters.console.platform",
    "slack": "adapters.slack.speaking",
    "discord": "adapters.discord.limits",
    "matrix": "adapters.matrix.limits",
}
"""The module of each adapter that states its `CAPABILITIES`."""

_YES: Final = Names("yes", "oui")
_NO: Final = Names("no", "non")
_PRIVACY: Final = {
    "here": Names("in the place itself", "dans le salon même"),
    "direct": Names("in the direct conversation", "dans la conversation privée"),
    "none": _NO,
}


class _Row(Struct, frozen=True):
    """One thing that a chat can do or not.

    Args:
        instead: What is done where it cannot.
    """

    what: Names
    shown: Callable[[Capabilities, Language], str]
    instead: Names


def _flag(name: str) -> Callable[[Capabilities, Language], str]:
    def shown(capabilities: Capabilities, language: Language) -> str:
        return (_YES if getattr(capabilities, name) else _NO).in_(language)

    return shown


def _most(name: str) -> Callable[[Capabilities, Language], str]:
    def shown(capabilities: Capabilities, language: Language) -> str:
        most: int = getattr(capabilities, name)
        return Speaker(language).say(_("{most}", most=most)) if most else _NO.in_(language)

    return shown


def _size(capabilities: Capabilities, language: Language) -> str:
    if not capabilities.files:
        return _NO.in_(language)
    return Speaker(language).say(_("{size}", size=Bytes(capabilities.files)))


def _privacy(capabilities: Capabilities, language: Language) -> str:
    return _PRIVACY[capabilities.private_replies].in_(language)


def _said(english: str, french: str, *notes: str) -> Names:
    """Return what is done, with the very words in which a reply says so."""
    said = {
        language: " ".join(
            f"“{Speaker(language).say(getattr(fallbacks, note))}”"
            if language == "en"
            else f"« {Speaker(language).say(getattr(fallbacks, note))} »"
            for note in notes
        )
        for language in LANGUAGES
    }
    return Names(f"{english} {said['en']}".strip(), f"{french} {said['fr']}".strip())


_ROWS: Final = (
    _Row(
        Names("`/quitx` calls the bot", "`/quitx` appelle le bot"),
        _flag("slash"),
        Names(
            "`!quitx` and a mention call it; replies write `!quitx` in the lines to type.",
            "`!quitx` et une mention l’appellent ; les réponses écrivent `!quitx` dans les lignes "
            "à taper.",
        ),
    ),
    _Row(
        Names("also in a thread", "également dans un fil"),
        _flag("slash_in_threads"),
        Names("The same, in threads only.", "De même, dans les fils seulement."),
    ),
    _Row(
        Names("Characters in one message", "Caractères par message"),
        _most("message_characters"),
        Names(
            "A longer reply goes on in further messages, or is attached as a file; nothing is cut.",
            "Une réponse plus longue se poursuit dans d’autres messages ou est jointe en fichier ; "
            "rien n’est coupé.",
        ),
    ),
    _Row(
        Names("Buttons on one message", "Boutons par message"),
        _most("buttons"),
        _said(
            "Each choice stands with the line to type and the reaction that means the same:",
            "Chaque choix figure avec la ligne à taper et la réaction équivalente :",
            "FEWER_BUTTONS",
        ),
    ),
    _Row(
        Names("Named values on one message", "Valeurs nommées par message"),
        _most("fields"),
        Names("They stand as a list.", "Elles figurent en liste."),
    ),
    _Row(
        Names("Private replies", "Réponses privées"),
        _privacy,
        _said(
            "Where they go to the direct conversation, a line in the place says that they did. "
            "Where there are none, the reply says so:",
            "Quand elles vont dans la conversation privée, une ligne le dit dans le salon. S’il "
            "n’y en a pas, la réponse le dit :",
            "NOT_PRIVATE",
        ),
    ),
    _Row(
        Names("Threads", "Fils"),
        _flag("threads"),
        Names("All is said in the place itself.", "Tout est dit dans le salon même."),
    ),
    _Row(
        Names("Messages are edited in place", "Messages modifiés sur place"),
        _flag("edits"),
        Names(
            "Progress is not repeated; what matters is said in a new message.",
            "L’avancement n’est pas répété ; l’essentiel est dit dans un nouveau message.",
        ),
    ),
    _Row(
        Names(
            "The bot can delete a member’s message", "Le bot peut supprimer le message d’un membre"
        ),
        _flag("deletes_others"),
        Names(
            "Whoever wrote a secret or dropped an archive is asked to delete it.",
            "La personne qui a écrit un secret ou déposé une archive est priée de les supprimer.",
        ),
    ),
    _Row(
        Names("Reactions", "Réactions"),
        _flag("reactions"),
        Names("Buttons and lines mean the same.", "Les boutons et les lignes font de même."),
    ),
    _Row(
        Names("Pictures", "Images"),
        _flag("pictures"),
        _said(
            "The description stands in its place:",
            "La description figure à la place :",
            "NO_PICTURES",
        ),
    ),
    _Row(
        Names("Largest file that is attached", "Plus grand fichier joint"),
        _size,
        _said(
            "The description stands in its place:", "La description figure à la place :", "NO_FILES"
        ),
    ),
    _Row(
        Names("A command can be a form", "Une commande peut être un formulaire"),
        _flag("forms"),
        _said("The line to type stands beside it:", "La ligne à taper figure à côté :", "NO_FORMS"),
    ),
)

_TITLE: Final = Names("What each chat can show", "Ce que chaque messagerie sait montrer")
_INTRO: Final = Names(
    "The same {count} conversations are held on every chat by the tests, in English and in French, "
    "and what is seen may differ only as it is written here. Where a chat cannot show something, "
    "the reply says in words what stands instead.",
    "Les tests tiennent les mêmes {count} conversations sur chaque messagerie, en anglais et en "
    "français, et ce que l’on y voit ne peut différer que de la façon décrite ici. Quand une "
    "messagerie ne sait pas montrer quelque chose, la réponse dit en toutes lettres ce qui le "
    "remplace.",
)
_INSTEAD: Final = Names("Instead", "À la place")
_LIMITS: Final = Names(
    "{name}: what it cannot do, and what is done instead",
    "{name} : ce qui n’y est pas possible, et ce qui le remplace",
)
_APART: Final = Names("What goes another way", "Ce qui se passe autrement")
_APART_ROW: Final = Names("in the conversation “{title}”", "dans la conversation « {title} »")


def known() -> Mapping[str, Capabilities]:
    """Return what every adapter that is there says of itself."""
    return {
        name: import_module(module).CAPABILITIES
        for name, module in _WHERE.items()
        if find_spec(f"adapters.{name}") is not None and find_spec(module) is not None
    }


def page() -> str:
    """Return the page as Markdown, in every language, one after the other."""
    platforms = known()
    return "\n".join(line for language in LANGUAGES for line in _section(platforms, language))


def _section(platforms: Mapping[str, Capabilities], language: Language) -> Iterator[str]:
    held = dialogues()
    yield f"# {_TITLE.in_(language)}"
    yield ""
    yield _INTRO.in_(language).format(count=len(held))
    yield ""
    names = [name.capitalize() for name in platforms]
    yield _line("", *names)
    yield "|---" * (len(names) + 1) + "|"
    for row in _ROWS:
        cells = [row.shown(each, language) for each in platforms.values()]
        yield _line(row.what.in_(language), *cells)
    yield ""
    yield f"## {_INSTEAD.in_(language)}"
    yield ""
    for row in _ROWS:
        yield f"- {row.what.in_(language)}{_colon(language)} {row.instead.in_(language)}"
    yield ""
    for name in platforms:
        if name in FACTS:
            yield f"## {_LIMITS.in_(language).format(name=name.capitalize())}"
            yield ""
            yield from (f"- {fact.in_(language)}" for fact in FACTS[name])
            yield ""
    apart = [(name, dialogue) for dialogue in held for name in dialogue.apart if name in platforms]
    if apart:
        yield f"## {_APART.in_(language)}"
        yield ""
    for name, dialogue in apart:
        reason = dialogue.apart[name].in_(language)
        where = _APART_ROW.in_(language).format(title=dialogue.title)
        yield f"- {name.capitalize()}{_colon(language)} {reason} ({where})."
    if apart:
        yield ""


def _colon(language: Language) -> str:
    return "\N{NO-BREAK SPACE}:" if language == "fr" else ":"


def _line(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
