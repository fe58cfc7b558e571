"""A member's turn: one line, or one form, that is to be answered, however it was said."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, cast

from msgspec import Struct

from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.emoji import same
from chatops.conversation.events import (
    Attachment,
    ButtonPressed,
    CommandCalled,
    FormSubmitted,
    MessagePosted,
    ReactionChanged,
    Spoken,
)
from chatops.conversation.registry import AUDIENCE, AUDIENCES, ORGANISATION
from chatops.conversation.reply import Choice, mark_of
from chatops.conversation.tokens import quoted, tokenise
from chatops.conversation.words import fold
from chatops.language import Code, Missing, _

Audience = Literal["", "here", "private"]
"""Who may read the answer; empty where that was not said."""


class Scope(Struct, frozen=True):
    """What a line says before its command.

    Args:
        organisation: For which organisation, as it was typed; empty where that was not said.
    """

    organisation: str = ""
    audience: Audience = ""

    def before(self, line: str) -> str:
        """Return a line with this before it."""
        named = f"{ORGANISATION.en}={quoted(self.organisation)}" if self.organisation else ""
        read = f"{AUDIENCE.en}={self.audience}" if self.audience else ""
        return " ".join(filter(None, (named, read, line)))


class Turn(Struct, frozen=True):
    """What a member wants done.

    Args:
        line: The command line; for a form, the line that says the same.
        scope: What was said before the command.
        form: The values of a form, whose verb is the line's first word; None for a line.
        answers: The message that it is about.
        message: The message that holds the line, where there is one.
        repeated: The line as it may be repeated, where it holds a secret.
    """

    event_id: str
    place: Place
    member: Member
    line: str
    scope: Scope = Scope()
    form: Mapping[str, str] | None = None
    verb: str = ""
    attachments: tuple[Attachment, ...] = ()
    answers: MessageRef | None = None
    message: MessageRef | None = None
    repeated: str = ""

    @property
    def typed(self) -> str:
        """The line as it can be typed again."""
        return self.scope.before(self.repeated or self.line)


def scope_of(line: str) -> tuple[Scope, str]:
    """Take `organisation=...` and `answer=...` off a line's beginning; return both parts."""
    organisation, audience, begins = "", "", 0
    for token in tokenise(line):
        name = fold(token.name)
        if name in {fold(ORGANISATION.en), fold(ORGANISATION.fr)}:
            organisation = token.text
        elif name in {fold(AUDIENCE.en), fold(AUDIENCE.fr)} and _audience(token.text):
            audience = _audience(token.text)
        else:
            break
        begins = token.end
    return Scope(organisation, cast("Audience", audience)), line[begins:].strip()


def turn_of(event: Spoken, offered: tuple[Choice, ...] | None) -> Turn | None:
    """Return the turn that an event is; None where it asks for nothing.

    Args:
        event: What was heard.
        offered: What the message offers that the event is about.

    Raises:
        Missing: A button was pressed that the message does not offer.
    """
    match event:
        case CommandCalled():
            return _called(event)
        case FormSubmitted():
            return _filled_in(event)
        case ButtonPressed():
            return _pressed(event, offered)
        case ReactionChanged():
            return _reacted(event, offered)
        case MessagePosted():
            return None


def _called(event: CommandCalled) -> Turn:
    scope, line = scope_of(event.line)
    return Turn(
        event.event_id,
        event.place,
        event.member,
        line,
        scope,
        attachments=event.attachments,
        answers=event.answers,
        message=event.message,
    )


def _filled_in(event: FormSubmitted) -> Turn:
    scope, verb = scope_of(event.verb)
    filled = {name: value for name, value in event.values.items() if value.strip()}
    line = " ".join([verb, *(f"{name}={quoted(value)}" for name, value in filled.items())])
    return Turn(
        event.event_id,
        event.place,
        event.member,
        line,
        scope,
        form=filled,
        verb=verb,
        attachments=event.attachments,
    )


def _pressed(event: ButtonPressed, offered: tuple[Choice, ...] | None) -> Turn:
    for choice in offered or ():
        if event.says in (choice.says, mark_of(choice.says)):
            return _chosen(event, choice)
    raise Missing(
        _("This message no longer offers that."),
        _("See what can be done now with {command}.", command=Code("/quitx")),
    )


def _reacted(event: ReactionChanged, offered: tuple[Choice, ...] | None) -> Turn | None:
    """Return what a reaction stands for; taking it back stands for nothing."""
    if not event.added:
        return None
    for choice in offered or ():
        if same(choice.emoji, event.emoji):
            return _chosen(event, choice)
    return None


def _chosen(event: ButtonPressed | ReactionChanged, choice: Choice) -> Turn:
    scope, line = scope_of(choice.says)
    return Turn(
        event.event_id,
        event.message.place,
        event.member,
        line,
        scope,
        attachments=choice.attachments,
        answers=event.message,
    )


def _audience(typed: str) -> str:
    for value, names in AUDIENCES.items():
        if fold(typed) in {fold(names.en), fold(names.fr)}:
            return value
    return ""
