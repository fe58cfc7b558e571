"""A rendered message as the library sends it."""

from __future__ import annotations

import io
from typing import Any

import discord
from msgspec import Struct

from adapters.discord.buttons import Button
from adapters.discord.rendering import Message


class AsSent(Struct, frozen=True):
    """The arguments with which the library sends a message, and with which it replaces one."""

    new: dict[str, Any]
    edited: dict[str, Any]


def as_sent(message: Message) -> AsSent:
    """Return a message as the library takes it; its files can be sent once."""
    embeds = [discord.Embed.from_dict(embed) for embed in message.embeds]
    files = [
        discord.File(io.BytesIO(upload.data), upload.name, description=upload.description)
        for upload in message.files
    ]
    view = _view(message.rows) if message.rows else None
    new: dict[str, Any] = {"embeds": embeds, "files": files}
    if view is not None:
        new["view"] = view
    return AsSent(new, {"embeds": embeds, "attachments": files, "view": view})


def _view(rows: tuple[tuple[Button, ...], ...]) -> discord.ui.View:
    view = discord.ui.View(timeout=None)
    for number, row in enumerate(rows):
        for button in row:
            view.add_item(
                discord.ui.Button(
                    style=discord.ButtonStyle(button.style),
                    label=button.label,
                    custom_id=button.id,
                    emoji=button.emoji or None,
                    row=number,
                )
            )
    # The library keeps every view that is not stopped; presses are heard without it.
    view.stop()
    return view
