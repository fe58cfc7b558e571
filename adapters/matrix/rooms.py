"""What a room is for the bot: a place, direct or not, read by others or not; and who is in it.

Ids of rooms and users are valid on every homeserver, so neither a place nor a member has a
workspace.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from nio import MatrixRoom

from adapters.matrix.client import Client
from adapters.matrix.limits import NAME
from chatops.conversation.addresses import Member, MessageRef, Place

_TWO: Final = 2


class Rooms:
    """Knows the rooms in which the bot is.

    Args:
        friends: The homeservers and users from which invitations are accepted: the bot's own
            people. A room with anybody else in it is read by others.
    """

    def __init__(self, client: Client, friends: Collection[str]) -> None:
        self._client = client
        self._friends = friends
        self.direct: Mapping[str, Sequence[str]] = {}
        """The rooms that were opened for two, by the other's id: the account data `m.direct`."""
        self._changed = asyncio.Event()

    async def changed(self) -> None:
        """Wait until the homeserver told something more."""
        self._changed.clear()
        await self._changed.wait()

    def note_change(self) -> None:
        """Note that it did."""
        self._changed.set()

    def knows(self, room_id: str) -> bool:
        """Whether the bot is in a room."""
        return room_id in self._client.rooms

    def place(self, room_id: str, thread: str = "") -> Place:
        """Return the place that a room is."""
        room = self._client.rooms.get(room_id)
        if room is None:
            return Place(NAME, "", room_id, thread)
        direct = self._is_direct(room)
        return Place(
            NAME, "", room_id, thread, direct=direct, shared=not direct and self._is_shared(room)
        )

    def message(self, room_id: str, event_id: str, thread: str = "") -> MessageRef:
        """Return the message that an event is."""
        return MessageRef(self.place(room_id, thread), event_id)

    def member(self, user_id: str, room_id: str) -> Member:
        """Return a user as the room knows them."""
        room = self._client.rooms.get(room_id)
        user = room.users.get(user_id) if room is not None else None
        name = user.display_name if user is not None else ""
        return Member(NAME, "", user_id, " ".join((name or "").split()) or localpart(user_id))

    def names_of_bot(self, room_id: str) -> frozenset[str]:
        """Return what the bot is called in a room."""
        own = self._client.user_id
        return frozenset({own, localpart(own), self.member(own, room_id).name})

    def with_only(self, user_id: str) -> str | None:
        """Return a direct room of a user and the bot, the one that was last marked so first."""
        both = {user_id, self._client.user_id}
        candidates: list[str] = [*self._client.rooms, *self.direct.get(user_id, ())]
        for room_id in reversed(candidates):
            room = self._client.rooms.get(room_id)
            if room is not None and set(room.users) == both and self._is_direct(room):
                return room_id
        return None

    def learn_direct(self, content: Mapping[str, Any]) -> None:
        """Learn which rooms were opened for two; what the bot knows itself may be newer."""
        direct = {user_id: [*rooms] for user_id, rooms in self.direct.items()}
        for user_id, rooms in content.items():
            known = direct.setdefault(user_id, [])
            for room_id in rooms if isinstance(rooms, list) else ():
                if isinstance(room_id, str) and room_id not in known:
                    known.append(room_id)
        self.direct = direct

    def _is_direct(self, room: MatrixRoom) -> bool:
        """Whether only one other is there, in a room opened for two or without a name."""
        if len(room.users) > _TWO:
            return False
        marked = any(room.room_id in rooms for rooms in self.direct.values())
        return marked or not room.is_named

    def _is_shared(self, room: MatrixRoom) -> bool:
        """Whether others than the bot's own people read along, or may join at will."""
        open_to_all = room.history_visibility == "world_readable" or room.join_rule == "public"
        return open_to_all or not all(map(self.is_friend, room.users))

    def is_friend(self, user_id: str) -> bool:
        """Whether a user is of the bot's own homeserver, or one of those who may invite it."""
        own = server_of(self._client.user_id)
        return server_of(user_id) == own or bool({user_id, server_of(user_id)} & {*self._friends})


def localpart(user_id: str) -> str:
    """Return the name in a user's id."""
    return user_id[1:].partition(":")[0]


def server_of(user_id: str) -> str:
    """Return the homeserver in a user's id."""
    return user_id.partition(":")[2]
