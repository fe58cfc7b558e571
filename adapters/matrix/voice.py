"""Speaking on Matrix: a message is one notice, and one more event for each file that it shows."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Final

import msgspec

from adapters.matrix.answers import path_of
from adapters.matrix.errors import AGAIN, DUPLICATE, SILENT, TOO_LARGE, Failure, Refused, trouble_of
from adapters.matrix.fetching import fetched
from adapters.matrix.files import uploaded
from adapters.matrix.limits import CAPABILITIES
from adapters.matrix.line import Line
from adapters.matrix.rendering import Upload, render
from adapters.matrix.sending import (
    Content,
    event_of,
    in_thread,
    instead_of,
    redact,
    send,
    text,
    transaction,
)
from adapters.matrix.turns import Turns
from chatops.conversation.addresses import Address, Member, MessageRef, Place
from chatops.conversation.events import Attachment
from chatops.conversation.fallbacks import NO_FILES, adapt
from chatops.conversation.platform import PlatformUnavailable
from chatops.conversation.reply import Note, Reply
from chatops.language import Speaker

log = logging.getLogger(__name__)

LIMITED: Final = "messages"

_ARRIVAL: Final = 15.0
"""Seconds in which a room that was made must be seen."""

_MESSAGE: Final = "m.room.message"
_ENCRYPTION: Final = {
    "type": "m.room.encryption",
    "state_key": "",
    "content": {"algorithm": "m.megolm.v1.aes-sha2"},
}


class Voice:
    """Says things through whatever session there is.

    Args:
        line: Returns it.

    Raises:
        PlatformUnavailable: From `line`, where there is none.
    """

    def __init__(self, line: Callable[[], Line]) -> None:
        self._line = line
        self._turns = Turns()
        self._opening = asyncio.Lock()

    async def send(self, address: Address, reply: Reply, speaker: Speaker, key: str) -> MessageRef:
        """Say something once for each key.

        Raises:
            PlatformUnavailable: The homeserver does not answer, or asks to wait.
            PlaceClosed: The bot may not speak there.
        """
        line, place = self._line(), address.place
        async with self._turn(key):
            message = render(adapt(reply, CAPABILITIES, place), speaker)
            event_id = await _said(line, place, text(message), transaction("say", key))
            ref = MessageRef(place, event_id)
            if message.files:
                await self._show(line, ref, message.files, speaker)
        return ref

    async def edit(self, message: MessageRef, reply: Reply, speaker: Speaker) -> None:
        """Replace what a message says.

        Raises:
            MessageGone: It does not stand.
            PlatformUnavailable: The homeserver does not answer, or asks to wait.
            PlaceClosed: The bot may not speak there.
        """
        line, place = self._line(), message.place
        async with self._turn(message.id):
            # The homeserver takes edits of what is not there.
            await event_of(line.client, place.channel, message.id)
            rendered = render(adapt(reply, CAPABILITIES, place), speaker)
            content = instead_of(text(rendered), message)
            # What it said before may be said again: each edit is one of its own.
            tx_id = transaction("edit", message.id, str(time.time_ns()))
            await send(line.client, place.channel, _MESSAGE, content, tx_id)
            await self._show(line, message, rendered.files, speaker)

    async def delete(self, message: MessageRef) -> bool:
        """Remove a message with its files; False where the room forbids it.

        Raises:
            PlatformUnavailable: The homeserver does not answer, or asks to wait.
        """
        line, room_id = self._line(), message.place.channel
        async with self._turn(message.id):
            for event_id in (await _shown(line, message)).values():
                await redact(line.client, room_id, event_id)
            await line.remembered.drop("files", message.id)
            return await redact(line.client, room_id, message.id)

    async def react(self, message: MessageRef, emoji: str) -> None:
        """Add the bot's own reaction; once more is no more.

        Raises:
            MessageGone: The message does not stand.
            PlatformUnavailable: The homeserver does not answer, or asks to wait.
            PlaceClosed: The bot may not speak there.
        """
        line, room_id = self._line(), message.place.channel
        relation = {"rel_type": "m.annotation", "event_id": message.id, "key": emoji}
        tx_id = transaction("react", message.id, emoji)
        path = path_of("rooms", room_id, "send", "m.reaction", tx_id)
        async with self._turn(tx_id):
            try:
                await line.client.ask("PUT", path, {"m.relates_to": relation})
            except Failure as failure:
                if isinstance(failure, Refused) and failure.code == DUPLICATE:
                    return
                if isinstance(failure, Refused) and failure.status == HTTPStatus.BAD_REQUEST:
                    # The homeserver says so of what is not there, too.
                    await event_of(line.client, room_id, message.id)
                raise trouble_of(failure) from failure

    async def direct(self, member: Member) -> Place:
        """Return the room where only a member and the bot are; open it, encrypted, if need be.

        Raises:
            PlatformUnavailable: The homeserver does not answer, or asks to wait.
            PlaceClosed: The member cannot be invited.
        """
        line = self._line()
        async with self._opening:
            room_id = line.rooms.with_only(member.id)
            if room_id is None:
                room_id = await _opened(line, member)
        return line.rooms.place(room_id)

    async def fetch(self, attachment: Attachment, target: Path, limit: int) -> None:
        """Write a file that a member shared; see `fetched`."""
        await fetched(self._line().client, attachment, target, limit)

    @asynccontextmanager
    async def _turn(self, name: str) -> AsyncIterator[None]:
        """Speak when it is one's turn."""
        self._turns.take(name)
        try:
            yield
        except PlatformUnavailable as unavailable:
            if unavailable.retry_after is None:
                raise
            await self._line().remembered.put("limit", LIMITED, str(int(time.time())))
            raise self._turns.refused(name, unavailable.retry_after) from unavailable

    async def _show(
        self, line: Line, message: MessageRef, files: Sequence[Upload], speaker: Speaker
    ) -> None:
        """Let exactly these files stand under a message."""
        place = message.place
        shown = await _shown(line, message)
        wanted = {_digest(upload): upload for upload in files}
        for digest, upload in wanted.items():
            if digest not in shown:
                content = await _content(line, place, upload, speaker)
                tx_id = transaction("file", message.id, digest)
                shown[digest] = await _said(line, place, content, tx_id)
                await _keep_shown(line, message, shown)
        for digest in shown.keys() - wanted.keys():
            await redact(line.client, place.channel, shown.pop(digest))
            await _keep_shown(line, message, shown)


