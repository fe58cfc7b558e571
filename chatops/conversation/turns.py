"""A member's turn: one line, or one form, that is to be answered, however it was said."""

from __future__ import annotations

from collections.abc import Mapping

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
from chatops.conversation.registry import ORGANISATION
from chatops.conversation.reply import Choice
from chatops.conversation.tokens import quoted, tokenise
from chatops.conversation.words import fold
from chatops.language import Code, Missing, _


class Turn(Struct, frozen=True):
    """What a member wants done.

    Args:
        line: The command line; for a form, the line that says the same.
        organisation: For which organisation, as it was typed; empty where that was not said.
        form: The values of a form, whose verb is the line's first word; None for a line.
        answers: The message that it is about.
    """

    event_id: str
    place: Place
    member: Member
    line: str
    organisation: str = ""
    form: Mapping[str, str] | None = None
    verb: str = ""
    attachments: tuple[Attachment, ...] = ()
    answers: MessageRef | None = None

    @property
    def typed(self) -> str:
        """The line as it can be typed again."""
        if not self.organisation:
            return self.line
        return f"{ORGANISATION.en}={quoted(self.organisation)} {self.line}".strip()


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
    organisation, line = _scope(event.line)
    return Turn(
        event.event_id,
        event.place,
        event.member,
        line,
        organisation,
        attachments=event.attachments,
        answers=event.answers,
    )


def _filled_in(event: FormSubmitted) -> Turn:
    organisation, verb = _scope(event.verb)
    filled = {name: value for name, value in event.values.items() if value.strip()}
    line = " ".join([verb, *(f"{name}={quoted(value)}" for name, value in filled.items())])
    return Turn(
        event.event_id,
        event.place,
        event.member,
        line,
        organisation,
        form=filled,
        verb=verb,
        attachments=event.attachments,
    )


def _pressed(event: ButtonPressed, offered: tuple[Choice, ...] | None) -> Turn:
    if not any(choice.says == event.says for choice in offered or ()):
        raise Missing(
            _("This message no longer offers that."),
            _("See what can be done now with {command}.", command=Code("/quitx")),
        )
    organisation, line = _scope(event.says)
    place = event.message.place
    return Turn(event.event_id, place, event.member, line, organisation, answers=event.message)


def _reacted(event: ReactionChanged, offered: tuple[Choice, ...] | None) -> Turn | None:
    """Return what a reaction stands for; taking it back stands for nothing."""
    if not event.added:
        return None
    for choice in offered or ():
        if same(choice.emoji, event.emoji):
            organisation, line = _scope(choice.says)
            place = event.message.place
            return Turn(
                event.event_id, place, event.member, line, organisation, answers=event.message
            )
    return None


def _scope(line: str) -> tuple[str, str]:
    """Take `organisation=...` off a line's beginning."""
    tokens = tokenise(line)
    if tokens and fold(tokens[0].name) in {fold(ORGANISATION.en), fold(ORGANISATION.fr)}:
        return tokens[0].text, line[tokens[0].end :].strip()
    return "", line.strip()
