"""Matrix as a platform of dialogues: the four have its clients, on a real homeserver.

One channel is encrypted and one is not; each one's conversation with the bot is.
"""

from __future__ import annotations

import asyncio
import html
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from adapters.matrix.limits import CAPABILITIES
from adapters.matrix.platform import MatrixPlatform
from adapters.matrix.secret import InVault
from adapters.matrix.session import Access
from chatops.conversation.addresses import Member, Place
from chatops.conversation.platform import Capabilities
from chatops.language import Language
from chatops.platforms import Ground
from tests.support.dialogues.driver import PEOPLE, FileSeen, Seen, Where, Who
from tests.support.dialogues.house import PATIENCE, Home, opened_house
from tests.support.dialogues.words import line_of, standing_for
from tests.support.matrix import install
from tests.support.matrix.person import Heard, Person
from tests.support.matrix.reading import Page
from tests.support.matrix.synapse import Account, SynapseServer
from tests.support.needs import need

_MENTION: Final = re.compile(rf"@({'|'.join(PEOPLE)})\b")


class MatrixDriver:
    """The four in two rooms."""

    name = "matrix"
    capabilities: Capabilities = CAPABILITIES

    def __init__(
        self,
        bot: Account,
        people: Mapping[Who, Person],
        rooms: Mapping[Where, str],
        direct: Mapping[Who, str],
        home: Home,
    ) -> None:
        self.home = home
        self._bot = bot
        self._people = people
        self._rooms = rooms
        self._direct = direct
        self._old: set[str] = set()
        self._reactions: dict[tuple[Who, str, str], str] = {}
        self._files: dict[str, bytes] = {}
        self._shown: dict[tuple[Who, Where], Sequence[Seen]] = {}

    def member(self, who: Who) -> Member:
        return Member("matrix", "", self._people[who].id, self._people[who].name)

    def place(self, where: Where) -> Place:
        return Place("matrix", "", self._rooms[where])

    async def begin(self, language: Language) -> None:
        """Put out of sight what stood before; Matrix tells nobody's language."""
        del language
        for who, where in self._views():
            self._old |= {each.id for each in await self._read(who, where)}
        self._shown.clear()

    async def say(
        self,
        who: Who,
        text: str,
        *,
        where: Where = "general",
        thread: str = "",
        files: Sequence[Path] = (),
    ) -> str:
        person, room = self._people[who], self._room(who, where)
        content = self._typed(text)
        if thread:
            relation = {"rel_type": "m.thread", "event_id": thread, "is_falling_back": True}
            content["m.relates_to"] = relation | {"m.in_reply_to": {"event_id": thread}}
        for path in files[:-1]:
            await person.attach(room, path)
        if files:
            words = str(content.pop("body"))
            content.pop("msgtype")
            return await person.attach(room, files[-1], words, **content)
        return await person.send(room, content)

    async def stands(self, message: str, where: Where) -> bool:
        views = [view for view in self._views() if view[1] == where]
        stand = [each.id for view in views for each in await self._read(*view)]
        return message in stand

    async def react(self, who: Who, emoji: str, message: str, where: Where) -> None:
        again = (who, emoji, message) in self._reactions
        if again:
            # Matrix takes each reaction once: who means it again takes it back first.
            before = self.home.heard
            await self.unreact(who, emoji, message, where)
            await self.home.answered(before)
        before = self.home.heard
        event = await self._people[who].react(self._room(who, where), message, emoji)
        self._reactions[who, emoji, message] = event
        if again:
            await self.home.answered(before)

    async def unreact(self, who: Who, emoji: str, message: str, where: Where) -> None:
        event = self._reactions.pop((who, emoji, message))
        await self._people[who].redact(self._room(who, where), event)

    async def press(self, who: Who, label: str, message: str, where: Where) -> None:
        seen = next(each for each in await self.seen(who, where) if each.id == message)
        words = standing_for(label, seen.text)
        if words.emoji:
            await self.react(who, words.emoji, message, where)
        else:
            await self.say(who, words.line, where=where, thread=seen.thread)

    async def fill_in(
        self,
        who: Who,
        verb: str,
        values: Mapping[str, str],
        *,
        where: Where = "general",
        files: Sequence[Path] = (),
    ) -> None:
        await self.say(who, line_of(verb, values), where=where, files=files)

    async def seen(self, who: Who, where: Where) -> Sequence[Seen]:
        view: tuple[Who, Where] = (who if where == "direct" else "amal", where)
        if view not in self._shown:
            said = [
                each
                for each in await self._read(*view)
                if each.sender == self._bot.user_id and each.id not in self._old
            ]
            reader = self._people[view[0]]
            shown = [await self._seen(reader, each, where) for each in said]
            self._shown[view] = _with_their_files(shown)
        return self._shown[view]

    async def settle(self) -> None:
        """Wait until everybody has the keys to what was said."""
        self._shown.clear()
        async with asyncio.timeout(PATIENCE):
            for who, where in self._views():
                while any("ciphertext" in each.content for each in await self._read(who, where)):
                    await self._people[who].synced()

    def _views(self) -> Sequence[tuple[Who, Where]]:
        """Return what there is to see: rooms are the same for all."""
        shared: list[tuple[Who, Where]] = [("amal", "general"), ("amal", "second")]
        return [*shared, *((who, "direct") for who in PEOPLE)]

    def _room(self, who: Who, where: Where) -> str:
        return self._direct[who] if where == "direct" else self._rooms[where]

    async def _read(self, who: Who, where: Where) -> Sequence[Heard]:
        return await self._people[who].read(self._room(who, where))

    def _typed(self, text: str) -> dict[str, object]:
        """Return what a client makes of what is typed: names with links to those they mean."""
        ids: dict[str, str] = {}
        if text.startswith("/quitx"):
            text = f"!{text[1:]}"
        elif text.startswith("@quitx"):
            text = f"QuitX{text.removeprefix('@quitx')}"
            ids["QuitX"] = self._bot.user_id
        marked = html.escape(text).replace("\n", "<br>")
        if ids:
            marked = marked.replace("QuitX", self._pill("QuitX", ids["QuitX"]), 1)
        for who in {found[1] for found in _MENTION.finditer(text)}:
            person = next(self._people[each] for each in PEOPLE if each == who)
            ids[person.name] = person.id
            marked = marked.replace(f"@{who}", self._pill(person.name, person.id))
        body = _MENTION.sub(lambda found: found[1].capitalize(), text)
        content: dict[str, object] = {"msgtype": "m.text", "body": body}
        if ids:
            content["format"] = "org.matrix.custom.html"
            content["formatted_body"] = marked
            content["m.mentions"] = {"user_ids": [*ids.values()]}
        return content

    def _pill(self, name: str, user_id: str) -> str:
        return f'<a href="https://matrix.to/#/{user_id}">{name}</a>'

    async def _seen(self, person: Person, heard: Heard, where: Where) -> Seen:
        content = heard.content
        page = Page(str(content.get("formatted_body", "")))
        kind, name = content["msgtype"], str(content.get("filename", ""))
        files: tuple[FileSeen, ...] = ()
        if kind in ("m.file", "m.image"):
            if heard.id not in self._files:
                self._files[heard.id] = await person.opened(content)
            files = (FileSeen(name, self._files[heard.id]),)
        mentions = content.get("m.mentions", {})
        names = {each.id: each.name for each in self._people.values()}
        pings = [names.get(str(each), str(each)) for each in mentions.get("user_ids", ())]
        return Seen(
            id=heard.id,
            text=page.text,
            private=where == "direct",
            edited=heard.edited,
            pictures=(name,) if kind == "m.image" else (),
            files=files if kind == "m.file" else (),
            thread=heard.thread,
            reactions=tuple(
                emoji for emoji, sender in heard.reactions if sender == self._bot.user_id
            ),
            pings=(*pings, *(["everybody"] if mentions.get("room") else [])),
            links=tuple(page.links),
        )