async def _said(line: Line, place: Place, content: Content, tx_id: str) -> str:
    """Say something in a thread, or where its first message is gone, beside it."""
    room_id = place.channel
    if place.thread:
        try:
            threaded = in_thread(content, place)
            return await send(line.client, room_id, _MESSAGE, threaded, tx_id)
        except Refused as refused:
            if refused.status != HTTPStatus.BAD_REQUEST:
                raise
            log.info("matrix: a thread in %s cannot be gone on with: %s", room_id, refused)
    return await send(line.client, room_id, _MESSAGE, content, f"{tx_id}-0")


async def _content(line: Line, place: Place, upload: Upload, speaker: Speaker) -> Content:
    """Return what shows a file, or says that the homeserver does not take it."""
    room = line.client.rooms.get(place.channel)
    try:
        return await uploaded(line.client, upload, encrypted=room is None or room.encrypted)
    except Failure as failure:
        if isinstance(failure, Refused) and failure.code == TOO_LARGE:
            log.warning("matrix: the homeserver takes no file of %s bytes", len(upload.data))
            return text(render(Reply((Note(NO_FILES),)), speaker))
        raise trouble_of(failure) from failure


async def _opened(line: Line, member: Member) -> str:
    """Open a room for a member and the bot; return it once the bot sees it."""
    body = {
        "preset": "trusted_private_chat",
        "is_direct": True,
        "invite": [member.id],
        "initial_state": [_ENCRYPTION],
    }
    try:
        room_id = str((await line.client.ask("POST", "/createRoom", body))["room_id"])
        await line.moving.remember_direct(member.id, room_id)
    except Failure as failure:
        raise trouble_of(failure) from failure
    try:
        async with asyncio.timeout(_ARRIVAL):
            while line.rooms.with_only(member.id) != room_id:
                await line.rooms.changed()
    except TimeoutError:
        raise PlatformUnavailable(SILENT, AGAIN) from None
    return room_id


async def _shown(line: Line, message: MessageRef) -> dict[str, str]:
    """Return the events of a message's files, by what is in them."""
    kept = await line.remembered.get("files", message.id)
    return {} if kept is None else msgspec.json.decode(kept, type=dict[str, str])


async def _keep_shown(line: Line, message: MessageRef, shown: Mapping[str, str]) -> None:
    await line.remembered.put("files", message.id, msgspec.json.encode(shown).decode())


def _digest(upload: Upload) -> str:
    return hashlib.sha256(upload.name.encode() + b"\n" + upload.data).hexdigest()[:32]
