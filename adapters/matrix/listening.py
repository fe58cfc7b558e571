"""What a sync means for the core, handed over in order.

A response stays in memory until all of it was handed over; only then is its token kept. So what the
inbox could not store is handed over again, and what a crash interrupts is heard again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from nio.events import UnknownAccountDataEvent
from nio.responses import RoomInfo, SyncResponse

from adapters.matrix.errors import Refused
from adapters.matrix.gaps import missed
from adapters.matrix.hearing import (
    Reaction,
    begins,
    left_event,
    membership,
    membership_before,
    message_event,
    reaction_event,
    reaction_in,
    redacted_by,
)
from adapters.matrix.late import Late
from adapters.matrix.line import Line
from chatops.conversation.events import Event, PlaceLost
from chatops.conversation.pauses import Pauses
from chatops.conversation.platform import Inbox

log = logging.getLogger(__name__)

HEARD: Final = "heard"

Source = Mapping[str, Any]


class Listening:
    """Hears what syncs tell.

    Args:
        late: Keeps what cannot be read yet.
    """

    def __init__(self, line: Line, late: Late, inbox: Inbox) -> None:
        self._client = line.client
        self._rooms = line.rooms
        self._remembered = line.remembered
        self._moving = line.moving
        self._inbox = inbox
        self._late = late

    async def since(self) -> str | None:
        """Return up to where everything was heard; None where nothing ever was."""
        return await self._remembered.get("token", HEARD)

    async def take(self, response: SyncResponse, since: str | None) -> None:
        """Hand over what a response tells, then keep its token.

        Raises:
            Failure: What it left out could not be read; call it again with the same response.
        """
        for told in response.account_data_events:
            if isinstance(told, UnknownAccountDataEvent) and told.type == "m.direct":
                self._rooms.learn_direct(told.content)
        for room_id, invited in response.rooms.invite.items():
            await self._moving.invited(room_id, invited.invite_state)
        self._rooms.note_change()
        await self._moving.tell(self._hand)
        for room_id, joined in response.rooms.join.items():
            await self._joined(room_id, joined, since)
        if response.to_device_events:
            for room_id, source in self._late.readable():
                await self._hear(room_id, source)
        await self._moving.tell(self._hand)
        for room_id, left in response.rooms.leave.items():
            await self._left(room_id, left)
        await self._remembered.put("token", HEARD, response.next_batch)

    async def _joined(self, room_id: str, told: RoomInfo, since: str | None) -> None:
        if since is None:
            # Nobody was here when this was said.
            return
        timeline = told.timeline
        events: list[Source] = [event.source for event in timeline.events]
        first_here = _since_arrival(events, self._client.user_id)
        if first_here is None and timeline.limited and timeline.prev_batch:
            events = [*await self._missed(room_id, timeline.prev_batch, since), *events]
            first_here = _since_arrival(events, self._client.user_id)
        for source in events[first_here or 0 :]:
            await self._hear(room_id, source)

    async def _missed(self, room_id: str, before: str, since: str) -> Sequence[Source]:
        """Return what a sync left out; nothing where the homeserver will never tell it."""
        try:
            return await missed(self._client, room_id, before, since)
        except Refused as refused:
            if refused.passing or refused.logged_out:
                raise
            # Other rooms go on: whoever was thrown out of one may not read in it any more.
            log.warning("matrix: what was said meanwhile in %s is lost: %s", room_id, refused)
            return ()

    async def _hear(self, room_id: str, source: Source) -> None:
        """Hand one event over, whatever it is."""
        kind, sender, event_id = (source.get(name) for name in ("type", "sender", "event_id"))
        if not isinstance(sender, str) or not isinstance(event_id, str):
            return
        match kind:
            case "m.room.tombstone":
                await self._moving.upgraded(room_id, source)
            case "m.room.encrypted":
                self._late.keep(room_id, source)
            case "m.room.redaction":
                await self._redaction(source)
            case "m.reaction" if sender != self._client.user_id:
                await self._reaction(room_id, source)
            case "m.room.message" | "m.room.member":
                await self._hand(self._event(room_id, source))

    def _event(self, room_id: str, source: Source) -> Event | None:
        own = self._client.user_id
        try:
            if source["type"] == "m.room.message":
                said = source["sender"] != own
                return message_event(source, room_id, self._rooms, own) if said else None
            gone = source.get("state_key") != own
            return left_event(source, room_id, self._rooms) if gone else None
        except Exception:
            log.exception("matrix: the event %s cannot be read", source["event_id"])
            return None

    async def _reaction(self, room_id: str, source: Source) -> None:
        reaction = reaction_in(source, room_id)
        if reaction is None:
            return
        event_id = str(source["event_id"])
        kept = msgspec.json.encode(reaction).decode()
        await self._remembered.put("reaction", event_id, kept)
        await self._hand(reaction_event(event_id, reaction, self._rooms, added=True))

    async def _redaction(self, source: Source) -> None:
        removed = redacted_by(source)
        kept = await self._remembered.get("reaction", removed)
        if kept is None:
            return
        reaction = msgspec.json.decode(kept, type=Reaction)
        event_id = str(source["event_id"])
        await self._hand(reaction_event(event_id, reaction, self._rooms, added=False))

    async def _left(self, room_id: str, told: RoomInfo) -> None:
        """Note that the bot is in a room no longer, unless it never was or the room has moved."""
        self._client.rooms.pop(room_id, None)
        for source in reversed([event.source for event in told.timeline.events]):
            if source.get("state_key") != self._client.user_id:
                continue
            if source.get("type") == "m.room.member" and membership(source) in ("leave", "ban"):
                known = membership_before(source) == "join"
                if known and not await self._moving.has_moved(room_id):
                    lost = PlaceLost(str(source["event_id"]), self._rooms.place(room_id))
                    await self._hand(lost)
                return

    async def _hand(self, event: Event | None) -> None:
        """Give an event to the inbox, again and again until it is stored."""
        pauses = Pauses(self._client.pace)
        while event is not None:
            try:
                await self._inbox(event)
            except Exception:
                log.exception("matrix: an event could not be stored and is handed over again")
                await asyncio.sleep(pauses.next())
            else:
                return


def _since_arrival(events: Sequence[Source], own: str) -> int | None:
    """Return where the events begin that were said while the bot was there."""
    arrivals: Iterable[int] = (at for at, each in enumerate(events) if begins(each, own))
    return max(arrivals, default=-1) + 1 or None
