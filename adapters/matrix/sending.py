"""Events that the bot sends, each once: its transaction id follows from the key of what is said."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

from adapters.matrix.answers import path_of
from adapters.matrix.client import Client
from adapters.matrix.errors import NOT_FOUND, Failure, NoAnswer, Refused, closed, gone, trouble_of
from adapters.matrix.rendering import Message
from adapters.matrix.shapes import mapping
from chatops.conversation.addresses import MessageRef, Place

Content = dict[str, Any]


def transaction(*parts: str) -> str:
    """Return the id under which the homeserver knows an event again."""
    return blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def text(message: Message) -> Content:
    """Return a message as the content of an event; nobody is notified by name."""
    return {
        "msgtype": "m.notice",
        "body": message.body,
        "format": "org.matrix.custom.html",
        "formatted_body": message.html,
        "m.mentions": {},
    }


def in_thread(content: Content, place: Place) -> Content:
    """Put a message into its place's thread."""
    relation = {
        "rel_type": "m.thread",
        "event_id": place.thread,
        "is_falling_back": True,
        "m.in_reply_to": {"event_id": place.thread},
    }
    return {**content, "m.relates_to": relation}


def instead_of(content: Content, message: MessageRef) -> Content:
    """Let a message replace what another says."""
    return {
        **content,
        "body": f"* {content['body']}",
        "formatted_body": f"* {content['formatted_body']}",
        "m.new_content": content,
        "m.relates_to": {"rel_type": "m.replace", "event_id": message.id},
    }


async def send(
    client: Client, room_id: str, kind: str, content: Mapping[str, Any], tx_id: str
) -> str:
    """Send an event; return its id.

    Raises:
        PlatformUnavailable: The homeserver does not answer, or asks to wait.
        PlaceClosed: The bot may not speak there.
    """
    if room_id not in client.rooms:
        raise closed()
    try:
        sealed, sealed_content = await client.sealed(room_id, kind, content)
        path = path_of("rooms", room_id, "send", sealed, tx_id)
        sent = await client.ask("PUT", path, sealed_content)
    except Failure as failure:
        raise trouble_of(failure) from failure
    return str(sent["event_id"])


async def event_of(client: Client, room_id: str, event_id: str) -> Mapping[str, Any]:
    """Return an event, decrypted where it can be.

    Raises:
        PlatformUnavailable: The homeserver does not answer, or asks to wait.
        PlaceClosed: The bot is not in that room.
        MessageGone: There is no such event, or nothing is left of it.
    """
    try:
        told = await client.ask("GET", path_of("rooms", room_id, "event", event_id))
    except Refused as refused:
        raise gone() if refused.code == NOT_FOUND else trouble_of(refused) from refused
    except NoAnswer as silent:
        raise trouble_of(silent) from silent
    if "redacted_because" in mapping(told.get("unsigned")):
        raise gone()
    return client.read(room_id, told)


async def redact(client: Client, room_id: str, event_id: str) -> bool:
    """Remove an event; False where the room forbids it.

    Raises:
        PlatformUnavailable: The homeserver does not answer, or asks to wait.
    """
    path = path_of("rooms", room_id, "redact", event_id, transaction("redact", event_id))
    try:
        await client.ask("PUT", path, {})
    except Refused as refused:
        if refused.passing or refused.logged_out:
            raise trouble_of(refused) from refused
        return refused.code == NOT_FOUND
    except Failure as failure:
        raise trouble_of(failure) from failure
    return True
