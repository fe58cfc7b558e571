"""From what was typed, or filled into a form, to a command and its record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from msgspec import Struct

from chatops.conversation.command import Command, Reading, Unreadable
from chatops.conversation.kinds import SpansWords
from chatops.conversation.registry import FieldOf, Registry, UnknownWords
from chatops.conversation.tokens import Token, quoted, tokenise
from chatops.conversation.usage import typed
from chatops.conversation.words import fold_name, near
from chatops.language import Code, Invalid, Language, Series, Text, _


class Misunderstood(Invalid):
    """What was typed is no command, or lacks or exceeds what its command takes.

    Args:
        command: The command, where that one is known.
        suggestions: Lines that may have been meant.
    """

    def __init__(
        self,
        reason: Text,
        mend: Text,
        command: Command[Any] | None = None,
        suggestions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(reason, mend)
        self.command = command
        self.suggestions = suggestions


class Parsed(Struct, frozen=True):
    """A command with its record, and the line that says the same."""

    command: Command[Any]
    record: Struct
    line: str


@runtime_checkable
class Unsaid(Protocol):
    """A kind that may know its value when nothing was typed."""

    def unsaid(self, reading: Reading) -> object | None:
        """Return the value, or None where there is none."""
        ...


class _Said(Struct, frozen=True):
    """A value as it was typed, and where in the line it stands."""

    text: str
    start: int
    end: int
    quoted: bool = False


def called(registry: Registry, line: str, language: Language) -> Command[Any]:
    """Return the command that a line calls, whatever its values.

    Raises:
        Misunderstood: It calls none.
    """
    return _find(registry, line, tokenise(line), language)[0]


def read_line(registry: Registry, line: str, reading: Reading) -> Parsed:
    """Return the command that a line calls, with its record.

    Raises:
        Misunderstood: It calls none, or a value of it is not understood.
    """
    tokens = tokenise(line)
    command, words = _find(registry, line, tokens, reading.language)
    fields = registry.fields(command)
    said = _Sorter(command, fields, line, reading.language).sort(tokens[words:])
    return Parsed(command, _record(command, fields, said, line, reading), line)


def read_form(registry: Registry, verb: str, values: Mapping[str, str], reading: Reading) -> Parsed:
    """Return the command that a form calls, with its record.

    Raises:
        Misunderstood: It calls none, or a value of it is not understood.
    """
    command, _words = _find(registry, verb, tokenise(verb), reading.language)
    fields = registry.fields(command)
    by_name = _by_name(fields)
    line, said = command.words(reading.language), dict[str, _Said]()
    for name, value in values.items():
        field = by_name.get(fold_name(name))
        if field is None:
            raise _unknown_name(command, by_name, name, reading.language)
        if value.strip():
            start = len(line) + len(name) + 2
            line = f"{line} {name}={quoted(value)}"
            said[field.name] = _Said(value, start, len(line), quoted=True)
    return Parsed(command, _record(command, fields, said, line, reading), line)


def _find(
    registry: Registry, line: str, tokens: Sequence[Token], language: Language
) -> tuple[Command[Any], int]:
    try:
        return registry.find([token.text for token in tokens], language)
    except UnknownWords as unknown:
        raise _unknown_words(unknown, line, tokens) from None


def _unknown_words(unknown: UnknownWords, line: str, tokens: Sequence[Token]) -> Misunderstood:
    suggestions = tuple(
        f"{each.words}{line[tokens[each.replaced - 1].end :]}".strip()
        for each in unknown.suggestions
    )
    shown = Series(tuple(Code(typed(each.words)) for each in unknown.suggestions), either=True)
    if unknown.verb and not unknown.typed:
        reason = _("{verb} needs one more word.", verb=Code(unknown.verb))
        return Misunderstood(reason, _("Choose from {lines}.", lines=shown), None, suggestions)
    if suggestions:
        mend = _("Did you mean {lines}?", lines=shown)
    else:
        mend = _("{command} shows all commands.", command=Code("/quitx help"))
    if unknown.verb:
        values = {"verb": Code(unknown.verb), "typed": Code(unknown.typed)}
        reason = _("{verb} has no action {typed}.", **values)
    else:
        reason = _("There is no command {typed}.", typed=Code(unknown.typed))
    return Misunderstood(reason, mend, None, suggestions)


class _Sorter:
    """Gives each word of a line to the field that it is for."""

    def __init__(
        self,
        command: Command[Any],
        fields: Sequence[FieldOf],
        line: str,
        language: Language,
    ) -> None:
        self._command = command
        self._line = line
        self._language: Language = language
        self._by_name = _by_name(fields)
        self._open = [field for field in fields if not field.parameter.named]
        self._said: dict[str, _Said] = {}
        self._last: FieldOf | None = None

    def sort(self, tokens: Sequence[Token]) -> Mapping[str, _Said]:
        """Return what was said for each field."""
        named = {field.name for token in tokens if (field := self._named(token))}
        self._open = [field for field in self._open if field.name not in named]
        plain = sum(self._named(token) is None for token in tokens)
        for index, token in enumerate(tokens):
            field = self._named(token)
            if field is not None:
                self._take(field, _closed(self._command, token), token.value)
                continue
            following = self._next()
            if following is not None and following.parameter.rest:
                self._rest(following, tokens[index:])
                break
            closed = _closed(self._command, token)
            if plain <= self._waiting() or not self._lengthen(closed):
                self._by_position(following, closed)
            plain -= 1
        return self._said

    def _named(self, token: Token) -> FieldOf | None:
        return self._by_name.get(fold_name(token.name)) if token.name else None

    def _next(self) -> FieldOf | None:
        return next((field for field in self._open if field.name not in self._said), None)

    def _waiting(self) -> int:
        """Return how many fields still wait for a word."""
        return sum(field.name not in self._said for field in self._open)

    def _take(self, field: FieldOf, token: Token, start: int) -> None:
        if field.name in self._said:
            raise Misunderstood(
                _("{name} is given twice.", name=Code(token.name or field.parameter.names.en)),
                _("Keep one of them."),
                self._command,
            )
        self._said[field.name] = _Said(token.text, start, token.end, token.quoted)
        self._last = field

    def _by_position(self, field: FieldOf | None, token: Token) -> None:
        if token.name:
            raise _unknown_name(self._command, self._by_name, token.name, self._language)
        if field is not None:
            self._take(field, token, token.start)
        elif not self._lengthen(token):
            raise Misunderstood(
                _("{typed} is one word too many.", typed=Code(token.text)),
                _("Leave it out, or put what belongs together in quotes."),
                self._command,
            )

    def _lengthen(self, token: Token) -> bool:
        """Add a word to the value before it, where such values are often several words."""
        last = self._last
        if last is None or not isinstance(last.parameter.kind, SpansWords):
            return False
        before = self._said[last.name]
        if before.quoted or token.quoted:
            return False
        text = self._line[before.start : token.end]
        self._said[last.name] = _Said(text, before.start, token.end)
        return True

    def _rest(self, field: FieldOf, tokens: Sequence[Token]) -> None:
        first, last = tokens[0], tokens[-1]
        if len(tokens) == 1 and first.quoted and not first.name:
            self._said[field.name] = _Said(first.text, first.start, first.end, quoted=True)
            return
        late = [token for token in tokens if self._named(token)]
        if late:
            raise Misunderstood(
                _("{typed} stands inside the text.", typed=Code(late[0].name + "=")),
                _("Put it before the text, or the whole text in quotes."),
                self._command,
            )
        text = self._line[first.start : last.end]
        self._said[field.name] = _Said(text, first.start, last.end)


def _closed(command: Command[Any], token: Token) -> Token:
    if token.unclosed:
        raise Misunderstood(
            _("The quotes before {typed} are never closed.", typed=Code(token.text[1:])),
            _("Close them behind the last word that belongs together."),
            command,
        )
    return token


def _by_name(fields: Sequence[FieldOf]) -> dict[str, FieldOf]:
    return {
        fold_name(name): field
        for field in fields
        for name in (field.parameter.names.en, field.parameter.names.fr)
    }


def _unknown_name(
    command: Command[Any], by_name: Mapping[str, FieldOf], typed_name: str, language: Language
) -> Misunderstood:
    close = [by_name[name].parameter.names.in_(language) for name in near(typed_name, by_name, 1)]
    if close:
        mend = _("Did you mean {name}?", name=Code(f"{close[0]}="))
    else:
        mend = _("Leave it out, or put it in quotes if it is a value.")
    reason = _("This command has no option {name}.", name=Code(f"{typed_name}="))
    return Misunderstood(reason, mend, command)


def _record(
    command: Command[Any],
    fields: Sequence[FieldOf],
    said: Mapping[str, _Said],
    line: str,
    reading: Reading,
) -> Struct:
    values: dict[str, object] = {}
    missing: list[FieldOf] = []
    for field in fields:
        try:
            value = _value(field, said.get(field.name), reading)
        except Unreadable as error:
            raise _with_offers(error, command, field, said.get(field.name), line) from None
        if value is not None:
            values[field.name] = value
        elif field.required:
            missing.append(field)
    if missing:
        raise _missing(command, missing, reading.language)
    record: Struct = command.parameters(**values)
    return record


def _value(field: FieldOf, said: _Said | None, reading: Reading) -> object | None:
    kind = field.parameter.kind
    if said is not None:
        value: object = kind.read(said.text, reading)
        return value
    return kind.unsaid(reading) if isinstance(kind, Unsaid) else None


def _with_offers(
    error: Unreadable, command: Command[Any], field: FieldOf, said: _Said | None, line: str
) -> Misunderstood:
    if said is None:
        name = field.parameter.names.en
        lines = tuple(f"{line} {name}={quoted(offer)}" for offer in error.offers)
    else:
        before, after = line[: said.start], line[said.end :]
        lines = tuple(f"{before}{quoted(offer)}{after}" for offer in error.offers)
    return Misunderstood(error.reason, error.mend, command, lines)


def _missing(
    command: Command[Any], missing: Sequence[FieldOf], language: Language
) -> Misunderstood:
    names = Series(tuple(Code(field.parameter.names.in_(language)) for field in missing))
    first = missing[0].parameter
    return Misunderstood(
        _("Something is missing: {names}.", names=names),
        _("Add {what}: {summary}", what=first.kind.label, summary=first.summary),
        command,
    )
