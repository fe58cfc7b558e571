"""What is known of people: their names, and the language of their client."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import discord
from discord.abc import User
from msgspec.structs import replace

from adapters.discord.errors import told
from chatops.conversation.events import CommandCalled, Event, FormSubmitted
from chatops.conversation.recent import Recent
from chatops.language import Trouble

log = logging.getLogger(__name__)

_KNOWN: Final = 20_000
_ASKED_FOR: Final = 5
"""Names that are asked for because of one event."""

_PATIENCE: Final = 5.0
_MENTION: Final = re.compile(r"<@!?([0-9]{1,20})>")
_UNFIT: Final = re.compile(r"[<>|\s]+")


class People:
    """Remembers names and languages, and puts names into mentions.

    Discord writes a mention as `<@123>`; the core reads `<@123|Ana>` as well, so that somebody who
    never spoke is known by name.
    """

    def __init__(self) -> None:
        self._names: Recent[str, str] = Recent(_KNOWN)
        self._languages: Recent[int, str] = Recent(_KNOWN)

    def met(self, user: User, locale: str = "") -> None:
        """Remember somebody's name, and the language of their client where it is told."""
        self._names.put(str(user.id), user.display_name)
        if locale:
            self._languages.put(user.id, locale)

    def named(self, resolved: Mapping[str, Any]) -> None:
        """Remember whom an interaction names."""
        members = resolved.get("members") or {}
        for user_id, user in (resolved.get("users") or {}).items():
            nick = members.get(user_id, {}).get("nick")
            name = nick or user.get("global_name") or user["username"]
            self._names.put(user_id, name)

    def name(self, user_id: int) -> str:
        """Return somebody's name; empty where it is not known."""
        return self._names.get(str(user_id)) or ""

    def language(self, user_id: int) -> str:
        """Return the language of somebody's client; empty where it is not known."""
        return self._languages.get(user_id) or ""

    async def introduced(self, client: discord.Client, event: Event) -> Event:
        """Return an event whose mentions have names."""
        match event:
            case CommandCalled(line=line):
                await self._ask(client, [line])
                return replace(event, line=self._named(line))
            case FormSubmitted(values=values):
                await self._ask(client, values.values())
                named = {name: self._named(value) for name, value in values.items()}
                return replace(event, values=named)
            case _:
                return event

    async def _ask(self, client: discord.Client, texts: Iterable[str]) -> None:
        mentioned = dict.fromkeys(each for text in texts for each in _MENTION.findall(text))
        unknown = [each for each in mentioned if self._names.get(each) is None]
        for each in unknown[:_ASKED_FOR]:
            try:
                async with told(_PATIENCE):
                    self.met(await client.fetch_user(int(each)))
            except (Trouble, discord.DiscordException) as trouble:
                log.info("a name could not be found: %s", trouble)

    def _named(self, text: str) -> str:
        return _MENTION.sub(lambda found: self._mention(found[1]), text)

    def _mention(self, user_id: str) -> str:
        name = _UNFIT.sub(" ", self._names.get(user_id) or "").strip()
        return f"<@{user_id}|{name}>" if name else f"<@{user_id}>"
