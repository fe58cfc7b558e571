"""What happens to members and places without anybody saying a word.

Who leaves loses the roles that they had through the place, unless they are still met elsewhere in
the organisation. A place from which the bot was removed counts as lost until something is heard
from there again; a place that was moved goes on under its new id.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from chatops.clock import Clock
from chatops.conversation.addresses import Member, Place
from chatops.conversation.events import Happening, MemberLeft, PlaceLost, PlaceMoved
from chatops.conversation.outbox import Outbox
from chatops.conversation.permissions import ROLES
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.reply import Block, Heading, Paragraph, Reply
from chatops.language import Code, Series, Trouble, _, n_
from chatops.organisations.leaving import Leaving, Left
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import MemberId, Organisation, Role, Spot
from chatops.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

log = logging.getLogger("chatops.conversation")

_FRESH: Final = timedelta(minutes=10)
"""How long it is not looked up again whether a member is known to be in a place."""


class Happenings:
    """Lets members and places come and go."""

    def __init__(  # noqa: PLR0913 - one for each thing that something can happen to
        self,
        *,
        store: Store,
        clock: Clock,
        organisations: Organisations,
        people: People,
        places: Places,
        outbox: Outbox,
        platforms: Mapping[str, ChatPlatform],
    ) -> None:
        self._store = store
        self._clock = clock
        self._organisations = organisations
        self._people = people
        self._places = places
        self._platforms = platforms
        self._outbox = outbox
        self._leaving = Leaving(store, people, places)
        self._met: dict[tuple[Spot, MemberId], datetime] = {}

    async def recall(self) -> None:
        """Learn what happened before the program started."""
        self._outbox.redirect(await self._places.moved())

    async def met(self, place: Place, member: Member) -> None:
        """Note that a member is in a place, and that the bot is."""
        if place.direct:
            return
        spot, who = place.spot, member.who
        now = self._clock()
        before = self._met.get((spot, who))
        if before is not None and now - before < _FRESH:
            return
        if len(self._met) > 10_000:  # noqa: PLR2004 - enough for any association, and bounded
            self._met.clear()
        await self._places.meet(spot, who)
        await self._places.regain(spot)
        self._met[spot, who] = now

    async def handle(self, event: Happening) -> None:
        """Act on what happened, and tell those whom it concerns."""
        self._met.clear()
        match event:
            case MemberLeft():
                await self._left(event)
            case PlaceLost() if not event.place.thread:
                await self._lost(event)
            case PlaceLost():
                log.info("a thread is no more: the channel that it was in stays a place")
            case PlaceMoved():
                await self._moved(event)

    async def _left(self, event: MemberLeft) -> None:
        news: list[tuple[Organisation, Reply]] = []

        async def told(connection: AsyncConnection, left: Left) -> None:
            organisation = await self._organisations.get(left.organisation_id)
            if left.orphaned:
                recover = f"quitx setup --recover {organisation.id}"
                log.warning("%s has no admin any more: %s", organisation.name, recover)
            reply = _who_left(left, organisation)
            if not await self._promised(connection, organisation, reply, event.event_id):
                news.append((organisation, reply))

        await self._leaving.let_go(event.place.spot, event.member.who, told)
        for organisation, reply in news:
            await self._tell_admins(organisation, reply, event.event_id)

    async def _lost(self, event: PlaceLost) -> None:
        news: list[tuple[Organisation, Reply]] = []
        async with self._store.write() as connection:
            lost = await self._places.lose(connection, event.place.spot)
            for number in sorted({place.organisation_id for place in lost}):
                theirs = [place.spot for place in lost if place.organisation_id == number]
                organisation = await self._organisations.get(number)
                log.warning("%s has lost %s", organisation.name, ", ".join(map(_shown, theirs)))
                reply = _what_was_lost(theirs)
                if not await self._promised(connection, organisation, reply, event.event_id):
                    news.append((organisation, reply))
        for organisation, reply in news:
            await self._tell_admins(organisation, reply, event.event_id)

    async def _moved(self, event: PlaceMoved) -> None:
        await self._places.move(event.place.spot, event.to.spot)
        self._outbox.redirect(await self._places.moved())
        await self._outbox.follow(event.place, event.to, along=event.with_messages)
        log.info("%s goes on as %s", event.place.channel, event.to.channel)

    async def _promised(
        self, connection: AsyncConnection, organisation: Organisation, reply: Reply, event_id: str
    ) -> bool:
        """Promise to tell it at home; return False where there is no place left."""
        home = await self._places.home_now(connection, organisation.id)
        if home is None:
            return False
        key = f"happened {event_id} {organisation.id}"
        await self._outbox.promise(connection, organisation, Place.at(home), reply, key=key)
        return True

    async def _tell_admins(self, organisation: Organisation, reply: Reply, event_id: str) -> None:
        """Tell each admin wherever they are met."""
        log.warning("%s has no place left in which it can be told", organisation.name)
        for place in await self._admins(organisation):
            key = f"happened {event_id} {organisation.id} {place.platform} {place.channel}"
            await self._outbox.tell(organisation, place, reply, key=key)

    async def _admins(self, organisation: Organisation) -> Sequence[Place]:
        """Return the direct conversations with an organisation's admins."""
        found: list[Place] = []
        for colleague in await self._people.colleagues(organisation.id):
            for who in colleague.members if Role.ADMIN in colleague.roles else ():
                platform = self._platforms.get(who.platform)
                member = Member(who.platform, who.workspace, who.id, colleague.person.name)
                if platform is not None:
                    with suppress(Trouble):
                        found.append(await platform.direct(member))
        return found


def _who_left(left: Left, organisation: Organisation) -> Reply:
    roles = sorted(left.roles, key=list(Role).index)
    lost = _(
        "They were {roles} in {organisation}, and are no longer.",
        roles=Series(tuple(ROLES[role] for role in roles)),
        organisation=organisation.name,
    )
    blocks: list[Block] = [
        Heading(_("{name} has left", name=left.person.name)),
        Paragraph(lost),
    ]
    if left.orphaned:
        mend = _(
            "{organisation} has no admin any more. Whoever runs the bot makes a new one in the "
            "terminal: {command}.",
            organisation=organisation.name,
            command=Code(f"quitx setup --recover {organisation.id}"),
        )
        blocks.append(Paragraph(mend))
    else:
        mend = _(
            "An admin who thinks otherwise gives a role back with {command}; {members} shows "
            "who is left.",
            command=Code("/quitx grant"),
            members=Code("/quitx members"),
        )
        blocks.append(Paragraph(mend))
    return Reply(tuple(blocks))


def _what_was_lost(lost: Sequence[Spot]) -> Reply:
    return Reply(
        (
            Heading(_("I can no longer speak everywhere")),
            Paragraph(
                n_(
                    "I was removed from a place of yours, or it was closed: {places}.",
                    "I was removed from {count} places of yours, or they were closed: {places}.",
                    len(lost),
                    places=Series(tuple(Code(_shown(spot)) for spot in lost)),
                )
            ),
            Paragraph(
                _(
                    "Invite me again and it goes on there, or let it go with {command}. Work in "
                    "other places is not touched.",
                    command=Code("/quitx places remove"),
                )
            ),
        )
    )


def _shown(spot: Spot) -> str:
    return " ".join(filter(None, (spot.platform, spot.workspace, spot.channel)))
