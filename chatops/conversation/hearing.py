"""What a message in chat is for the bot: a call, or something said to others."""

from __future__ import annotations

from collections.abc import Collection

from chatops.conversation.addresses import Member, MessageRef
from chatops.conversation.events import Attachment, CommandCalled, MessagePosted
from chatops.conversation.words import addressed


def heard(  # noqa: PLR0913 - what a message is made of
    event_id: str,
    message: MessageRef,
    member: Member,
    text: str,
    attachments: tuple[Attachment, ...],
    *,
    bot_names: Collection[str],
    answers: MessageRef | None = None,
) -> CommandCalled | MessagePosted:
    """Return the event that a member's message is.

    In a direct conversation everything is said to the bot, with or without its name.

    Args:
        event_id: Stays the same when the platform delivers the message again.
        text: As it was typed; what the platform escapes is unescaped.
        bot_names: "quitx" and whatever else means the bot, such as `<@U123>`.
        answers: The message that it replies to.
    """
    line = addressed(text, bot_names)
    if line is None and message.place.direct:
        line = text.strip()
    if line is None:
        return MessagePosted(event_id, message, member, text, attachments)
    return CommandCalled(event_id, message.place, member, line, attachments, answers, message)
