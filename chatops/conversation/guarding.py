"""What must not stand where others read: secrets and archives, taken out of sight."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from chatops.conversation.addresses import MessageRef
from chatops.conversation.events import CommandCalled, Event, MessagePosted
from chatops.conversation.heard import Heard, place_of
from chatops.conversation.parsing import Misunderstood, called
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.private_files import holds_archive, takes_private_file
from chatops.conversation.registry import Registry
from chatops.conversation.removing import removed
from chatops.conversation.turns import turn_of
from chatops.language import Code, Text, _
from chatops.organisations.people import People


class Caution(Struct, frozen=True):
    """Why something was taken out of sight, and what to do now.

    Args:
        typed: What can be said again.
    """

    cause: Text
    mend: Text
    typed: str = ""


class Guard:
    """Watches what is said where others read."""

    def __init__(
        self, registry: Registry, people: People, platforms: Mapping[str, ChatPlatform]
    ) -> None:
        self._registry = registry
        self._people = people
        self._platforms = platforms

    def exposes(self, event: Event) -> bool:
        """Whether an archive was dropped where others than the member can open it."""
        if not isinstance(event, MessagePosted | CommandCalled) or not event.attachments:
            return False
        place = place_of(event)
        if place.direct or self._people.trusts(place.platform):
            return False
        return holds_archive(event.attachments) or (
            isinstance(event, CommandCalled) and self._takes_private_file(event)
        )

    async def removed(self, heard: Heard) -> Caution | None:
        """Take out of sight what must not stand; return why, or None where nothing had to be."""
        if heard.disclosed:
            return await self._secret(heard.event)
        if self.exposes(heard.event):
            return await self._archive(heard.event)
        return None

    def _takes_private_file(self, event: CommandCalled) -> bool:
        turn = turn_of(event, None)
        try:
            command = called(self._registry, turn.line if turn else "", "en")
        except Misunderstood:
            return False
        return takes_private_file(self._registry, command)

    async def _secret(self, event: Event) -> Caution:
        """Take a secret out of sight, and say how to make it harmless."""
        cause = (
            _("Your message held something like a password or a token. It has been deleted.")
            if await removed(self._platforms, _message_of(event))
            else _("That looked like a password or a token. It was not kept; delete it if you can.")
        )
        mend = _(
            "Whoever saw it can use it: revoke it now, where you made it. Then give a new one in "
            "the terminal, never in chat: {command}.",
            command=Code("quitx connect"),
        )
        return Caution(cause, mend)

    async def _archive(self, event: Event) -> Caution:
        """Take an archive out of sight, and say how it is taken."""
        cause = (
            _("An archive holds your private messages, and others can read this. I deleted it.")
            if await removed(self._platforms, _message_of(event))
            else _("An archive holds your private messages, and others can read this: delete it.")
        )
        mend = _(
            "Send it to me in a direct message, or have it put into the inbox folder. Only posts "
            "are read, never private messages."
        )
        return Caution(cause, mend, event.line if isinstance(event, CommandCalled) else "")


def _message_of(event: Event) -> MessageRef | None:
    return event.message if isinstance(event, MessagePosted | CommandCalled) else None
