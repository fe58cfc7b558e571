"""The twin in memory as a platform of dialogues: as able as any, or as poor as one may be."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.fallbacks import prefix_in
from chatops.conversation.platform import Capabilities
from chatops.conversation.reply import Choices, Document, Picture, Reply
from chatops.language import Language, Speaker
from chatops.testing import EVERYTHING, MemoryPlatform, Said, plain
from tests.support.dialogues.driver import PEOPLE, FileSeen, Seen, Where, Who
from tests.support.dialogues.house import Home, opened_house
from tests.support.dialogues.words import line_of, standing_for

_MENTION: Final = re.compile(rf"@({'|'.join(PEOPLE)})\b")

POOR: Final = replace(
    EVERYTHING,
    slash=False,
    slash_in_threads=False,
    buttons=0,
    fields=0,
    private_replies="direct",
    deletes_others=False,
    pictures=False,
    files=0,
    forms=False,
)
"""What a chat has at the least with which all dialogues can be held."""


class MemoryDriver:
    """The four as the twin's own members."""

    def __init__(self, home: Home, platform: MemoryPlatform) -> None:
        self.home = home
        self._platform = platform
        self._first = 0
        self._language: Language = "en"
        self._own: dict[str, MessageRef] = {}

    @property
    def name(self) -> str:
        return self._platform.name

    @property
    def capabilities(self) -> Capabilities:
        return self._platform.capabilities

    def member(self, who: Who) -> Member:
        return Member(self.name, "home", _id(who), who.capitalize(), self._language)

    def place(self, where: Where) -> Place:
        return Place(self.name, "home", where)

    async def begin(self, language: Language) -> None:
        self._language = language
        self._first = len(self._platform.said)

    async def say(
        self,
        who: Who,
        text: str,
        *,
        where: Where = "general",
        thread: str = "",
        files: Sequence[Path] = (),
    ) -> str:
        text = _mentioning(text)
        place = replace(self._where(who, where), thread=thread)
        attached = [self._platform.attach(path.name, path.read_bytes()) for path in files]
        slash = prefix_in(place, self.capabilities) == "/quitx" and not files
        if text.startswith("/quitx") and slash:
            await self._platform.call(self.member(who), place, text.removeprefix("/quitx").strip())
            return ""
        if text.startswith("/quitx"):
            text = f"!{text[1:]}"
        ref = await self._platform.post(self.member(who), place, text, *attached)
        self._own[ref.id] = ref
        return ref.id

    async def stands(self, message: str, where: Where) -> bool:
        del where
        return self._platform.stands(self._own[message])

    async def react(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._platform.react_to(self.member(who), self._ref(who, message, where), emoji)

    async def unreact(self, who: Who, emoji: str, message: str, where: Where) -> None:
        ref = self._ref(who, message, where)
        await self._platform.react_to(self.member(who), ref, emoji, added=False)

    async def press(self, who: Who, label: str, message: str, where: Where) -> None:
        said = self._said(message)
        for choice in said.choices:
            if said.speaker.say(choice.label) == label:
                await self._platform.press(self.member(who), said.ref, choice.says)
                return
        words = standing_for(label, said.text)
        if words.emoji:
            await self.react(who, words.emoji, message, where)
        else:
            await self.say(who, words.line, where=where, thread=said.ref.place.thread)

    async def fill_in(
        self,
        who: Who,
        verb: str,
        values: Mapping[str, str],
        *,
        where: Where = "general",
        files: Sequence[Path] = (),
    ) -> None:
        if not self.capabilities.forms:
            await self.say(who, line_of(verb, values), where=where, files=files)
            return
        attached = [self._platform.attach(path.name, path.read_bytes()) for path in files]
        member, place = self.member(who), self._where(who, where)
        filled = {name: _mentioning(each) for name, each in values.items()}
        await self._platform.fill_in(member, place, verb, *attached, **filled)

    async def seen(self, who: Who, where: Where) -> Sequence[Seen]:
        channel, me = self._where(who, where).channel, self.member(who).id
        return [
            _seen(said)
            for said in self._platform.said[self._first :]
            if said.ref.place.channel == channel and _for(said, me)
        ]

    async def settle(self) -> None:
        """What was said is there."""

    def _where(self, who: Who, where: Where) -> Place:
        if where == "direct":
            return Place(self.name, "home", f"@{_id(who)}", direct=True)
        return self.place(where)

    def _ref(self, who: Who, message: str, where: Where) -> MessageRef:
        del who, where
        return self._own.get(message) or self._said(message).ref

    def _said(self, message: str) -> Said:
        return next(said for said in self._platform.said if said.ref.id == message)


def _id(who: str) -> str:
    return f"U{who.upper()}"


def _mentioning(text: str) -> str:
    """Write mentions as a platform's client would send them."""
    return _MENTION.sub(lambda found: f"<@{_id(found[1])}>", text)


def _for(said: Said, member_id: str) -> bool:
    to = said.address.to
    return to is None or not said.reply.private or to.id == member_id


def _seen(said: Said) -> Seen:
    reply, speaker = said.reply, said.speaker
    documents = [block for block in reply.blocks if isinstance(block, Document)]
    return Seen(
        id=said.ref.id,
        text="\n".join(_lines(reply, speaker)),
        buttons=tuple(speaker.say(choice.label) for choice in said.choices),
        private=said.ref.place.direct or (said.address.to is not None and reply.private),
        edited=bool(said.earlier),
        pictures=tuple(block.name for block in reply.blocks if isinstance(block, Picture)),
        files=tuple(FileSeen(each.name, each.data) for each in documents),
        thread=said.ref.place.thread,
        reactions=tuple(dict.fromkeys(said.reactions)),
    )


def _lines(reply: Reply, speaker: Speaker) -> Iterator[str]:
    if reply.complaint is not None:
        yield from plain(Reply(complaint=reply.complaint), speaker)
        yield reply.complaint.id
    blocks = tuple(block for block in reply.blocks if not isinstance(block, Choices))
    yield from plain(Reply(blocks), speaker)


def opening(
    capabilities: Capabilities,
) -> Callable[[Path], AbstractAsyncContextManager[MemoryDriver]]:
    """Return what opens the twin with these capabilities."""

    @asynccontextmanager
    async def open_driver(folder: Path) -> AsyncIterator[MemoryDriver]:
        platform = MemoryPlatform(capabilities=capabilities)
        async with opened_house(lambda _ground: platform, folder) as home:
            yield MemoryDriver(home, platform)

    return open_driver
