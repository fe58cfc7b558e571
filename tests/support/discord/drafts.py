"""Turns the body of a request into what a message will hold, as Discord stores it."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from tests.support.discord import message_shapes
from tests.support.discord.message_rules import every, message_problems
from tests.support.discord.permissions import Permission, in_channel
from tests.support.discord.records import Attachment, Json, Mentions, Message, MessageFlag, User
from tests.support.discord.refusals import Problem, Refusal, invalid, problem

if TYPE_CHECKING:
    from tests.support.discord.places import Channel

FILES = 10
FILE_SIZE = 10 * 1024 * 1024

_ACTION_ROW, _BUTTON, _SELECT = 1, 2, 3
_MENUS = range(_SELECT, 9)
_CODE = re.compile(r"```.*?```|``.*?``|`[^`]*`", re.DOTALL)
_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)")
_ROTS_AFTER = timedelta(weeks=2)


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as it came."""

    name: str
    content: bytes

    @property
    def type(self) -> str:
        """What it is, by its name."""
        return mimetypes.guess_type(self.name)[0] or "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Draft:
    """A message's body and its files.

    Args:
        files: By the number under which they were uploaded.
    """

    body: Json
    files: Mapping[int, Upload] = field(default_factory=dict)

    def check(self, kept: Sequence[Attachment] = ()) -> None:
        """Refuse what Discord refuses.

        Args:
            kept: The files that are already on the message.
        """
        problems = [*message_problems(self.body, self._names(kept)), *self._files(kept)]
        if problems:
            raise invalid(*problems)

    def _names(self, kept: Sequence[Attachment]) -> set[str]:
        listed = {str(one.get("filename")) for one in self.body.get("attachments") or []}
        return listed | {one.name for one in self.files.values()} | {one.name for one in kept}

    def _files(self, kept: Sequence[Attachment]) -> list[Problem]:
        problems = []
        if len(self.files) > FILES:
            problems.append(problem(("attachments",), f"Must be {FILES} or fewer in length."))
        known = {str(number) for number in self.files} | {one.id for one in kept}
        for index, listed in enumerate(self.body.get("attachments") or []):
            if str(listed.get("id")) not in known:
                problems.append(problem(("attachments", index, "id"), "No such file was uploaded."))
        if any(len(one.content) > FILE_SIZE for one in self.files.values()):
            raise Refusal((413, 40005, "Request entity too large"), violation=True)
        return problems


def attachments(channel: Channel, draft: Draft, *, ephemeral: bool = False) -> list[Attachment]:
    """Store the files of a draft."""
    listed = {str(one["id"]): one for one in draft.body.get("attachments") or []}
    return [
        stored(
            channel,
            upload,
            name=(listed.get(str(number)) or {}).get("filename"),
            description=(listed.get(str(number)) or {}).get("description"),
            ephemeral=ephemeral,
        )
        for number, upload in draft.files.items()
    ]


def stored(
    channel: Channel,
    upload: Upload,
    *,
    name: str | None = None,
    description: str | None = None,
    ephemeral: bool = False,
) -> Attachment:
    """Put a file into the CDN."""
    world = channel.world
    attachment = Attachment(
        world.id(),
        channel.id,
        re.sub(r"[^\w.-]+", "_", name or upload.name),
        upload.content,
        upload.type,
        description,
        ephemeral,
        world.clock.now() + _ROTS_AFTER if ephemeral else None,
    )
    world.attachments[attachment.id] = attachment
    return attachment


def fill(message: Message, draft: Draft, files: Sequence[Attachment]) -> None:
    """Write what a body says into a message; what it leaves out stays."""
    body = draft.body
    if "attachments" in body or draft.files:
        kept = {str(one["id"]) for one in body.get("attachments") or []}
        message.attachments = [one for one in message.attachments if one.id in kept]
        message.attachments += files
    if "content" in body:
        message.content = (body["content"] or "").strip()
    if "embeds" in body:
        message.embeds = [_embed(one, message) for one in body["embeds"] or []]
    if "components" in body:
        message.components = _components(body["components"] or [])
    if "flags" in body:
        changeable = MessageFlag.SUPPRESS_EMBEDS | MessageFlag.COMPONENTS_V2
        given = MessageFlag(body["flags"] or 0) & changeable
        message.flags = message.flags & ~changeable | given
    if {"content", "allowed_mentions"} & body.keys():
        message.mentions = mentions(message, body.get("allowed_mentions"))


def mentions(message: Message, allowed: Json | None) -> Mentions:
    """Return whom a message pings: who is named in it outside of code, as far as it allows."""
    text = _CODE.sub("", message.content)
    world, guild = message.channel.world, message.channel.guild
    users = [world.users[one] for one in _USER.findall(text) if one in world.users]
    roles = [role for role in guild.roles if role.id in _ROLE.findall(text)] if guild else []
    everyone = guild is not None and _EVERYONE.search(text) is not None
    may = Permission.MENTION_EVERYONE in in_channel(message.channel, message.author.id)
    if not may:
        everyone = False
        roles = [role for role in roles if role.mentionable]
    answered = [message.answers.author] if message.answers and not message.interaction else []
    if allowed is not None:
        parse = allowed.get("parse") or []
        users = [u for u in users if "users" in parse or u.id in (allowed.get("users") or [])]
        roles = [r for r in roles if "roles" in parse or r.id in (allowed.get("roles") or [])]
        everyone = everyone and "everyone" in parse
        answered = answered if allowed.get("replied_user") else []
    return Mentions(_once(users + answered), tuple(dict.fromkeys(roles)), everyone)


def _once(users: list[User]) -> tuple[User, ...]:
    return tuple(dict.fromkeys(users))


def _embed(embed: Json, message: Message) -> Json:
    """Return an embed as Discord gives it back."""
    shape = {key: value for key, value in embed.items() if value is not None}
    shape["type"] = "rich"
    if shape.get("fields"):
        shape["fields"] = [
            {"name": one["name"], "value": one["value"], "inline": bool(one.get("inline"))}
            for one in shape["fields"]
        ]
    for key in ("image", "thumbnail"):
        if key in shape:
            shape[key] = {"url": _address(shape[key]["url"], message)}
    return shape


def _address(url: str, message: Message) -> str:
    if not url.startswith("attachment://"):
        return url
    name = url.removeprefix("attachment://")
    for attachment in message.attachments:
        if attachment.name == name:
            return message_shapes.address(message.channel.world, attachment)
    return url


def _components(components: list[Json]) -> list[Json]:
    """Return components as Discord gives them back: numbered, and with their defaults."""
    copies = [_component(one) for one in components]
    for number, component in enumerate(every(copies), 1):
        component.setdefault("id", number)
    return copies


def _component(component: Json) -> Json:
    shape = {key: value for key, value in component.items() if value is not None}
    if "components" in shape:
        shape["components"] = [_component(one) for one in shape["components"]]
    for key in ("accessory", "component"):
        if key in shape:
            shape[key] = _component(shape[key])
    if shape["type"] in _MENUS:
        shape.setdefault("min_values", 1)
        shape.setdefault("max_values", 1)
        shape.pop("required", None)
    for key in ("emoji",):
        if key in shape:
            shape[key] = {k: v for k, v in shape[key].items() if v is not None}
    for one in shape.get("options") or []:
        if one.get("emoji") is None:
            one.pop("emoji", None)
        if one.get("description") is None:
            one.pop("description", None)
    return shape
