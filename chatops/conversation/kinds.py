"""The kinds of values that a command can be told, each with what it understands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar, Final

from msgspec import Struct

from chatops.conversation import times
from chatops.conversation.command import Names, Reading, Unreadable
from chatops.conversation.events import Attachment
from chatops.conversation.mentions import Whom, read_whom
from chatops.conversation.words import fold, near
from chatops.language import Code, Language, Series, Text, _
from chatops.posts.network import NetworkName


class SpansWords:
    """Marks kinds whose values are often several words, typed without quotes."""


class Word(Struct, frozen=True):
    """One word, or several in quotes."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a word")

    def read(self, typed: str, _reading: Reading) -> str:
        """Return the word."""
        return _something(typed)


class RestOfLine(Struct, SpansWords, frozen=True):
    """Text to the end of the line, kept as it was typed."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("text")

    def read(self, typed: str, _reading: Reading) -> str:
        """Return the text."""
        return _something(typed)


class OneOf(Struct, frozen=True):
    """One choice of a list, by its name in either language.

    Args:
        names: What each value is called.
    """

    names: Mapping[str, Names]

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a choice")

    def read(self, typed: str, reading: Reading) -> str:
        """Return the value that was named."""
        found = _by_name(self.names, _something(typed))
        if found is None:
            raise _unknown(self.names, typed, reading.language)
        return found


class ManyOf(Struct, SpansWords, frozen=True):
    """Some choices of a list, separated by commas, spaces or "and"."""

    names: Mapping[str, Names]

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("one or more choices")

    def read(self, typed: str, reading: Reading) -> frozenset[str]:
        """Return the values that were named."""
        if fold(typed) in _EVERYTHING:
            return frozenset(self.names)
        values: set[str] = set()
        for name in _NEXT_NAME.split(_something(typed).strip(" ,;+&")):
            found = _by_name(self.names, name)
            if found is None:
                raise _unknown(self.names, name, reading.language, typed)
            values.add(found)
        return frozenset(values)


_EVERYTHING: Final = {"all", "both", "tout", "tous", "toutes", "les deux", "tous les deux"}
_NEXT_NAME: Final = re.compile(r"\s*[,;+&]\s*(?:(?:et|and)\s+)?|\s+(?:et|and)\s+|\s+")


class Networks(Struct, SpansWords, frozen=True):
    """One network or both."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("one network or both")

    names: ClassVar[Mapping[NetworkName, Names]] = {
        "bluesky": Names("bluesky", "bluesky"),
        "mastodon": Names("mastodon", "mastodon"),
    }

    def read(self, typed: str, reading: Reading) -> frozenset[NetworkName]:
        """Return the networks that were named."""
        named = ManyOf({str(name): names for name, names in self.names.items()}).read(
            typed, reading
        )
        return frozenset(name for name in self.names if name in named)


class XHandle(Struct, frozen=True):
    """An account on X: `@name`, `name`, or the address of its profile or of one of its posts."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("an X handle")

    def read(self, typed: str, _reading: Reading) -> str:
        """Return the handle without its sign, spelled as it was typed."""
        handle = _handle(_something(typed).strip())
        if handle is None:
            raise Unreadable(
                _("The chat turned {typed} into a mention of a colleague.", typed=Code(typed)),
                _("Type the handle without the @ sign."),
            )
        if not _HANDLE.fullmatch(handle) or handle.lower() in _PAGES:
            raise Unreadable(
                _("{typed} is not an X handle.", typed=Code(typed)),
                _(
                    "Write it like {examples}: up to 15 letters, digits and underscores.",
                    examples=Series((Code("@name"), Code("https://x.com/name")), either=True),
                ),
            )
        return handle


# Since 2010 a handle has at most 15 signs; a few older ones are longer.
_HANDLE: Final = re.compile(r"[A-Za-z0-9_]{1,20}")
_PAGES: Final = {"home", "i", "search", "explore", "hashtag", "settings", "share", "intent"}
_PROFILE: Final = re.compile(
    r"(?:https?://)?(?:(?:www|mobile|m)\.)?(?:x|twitter)\.com/"
    r"(?:intent/(?:user|follow)\?(?:[^#]*&)?screen_name=)?@?([^/?#&\s]+).*",
    re.IGNORECASE,
)
_LABELLED: Final = re.compile(r"<[^|>]+\|([^>]+)>|\[([^\]]+)\]\([^)]*\)")
_MENTION: Final = re.compile(r"<@[^>]*>|https://matrix\.to/.*|@[^\s:]+:\S+")


def _handle(typed: str) -> str | None:
    labelled = _LABELLED.fullmatch(typed)
    if labelled:
        typed = labelled[1] or labelled[2]
    elif _MENTION.fullmatch(typed):
        return None
    profile = _PROFILE.fullmatch(typed.strip("<>"))
    return profile[1] if profile else typed.lstrip("@\uff20").strip()


class Colleague(Struct, SpansWords, frozen=True):
    """Somebody on the same platform: mentioned, or by name."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a colleague")

    def read(self, typed: str, _reading: Reading) -> Whom:
        """Return whom the member means."""
        whom = read_whom(_something(typed))
        if whom is None:
            raise Unreadable(
                _("{typed} is not one person.", typed=Code(typed)),
                _("Mention one colleague with @, or write their name."),
            )
        return whom


