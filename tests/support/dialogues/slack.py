"""Slack as a platform of dialogues: the four have its client, on a double of its server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from adapters.slack.emoji import emoji_of, name_of
from adapters.slack.manifest import manifest
from adapters.slack.platform import SlackPlatform
from adapters.slack.speaking import CAPABILITIES
from chatops.bootstrap import registry
from chatops.conversation.addresses import Member, Place
from chatops.conversation.platform import Capabilities
from chatops.language import Language
from chatops.platforms import Ground
from tests.support.dialogues.driver import PEOPLE, FileSeen, Seen, Where, Who
from tests.support.dialogues.house import Home, opened_house
from tests.support.slack import Seen as SlackSeen
from tests.support.slack import SlackServer
from tests.support.slack.people import Person
from tests.support.slack.places import Channel

_MENTION: Final = re.compile(rf"@({'|'.join(PEOPLE)})\b")
_LOCALES: Final[Mapping[Language, str]] = {"en": "en-GB", "fr": "fr-FR"}


class SlackDriver:
    """The four in one workspace."""

    name = "slack"
    capabilities: Capabilities = CAPABILITIES

    def __init__(
        self,
        server: SlackServer,
        people: Mapping[Who, Person],
        channels: Mapping[Where, Channel],
        home: Home,
    ) -> None:
        self.home = home
        self._server = server
        self._people = people
        self._channels = channels
        self._first = ""
        self._firstly: dict[str, object] = {}

    def member(self, who: Who) -> Member:
        person = self._people[who]
        return Member("slack", person.team.id, person.id, person.name)

    def place(self, where: Where) -> Place:
        channel = self._channels[where]
        return Place("slack", channel.team.id, channel.id)

    async def begin(self, language: Language) -> None:
        """Start every client anew in a language; what stood before is out of sight."""
        for person in self._people.values():
            person.reload()
            sight = person.view
            if sight is not None:
                await person.close(sight)
            person.user.locale = _LOCALES[language]
            # As Slack does when somebody changes their settings.
            person.team.announce(
                {
                    "type": "user_change",
                    "user": {
                        "id": person.id,
                        "name": person.name,
                        "team_id": person.team.id,
                        "locale": person.user.locale,
                    },
                }
            )
        await self._server.settled()
        latest = [
            each.ts
            for person in self._people.values()
            for channel in (*self._channels.values(), person.dm())
            for each in person.seen(channel)
        ]
        self._first = max(latest, default="")

    async def say(
        self,
        who: Who,
        text: str,
        *,
        where: Where = "general",
        thread: str = "",
        files: Sequence[Path] = (),
    ) -> str:
        person, channel = self._people[who], self._channel(who, where)
        text = _MENTION.sub(lambda found: f"@{found[1].capitalize()}", text)
        attached = [(path.name, path.read_bytes()) for path in files]
        if text.startswith("/quitx") and not thread and not files:
            await person.slash(channel, text)
            return ""
        if text.startswith("@quitx"):
            words = text.removeprefix("@quitx").strip()
            said = await person.mention(channel, words, thread=thread or None, files=attached)
        else:
            if text.startswith("/quitx"):
                text = f"!{text[1:]}"
            said = await person.post(channel, text, thread=thread or None, files=attached)
        return said.ts

    async def stands(self, message: str, where: Where) -> bool:
        return any(
            each.ts == message
            for who, person in self._people.items()
            for each in person.seen(self._channel(who, where))
        )

    async def react(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._people[who].react(self._found(who, message, where), name_of(emoji))

    async def unreact(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._people[who].unreact(self._found(who, message, where), name_of(emoji))

    async def press(self, who: Who, label: str, message: str, where: Where) -> None:
        seen = self._found(who, message, where)
        shown = next(each for each in seen.buttons if each == label or each.endswith(f" {label}"))
        delivery = await self._people[who].press(seen, shown)
        assert delivery.acked, "a pressed button was not acknowledged"

    async def fill_in(
        self,
        who: Who,
        verb: str,
        values: Mapping[str, str],
        *,
        where: Where = "general",
        files: Sequence[Path] = (),
    ) -> None:
        """Press the button that opens the form, of the newest message that has it."""
        person = self._people[who]
        before = self.home.heard
        seen = self._with_form(who, verb, where)
        if seen is None:
            await person.slash(self._channel(who, where), f"/quitx help {verb}")
            await self.home.answered(before)
            seen = self._with_form(who, verb, where)
        assert seen is not None, f"nothing opens the form of {verb}"
        await person.press(seen, _form_button(seen, verb) or "")
        sight = await person.until_view()
        filled: dict[str, object] = {
            f"value:{name}": _MENTION.sub(lambda found: f"@{found[1].capitalize()}", value)
            for name, value in values.items()
        }
        for path in files:
            named = next(
                each["block_id"]
                for each in sight.raw["blocks"]
                if each["type"] == "input" and each["element"]["type"] == "file_input"
            )
            filled[named] = (path.name, path.read_bytes())
        heard = self.home.heard
        delivery = await person.submit(sight, filled)
        if not delivery.response:
            await self.home.hears(heard)

    async def seen(self, who: Who, where: Where) -> Sequence[Seen]:
        person, channel = self._people[who], self._channel(who, where)
        shown: list[Seen] = []
        for each in person.seen(channel):
            if each.ts <= self._first or not each.message.app_id:
                continue
            seen = self._shown(each, direct=where == "direct")
            if shown and seen.files and not seen.text:
                # Slack shows a file as a message of its own, under the one it belongs to.
                shown[-1] = replace(shown[-1], files=(*shown[-1].files, *seen.files))
            else:
                shown.append(seen)
        return shown

    async def settle(self) -> None:
        await self._server.settled()

    def _channel(self, who: Who, where: Where) -> Channel:
        return self._people[who].dm() if where == "direct" else self._channels[where]

    def _found(self, who: Who, message: str, where: Where) -> SlackSeen:
        person = self._people[who]
        return next(each for each in person.seen(self._channel(who, where)) if each.ts == message)

    def _with_form(self, who: Who, verb: str, where: Where) -> SlackSeen | None:
        seen = self._people[who].seen(self._channel(who, where))
        return next((each for each in reversed(seen) if _form_button(each, verb)), None)

    def _shown(self, seen: SlackSeen, *, direct: bool) -> Seen:
        words = (seen.text, seen.buttons)
        # The client marks no change of an ephemeral message.
        changed = self._firstly.setdefault(seen.ts, words) != words
        pings = [
            "everybody" if ping in {"channel", "here", "everyone"} else ping
            for ping in sorted(seen.pings)
        ]
        return Seen(
            id=seen.ts,
            text=seen.text,
            buttons=seen.buttons,
            private=seen.ephemeral or direct,
            edited=seen.edited or changed,
            files=tuple(FileSeen(each.name, each.data) for each in seen.message.files),
            thread=seen.thread_ts if seen.thread_ts != seen.ts else "",
            reactions=tuple(
                emoji_of(name)
                for name, users in seen.reactions.items()
                if seen.message.user in users
            ),
            pings=tuple(pings),
            links=seen.links,
        )


def _form_button(seen: SlackSeen, verb: str) -> str | None:
    """Return the id of the button that opens the form of a command."""
    command = registry().at(verb)
    assert command is not None
    lines = {command.words("en"), command.words("fr")}
    for block in seen.message.blocks:
        for element in block.get("elements", ()):
            action = str(element.get("action_id", ""))
            if action.startswith("form:") and element.get("value") in lines:
                return action
    return None


@asynccontextmanager
async def open_driver(folder: Path) -> AsyncIterator[SlackDriver]:
    """Run the program with Slack."""
    async with SlackServer() as server:
        app = server.app(manifest(registry()))
        team = server.team("Les Amis")
        bot = team.install(app)
        people: dict[Who, Person] = {who: team.person(who.capitalize()) for who in PEOPLE}
        channels: dict[Where, Channel] = {
            "general": team.channel("general", bot, *people.values()),
            "second": team.channel("second", bot, *people.values()),
        }

        def making(ground: Ground) -> SlackPlatform:
            return SlackPlatform(
                bot_tokens=[bot.token],
                app_tokens=[app.token],
                registry=ground.commands,
                api_url=server.api_url,
                home=ground.glance,
                clock=ground.clock,
            )

        async with opened_house(making, folder) as home:
            yield SlackDriver(server, people, channels, home)
        await asyncio.sleep(0)
        assert not server.textless(), "a message has no text for notifications"
