"""Discord as a platform of dialogues: the four have its client, on a double of its server."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from adapters.discord.buttons import pressed
from adapters.discord.limits import CAPABILITIES
from adapters.discord.modals import OTHERS
from adapters.discord.options import ATTACHMENT
from adapters.discord.platform import DiscordPlatform
from adapters.discord.tree import LINE, Entry, tree_of
from chatops.bootstrap import registry
from chatops.conversation.addresses import Member, Place
from chatops.conversation.platform import Capabilities
from chatops.conversation.tokens import quoted
from chatops.conversation.words import fold
from chatops.language import LANGUAGES, Language, Speaker, _
from chatops.platforms import Ground
from tests.support.dialogues.driver import PEOPLE, FileSeen, Seen, Where, Who
from tests.support.dialogues.house import Home, opened_house
from tests.support.discord import Channel, DiscordServer, Guild, Person, SeenMessage, Upload
from tests.support.discord.applications import Application
from tests.support.discord.modals import Field, Modal
from tests.support.discord.places import open_thread
from tests.support.discord.reading import Reader, Reading
from tests.support.discord.records import ChannelKind, Message
from tests.support.discord.seeing import see

_MENTION: Final = re.compile(rf"@({'|'.join(PEOPLE)})\b")
_LOCALES: Final[Mapping[Language, str]] = {"en": "en-GB", "fr": "fr"}
_UPLOAD: Final = 19
_ASIDE: Final = _("{name}, I answered you in private.", name="…")


class _Client(Reader):
    """Reads as people do who also want to know where a link leads."""

    def _link(self, text: str, at: int) -> tuple[Reading, int] | None:
        read = super()._link(text, at)
        if read is not None and any(kind == "link" for kind, _words in read[0].marks):
            read[0].text += f" ({read[0].links[-1]})"
        return read


class DiscordDriver:
    """The four in one server."""

    name = "discord"
    capabilities: Capabilities = CAPABILITIES

    def __init__(
        self,
        application: Application,
        guild: Guild,
        people: Mapping[Who, Person],
        channels: Mapping[Where, Channel],
        home: Home,
    ) -> None:
        self.home = home
        self._application = application
        self._guild = guild
        self._people = people
        self._channels = channels
        self._tree = tree_of(registry())
        self._first = 0

    def member(self, who: Who) -> Member:
        person = self._people[who]
        return Member("discord", "", person.id, person.name)

    def place(self, where: Where) -> Place:
        return Place("discord", self._guild.id, self._channels[where].id)

    async def begin(self, language: Language) -> None:
        """Close what is open, in a language; what stood before is out of sight."""
        for person in self._people.values():
            person.dismiss()
            person.user.locale = _LOCALES[language]
            # Discord tells the language with whatever they do with commands, typing included.
            await person.autocomplete(self._channels["second"], "quitx line", "line", "h")
        self._first = int(self._guild.world.id())

    async def say(
        self,
        who: Who,
        text: str,
        *,
        where: Where = "general",
        thread: str = "",
        files: Sequence[Path] = (),
    ) -> str:
        person = self._people[who]
        channel = self._spoken_in(who, where, thread)
        text = _MENTION.sub(lambda found: f"<@{self._id(found[1])}>", text)
        uploads = [Upload(path.name, path.read_bytes()) for path in files]
        if text.startswith("/quitx") and await self._slashed(person, channel, text, uploads):
            return ""
        if text.startswith("/quitx"):
            text = f"!{text[1:]}"
        elif text.startswith("@quitx"):
            text = f"<@{self._application.bot.id}>{text.removeprefix('@quitx')}"
        answered = self._message(who, thread, where) if thread and where == "direct" else None
        return (await person.post(channel, text, uploads, answered)).id

    async def stands(self, message: str, where: Where) -> bool:
        channels = [
            channel for who in PEOPLE for channel in self._read_in(self._channel(who, where))
        ]
        return any(message in channel.messages for channel in channels)

    async def react(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._people[who].react(self._message(who, message, where), emoji)

    async def unreact(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._people[who].unreact(self._message(who, message, where), emoji)

    async def press(self, who: Who, label: str, message: str, where: Where) -> None:
        done = await self._people[who].press(self._message(who, message, where), label)
        assert done.answered, "a pressed button was not acknowledged"

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
        person, channel = self._people[who], self._channel(who, where)
        button = self._form_button(person, channel, verb)
        if button is None:
            before = self.home.heard
            await person.slash(channel, "quitx help", command=verb)
            await self.home.answered(before)
            button = self._form_button(person, channel, verb)
        assert button is not None, f"nothing opens the form of {verb}"
        message, label = button
        await person.press(message, label)
        modal = person.modal
        assert modal is not None, "no form was opened"
        mentioned = {
            name: _MENTION.sub(lambda found: f"<@{self._id(found[1])}>", value)
            for name, value in values.items()
        }
        heard = self.home.heard
        sent = await person.submit(modal, _filled(modal, mentioned, files))
        assert sent.answered, "a form was not acknowledged"
        await self.home.hears(heard)

    async def seen(self, who: Who, where: Where) -> Sequence[Seen]:
        person = self._people[who]
        channels = self._read_in(self._channel(who, where))
        found = [
            see(each, person.user)
            for channel in channels
            for each in channel.messages.values()
            if int(each.id) > self._first
            and each.author is self._application.bot
            and each.reader in (None, person.user)
        ]
        shown = [
            self._shown(each, direct=where == "direct")
            for each in sorted(found, key=lambda each: int(each.id))
            if not each.thinking
        ]
        # Where an answer went aside, the channel is told so, which the core does not say.
        return [each for each in shown if not self._is_aside(each)]

    async def settle(self) -> None:
        """What was said stands at once."""

    async def _slashed(
        self, person: Person, channel: Channel, text: str, uploads: Sequence[Upload]
    ) -> bool:
        """Call a command as it is offered, or as a line; False where that takes no file."""
        words = text.removeprefix("/quitx").strip() or "menu"
        path, entry = self._offered(words)
        options: dict[str, object] = {}
        if uploads:
            asking = [name for name, asked in entry.asked.items() if asked.type == ATTACHMENT]
            if not asking or len(uploads) > 1:
                return False
            options = {asking[0]: uploads[0]}
        elif entry.command is None:
            options = {LINE.en: words}
        called = await person.slash(channel, f"quitx {path}", **options)
        assert called.answered, f"/quitx {words} was not acknowledged"
        return True

    def _offered(self, words: str) -> tuple[str, Entry]:
        """Return the subcommand that these words are, and no more; else the one for any line."""
        for path, entry in self._tree.entries.items():
            command = entry.command
            if command is not None:
                names = {fold(command.words(language)) for language in LANGUAGES}
                if fold(words) in names and not any(each.required for each in entry.asked.values()):
                    return " ".join(path), entry
        return LINE.en, self._tree.entries[LINE.en,]

    def _id(self, name: str) -> str:
        return next(person.id for who, person in self._people.items() if who == name)

    def _channel(self, who: Who, where: Where) -> Channel:
        if where == "direct":
            return self._people[who].direct(self._application)
        return self._channels[where]

    def _read_in(self, channel: Channel) -> list[Channel]:
        """Return a channel with its threads."""
        own = [each for each in self._guild.threads if each.parent is channel]
        return [channel, *own]

    def _spoken_in(self, who: Who, where: Where, thread: str) -> Channel:
        """Return the channel, or the thread of a message in it, opened where there is none."""
        channel = self._channel(who, where)
        if not thread or where == "direct":
            return channel
        for known in self._read_in(channel):
            if known.id == thread or (known.is_thread and thread in known.messages):
                return known
        owner = self._people[who].user
        return open_thread(channel, "Thread", ChannelKind.PUBLIC_THREAD, owner, id_=thread)

    def _message(self, who: Who, message: str, where: Where) -> Message:
        for channel in self._read_in(self._channel(who, where)):
            if message in channel.messages:
                return channel.messages[message]
        raise AssertionError(f"there is no message {message}")

    def _form_button(
        self, person: Person, channel: Channel, verb: str
    ) -> tuple[SeenMessage, str] | None:
        command = registry().at(verb)
        assert command is not None
        lines = {command.words(language) for language in LANGUAGES}
        for seen in reversed(person.seen(channel)):
            for button in seen.buttons:
                press = pressed(button.custom_id or "")
                if press is not None and press.form and press.says in lines:
                    return seen, button.label
        return None

    def _shown(self, seen: SeenMessage, *, direct: bool) -> Seen:
        message = seen.message
        thread = message.channel.id if message.channel.is_thread else ""
        return Seen(
            id=seen.id,
            text=self._text(message.embeds),
            buttons=tuple(
                f"{button.emoji} {button.label}" if button.emoji else button.label
                for button in seen.buttons
            ),
            private=seen.ephemeral or direct,
            edited=seen.edited,
            pictures=tuple(url.removeprefix("attachment://") for url in seen.pictures),
            files=tuple(FileSeen(file.name, file.content) for file in seen.files),
            thread=thread,
            reactions=tuple(
                emoji
                for emoji, users in message.reactions.items()
                if self._application.bot in users
            ),
            pings=tuple("everybody" if ping == "everyone" else ping for ping in seen.pings),
            links=seen.links,
        )

    def _text(self, embeds: Sequence[Mapping[str, Any]]) -> str:
        names = {person.id: person.name for person in self._people.values()}
        client, parts = _Client(names), list[str]()
        for embed in embeds:
            parts.append(client.read(embed.get("description") or "").text)
            for field in embed.get("fields") or ():
                parts += [client.inline(field["name"]).text, client.read(field["value"]).text]
        return "\n".join(part for part in parts if part)

    def _is_aside(self, seen: Seen) -> bool:
        for language in LANGUAGES:
            before, after = Speaker(language).say(_ASIDE).split("…")
            names = [person.name for person in self._people.values()]
            if seen.text in {f"{before}{name}{after}" for name in names}:
                return True
        return False


def _filled(modal: Modal, values: Mapping[str, str], files: Sequence[Path]) -> dict[str, object]:
    """Put values where the form asks for them, by what people read above each field."""
    fields = {field.component["custom_id"]: field for field in modal.fields}
    filled: dict[str, object] = {}
    others: list[str] = []
    for name, value in values.items():
        field = fields.get(f"{name}:name") or fields.get(name)
        if field is None:
            others.append(f"{name}={quoted(value)}")
        else:
            filled[field.label] = _chosen(field, name, value) if field.options else value
    if others:
        filled[fields[OTHERS].label] = " ".join(others)
    for path in files:
        upload = next(each for each in modal.fields if each.component["type"] == _UPLOAD)
        filled[upload.label] = Upload(path.name, path.read_bytes())
    return filled


def _chosen(field: Field, name: str, value: str) -> list[str]:
    """Return the labels of what would be typed in English."""
    labels = {sent: label for label, sent in field.options.items()}
    chosen = [labels.get(each.strip(), each.strip()) for each in value.split(",")]
    assert all(label in field.options for label in chosen), f"{name} has no {value!r}"
    return chosen


@asynccontextmanager
async def open_driver(folder: Path) -> AsyncIterator[DiscordDriver]:
    """Run the program with Discord."""
    async with DiscordServer() as server:
        application = server.application(
            "QuitX", token="good", privileged=("members", "message_content")
        )
        guild = server.guild("Les Amis")
        guild.add(application, "MANAGE_MESSAGES")
        people: dict[Who, Person] = {who: guild.person(who.capitalize()) for who in PEOPLE}
        channels: dict[Where, Channel] = {
            "general": guild.channel("general"),
            "second": guild.channel("second"),
        }

        def making(ground: Ground) -> DiscordPlatform:
            return DiscordPlatform(
                application.token,
                ground.commands,
                ground.clock,
                api_url=server.api_url,
                gateway_url=server.gateway_url,
            )

        with server.wired():
            async with opened_house(making, folder) as home:
                await server.until(application.commands)
                yield DiscordDriver(application, guild, people, channels, home)
