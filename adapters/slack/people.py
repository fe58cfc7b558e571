"""Who members are and who can read a conversation, as Slack knows it.

A look-up that fails never loses an event: a member is then called by their id, and a conversation
counts as read by others, since a warning too many does no harm.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any, Final

from msgspec import Struct

from adapters.slack.asked import Asked
from adapters.slack.failures import Failure, Refused
from adapters.slack.workspace import Workspace

log = logging.getLogger("adapters.slack")

_PEOPLE: Final = 5_000
_CONVERSATIONS: Final = 1_000
_PEOPLE_SECONDS: Final = 3_600.0
_CONVERSATION_SECONDS: Final = 600.0
_NAMES_ASKED: Final = 10
_PAGE: Final = 200
_PAGES: Final = 10
"""Pages of people that are read to know the guests: 2,000 people."""


class Profile(Struct, frozen=True):
    """What Slack knows of a user.

    Args:
        language: As a tag such as `fr-FR`, empty where it is unknown.
        outside: Whether it is a guest, or of another organisation.
    """

    name: str
    language: str = ""
    bot: bool = False
    outside: bool = False


class Conversation(Struct, frozen=True):
    """What Slack knows of a channel, a group or a direct conversation."""

    direct: bool
    shared: bool
    name: str = ""


_DIRECT: Final = Conversation(direct=True, shared=False)


class People:
    """The people and conversations of one workspace, asked for once in a while."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._profiles = Asked(self._profile, _PEOPLE, _PEOPLE_SECONDS)
        self._conversations = Asked(self._conversation, _CONVERSATIONS, _CONVERSATION_SECONDS)
        self._guests = Asked(self._outsiders, 1, _PEOPLE_SECONDS)

    async def profile(self, user: str) -> Profile:
        """Return who a user is."""
        try:
            return await self._profiles.get(user)
        except Failure as failure:
            log.info("slack: nothing is known of a member: %s", failure)
            return Profile(user)

    async def conversation(self, channel: str) -> Conversation:
        """Return who can read a conversation."""
        try:
            return await self._conversations.get(channel)
        except Failure as failure:
            log.info("slack: nothing is known of a conversation: %s", failure)
            return _unknown(channel)

    async def names(self, seconds: float, channels: Iterable[str]) -> dict[str, str]:
        """Return what channels are called, as far as that is known in time."""
        asked = list(channels)[:_NAMES_ASKED]
        try:
            async with asyncio.timeout(seconds):
                found = await asyncio.gather(*map(self.conversation, asked))
        except TimeoutError:
            return {}
        named = zip(asked, found, strict=True)
        return {channel: known.name for channel, known in named if known.name}

    def met(self, channel: str) -> None:
        """Note that a conversation is one with a single member and the bot."""
        self._conversations.put(channel, _DIRECT)

    async def within(self, seconds: float, user: str, channel: str) -> tuple[Profile, Conversation]:
        """Return who speaks and who reads, as far as that is known in time."""
        who, where = self._profiles.known(user), self._conversations.known(channel)
        if who is not None and where is not None:
            return who, where
        try:
            async with asyncio.timeout(seconds):
                return await asyncio.gather(self.profile(user), self.conversation(channel))
        except TimeoutError:
            return Profile(user), _unknown(channel)

    def changed(self, user: Mapping[str, Any]) -> None:
        """Learn of a user what Slack tells unasked."""
        known = profile_of(user, self._team)
        self._profiles.put(str(user.get("id", "")), known)
        self._guests.clear()
        if known.outside:
            self._conversations.clear()

    def moved(self, channel: str) -> None:
        """Note that other people may read a conversation now."""
        self._conversations.drop(channel)

    @property
    def _team(self) -> str:
        identity = self._workspace.identity
        return identity.team if identity else ""

    async def _profile(self, user: str) -> Profile:
        answer = await self._workspace.ask("users.info", user=user, include_locale=True)
        return profile_of(answer.get("user") or {"id": user}, self._team)

    async def _conversation(self, channel: str) -> Conversation:
        try:
            answer = await self._workspace.ask("conversations.info", channel=channel)
        except Refused as refusal:
            if refusal.error != "channel_not_found":
                raise
            # Two other people's direct conversation, or a channel that the bot is not in.
            return Conversation(direct=False, shared=True)
        known: Mapping[str, Any] = answer.get("channel") or {}
        if known.get("is_im"):
            return _DIRECT
        shared = bool(known.get("is_ext_shared") or known.get("is_pending_ext_shared"))
        name = str(known.get("name") or "")
        return Conversation(
            direct=False, shared=shared or await self._has_guests(channel), name=name
        )

    async def _has_guests(self, channel: str) -> bool:
        guests = await self._guests.get("")
        if not guests:
            return False
        async for page in self._pages("conversations.members", channel=channel):
            if not guests.isdisjoint(page.get("members", ())):
                return True
        return False

    async def _outsiders(self, _all: str) -> frozenset[str]:
        found: set[str] = set()
        async for page in self._pages("users.list"):
            for user in page.get("members", ()):
                if profile_of(user, self._team).outside and not user.get("deleted"):
                    found.add(str(user.get("id", "")))
        return frozenset(found)

    async def _pages(self, method: str, **arguments: str) -> AsyncIterator[Mapping[str, Any]]:
        cursor = ""
        for _page in range(_PAGES):
            more = {"cursor": cursor} if cursor else {}
            page = await self._workspace.ask(method, limit=_PAGE, **arguments, **more)
            yield page
            cursor = str((page.get("response_metadata") or {}).get("next_cursor") or "")
            if not cursor:
                return


def _unknown(channel: str) -> Conversation:
    direct = channel.startswith("D")
    return Conversation(direct, shared=not direct)


def profile_of(user: Mapping[str, Any], team: str) -> Profile:
    """Return what a user record says."""
    profile: Mapping[str, Any] = user.get("profile") or {}
    names = (profile.get("display_name"), user.get("real_name"), user.get("name"), user.get("id"))
    elsewhere = bool(team and user.get("team_id") and user["team_id"] != team)
    return Profile(
        name=str(next(filter(None, names), "")),
        language=str(user.get("locale") or ""),
        bot=bool(user.get("is_bot")) or user.get("id") == "USLACKBOT",
        outside=elsewhere
        or any(user.get(mark) for mark in ("is_restricted", "is_ultra_restricted", "is_stranger")),
    )
