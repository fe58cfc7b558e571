"""What an adapter can tell the core; nothing of a platform's own shape goes further in.

Every event has an id that stays the same when the platform delivers it again: the core acts once
on each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from msgspec import Struct

from chatops.conversation.addresses import Member, MessageRef, Place


class Attachment(Struct, frozen=True):
    """A file that was shared in chat; the adapter that named it can fetch it.

    Args:
        id: The platform's own name for it.
        size: Bytes, as the platform says; 0 where it does not.
    """

    id: str
    name: str
    size: int = 0


class CommandCalled(Struct, frozen=True, tag="command"):
    """A member called the bot: `/quitx ...`, `!quitx ...`, or a mention.

    Args:
        line: What follows the bot's name, as it was typed.
        answers: The message that it replies to.
        message: The message that holds the line; None for a slash command, which leaves none.
    """

    event_id: str
    place: Place
    member: Member
    line: str
    attachments: tuple[Attachment, ...] = ()
    answers: MessageRef | None = None
    message: MessageRef | None = None


class MessagePosted(Struct, frozen=True, tag="message"):
    """A member wrote something where the bot is present."""

    event_id: str
    message: MessageRef
    member: Member
    text: str
    attachments: tuple[Attachment, ...] = ()


class ReactionChanged(Struct, frozen=True, tag="reaction"):
    """A member added a reaction to a message, or took it back."""

    event_id: str
    message: MessageRef
    member: Member
    emoji: str
    added: bool


class ButtonPressed(Struct, frozen=True, tag="button"):
    """A member pressed a button; `says` is the button's own line, or `mark_of` it."""

    event_id: str
    message: MessageRef
    member: Member
    says: str


class FormSubmitted(Struct, frozen=True, tag="form"):
    """A member filled in the form of a command.

    Args:
        verb: The command's name, in any language, as after `/quitx`.
        values: What was filled in, by parameter name, as it was typed.
    """

    event_id: str
    place: Place
    member: Member
    verb: str
    values: Mapping[str, str]
    attachments: tuple[Attachment, ...] = ()


class MemberLeft(Struct, frozen=True, tag="left"):
    """A member left a place, or the whole workspace where the place has no channel."""

    event_id: str
    place: Place
    member: Member


class PlaceLost(Struct, frozen=True, tag="lost"):
    """The bot may no longer speak in a place, or in the whole workspace where it has no channel.

    It was removed, the channel was archived or deleted, or the app was uninstalled.
    """

    event_id: str
    place: Place


class PlaceMoved(Struct, frozen=True, tag="moved"):
    """A place goes on under another id, as a Matrix room does when it is upgraded.

    Args:
        with_messages: Whether its messages went along under the same ids, as in Slack.
    """

    event_id: str
    place: Place
    to: Place
    with_messages: bool = False


Happening: TypeAlias = MemberLeft | PlaceLost | PlaceMoved
"""What happens to members and places, and is said by nobody."""

Spoken: TypeAlias = CommandCalled | MessagePosted | ReactionChanged | ButtonPressed | FormSubmitted
"""What a member does."""

Event: TypeAlias = Spoken | Happening
