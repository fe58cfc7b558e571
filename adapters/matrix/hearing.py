"""Events of a room as the core knows them, and what a member really typed.

Whatever an event holds was made by somebody else's program: nothing in it is trusted to have a
shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from typing import Any, Final
from urllib.parse import unquote

from msgspec import Struct

from adapters.matrix.markup import clean_name, typed
from adapters.matrix.rooms import Rooms
from adapters.matrix.shapes import mapping, words
from chatops.conversation.events import (
    Attachment,
    CommandCalled,
    Event,
    MemberLeft,
    MessagePosted,
    ReactionChanged,
)
from chatops.conversation.hearing import heard

Content = Mapping[str, Any]

BOT_NAME: Final = "quitx"

_FILES: Final = frozenset({"m.file", "m.image", "m.video", "m.audio"})
_USER: Final = re.compile(
    r"https?://matrix\.to/#/((?:@|%40)[^?/]+)|matrix:u/([^?/]+)", re.IGNORECASE
)
_FALLBACK: Final = re.compile(r"\A(?:> .*\n)+\n?")
_GONE: Final = frozenset({"leave", "ban"})


class Reaction(Struct, frozen=True):
    """A reaction, as it is kept until somebody takes it back."""

    room: str
    message: str
    key: str
    sender: str


def message_event(
    source: Content, room_id: str, rooms: Rooms, own: str
) -> CommandCalled | MessagePosted | None:
    """Return what a member said; None for what is no word of theirs, such as an edit."""
    content = mapping(source.get("content"))
    kind, relation = words(content.get("msgtype")), mapping(content.get("m.relates_to"))
    if relation.get("rel_type") == "m.replace" or not (kind == "m.text" or kind in _FILES):
        return None
    event_id = str(source["event_id"])
    thread = words(relation.get("event_id")) if relation.get("rel_type") == "m.thread" else ""
    answered = words(mapping(relation.get("m.in_reply_to")).get("event_id"))
    if relation.get("is_falling_back") is True:
        answered = ""
    names = rooms.names_of_bot(room_id)
    return heard(
        event_id,
        rooms.message(room_id, event_id, thread),
        rooms.member(str(source["sender"]), room_id),
        _addressed(_said(content, replied=bool(answered)), content, own, names),
        tuple(_attachments(content, room_id, event_id)),
        bot_names={BOT_NAME, *names},
        answers=rooms.message(room_id, answered, thread) if answered else None,
    )


def reaction_in(source: Content, room_id: str) -> Reaction | None:
    """Return a reaction; None where the event is none."""
    relation = mapping(mapping(source.get("content")).get("m.relates_to"))
    target, key = relation.get("event_id"), relation.get("key")
    if relation.get("rel_type") != "m.annotation" or not words(target) or not words(key):
        return None
    return Reaction(room_id, str(target), str(key), str(source["sender"]))


def reaction_event(event_id: str, reaction: Reaction, rooms: Rooms, *, added: bool) -> Event:
    """Return what it means that a reaction was added, or taken back."""
    return ReactionChanged(
        event_id,
        rooms.message(reaction.room, reaction.message),
        rooms.member(reaction.sender, reaction.room),
        reaction.key,
        added,
    )


def redacted_by(source: Content) -> str:
    """Return the event that a redaction removes, which stands elsewhere in older rooms."""
    return words(mapping(source.get("content")).get("redacts")) or words(source.get("redacts"))


def membership(source: Content) -> str:
    """Return what a member event makes of its member."""
    return words(mapping(source.get("content")).get("membership"))


def membership_before(source: Content) -> str:
    """Return what they were before, as far as the homeserver says."""
    unsigned = mapping(source.get("unsigned"))
    before = mapping(unsigned.get("prev_content")) or mapping(source.get("prev_content"))
    return words(before.get("membership"))


def begins(source: Content, user_id: str) -> bool:
    """Whether an event is the moment in which a user came into the room."""
    return (
        source.get("type") == "m.room.member"
        and source.get("state_key") == user_id
        and membership(source) == "join"
        and membership_before(source) != "join"
    )


def left_event(source: Content, room_id: str, rooms: Rooms) -> Event | None:
    """Return that a member left; None for any other event, and for who never was there."""
    if membership(source) not in _GONE or membership_before(source) not in ("join", ""):
        return None
    user_id = words(source.get("state_key"))
    return MemberLeft(str(source["event_id"]), rooms.place(room_id), rooms.member(user_id, room_id))


def _said(content: Content, *, replied: bool) -> str:
    """Return the words of a message, with users' ids where clients show their names."""
    if words(content.get("msgtype")) in _FILES:
        name, body = words(content.get("filename")), words(content.get("body"))
        # Without a name of its own the body is one, and nothing was said.
        return typed(body) if name and name != body else ""
    body = words(content.get("body"))
    if replied:
        body = _FALLBACK.sub("", body)
    return typed(_with_ids(body, words(content.get("formatted_body"))))


def _addressed(text: str, content: Content, own: str, names: frozenset[str]) -> str:
    """Put the bot's id where a message that mentions it begins with its name."""
    mentioned = mapping(content.get("m.mentions")).get("user_ids")
    if not isinstance(mentioned, list) or own not in mentioned or text.lstrip().startswith(own):
        return text
    bare = text.lstrip().removeprefix("@")
    for name in sorted(names, key=len, reverse=True):
        rest = bare[len(name) :]
        if bare[: len(name)].casefold() == name.casefold() and not rest[:1].isalnum():
            return f"{own} {rest.lstrip(':, ')}"
    return text


def _attachments(content: Content, room_id: str, event_id: str) -> Iterator[Attachment]:
    if words(content.get("msgtype")) not in _FILES:
        return
    name = words(content.get("filename")) or words(content.get("body"))
    size = mapping(content.get("info")).get("size")
    known = size if isinstance(size, int) and not isinstance(size, bool) and size > 0 else 0
    yield Attachment(f"{room_id} {event_id}", clean_name(name), known)


def _with_ids(body: str, html: str) -> str:
    """Put the ids of users in place of their names, where the formatted text links to them."""
    if "matrix.to" not in html and "matrix:u/" not in html:
        return body
    pills = _Pills()
    pills.feed(html)
    pills.close()
    done, rest = "", body
    for user_id, label in pills.found:
        written = re.compile(
            rf"\[@?{re.escape(label)}\]\([^)\s]*\)|@?{re.escape(label)}|{re.escape(user_id)}"
        ).search(rest)
        if label and written is not None:
            done += rest[: written.start()] + user_id
            rest = rest[written.end() :]
    return done + rest


class _Pills(HTMLParser):
    """Finds the users to whom a formatted text links, with the words that clients show."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self._user = ""
        self._label = ""
        self._quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look for the beginning of a link to a user."""
        if tag == "mx-reply":
            self._quoted += 1
        link = _USER.match(dict(attrs).get("href") or "") if tag == "a" else None
        if link is not None and not self._quoted:
            user = unquote(link[1] or link[2])
            self._user, self._label = user if user.startswith("@") else f"@{user}", ""

    def handle_endtag(self, tag: str) -> None:
        """Look for its end."""
        if tag == "mx-reply":
            self._quoted = max(0, self._quoted - 1)
        if tag == "a" and self._user:
            self.found.append((self._user, self._label.strip().removeprefix("@")))
            self._user = ""

    def handle_data(self, data: str) -> None:
        """Gather what it shows."""
        self._label += data
