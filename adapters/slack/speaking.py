"""What the bot says on Slack: messages, replies for one member, edits, reactions."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable, Sequence
from typing import Final

from msgspec.structs import replace

from adapters.slack import limits
from adapters.slack.emoji import name_of
from adapters.slack.failures import AGAIN, UNANSWERED, Failure, Refused, trouble_of
from adapters.slack.places import PLATFORM
from adapters.slack.posting import Posting
from adapters.slack.rendering import Rendered, Upload, render
from adapters.slack.teams import Team, Teams, direct
from adapters.slack.whispering import Whispering, is_mark, mark_of
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.fallbacks import adapt
from chatops.conversation.platform import (
    Capabilities,
    MessageGone,
    PlaceClosed,
    PlatformUnavailable,
)
from chatops.conversation.reply import Reply
from chatops.language import Speaker, _

log = logging.getLogger("adapters.slack")

CAPABILITIES: Final = Capabilities(
    slash=True,
    slash_in_threads=False,
    message_characters=limits.PAGE,
    buttons=limits.BUTTONS,
    fields=100,
    private_replies="here",
    threads=True,
    edits=True,
    deletes_others=False,
    reactions=True,
    pictures=True,
    files=1_000_000_000,
    forms=True,
)

_EARLY: Final = 600.0
"""Seconds after the start in which a message may be one that an earlier run had posted."""

_AWAY: Final = frozenset({"channel_not_found", "not_in_channel", "user_not_in_channel"})
_DONE: Final = frozenset({"already_reacted", "too_many_emoji", "too_many_reactions"})
_NOT_OURS: Final = frozenset({"cant_delete_message", "compliance_exports_prevent_deletion"})


class Speaking:
    """Speaks.

    Args:
        heard_first: Whether no earlier run of the program can have heard an event.
    """

    def __init__(
        self,
        teams: Teams,
        posting: Posting,
        whispering: Whispering,
        heard_first: Callable[[str], bool],
    ) -> None:
        self._teams = teams
        self._posting = posting
        self._whispering = whispering
        self._heard_first = heard_first
        self._began = time.monotonic()

    async def send(self, to: Address, reply: Reply, speaker: Speaker, key: str) -> MessageRef:
        """Say something.

        Raises:
            PlatformUnavailable: Slack does not answer, or asks to wait.
            PlaceClosed: The bot may not speak there.
        """
        team = self.team(to.place)
        reply = adapt(reply, CAPABILITIES, to.place)
        try:
            if to.to is not None and not to.place.direct:
                return await self._whisper(team, to, reply, speaker, key)
            return await self._post(team, to, reply, speaker, key)
        except Failure as failure:
            raise trouble_of(failure) from None

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says.

        Raises:
            MessageGone: It no longer stands, or can no longer be changed.
            PlatformUnavailable: Slack does not answer, or asks to wait.
            PlaceClosed: The bot may not speak there.
        """
        team, place = self.team(message.place), message.place
        mark = message.id if is_mark(message.id) else ""
        rendered = render(adapt(reply, CAPABILITIES, place), speaker, mark=mark, pages=1)
        page = rendered.pages[0]
        try:
            if mark:
                if not await self._whispering.change(mark, page):
                    raise _gone()
                return
            await team.workspace.call(
                "chat.update",
                channel=place.channel,
                ts=message.id,
                text=page.text,
                blocks=page.blocks,
                parse="none",
            )
            await self._clear(team, message)
            below = replace(place, thread=place.thread or message.id)
            await self._attach(team, below, rendered.uploads, message.id)
        except Failure as failure:
            raise trouble_of(failure) from None

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message; False for one that Slack lets nobody but its author remove.

        Raises:
            MessageGone: It does not stand.
            PlatformUnavailable: Slack does not answer, or asks to wait.
        """
        team = self.team(message.place)
        try:
            if is_mark(message.id):
                return await self._whispering.remove(message.id)
            await self._clear(team, message)
            await team.workspace.call("chat.delete", channel=message.place.channel, ts=message.id)
        except Refused as refusal:
            if refusal.error in _NOT_OURS:
                return False
            raise trouble_of(refusal) from None
        except Failure as failure:
            raise trouble_of(failure) from None
        return True

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction; a reply for one member takes none.

        Raises:
            MessageGone: The message does not stand.
            PlatformUnavailable: Slack does not answer, or asks to wait.
        """
        if is_mark(message.id):
            return
        try:
            await self.team(message.place).workspace.call(
                "reactions.add",
                channel=message.place.channel,
                timestamp=message.id,
                name=name_of(emoji),
            )
        except Refused as refusal:
            if refusal.error not in _DONE:
                raise trouble_of(refusal) from None
        except Failure as failure:
            raise trouble_of(failure) from None

    async def direct(self, member: Member) -> Place:
        """Return the direct conversation with a member.

        Raises:
            PlatformUnavailable: Slack does not answer, or asks to wait.
            PlaceClosed: There can be none.
        """
        team = self.team(Place(PLATFORM, member.workspace, ""))
        try:
            return await direct(team, member)
        except Failure as failure:
            raise trouble_of(failure) from None

    def team(self, place: Place) -> Team:
        """Return the workspace of a place.

        Raises:
            PlatformUnavailable: Slack has not yet said which workspaces the tokens are for.
            PlaceClosed: The bot is in no such workspace.
        """
        team = self._teams.find(place.workspace)
        if team is not None:
            return team
        if self._teams.unknown:
            raise PlatformUnavailable(UNANSWERED, AGAIN)
        raise PlaceClosed(
            _("The bot is not installed in this Slack workspace."),
            _("Install the app there, and add its token to the settings."),
        )

    async def _post(
        self, team: Team, to: Address, reply: Reply, speaker: Speaker, key: str
    ) -> MessageRef:
        maybe_said = not self._heard_first(to.answering) and self._early
        rendered = render(reply, speaker)
        try:
            stamp = await self._posting.post(
                team.workspace, to.place, rendered, key, maybe_said=maybe_said
            )
        except Refused as refusal:
            mark = mark_of(key)
            only_answer = render(reply, speaker, mark=mark)
            if refusal.error in _AWAY and await self._whispering.answer(to, only_answer, key):
                return MessageRef(to.place, mark)
            raise
        team.threads.learn(to.place.channel, stamp, to.place.thread)
        return MessageRef(to.place, stamp)

    async def _whisper(
        self, team: Team, to: Address, reply: Reply, speaker: Speaker, key: str
    ) -> MessageRef:
        """Answer where only the member sees it; in the direct conversation where that is no way."""
        assert to.to is not None
        mark = mark_of(key)
        rendered = render(reply, speaker, mark=mark)
        self._keep_long_values(rendered)
        try:
            await self._whispering.whisper(team.workspace, to, rendered, key)
        except Refused as refusal:
            if refusal.error not in _AWAY:
                raise
            aside = Address(await direct(team, to.to), to.to, to.answering)
            return await self._post(team, aside, reply, speaker, key)
        if rendered.uploads:
            aside_place = await direct(team, to.to)
            await self._posting.attach(team.workspace, aside_place, rendered.uploads, key)
        return MessageRef(to.place, mark)

    async def _attach(self, team: Team, place: Place, uploads: Sequence[Upload], name: str) -> None:
        if uploads:
            digest = hashlib.sha256(b"\0".join(upload.data for upload in uploads)).hexdigest()
            await self._posting.attach(team.workspace, place, uploads, f"{name}:{digest}")

    async def _clear(self, team: Team, message: MessageRef) -> None:
        """Remove the earlier messages of a reply that took several."""
        channel = message.place.channel
        for timestamp in self._posting.others(channel, message.id):
            try:
                await team.workspace.call("chat.delete", channel=channel, ts=timestamp)
            except Refused as refusal:
                log.info("slack: an earlier part of a message stays: %s", refusal)
        self._posting.forget(channel, message.id)

    def _keep_long_values(self, rendered: Rendered) -> None:
        for value, says in rendered.long_values.items():
            self._posting.long_values.put(value, says)

    @property
    def _early(self) -> bool:
        return time.monotonic() - self._began < _EARLY


def _gone() -> MessageGone:
    return MessageGone(_("This message can no longer be changed."), _("Say it anew."))
