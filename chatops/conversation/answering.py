"""From a turn to its answer: the organisation, the person, the role, the values, the command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from chatops.clock import Clock
from chatops.conversation import complaints
from chatops.conversation.builtins import MENU
from chatops.conversation.command import Call, Command, Effect, Reading, Services
from chatops.conversation.confirmations import Confirmations
from chatops.conversation.events import Attachment
from chatops.conversation.fallbacks import answered_aside
from chatops.conversation.languages import language_of, speaker_for
from chatops.conversation.openings import opened
from chatops.conversation.parsing import Parsed, called, read_form, read_line
from chatops.conversation.permissions import check_role
from chatops.conversation.platform import ChatPlatform
from chatops.conversation.registry import Registry
from chatops.conversation.reply import Reply
from chatops.conversation.turns import Turn
from chatops.conversation.whose import organisations_of, scoped, which
from chatops.language import Language, Speaker, Trouble
from chatops.organisations.directory import Organisations
from chatops.organisations.records import Organisation, Person

Begin = Callable[[], Awaitable[None]]
"""Notes that something is about to be done that must not be done twice."""


class Answer(Struct, frozen=True):
    """What is answered, and in which language."""

    reply: Reply
    speaker: Speaker


class Answering:
    """Answers turns.

    Args:
        language: Spoken where neither the organisation nor the member says otherwise.
    """

    def __init__(  # noqa: PLR0913 - one for each thing that an answer needs
        self,
        *,
        clock: Clock,
        organisations: Organisations,
        registry: Registry,
        confirmations: Confirmations,
        platforms: Mapping[str, ChatPlatform],
        service: Services,
        language: Language,
    ) -> None:
        self._clock = clock
        self._organisations = organisations
        self._registry = registry
        self._confirmations = confirmations
        self._platforms = platforms
        self._service = service
        self._language: Language = language

    async def answer(self, turn: Turn, begin: Begin) -> Answer:
        """Do what a turn asks for; whatever goes wrong is told."""
        speaker = Speaker(language_of(turn.member) or self._language)
        try:
            person = await self._recognise(turn)
            speaker = Speaker(person.language or speaker.language)
            organisations = await organisations_of(turn, person, self._organisations)
        except Trouble as trouble:
            return Answer(self._told(trouble, turn, speaker), speaker)
        except Exception as fault:  # noqa: BLE001 - it is logged and told
            return Answer(complaints.of_fault(fault, turn.typed), speaker)
        if len(organisations) > 1:
            return Answer(which(turn, organisations), speaker)
        return await self._answer_for(organisations[0], person, turn, begin)

    async def speaker(self, turn: Turn) -> Speaker:
        """Return who speaks to a member in private, before anything is known for certain."""
        place = turn.place
        person = await self._recognise(turn)
        known = await self._organisations.at(place.platform, place.workspace, place.channel)
        if known:
            return speaker_for(known[0], person, turn.member, private=True)
        return Speaker(person.language or language_of(turn.member) or self._language)

    async def _recognise(self, turn: Turn) -> Person:
        member = turn.member
        return await self._organisations.recognise(
            member.platform, member.workspace, member.id, member.name
        )

    async def _answer_for(
        self, organisation: Organisation, person: Person, turn: Turn, begin: Begin
    ) -> Answer:
        speaker = speaker_for(organisation, person, turn.member, private=True)
        command: Command[Any] | None = None
        try:
            call = await self._call(organisation, person, turn, speaker)
            command = called(self._registry, turn.verb or turn.line or MENU.en, speaker.language)
            check_role(call.roles, command, organisation)
            reply = await self._run(command, self._read(turn, call), call, begin)
            if command.effect is not Effect.NONE:
                organisation, person = await self._afresh(organisation, person, turn)
        except Trouble as trouble:
            reply = self._told(trouble, turn, speaker)
        except Exception as fault:  # noqa: BLE001 - it is logged and told
            reply = complaints.of_fault(fault, turn.typed)
        if reply.about_publishing or (command and command.effect is Effect.OUTSIDE):
            reply = opened(reply, organisation)
        capabilities = self._platforms[turn.place.platform].capabilities
        if turn.organisation or answered_aside(reply, turn.place, capabilities):
            reply = scoped(reply, organisation)
        return Answer(reply, speaker_for(organisation, person, turn.member, private=reply.private))

    async def _afresh(
        self, organisation: Organisation, person: Person, turn: Turn
    ) -> tuple[Organisation, Person]:
        """Return both as a command may have left them: a new language, another mode."""
        try:
            return await self._organisations.get(organisation.id), await self._recognise(turn)
        except Trouble:
            # The command is done, and its answer must not be lost.
            return organisation, person

    async def _call(
        self, organisation: Organisation, person: Person, turn: Turn, speaker: Speaker
    ) -> Call:
        platform = self._platforms[turn.place.platform]

        async def fetch(attachment: Attachment, target: Path, limit: int) -> None:
            await platform.fetch(attachment, target, limit=limit)

        return Call(
            organisation=organisation,
            person=person,
            roles=await self._organisations.roles(organisation.id, person.id, turn.place.platform),
            member=turn.member,
            place=turn.place,
            speaker=speaker,
            now=self._clock(),
            event_id=turn.event_id,
            service=self._service,
            fetch=fetch,
            answers=turn.answers,
        )

    def _read(self, turn: Turn, call: Call) -> Parsed:
        zone, language = call.organisation.zone, call.speaker.language
        reading = Reading(call.now, zone, language, turn.attachments)
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
