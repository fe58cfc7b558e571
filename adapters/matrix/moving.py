"""Coming into rooms: by invitation of those who may invite, and after rooms that were upgraded."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from adapters.matrix.answers import path_of
from adapters.matrix.client import Client
from adapters.matrix.errors import Failure, Refused
from adapters.matrix.remembered import Remembered
from adapters.matrix.rooms import Rooms, server_of
from adapters.matrix.shapes import mapping, words
from chatops.conversation.events import Event, PlaceMoved
from chatops.conversation.pauses import Pauses

log = logging.getLogger(__name__)

_TRIES: Final = 5
"""How often a room is tried that refuses the bot, before somebody has to invite it again."""

Hand = Callable[[Event | None], Awaitable[None]]


class Invitation(Struct, frozen=True):
    """An invitation that was not taken up yet."""

    by: str
    direct: bool = False


class Move(Struct, frozen=True):
    """A room that goes on as another.

    Args:
        event: That said so.
        by: Who did it.
        done: Whether the core was told.
    """

    room: str
    successor: str
    event: str
    by: str
    done: bool = False


class Moving:
    """Takes up invitations and follows upgraded rooms, beside the sync.

    Args:
        allowed: The homeservers and users whose invitations are taken up.
    """

    def __init__(
        self, client: Client, rooms: Rooms, remembered: Remembered, allowed: Collection[str]
    ) -> None:
        self._client = client
        self._rooms = rooms
        self._remembered = remembered
        self._allowed = frozenset(allowed)
        self._wake = asyncio.Event()
        self._refusals: dict[str, int] = {}
        self._known: dict[str, Move] | None = None

    async def invited(self, room_id: str, state: Sequence[Any]) -> None:
        """Keep an invitation, whether it may be taken up or not."""
        for event in state:
            source: Mapping[str, Any] = event.source
            if source.get("type") == "m.room.member" and (
                source.get("state_key") == self._client.user_id
            ):
                content = mapping(source.get("content"))
                invitation = Invitation(str(source["sender"]), content.get("is_direct") is True)
                kept = msgspec.json.encode(invitation).decode()
                await self._remembered.put("invitation", room_id, kept)
                if not await self._may_follow(room_id, invitation):
                    log.warning(
                        "matrix: %s invites the bot to %s, which [matrix] allow_invites does not "
                        "allow",
                        invitation.by,
                        room_id,
                    )
        self._refusals.pop(room_id, None)
        self._wake.set()

    async def upgraded(self, room_id: str, source: Mapping[str, Any]) -> None:
        """Keep that a room goes on as another."""
        successor = words(mapping(source.get("content")).get("replacement_room"))
        if successor and not await self.has_moved(room_id):
            move = Move(room_id, successor, str(source["event_id"]), str(source["sender"]))
            await self._keep(move)
            self._wake.set()

    async def has_moved(self, room_id: str) -> bool:
        """Whether a room goes on as another."""
        return any(move.room == room_id for move in await self._moves())

    async def tell(self, hand: Hand) -> None:
        """Tell the core of rooms that go on as others, once the bot is in those."""
        for move in await self._moves():
            if not move.done and self._rooms.knows(move.successor):
                old, new = self._rooms.place(move.room), self._rooms.place(move.successor)
                await hand(PlaceMoved(move.event, old, new))
                await self._keep(msgspec.structs.replace(move, done=True))

    async def work(self) -> None:
        """Go where the bot should be, until cancelled."""
        pauses = Pauses(self._client.pace)
        while True:
            self._wake.clear()
            wait = None if await self._caught_up() else pauses.next()
            if wait is None:
                pauses.reset()
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _caught_up(self) -> bool:
        """Try all rooms once; return whether nothing is left to try."""
        done = True
        for room_id, kept in (await self._remembered.all("invitation")).items():
            invitation = msgspec.json.decode(kept, type=Invitation)
            if await self._may_follow(room_id, invitation):
                done &= await self._accepted(room_id, invitation)
        for move in await self._moves():
            if not move.done and not self._rooms.knows(move.successor):
                done &= await self._joined(move.successor, server_of(move.by))
        return done

    async def _accepted(self, room_id: str, invitation: Invitation) -> bool:
        if not await self._joined(room_id, server_of(invitation.by)):
            return False
        if invitation.direct and self._refusals.get(room_id, 0) == 0:
            try:
                await self.remember_direct(invitation.by, room_id)
            except Failure as failure:
                log.info("matrix: %s could not be kept as a direct room: %s", room_id, failure)
                return False
        await self._remembered.drop("invitation", room_id)
        return True

    async def _joined(self, room_id: str, via: str) -> bool:
        """Join a room; return whether there is no need to try again."""
        if self._refusals.get(room_id, 0) >= _TRIES:
            return True
        try:
            # The second name is the one that older homeservers know.
            query = {"via": via, "server_name": via}
            await self._client.ask("POST", path_of("join", room_id), {}, query=query)
        except Failure as failure:
            log.warning("matrix: the bot cannot join %s: %s", room_id, failure)
            if isinstance(failure, Refused) and not failure.passing:
                self._refusals[room_id] = self._refusals.get(room_id, 0) + 1
            return False
        return True

    async def remember_direct(self, user_id: str, room_id: str) -> None:
        """Note, for all clients of the account, that a room was opened for two.

        Raises:
            Failure: The homeserver did not answer as it should.
        """
        self._rooms.learn_direct({user_id: [room_id]})
        path = f"{path_of('user', self._client.user_id)}/account_data/m.direct"
        await self._client.ask("PUT", path, self._rooms.direct)

    async def _may_follow(self, room_id: str, invitation: Invitation) -> bool:
        """Whether an invitation may be taken up: that of a room that goes on there may always."""
        if {invitation.by, server_of(invitation.by)} & self._allowed:
            return True
        return any(move.successor == room_id for move in await self._moves())

    async def _moves(self) -> Sequence[Move]:
        if self._known is None:
            kept = (await self._remembered.all("move")).values()
            moves = (msgspec.json.decode(each, type=Move) for each in kept)
            self._known = {move.room: move for move in moves}
        return [*self._known.values()]

    async def _keep(self, move: Move) -> None:
        await self._remembered.put("move", move.room, msgspec.json.encode(move).decode())
        self._known = None
