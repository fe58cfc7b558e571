"""Preview, then confirm: what has effects outside waits here for one yes or one no.

A confirmation is `waiting`. One step settles it, once, whoever comes first:

    waiting -> confirmed    somebody with the command's role said yes: the kept record is run
    waiting -> cancelled    somebody with the command's role said no
    waiting -> expired      a day has passed
    waiting -> void         the organisation has left practice since: it meant something else
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, Literal

import msgspec
from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Row, delete, insert, or_, select, update

from chatops.clock import Clock
from chatops.conversation.addresses import Place
from chatops.conversation.codes import new_code
from chatops.conversation.command import Call, Command
from chatops.conversation.openings import opened
from chatops.conversation.outbox import Outbox
from chatops.conversation.permissions import check_role
from chatops.conversation.registry import Registry, key_of
from chatops.conversation.reply import Block, Choice, Choices, Note, Paragraph, Reply
from chatops.conversation.usage import typed
from chatops.language import Code, Conflict, Missing, Moment, Strong, Text, _
from chatops.organisations.records import Mode
from chatops.store import Store
from chatops.store.tables import confirmations

State = Literal["waiting", "confirmed", "cancelled", "expired", "void"]

PATIENCE: Final = timedelta(hours=24)


class Waiting(Struct, frozen=True):
    """What was asked for, as it is kept.

    Args:
        command: The command's key.
        record: Its record, as JSON.
        place: Where the preview stands.
    """

    command: str
    line: str
    record: bytes
    mode: Mode
    place: Place
    preview: Reply
    asked_by: int


class Claimed(Struct, frozen=True):
    """A command that was confirmed, to be run now."""

    command: Command[Any]
    record: Any


class Confirmations:
    """Keeps what waits for a yes."""

    def __init__(self, store: Store, clock: Clock, registry: Registry, outbox: Outbox) -> None:
        self._store = store
        self._clock = clock
        self._registry = registry
        self._outbox = outbox

    async def ask(
        self, call: Call, command: Command[Any], record: Struct, line: str, preview: Reply
    ) -> Reply:
        """Keep a command, and return its preview with the question."""
        number = new_code()
        now = self._clock()
        question = _question(number, call, command, preview, now + PATIENCE)
        waiting = Waiting(
            command=key_of(command),
            line=line,
            record=msgspec.json.encode(record),
            mode=call.organisation.mode,
            place=call.place,
            preview=replace(preview, topic=question.topic),
            asked_by=call.person.id,
        )
        async with self._store.write() as connection:
            await connection.execute(
                insert(confirmations).values(
                    id=number,
                    organisation_id=call.organisation.id,
                    payload=msgspec.json.encode(waiting),
                    state="waiting",
                    asked_at=now,
                    expires_at=now + PATIENCE,
                )
            )
        return question

    async def claim(self, number: str, call: Call) -> Claimed:
        """Settle a confirmation with a yes; return what is to be run, now and only now.

        Raises:
            Missing: There is none with this number here.
            Conflict: It was settled before, or no longer means what it meant.
            Forbidden: The person may not call its command.
        """
        waiting, command = await self._open(number, call)
        kind = command.parameters
        record = msgspec.json.decode(waiting.record, type=kind)
        name = Strong(call.person.name)
        await self._settle(number, call, "confirmed", waiting, _("{name} confirmed.", name=name))
        return Claimed(command, record)

    async def cancel(self, number: str, call: Call) -> str:
        """Settle a confirmation with a no; return the line that is not run.

        Raises:
            Missing: There is none with this number here.
            Conflict: It was settled before.
            Forbidden: The person may not call its command.
        """
        waiting, _command = await self._open(number, call)
        name = Strong(call.person.name)
        await self._settle(number, call, "cancelled", waiting, _("{name} cancelled.", name=name))
        return waiting.line

    async def forget(self, before: datetime) -> None:
        """Drop what was settled, or ran out, before a time."""
        async with self._store.write() as connection:
            await connection.execute(
                delete(confirmations).where(
                    or_(confirmations.c.settled_at < before, confirmations.c.expires_at < before)
                )
            )

    async def _open(self, number: str, call: Call) -> tuple[Waiting, Command[Any]]:
        """Return a confirmation that can be settled by the person who calls."""
        row = await self._row(number, call)
        waiting = msgspec.json.decode(row.payload, type=Waiting)
        if row.state != "waiting":
            raise _settled(row, waiting)
        command = self._registry.at(waiting.command)
        if row.expires_at <= self._clock():
            await self._settle(number, call, "expired", waiting, _("Nobody answered in time."))
            raise _again(_("This request is more than a day old and no longer counts."), waiting)
        if waiting.mode != call.organisation.mode or command is None:
            void = _("The organisation has changed since this was asked.")
            await self._settle(number, call, "void", waiting, void)
            raise _again(void, waiting)
        check_role(call.roles, command, call.organisation)
        return waiting, command

    async def _settle(
        self, number: str, call: Call, state: State, waiting: Waiting, outcome: Text
    ) -> None:
        async with self._store.write() as connection:
            changed = await connection.execute(
                update(confirmations)
                .where(confirmations.c.id == number, confirmations.c.state == "waiting")
                .values(state=state, settled_at=self._clock(), settled_by=call.person.name)
            )
        if not changed.rowcount:
            raise _settled(await self._row(number, call), waiting)
        preview = waiting.preview
        blocks: tuple[Block, ...] = (*preview.blocks, Paragraph(outcome))
        ended = opened(replace(preview, blocks=blocks), call.organisation)
        await self._outbox.amend(waiting.place, ended)

    async def _row(self, number: str, call: Call) -> Row[Any]:
        async with self._store.read() as connection:
            rows = await connection.execute(
                select(confirmations).where(
                    confirmations.c.id == number,
                    confirmations.c.organisation_id == call.organisation.id,
                )
            )
            row = rows.one_or_none()
        if row is None:
            raise Missing(
                _("Nothing waits under {number} here.", number=Code(number)),
                _("Ask for it again; the button that confirms is under the preview."),
            )
        return row


def _question(
    number: str, call: Call, command: Command[Any], preview: Reply, until: datetime
) -> Reply:
    notes: list[Block] = []
    if call.place.shared:
        notes.append(Note(_("Other people than the organisation's can read this place.")))
    notes.append(
        Note(
            _(
                "Nothing has happened yet. This waits until {moment}.",
                moment=Moment(until, call.organisation.zone),
            )
        )
    )
    in_words = {"yes": Code(typed(f"confirm {number}")), "no": Code(typed(f"cancel {number}"))}
    notes.append(Note(_("In words: {yes} or {no}.", **in_words)))
    choices = Choices(
        (
            Choice(command.confirm or _("Confirm"), f"confirm {number}", "✅", style="primary"),
            Choice(_("Cancel"), f"cancel {number}", "❌"),
        )
    )
    blocks = (*preview.blocks, *notes, choices)
    return replace(preview, blocks=blocks, topic=f"confirmation:{number}", about_publishing=True)


_SETTLED: Final[Mapping[str, Text]] = {
    "confirmed": _("This was confirmed before."),
    "cancelled": _("This was cancelled before."),
    "expired": _("This request is more than a day old and no longer counts."),
    "void": _("The organisation has changed since this was asked."),
}


def _settled(row: Row[Any], waiting: Waiting) -> Conflict:
    if row.state == "confirmed" and row.settled_by:
        reason = _("{name} confirmed this before.", name=Strong(row.settled_by))
        return Conflict(reason, _("Nothing will be done twice."))
    return _again(_SETTLED[row.state], waiting)


def _again(reason: Text, waiting: Waiting) -> Conflict:
    return Conflict(reason, _("Ask for it again: {command}.", command=Code(typed(waiting.line))))
