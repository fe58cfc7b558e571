"""What a line of the console means: a command, a plain message, or a direction after `:`."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from chatops.conversation.tokens import tokenise
from chatops.conversation.words import addressed, fold
from chatops.language import Code, Invalid, Series, Text, _

BOT: Final = "quitx"
_QUOTED_WHOLE: Final = re.compile('`([^`]*)`|"([^"]*)"|“([^”]*)”|«\\s*([^»]*?)\\s*»', re.DOTALL)
_INVISIBLE: Final = "\u200b\ufeff"
_MESSAGE: Final = re.compile(r"[mu]\d+", re.IGNORECASE)
_LETTERS: Final = re.compile(r"\w+")


class Call(Struct, frozen=True):
    """`/quitx ...` and its forgiving forms; `line` is what follows the name."""

    line: str


class Say(Struct, frozen=True):
    """A plain message."""

    text: str


class SpeakAs(Struct, frozen=True):
    """`:as NAME`: the lines after it come from another member."""

    name: str


class GoTo(Struct, frozen=True):
    """`:in PLACE`: the lines after it are said elsewhere; empty for where the console began."""

    place: str


class EnterThread(Struct, frozen=True):
    """`:thread MESSAGE`: the lines after it are said under a message; empty to leave it."""

    message: str


class React(Struct, frozen=True):
    """`:react EMOJI [MESSAGE]`, or `:unreact` with `added` False."""

    emoji: str
    message: str
    added: bool


class Press(Struct, frozen=True):
    """`:press LABEL [MESSAGE]`."""

    label: str
    message: str


class FillIn(Struct, frozen=True):
    """`:form NAME key=value ...`."""

    verb: str
    values: Mapping[str, str]


class Attach(Struct, frozen=True):
    """`:attach PATH`: a file that goes with the next command, message or form."""

    path: str


class Wait(Struct, frozen=True):
    """`:wait SECONDS`."""

    seconds: float


Direction: TypeAlias = (
    Call | Say | SpeakAs | GoTo | EnterThread | React | Press | FillIn | Attach | Wait
)


class Unreadable(Invalid):
    """A line after `:` that directs nothing."""


def understood(line: str) -> Direction | None:
    """Return what a line means; None for an empty one.

    Raises:
        Unreadable: It starts with `:` and cannot be followed.
    """
    words = line.strip().strip(_INVISIBLE).strip()
    if not words:
        return None
    if words.startswith(":"):
        return _directed(words[1:].strip())
    called = addressed(_unquoted(words), (BOT,))
    return Say(words) if called is None else Call(called)


def folded(words: str) -> str:
    """Return words as they compare: without case, accents, or anything that is no letter."""
    return " ".join(_LETTERS.findall(fold(words)))


def _unquoted(words: str) -> str:
    """Take a command out of the quotes with which it was copied."""
    match = _QUOTED_WHOLE.fullmatch(words)
    return next(part for part in match.groups() if part is not None).strip() if match else words


def _directed(words: str) -> Direction:
    name, rest = (*words.split(maxsplit=1), "", "")[:2]
    directive = DIRECTIVES.get(name.casefold())
    if directive is None:
        raise _unknown(name)
    return directive.read(rest.strip())


def _unknown(name: str) -> Unreadable:
    all_of_them = Series(tuple(Code(each.usage) for each in DIRECTIVES.values()))
    reason = _("A line that starts with {colon} directs the console.", colon=Code(":"))
    if name:
        reason = _("The console knows no {directive}.", directive=Code(f":{name}"))
    close = difflib.get_close_matches(name.casefold(), DIRECTIVES, n=1)
    if close:
        usage = Code(DIRECTIVES[close[0]].usage)
        return Unreadable(reason, _("Did you mean {directive}?", directive=usage))
    return Unreadable(reason, _("It knows {directives}.", directives=all_of_them))


def _needs(directive: str, reason: Text) -> Unreadable:
    return Unreadable(reason, _("Type {usage} instead.", usage=Code(DIRECTIVES[directive].usage)))


def _speak_as(rest: str) -> Direction:
    name = rest.lstrip("@").strip()
    if not name:
        raise _needs("as", _("This does not say who speaks."))
    return SpeakAs(name)


def _go_to(rest: str) -> Direction:
    return GoTo(rest.lstrip("#").strip())


def _enter_thread(rest: str) -> Direction:
    return EnterThread(_message(rest, "thread") if rest else "")


def _react(rest: str) -> Direction:
    return _reaction(rest, "react", added=True)


def _unreact(rest: str) -> Direction:
    return _reaction(rest, "unreact", added=False)


def _reaction(rest: str, directive: str, *, added: bool) -> Direction:
    emoji, message = (*rest.split(maxsplit=1), "", "")[:2]
    if not emoji:
        raise _needs(directive, _("This does not say which emoji."))
    return React(emoji, _message(message, directive) if message else "", added)


def _press(rest: str) -> Direction:
    label, message = rest, ""
    before, _space, last = rest.rpartition(" ")
    if before and _MESSAGE.fullmatch(last):
        label, message = before.strip(), last.casefold()
    if not label:
        raise _needs("press", _("This does not say which button."))
    return Press(_unquoted(label), message)


def _fill_in(rest: str) -> Direction:
    verb: list[str] = []
    values: dict[str, str] = {}
    name = ""
    for token in tokenise(rest):
        if token.name:
            name = token.name
            if name in values:
                raise _needs("form", _("{name} is given twice.", name=Code(name)))
            values[name] = token.text
        elif name:
            values[name] = f"{values[name]} {token.text}".strip()
        else:
            verb.append(token.text)
    if not verb:
        raise _needs("form", _("This does not say which command the form belongs to."))
    return FillIn(" ".join(verb), values)


def _attach(rest: str) -> Direction:
    if not rest:
        raise _needs("attach", _("This does not say which file."))
    return Attach(_unquoted(rest))


def _wait(rest: str) -> Direction:
    try:
        seconds = float(rest.replace(",", ".").removesuffix("s").strip())
    except ValueError:
        seconds = math.nan
    if not (0 <= seconds < math.inf):
        raise _needs("wait", _("{time} is not a number of seconds.", time=Code(rest)))
    return Wait(seconds)


def _message(word: str, directive: str) -> str:
    if not _MESSAGE.fullmatch(word):
        raise _needs(directive, _("{word} is not a message, such as m2.", word=Code(word)))
    return word.casefold()


class Directive(Struct, frozen=True):
    """A word after `:`; `usage` is how it is typed."""

    usage: str
    read: Callable[[str], Direction]


DIRECTIVES: Final[Mapping[str, Directive]] = {
    "as": Directive(":as NAME", _speak_as),
    "in": Directive(":in PLACE", _go_to),
    "thread": Directive(":thread MESSAGE", _enter_thread),
    "react": Directive(":react EMOJI [MESSAGE]", _react),
    "unreact": Directive(":unreact EMOJI [MESSAGE]", _unreact),
    "press": Directive(":press LABEL [MESSAGE]", _press),
    "form": Directive(":form NAME key=value ...", _fill_in),
    "attach": Directive(":attach PATH", _attach),
    "wait": Directive(":wait SECONDS", _wait),
}
