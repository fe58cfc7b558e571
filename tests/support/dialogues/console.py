"""The console as a platform of dialogues: lines go in on a pipe, lines of JSON come out."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from io import StringIO
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from adapters.console.platform import CAPABILITIES, ConsolePlatform
from chatops.conversation.addresses import Member, Place
from chatops.conversation.platform import Capabilities
from chatops.conversation.tokens import quoted
from chatops.conversation.words import addressed
from chatops.language import Language
from chatops.platforms import Ground
from tests.support.dialogues.driver import FileSeen, Seen, Where, Who
from tests.support.dialogues.house import Home, opened_house

_ROW_OF_BUTTONS: Final = re.compile(r"\[1\] ")
_BUTTON: Final = re.compile(r"\[\d+\] (.+?)(?= {3}\[\d+\] |$)")


class _Pipe:
    """Lines that are typed one at a time; the next is typed once the last was followed."""

    def __init__(self) -> None:
        self._lines: asyncio.Queue[str] = asyncio.Queue()

    async def type(self, *lines: str) -> None:
        for line in lines:
            await self._lines.put(line)
        await self._lines.join()

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            line = await self._lines.get()
            yield line
            self._lines.task_done()


class ConsoleDriver:
    """The four share one terminal, and speak as themselves with `:as`."""

    name = "console"
    capabilities: Capabilities = CAPABILITIES

    def __init__(self, home: Home, pipe: _Pipe, out: StringIO) -> None:
        self.home = home
        self._pipe = pipe
        self._out = out
        self._own_words = 0
        self._first = 0

    def member(self, who: Who) -> Member:
        return Member("console", "", who, who.capitalize())

    def place(self, where: Where) -> Place:
        return Place("console", "", where)

    async def begin(self, language: Language) -> None:
        """Look only at what is printed from now on; the console knows nobody's language."""
        del language
        self._first = len(self._printed())

    async def say(
        self,
        who: Who,
        text: str,
        *,
        where: Where = "general",
        thread: str = "",
        files: Sequence[Path] = (),
    ) -> str:
        attached = [f":attach {path}" for path in files]
        under = [f":thread {thread}"] if thread else []
        await self._pipe.type(*self._scene(who, where), *under, *attached, text)
        if addressed(text, ("quitx",)) is not None:
            return ""
        self._own_words += 1
        return f"u{self._own_words}"

    async def stands(self, message: str, where: Where) -> bool:
        """What was typed into a terminal stays there."""
        del message, where
        return True

    async def react(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._pipe.type(*self._scene(who, where), f":react {emoji} {message}")

    async def unreact(self, who: Who, emoji: str, message: str, where: Where) -> None:
        await self._pipe.type(*self._scene(who, where), f":unreact {emoji} {message}")

    async def press(self, who: Who, label: str, message: str, where: Where) -> None:
        await self._pipe.type(*self._scene(who, where), f":press {label} {message}")

    async def fill_in(
        self,
        who: Who,
        verb: str,
        values: Mapping[str, str],
        *,
        where: Where = "general",
        files: Sequence[Path] = (),
    ) -> None:
        attached = [f":attach {path}" for path in files]
        filled = " ".join(f"{name}={quoted(value)}" for name, value in values.items())
        await self._pipe.type(*self._scene(who, where), *attached, f":form {verb} {filled}")

    async def seen(self, who: Who, where: Where) -> Sequence[Seen]:
        """Return what a terminal shows of each message at last."""
        messages: dict[str, Seen] = {}
        label = self._label(who, where)
        for line in self._printed()[self._first :]:
            place, _slash, thread = line["place"].partition("/")
            if place != label or line["to"] not in {None, who.capitalize()}:
                continue
            message = line["id"]
            if line["event"] == "delete":
                del messages[message]
            elif line["event"] == "reaction":
                before = messages[message]
                messages[message] = replace(before, reactions=(*before.reactions, line["text"]))
            else:
                shown = _seen(line, thread, private=where == "direct" or line["to"] is not None)
                messages[message] = replace(shown, edited=line["event"] == "edit")
        return list(messages.values())

    async def settle(self) -> None:
        """What was said has been printed."""

    def _scene(self, who: Who, where: Where) -> tuple[str, str]:
        return f":as {who.capitalize()}", f":in {self._label(who, where)}"

    def _label(self, who: Who, where: Where) -> str:
        return f"@{who}" if where == "direct" else where

    def _printed(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self._out.getvalue().splitlines()]


def _seen(line: Mapping[str, Any], thread: str, *, private: bool) -> Seen:
    text: str = line["text"]
    for document in _blocks(line, "document"):
        text = text.replace(document["path"] or "", "")
    rows = text.split("\n")
    return Seen(
        id=line["id"],
        text="\n".join(row for row in rows if not _ROW_OF_BUTTONS.match(row)),
        buttons=tuple(
            button for row in rows if _ROW_OF_BUTTONS.match(row) for button in _BUTTON.findall(row)
        ),
        private=private,
        thread=thread,
        pictures=tuple(each["name"] for each in _blocks(line, "picture")),
        files=tuple(
            FileSeen(each["name"], Path(each["path"]).read_bytes())
            for each in _blocks(line, "document")
            if each["path"]
        ),
    )


def _blocks(line: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in line["reply"]["blocks"] if each["type"] == kind]


@asynccontextmanager
async def open_driver(folder: Path) -> AsyncIterator[ConsoleDriver]:
    """Run the program with the console, on a pipe."""
    pipe, out = _Pipe(), StringIO()
    homes: list[Home] = []

    async def answered() -> None:
        await homes[0].house.conversation.settled()

    def making(_ground: Ground) -> ConsolePlatform:
        return ConsolePlatform(
            answered=answered,
            settled=answered,
            lines=aiter(pipe),
            out=out,
            json=True,
            downloads=folder / "downloads",
        )

    async with opened_house(making, folder) as home:
        homes.append(home)
        yield ConsoleDriver(home, pipe, out)
