"""From a turn to its answer: the organisation, the person, the role, the values, the command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypedDict, cast

from msgspec import Struct
from msgspec.structs import replace

from chatops.clock import Clock
from chatops.conversation import complaints
from chatops.conversation.addresses import Member, MessageRef, Place
from chatops.conversation.audience import kept_private, who_reads
from chatops.conversation.builtins import MENU
from chatops.conversation.command import (
    Call,
    Command,
    Effect,
    Fetch,
    Reading,
    Services,
    Visit,
)
from chatops.conversation.confirmations import Confirmations
from chatops.conversation.disclosures import MARK
from chatops.conversation.events import Attachment
from chatops.conversation.fallbacks import answered_aside
from chatops.conversation.languages import language_of, speaker_for
from chatops.conversation.openings import opened
from chatops.conversation.parsing import Misunderstood, Parsed, called, read_form, read_line
from chatops.conversation.permissions import check_role
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.private_files import called_by_file
from chatops.conversation.registry import Registry
from chatops.conversation.removing import removed
from chatops.conversation.reply import Reply
from chatops.conversation.turns import Turn
from chatops.conversation.whose import Whose, scoped, which
from chatops.language import Language, Speaker, Trouble
from chatops.organisations.organisations import Organisations
from chatops.organisations.people import People
from chatops.organisations.records import Organisation, Person
from chatops.store import Store

Begin = Callable[[], Awaitable[None]]
"""Notes that something is about to be done that must not be done twice."""

_NOWHERE = "UTC"
"""The zone in which times are read where no organisation is."""


class Answer(Struct, frozen=True):
    """What is answered, where, and in which language."""

    reply: Reply
    speaker: Speaker
    place: Place


class _Circumstances(TypedDict):
    person: Person
    member: Member
    place: Place
    speaker: Speaker
    now: Any
    event_id: str
    service: Services
    fetch: Fetch
    confidential: bool
    answers: MessageRef | None


class Answering:
    """Answers turns.

    Args:
        language: Spoken where neither the organisation nor the member says otherwise.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that an answer needs
        self,
        *,
        store: Store,
        clock: Clock,
        organisations: Organisations,
        people: People,
        registry: Registry,
        confirmations: Confirmations,
        platforms: Mapping[str, ChatPlatform],
        service: Services,
        language: Language,
    ) -> None:
        self._store = store
        self._clock = clock
        self._organisations = organisations
        self._people = people
        self._whose = Whose(organisations, people)
        self._registry = registry
        self._confirmations = confirmations
        self._platforms = platforms
        self._service = service
        self._language: Language = language

    async def answer(self, turn: Turn, begin: Begin) -> Answer:
        """Do what a turn asks for; whatever goes wrong is told."""
        async with self._store.snapshot():
            return await self._answer(turn, begin)

    async def _answer(self, turn: Turn, begin: Begin) -> Answer:
        speaker = Speaker(language_of(turn.member) or self._language)
        try:
            person = await self._recognise(turn)
            speaker = Speaker(person.language or speaker.language)
            turn = self._begun_by_file(turn)
            command = self._called(turn, speaker.language)
            if command is not None and command.effect is not Effect.NONE:
                await self._store.leave_snapshot()
            turn = await self._discreet(turn, command)
            if command is not None and command.role is None:
                return await self._answer_anybody(command, person, await self._aside(turn), begin)
            elsewhere = command is not None and command.elsewhere
            organisations = await self._whose.of(turn, person, elsewhere=elsewhere)
            if len(organisations) > 1:
                return Answer(which(turn, organisations), speaker, turn.place)
            turn = await self._aside(turn, organisations[0])
        except Trouble as trouble:
            return Answer(self._told(trouble, turn, speaker), speaker, turn.place)
        except Exception as fault:  # noqa: BLE001 - it is logged and told
            return Answer(complaints.of_fault(fault, turn.typed), speaker, turn.place)
        return await self._answer_for(organisations[0], person, turn, command, begin)

    async def speaker(self, turn: Turn, *, private: bool = True) -> Speaker:
        """Return who speaks to a member, before anything is known for certain."""
        place = turn.place
        person = await self._recognise(turn)
        known = await self._organisations.at(place.platform, place.workspace, place.channel)
        spoken = known[0].language if known else self._language
        return speaker_for(spoken, person, turn.member, private=private)

    async def discreet(self, turn: Turn) -> Turn:
        """Take out of sight what holds a secret; return a turn that does not repeat it."""
        return await self._discreet(turn, self._called(turn, self._language))

    async def _recognise(self, turn: Turn) -> Person:
        return await self._people.recognise(turn.member.who, turn.member.name)

    def _begun_by_file(self, turn: Turn) -> Turn:
        if turn.line or not turn.place.direct:
            return turn
        return replace(turn, line=called_by_file(self._registry, turn.attachments))

    def _called(self, turn: Turn, language: Language) -> Command[Any] | None:
        try:
            return called(self._registry, turn.verb or turn.line or MENU.en, language)
        except Misunderstood:
            return None

    async def _discreet(self, turn: Turn, command: Command[Any] | None) -> Turn:
        fields = self._registry.fields(command) if command is not None else ()
        if command is None or not any(field.parameter.secret for field in fields):
            return turn
        await removed(self._platforms, turn.message)
        return replace(turn, repeated=f"{command.words('en')} {MARK}")

    async def _aside(self, turn: Turn, organisation: Organisation | None = None) -> Turn:
        """Go where only the member reads, if that was asked for."""
        if turn.scope.audience != "private" or turn.place.direct:
            return turn
        scope = turn.scope
        if organisation is not None:
            scope = replace(scope, organisation=str(organisation.id))
        await self._store.leave_snapshot()
        place = await self._platforms[turn.place.platform].direct(turn.member)
        return replace(turn, place=place, scope=scope)

    async def _answer_anybody(
        self, command: Command[Any], person: Person, turn: Turn, begin: Begin
    ) -> Answer:
        """Do what needs neither an organisation nor a role."""
        speaker = await self.speaker(turn)
        try:
            parsed = self._read(turn, _NOWHERE, speaker.language)
            if command.effect is not Effect.NONE:
                await begin()
            visit = Visit(**self._circumstances(person, turn, speaker))
            reply = await command.run(cast("Call", visit), parsed.record)
        except Trouble as trouble:
            reply = self._told(trouble, turn, speaker)
        except Exception as fault:  # noqa: BLE001 - it is logged and told
            reply = complaints.of_fault(fault, turn.typed)
        # The command is done, and its answer must not be lost.
        with suppress(Trouble):
            speaker = await self.speaker(turn, private=reply.private)
        return Answer(reply, speaker, turn.place)

    async def _answer_for(
        self,
        organisation: Organisation,
        person: Person,
        turn: Turn,
        command: Command[Any] | None,
        begin: Begin,
    ) -> Answer:
        speaker = speaker_for(organisation.language, person, turn.member, private=True)
        try:
            call = await self._call(organisation, person, turn, speaker)
            if command is None:
                line = turn.verb or turn.line or MENU.en
                command = called(self._registry, line, speaker.language)
            check_role(call.roles, command, organisation)
            parsed = self._read(turn, organisation.zone, speaker.language)
            if _asks_who_reads(turn, command):
                reply = who_reads(turn, organisation, speaker.language)
                return Answer(reply, speaker, turn.place)
            reply = await self._run(command, parsed, call, begin)
            if command.effect is not Effect.NONE:
                organisation, person = await self._afresh(organisation, person, turn)
        except Trouble as trouble:
            reply = self._told(trouble, turn, speaker)
        except Exception as fault:  # noqa: BLE001 - it is logged and told
            reply = complaints.of_fault(fault, turn.typed)
        reply = self._finished(reply, command, turn, organisation)
        spoken = organisation.language
        return Answer(
            reply, speaker_for(spoken, person, turn.member, private=reply.private), turn.place
        )

    def _finished(
        self, reply: Reply, command: Command[Any] | None, turn: Turn, organisation: Organisation
    ) -> Reply:
        """Return a reply that says whose it is, to those who may read it."""
        if reply.about_publishing or (command and command.effect is Effect.OUTSIDE):
            reply = opened(reply, organisation)
            answers = command is not None and command.answers
            if turn.place.shared and not reply.private and not turn.scope.audience and not answers:
                reply = kept_private(reply, organisation)
        capabilities = self._platforms[turn.place.platform].capabilities
        if turn.scope.organisation or answered_aside(reply, turn.place, capabilities):
            reply = scoped(reply, organisation)
        return reply

    async def _afresh(
        self, organisation: Organisation, person: Person, turn: Turn
    ) -> tuple[Organisation, Person]:
        """Return both as they are now, if the store can say."""
        try:
            return await self._organisations.get(organisation.id), await self._recognise(turn)
        except Trouble:
            # The command is done, and its answer must not be lost.
            return organisation, person

    async def _call(
        self, organisation: Organisation, person: Person, turn: Turn, speaker: Speaker
    ) -> Call:
        return Call(
            organisation=organisation,
            roles=await self._people.roles(organisation.id, person.id, turn.place.platform),
            **self._circumstances(person, turn, speaker),
        )

    def _circumstances(self, person: Person, turn: Turn, speaker: Speaker) -> _Circumstances:
        platform = self._platforms[turn.place.platform]

        async def fetch(attachment: Attachment, target: Path, limit: int) -> None:
            await platform.fetch(attachment, target, limit=limit)

        return {
            "person": person,
            "member": turn.member,
            "place": turn.place,
            "speaker": speaker,
            "now": self._clock(),
            "event_id": turn.event_id,
            "service": self._service,
            "fetch": fetch,
            "confidential": turn.place.direct or platform.capabilities.private_replies != "none",
            "answers": turn.answers,
        }

    def _read(self, turn: Turn, zone: str, language: Language) -> Parsed:
        reading = Reading(self._clock(), zone, language, turn.attachments)
        if turn.form is not None:
            return read_form(self._registry, turn.verb, turn.form, reading)
        return read_line(self._registry, turn.line or MENU.en, reading)

    async def _run(self, command: Command[Any], parsed: Parsed, call: Call, begin: Begin) -> Reply:
        if command.preview is not None:
            record = parsed.record
            if command.pin is not None:
                record = await command.pin(call, record)
            preview = await command.preview(call, record)
            return await self._confirmations.ask(call, command, record, parsed.line, preview)
        if command.effect is not Effect.NONE:
            await begin()
        return await command.run(call, parsed.record)

    def _told(self, trouble: Trouble, turn: Turn, speaker: Speaker) -> Reply:
        return complaints.of_trouble(trouble, turn.typed, self._registry, speaker.language)


def _asks_who_reads(turn: Turn, command: Command[Any]) -> bool:
    return turn.place.shared and command.effect is Effect.OUTSIDE and not turn.scope.audience
