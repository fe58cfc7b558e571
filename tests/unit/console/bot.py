"""A tiny bot behind the console: what the core does, in one function.

Run as a program, it speaks on the standard streams of its process.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import tempfile
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path

from adapters.console.completion import Completion
from adapters.console.platform import ConsolePlatform
from chatops.conversation.addresses import Address, MessageRef
from chatops.conversation.events import (
    ButtonPressed,
    CommandCalled,
    Event,
    FormSubmitted,
    MessagePosted,
    ReactionChanged,
)
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.reply import (
    Choice,
    Choices,
    Complaint,
    Document,
    Heading,
    Paragraph,
    Progress,
    Quote,
    Reply,
)
from chatops.language import ENGLISH, Speaker, _, verbatim

GREETING = Reply((Heading(_("QuitX ChatOps")), Paragraph(_("Type a command."))))
STEP = 0.01


class Bot:
    """Answers every event, and keeps them all."""

    def __init__(self, speaker: Speaker = ENGLISH) -> None:
        self.events: list[Event] = []
        self.handled: list[str] = []
        self.platform: ChatPlatform | None = None
        self._speaker = speaker
        self._work: set[asyncio.Task[None]] = set()
        self._sent = 0

    async def inbox(self, event: Event) -> None:
        """Handle an event, as the core does: the answer stands when it returns."""
        self.events.append(event)
        match event:
            case CommandCalled():
                await self._command(event)
            case ButtonPressed(says=says, message=message, member=member):
                await self.say(Address(message.place), f"{member.name} pressed {says}")
            case ReactionChanged(emoji=emoji, added=added, message=message, member=member):
                done = "reacted" if added else "took back"
                await self.say(Address(message.place), f"{member.name} {done} {emoji}")
            case FormSubmitted(verb=verb, values=values, place=place):
                await self.say(Address(place), f"{verb}: {dict(values)}")
            case MessagePosted(text=text, message=message):
                if text == "hello bot":
                    await self.say(Address(message.place), "hello")
        self.handled.append(event.event_id)

    async def answered(self) -> None:
        """Everything was sent before `inbox` returned."""

    async def settled(self) -> None:
        """Wait for the work in the background."""
        while self._work:
            await asyncio.gather(*self._work)

    async def say(self, address: Address, words: str) -> MessageRef:
        """Say plain words."""
        return await self.send(address, Reply((Paragraph(verbatim(words)),)))

    async def send(self, address: Address, reply: Reply) -> MessageRef:
        """Send a reply under a key of its own."""
        assert self.platform is not None
        self._sent += 1
        return await self.platform.send(address, reply, self._speaker, key=f"k{self._sent}")

    async def _command(self, event: CommandCalled) -> None:
        verb, _space, rest = event.line.partition(" ")
        here = Address(event.place)
        commands: dict[str, Callable[[], Awaitable[object]]] = {
            "echo": lambda: self.say(here, rest),
            "post": lambda: self.send(here, Reply((Quote(rest, _("A post")),))),
            "plan": lambda: self._plan(here),
            "fail": lambda: self._fail(here, rest),
            "crash": self._crash,
            "secret": lambda: self.send(
                Address(event.place, event.member), Reply((_choices("yes"),), private=True)
            ),
            "work": lambda: self._start(here, int(rest)),
            "swap": lambda: self._start_swap(here, int(rest)),
            "gone": lambda: self._gone(here),
            "file": lambda: self.send(here, Reply((Document("r.csv", b"1", _("All of it.")),))),
            "read": lambda: self._read(event),
        }
        await commands[verb]()

    async def _plan(self, here: Address) -> None:
        assert self.platform is not None
        message = await self.send(
            here, Reply((Heading(_("The plan")), _choices("confirm", "cancel")))
        )
        await self.platform.react(message, "✅")

    async def _fail(self, here: Address, typed: str) -> None:
        complaint = Complaint("abc123", _("It cannot be done."), _("Do something else."), typed)
        await self.send(here, Reply(complaint=complaint))

    async def _crash(self) -> None:
        raise RuntimeError("a bug")

    async def _gone(self, here: Address) -> None:
        assert self.platform is not None
        message = await self.say(here, "soon gone")
        assert await self.platform.delete(message)

    async def _read(self, event: CommandCalled) -> None:
        assert self.platform is not None
        with tempfile.TemporaryDirectory() as folder:
            target = Path(folder) / "copy"
            for attachment in event.attachments:
                await self.platform.fetch(attachment, target, limit=10)
                content = target.read_text(encoding="utf-8")
                await self.say(Address(event.place), f"{attachment.name}: {content}")

    async def _start_swap(self, here: Address, steps: int) -> None:
        message = await self.send(here, Reply((_choices("pause"),)))
        self._keep(self._swap(message, steps))

    async def _swap(self, message: MessageRef, steps: int) -> None:
        assert self.platform is not None
        await asyncio.sleep(STEP * steps)
        await self.platform.edit(message, Reply((_choices("abandon"),)), self._speaker)

    def _keep(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(work)
        self._work.add(task)
        task.add_done_callback(self._work.discard)

    async def _start(self, here: Address, steps: int) -> None:
        message = await self.send(here, _progress(0, steps))
        self._keep(self._go_on(message, steps))

    async def _go_on(self, message: MessageRef, steps: int) -> None:
        assert self.platform is not None
        for step in range(1, steps):
            await asyncio.sleep(STEP)
            await self.platform.edit(message, _progress(step, steps), self._speaker)
        await asyncio.sleep(STEP)
        await self.platform.edit(message, Reply((Paragraph(_("All moved.")),)), self._speaker)


def _choices(*names: str) -> Choices:
    return Choices(
        tuple(
            Choice(verbatim(name.capitalize()), name, "" if i else "✅")
            for i, name in enumerate(names)
        )
    )


def _progress(done: int, total: int) -> Reply:
    return Reply((Progress(_("Moving"), done, total),))


def complete(line: str) -> list[Completion]:
    """Complete the verbs of this bot."""
    return [Completion(verb, len(line)) for verb in ("echo", "plan") if verb.startswith(line)]


async def main() -> int:
    """Speak on the standard streams until the end of input."""
    logging.basicConfig(level=logging.INFO)
    bot = Bot()
    console = ConsolePlatform(
        answered=bot.answered,
        settled=bot.settled,
        greeting=GREETING,
        completer=complete,
        json="--json" in sys.argv,
    )
    bot.platform = console
    await console.run(bot.inbox)
    if "prompt_toolkit" in sys.modules:
        logging.getLogger(__name__).info("the terminal toolkit was loaded")
    return console.exit_status


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
