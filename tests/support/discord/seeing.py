"""What one person sees of a message in the Discord client."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.support.discord.message_rules import every
from tests.support.discord.reading import Reader, Reading
from tests.support.discord.records import Json, Message, MessageFlag, User

if TYPE_CHECKING:
    from tests.support.discord.world import World

_BUTTON, _SELECT, _TEXT = 2, 3, 10
_LINK = 5


@dataclass(frozen=True, slots=True)
class Button:
    """A button.

    Args:
        custom_id: None for one that opens an address.
    """

    label: str
    custom_id: str | None
    enabled: bool
    url: str | None
    style: int
    emoji: str | None = None


@dataclass(frozen=True, slots=True)
class Menu:
    """A select menu.

    Args:
        options: What is shown, to what is sent.
    """

    placeholder: str
    custom_id: str
    options: dict[str, str]
    fewest: int
    most: int
    enabled: bool


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file on a message."""

    name: str
    content: bytes
    description: str | None = None


@dataclass(frozen=True, slots=True)
class SeenMessage:
    """A message, to one person.

    Args:
        text: All that is written in it: content, embeds and text components, without markdown.
        content: Only what stands outside of embeds and components, without markdown.
        marks: What stands out, as ("bold", "its text").
        links: What a click would open, the addresses of link buttons apart.
        pings: The names of whom it pings; "everyone" too.
        pinged: Whether it pings this person.
        ephemeral: Whether only this person sees it.
        thinking: Whether it says that the bot is thinking.
        reactions: How many there are of each.
        answers: The id of the message that it replies to.
        pictures: The addresses of pictures in its embeds.
    """

    id: str
    message: Message = field(repr=False)
    author: str
    text: str
    content: str
    marks: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    buttons: tuple[Button, ...]
    menus: tuple[Menu, ...]
    files: tuple[SeenFile, ...]
    pictures: tuple[str, ...]
    pings: tuple[str, ...]
    pinged: bool
    edited: bool
    ephemeral: bool
    thinking: bool
    reactions: dict[str, int]
    answers: str | None

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of its buttons."""
        return tuple(button.label for button in self.buttons)

    def __contains__(self, text: str) -> bool:
        """Tell whether a text stands in it."""
        return text in self.text


def see(message: Message, viewer: User) -> SeenMessage:
    """Return what a person sees of a message."""
    world = message.channel.world
    reader = Reader(_names(world))
    content = reader.read(message.content)
    parts = [content, *_embeds(reader, message.embeds)]
    inside = list(every(message.components))
    parts += [reader.read(one["content"]) for one in inside if one["type"] == _TEXT]
    shown = [part for part in parts if part.text]
    pings = _pings(message)
    return SeenMessage(
        message.id,
        message,
        message.author.name,
        "\n".join(part.text for part in shown),
        content.text,
        tuple(mark for part in shown for mark in part.marks),
        tuple(link for part in shown for link in part.links),
        tuple(_button(one) for one in inside if one["type"] == _BUTTON),
        tuple(_menu(one) for one in inside if one["type"] == _SELECT),
        tuple(SeenFile(one.name, one.content, one.description) for one in message.attachments),
        tuple(embed["image"]["url"] for embed in message.embeds if "image" in embed),
        pings,
        _pinged(message, viewer),
        message.edited is not None,
        message.reader is not None,
        MessageFlag.LOADING in message.flags,
        {emoji: len(users) for emoji, users in message.reactions.items()},
        message.answers.id if message.answers else message.forgotten_answer,
    )


def _names(world: World) -> dict[str, str]:
    names = {user.id: user.name for user in world.users.values()}
    names |= {channel.id: channel.name for channel in world.channels.values()}
    names |= {role.id: role.name for guild in world.guilds.values() for role in guild.roles}
    return names


def _embeds(reader: Reader, embeds: list[Json]) -> list[Reading]:
    """Read embeds; their authors and footers know no markdown."""
    parts = []
    for embed in embeds:
        parts.append(Reading((embed.get("author") or {}).get("name") or ""))
        title = reader.inline(embed.get("title") or "")
        if embed.get("url"):
            title.links.append(embed["url"])
        parts += [title, reader.read(embed.get("description") or "")]
        for one in embed.get("fields") or []:
            parts += [reader.inline(one["name"]), reader.read(one["value"])]
        parts.append(Reading((embed.get("footer") or {}).get("text") or ""))
    return parts


def _button(component: Json) -> Button:
    emoji = component.get("emoji")
    return Button(
        component.get("label") or "",
        component.get("custom_id"),
        not component.get("disabled"),
        component.get("url"),
        component["style"],
        emoji["name"] if emoji else None,
    )


def _menu(component: Json) -> Menu:
    return Menu(
        component.get("placeholder") or "",
        component["custom_id"],
        {option["label"]: option["value"] for option in component["options"]},
        component["min_values"],
        component["max_values"],
        not component.get("disabled"),
    )


def _pings(message: Message) -> tuple[str, ...]:
    if MessageFlag.SUPPRESS_NOTIFICATIONS in message.flags:
        return ()
    named = [user.name for user in message.mentions.users]
    named += [role.name for role in message.mentions.roles]
    return (*named, *(["everyone"] if message.mentions.everyone else []))


def _pinged(message: Message, viewer: User) -> bool:
    mentions, guild = message.mentions, message.channel.guild
    roles = guild.members[viewer.id].roles if guild and viewer.id in guild.members else []
    held = any(role in mentions.roles for role in roles)
    return mentions.everyone or viewer in mentions.users or held