def _with_their_files(messages: Sequence[Seen]) -> Sequence[Seen]:
    """Put files to the message above them, which speaks of them."""
    found: list[Seen] = []
    for each in messages:
        if each.text or not found:
            found.append(each)
        else:
            above = found[-1]
            pictures, files = (*above.pictures, *each.pictures), (*above.files, *each.files)
            found[-1] = replace(above, pictures=pictures, files=files)
    return found


@asynccontextmanager
async def open_driver(folder: Path) -> AsyncIterator[MatrixDriver]:
    """Run the program with Matrix."""
    need(install.missing())
    async with AsyncExitStack() as stack:
        server = stack.enter_context(SynapseServer())
        bot = server.create_account("QuitX")
        people: dict[Who, Person] = {
            who: await stack.enter_async_context(Person(server, who.capitalize())) for who in PEOPLE
        }

        def making(ground: Ground) -> MatrixPlatform:
            return MatrixPlatform(
                Access(server.url, bot.user_id, password=bot.password),
                store_dir=ground.settings.matrix.store_dir,
                allow_invites=[server.server_name],
                secrets=InVault(ground.store, ground.vault),
                clock=ground.clock,
            )

        home = await stack.enter_async_context(opened_house(making, folder))
        rooms: dict[Where, str] = {
            "general": await _met(people, bot, "general"),
            "second": await _met(people, bot, "second", encrypted=True),
        }
        direct: dict[Who, str] = {who: await _alone(person, bot) for who, person in people.items()}
        driver = MatrixDriver(bot, people, rooms, direct, home)
        yield driver


async def _met(
    people: Mapping[Who, Person], bot: Account, name: str, *, encrypted: bool = False
) -> str:
    """Open a room with everybody in it, where the bot may delete what others say."""
    amal, *others = people.values()
    ids = [bot.user_id, *(each.id for each in others)]
    levels = {"redact": 0}
    room = await amal.open_room(
        name, invite=ids, encrypted=encrypted, power_level_content_override=levels
    )
    for each in others:
        await each.join(room)
    await amal.with_member(room, bot.user_id)
    return room


async def _alone(person: Person, bot: Account) -> str:
    room = await person.open_room(
        invite=[bot.user_id], encrypted=True, is_direct=True, preset="trusted_private_chat"
    )
    await person.with_member(room, bot.user_id)
    return room
