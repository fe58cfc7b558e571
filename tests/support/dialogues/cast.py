"""Who plays in a dialogue: the organisation, the people's roles, and how all of it ends."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, update

from chatops.clock import utc_now
from chatops.conversation.addresses import Place
from chatops.organisations.codes import Codes
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.places import Places
from chatops.organisations.records import MemberId, Organisation, Role
from chatops.organisations.setup import Setup, Wish
from chatops.store.tables import code_attempts, codes, people, places, roles
from tests.support.dialogues.dialogue import Dialogue
from tests.support.dialogues.driver import PEOPLE, Driver, Who

_ZONE = "Europe/Paris"


class Cast:
    """Prepares what an operator and an admin had done before a dialogue begins."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        store = driver.home.house.store
        self._store = store
        self._organisations = Organisations(store, utc_now)
        self._people = People(store, utc_now)
        self._heard = driver.home.heard

    async def prepare(self, dialogue: Dialogue) -> Mapping[str, str]:
        """Make the organisations and give the roles; return what the dialogue can name."""
        await self.leave()
        names: dict[str, str] = {}
        for key, name, held in (
            ("organisation", dialogue.organisation, dialogue.roles),
            ("beside", dialogue.beside, dialogue.also),
        ):
            if name:
                made = await self._found(name, dialogue, held)
                names[key] = str(made.id)
        if dialogue.invited:
            names["code"] = await self._invite(dialogue)
        return names

    async def leave(self) -> None:
        """Let nobody be anybody: the next dialogue has the same people in the same places.

        Organisations and what they did stay, so that no number is ever given twice; so does who was
        met where, which the core remembers too.
        """
        async with self._store.write() as connection:
            for table in (roles, places, code_attempts, codes):
                await connection.execute(delete(table))
            await connection.execute(update(people).values(language=None))

    def owner(self, place: Place) -> Who | None:
        """Return whose direct conversation with the bot a place is, as far as anything shows."""
        for event in self._driver.home.recorder.heard[self._heard :]:
            member = getattr(event, "member", None)
            spoken = getattr(event, "place", None) or getattr(event, "message", None)
            where = getattr(spoken, "place", spoken)
            if member is not None and where is not None and where.channel == place.channel:
                return self._named(member.id)
        return None

    def _named(self, member_id: str) -> Who | None:
        return next((who for who in PEOPLE if self._driver.member(who).id == member_id), None)

    async def _found(self, name: str, dialogue: Dialogue, held: Mapping[Who, str]) -> Organisation:
        place = self._driver.place("general")
        made = await self._organisations.found(
            name, dialogue.language, _ZONE, (place.platform, place.workspace, place.channel)
        )
        for who, role in held.items():
            member = self._driver.member(who)
            person = await self._people.recognise(
                MemberId(member.platform, member.workspace, member.id), member.name
            )
            await self._people.grant(made.id, person.id, Role(role))
        return made

    async def _invite(self, dialogue: Dialogue) -> str:
        store = self._store
        setup = Setup(
            store,
            utc_now,
            self._organisations,
            self._people,
            Places(store, utc_now),
            Codes(store, utc_now),
        )
        [invitation] = await setup.invite([Wish(dialogue.invited, dialogue.language, _ZONE)])
        return invitation.code
