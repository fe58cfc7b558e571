"""`Driver`: the people of a dialogue on one platform, and what they see there.

Each platform has one module beside this one (`console.py`, `slack.py`, `discord.py`, `matrix.py`)
with one function:

    @asynccontextmanager
    async def open_driver(folder: Path) -> AsyncIterator[Driver]: ...

It starts the platform's server (the double, or Synapse), makes the four people and the channels,
makes the adapter as `quitx run` does, and runs the whole program around it with
`house.opened_house(platform, folder)`. It is opened once for all dialogues of a platform; `begin`
starts each of them. Whatever the driver did not expect (a violation that the double has kept, a
task that died) raises at the end of `open_driver`.

What a driver does, people do: it acts through the platform's own server, on the other side of the
adapter, and never calls the adapter or the core.

The words of the data are the same everywhere, and the driver puts them into the platform's habit:

- text that starts with `/quitx` is a slash command where there is one in that place, else a message
  that starts with `!quitx` (Matrix; a Slack thread; with files where a slash command takes none);
- text that starts with `@quitx` is a message that mentions the bot as the platform writes it;
- `@amal`, `@bea`, `@chris`, `@dan` anywhere in a text or value is that person's mention, as the
  platform's own client would send it (`<@U123>`); the same in a slash command;
- any other text is a message, letter for letter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, Protocol, TypeAlias, get_args

from msgspec import Struct

from chatops.conversation.addresses import Member, Place
from chatops.conversation.platform import Capabilities
from chatops.language import Language
from tests.support.dialogues.house import Home

Who: TypeAlias = Literal["amal", "bea", "chris", "dan"]
"""Amal is an admin, Bea an editor, Chris an approver, Dan nobody; they are called "Amal" and so on,
and all of them are in all the channels."""

Where: TypeAlias = Literal["general", "second", "direct"]
"""Two ordinary channels with the four and the bot in them, and each one's conversation with it."""

PEOPLE: tuple[Who, ...] = get_args(Who)
WHERES: tuple[Where, ...] = get_args(Where)


class FileSeen(Struct, frozen=True):
    """A file that can be downloaded from a message."""

    name: str
    data: bytes


class Seen(Struct, frozen=True):
    """One message of the bot, as one person sees it at this moment.

    Args:
        id: The platform's own id of the message: it stays the same when the message is edited, and
            differs for each page of a long reply.
        text: All that the eye reads, from top to bottom, one line for each block or item. The
            platform's markup is interpreted as its client does it: escapes are undone, what is
            bold has lost its marks, a link is `label (url)`, or the address alone where they are
            the same, a mention is `@Amal`. So text of a person that is formatted by accident is
            seen to differ. Descriptions of pictures (alternative texts) stand where the picture
            does. Labels of buttons do not stand in it.
        buttons: The labels of all buttons, in order, with the emoji before the label where the
            button shows one.
        private: Whether nobody else sees it: ephemeral, or in the direct conversation.
        edited: Whether it has been changed since it was sent.
        pictures: The names, or where there are none the descriptions, of the pictures in it.
        files: What is attached for downloading.
        thread: The id of the message under which it stands; empty for none.
        reactions: The reactions that the bot itself has added, as emoji ("✅").
        pings: Who is notified by it beyond the ordinary: names of people who are mentioned, and
            "everybody" for a whole channel (`@everyone`, `<!here>`, `@room`).
        links: The addresses that can be clicked, in order, whoever wrote them.
    """

    id: str
    text: str
    buttons: tuple[str, ...] = ()
    private: bool = False
    edited: bool = False
    pictures: tuple[str, ...] = ()
    files: tuple[FileSeen, ...] = ()
    thread: str = ""
    reactions: tuple[str, ...] = ()
    pings: tuple[str, ...] = ()
    links: tuple[str, ...] = ()


class Driver(Protocol):
    """Plays the people of a dialogue on one platform, from outside.

    Whatever a person does returns once the platform's server has taken it; the bot may hear it
    later. The runner waits for the bot (`Home.answered`), then calls `settle`, then looks.
    """

    @property
    def name(self) -> str:
        """The platform's name, as in `Place.platform`."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """The adapter's `CAPABILITIES`."""
        ...

    @property
    def home(self) -> Home:
        """The program that runs around the adapter, from `house.opened_house`."""
        ...

    def member(self, who: Who) -> Member:
        """Return a person as the adapter names them in events (the platform, workspace and id)."""
        ...

    def place(self, where: Where) -> Place:
        """Return a channel as the adapter names it in events, without a thread.

        The runner does not ask for "direct": that belongs to nobody.
        """
        ...

    async def begin(self, language: Language) -> None:
        """Begin a dialogue: what was said before is out of sight, and nothing is left open.

        Args:
            language: Of everybody's own client, where the platform tells the bot that.
        """
        ...

    async def say(
        self,
        who: Who,
        text: str,
        *,
        where: Where = "general",
        thread: str = "",
        files: Sequence[Path] = (),
    ) -> str:
        """Say something; return the id of the message that now stands, "" where none does.

        A slash command leaves no message.

        Args:
            thread: The id of the message, of anybody, under which it is said; empty for none.
            files: Attached to it.
        """
        ...

    async def stands(self, message: str, where: Where) -> bool:
        """Whether a message that `say` returned can still be read."""
        ...

    async def react(self, who: Who, emoji: str, message: str, where: Where) -> None:
        """Add a reaction ("✅") to a message: one that is seen, or one that `say` returned."""
        ...

    async def unreact(self, who: Who, emoji: str, message: str, where: Where) -> None:
        """Take back a reaction that the person has added."""
        ...

    async def press(self, who: Who, label: str, message: str, where: Where) -> None:
        """Press a button of a message, by its label without the emoji.

        Where the platform has no buttons, the person does what stands in the message in words
        instead (`words.standing_for` reads that): react with the emoji, or else type the line.
        """
        ...

    async def fill_in(
        self,
        who: Who,
        verb: str,
        values: Mapping[str, str],
        *,
        where: Where = "general",
        files: Sequence[Path] = (),
    ) -> None:
        """Open the form of a command, fill it in, and submit it.

        It is opened as people do: by the button of a message that the person sees, or else by
        whatever the platform has. Where the platform has no forms the person types the line
        (`words.line_of`).

        Args:
            verb: The command's English words.
            values: By the English name of the parameter, as they would be typed; a choice by what
                would be typed for it, in English.
        """
        ...

    async def seen(self, who: Who, where: Where) -> Sequence[Seen]:
        """Return the bot's messages that the person sees there, the oldest first.

        Only of this dialogue; those in threads of the channel too; each as it is now.
        """
        ...

    async def settle(self) -> None:
        """Wait until what the bot has said so far would be seen by everybody."""
        ...