class PointInTime(Struct, SpansWords, frozen=True):
    """A future point in time, in the organisation's zone."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a time, such as “tomorrow 9am”")

    def read(self, typed: str, reading: Reading) -> datetime:
        """Return the time in UTC."""
        return times.read_moment(_something(typed), reading.now, reading.zone)


class Day(Struct, SpansWords, frozen=True):
    """A calendar day, past or future."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a day, such as “31 May 2023”")

    def read(self, typed: str, reading: Reading) -> date:
        """Return the day."""
        return times.read_day(_something(typed), reading.now, reading.zone)


class Length(Struct, SpansWords, frozen=True):
    """A length of time."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a length of time, such as “2 hours”")

    def read(self, typed: str, _reading: Reading) -> timedelta:
        """Return the length."""
        return times.read_length(_something(typed))


class Number(Struct, frozen=True):
    """A whole number.

    Args:
        least: The smallest that makes sense.
        most: The largest that makes sense; None for no limit.
    """

    least: int = 0
    most: int | None = None

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("a number")

    def read(self, typed: str, _reading: Reading) -> int:
        """Return the number."""
        match = _FIGURES.fullmatch(fold(_something(typed)))
        number = int(match[1].replace(" ", "")) if match else None
        if number is None:
            raise Unreadable(
                _("{typed} is not a whole number.", typed=Code(typed)),
                _("Write it in figures, such as {example}.", example=Code(str(self.least or 1))),
            )
        if number < self.least or (self.most is not None and number > self.most):
            raise Unreadable(_("{typed} is out of range.", typed=Code(typed)), self._range())
        return number

    def _range(self) -> Text:
        if self.most is None:
            return _("Give a number from {least} up.", least=self.least)
        return _("Give a number from {least} to {most}.", least=self.least, most=self.most)


_FIGURES: Final = re.compile(r"(?:#|n[o°.]+ ?)?([0-9]{1,3}(?: [0-9]{3}){1,4}|[0-9]{1,15})")


class Flag(Struct, frozen=True):
    """Yes or no."""

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("yes or no")

    def read(self, typed: str, _reading: Reading) -> bool:
        """Return whether it was yes."""
        said = fold(typed)
        if said in _YES:
            return True
        if said in _NO:
            return False
        raise Unreadable(
            _("{typed} is neither yes nor no.", typed=Code(typed)),
            _("Write {yes} or {no}.", yes=_("“yes”"), no=_("“no”")),
            ("yes", "no"),
        )


_YES: Final = {"yes", "y", "oui", "o", "true", "vrai", "on", "1", "ok"}
_NO: Final = {"no", "n", "non", "false", "faux", "off", "0"}


class File(Struct, frozen=True):
    """A file that came with the command, or the name or path of one.

    Args:
        private: Whether nobody but the bot may see it: it is attached in a direct conversation
            only, and refused and removed everywhere else.
    """

    private: bool = False

    @property
    def label(self) -> Text:
        """What it is called in help."""
        return _("an attached file, or the name of one")

    def read(self, typed: str, reading: Reading) -> Attachment | str:
        """Return the attachment of this name, else the name as it was typed."""
        name = _something(typed)
        named = [file for file in reading.attachments if fold(file.name) == fold(name)]
        return named[0] if len(named) == 1 else name

    def unsaid(self, reading: Reading) -> Attachment | None:
        """Return the file that is meant when none is named.

        Raises:
            Unreadable: Several came with the command.
        """
        if len(reading.attachments) > 1:
            names = tuple(file.name for file in reading.attachments)
            raise Unreadable(
                _("Several files came with the command."),
                _(
                    "Name the one that you mean: {names}.",
                    names=Series(tuple(map(Code, names)), either=True),
                ),
                names,
            )
        return reading.attachments[0] if reading.attachments else None


def _something(typed: str) -> str:
    if not typed.strip():
        raise Unreadable(
            _("There is nothing behind the equals sign or between the quotes."),
            _("Write the value there, or leave the name out as well."),
        )
    return typed


def _by_name(choices: Mapping[str, Names], typed: str) -> str | None:
    wanted = fold(typed)
    for value, names in choices.items():
        if wanted in {fold(value), fold(names.en), fold(names.fr)}:
            return value
    return None


def _unknown(
    choices: Mapping[str, Names], typed: str, language: Language, whole: str = ""
) -> Unreadable:
    """Say that a choice is unknown, with the nearest ones to put in its place."""
    spellings = {word: names for names in choices.values() for word in (names.en, names.fr)}
    close = dict.fromkeys(spellings[word].in_(language) for word in near(typed, spellings))
    reason = _("{typed} is not one of the choices.", typed=Code(typed))
    if close:
        named = Series(tuple(Code(name) for name in close), either=True)
        offers = tuple(whole.replace(typed, name) if whole else name for name in close)
        return Unreadable(reason, _("Did you mean {names}?", names=named), offers)
    known = Series(tuple(Code(names.in_(language)) for names in choices.values()), either=True)
    return Unreadable(reason, _("Choose from {names}.", names=known))
