"""`Migrations`: what people can ask of a migration. The work itself is in `work`."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from chatops.conversation.addresses import Place
from chatops.engine import Engine, Task
from chatops.language import Code, Conflict, Invalid, Missing, _
from chatops.migrations.keeping import KEPT_FOR, KeptFiles
from chatops.migrations.keys import position_of
from chatops.migrations.ledger import Ledger
from chatops.migrations.planning import Planner
from chatops.migrations.records import Migration, Selection
from chatops.migrations.replies import PHASES
from chatops.migrations.states import WORKED, Hold, ItemState, Phase, Step, phases_before
from chatops.organisations.accounts import Accounts
from chatops.organisations.records import AccountRow, Organisation, Person
from chatops.posts.network import NetworkName
from chatops.publishing.networks import Networks
from chatops.publishing.publisher import standing_keys
from chatops.store import Store

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

TASK = "migration"
"""The kind of the durable work that moves migrations on."""

_MOVING_ON = (WORKED - {Phase.UNDOING}) | {Phase.PLANNED, Phase.ASKING, Phase.DONE}
"""The phases in which a post that is released will move."""


class Migrations:
    """Plans, starts, pauses, resumes, abandons and undoes migrations."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        ledger: Ledger,
        accounts: Accounts,
        networks: Networks,
        kept: KeptFiles,
    ) -> None:
        self._store = store
        self._engine = engine
        self._accounts = accounts
        self._networks = networks
        self._kept = kept
        self.ledger = ledger

    async def account(
        self, organisation: Organisation, network: NetworkName, handle: str | None
    ) -> AccountRow:
        """Return the account that a migration would move to.

        In practice a stand-in is used where none is connected yet.

        Raises:
            Missing: Live, and no account is connected; or none has this handle.
            Invalid: Several are connected, and none was named.
        """
        self._networks.real(network)
        connected = [a for a in await self._accounts.of(organisation.id) if a.network == network]
        if handle is not None:
            connected = [account for account in connected if account.handle == handle]
        if len(connected) == 1:
            return connected[0]
        if not connected and handle is None and organisation.mode == "practice":
            return await self._accounts.stand_in(organisation.id, network)
        if not connected:
            raise Missing(
                _("No such account on {network} is connected.", network=network),
                _(
                    "The person who installed the bot connects one in the terminal: {command}.",
                    command=Code(f"quitx connect {network} {handle or 'ACCOUNT'}"),
                ),
            )
        raise Invalid(
            _("Several accounts on {network} are connected.", network=network),
            _(
                "Say which one: {example}.",
                example=Code(f"account={connected[0].handle}"),
            ),
        )

    async def plan(
        self,
        organisation: Organisation,
        person: Person,
        place: Place,
        archive: Path,
        account: AccountRow,
        selection: Selection,
    ) -> Migration:
        """Read an archive and keep the plan; nothing is published.

        Args:
            place: Where the progress will be told.

        Raises:
            Invalid: The archive cannot be read whole; nothing of it is kept.
        """
        planner = Planner(self.ledger, self._networks.real(account.network), selection)
        number = await self.ledger.open(organisation, account, person, place, archive)
        migration = await self.ledger.get(number)
        try:
            fingerprint, summary = await planner.read(number, archive)
        except BaseException:
            await self.drop(migration)
            raise
        async with self._store.write() as connection:
            await self.ledger.step(
                connection,
                migration,
                Step.PLAN,
                fingerprint=fingerprint,
                summary=msgspec.json.encode(summary),
            )
        return await self.ledger.get(number)

    async def drop(self, migration: Migration) -> None:
        """Remove a migration whose planning was broken off, with what it had read."""
        async with self._store.write() as connection:
            await self.ledger.step(connection, migration, Step.ABANDON)
            await self.ledger.remove_all(connection, migration.id)
        await asyncio.to_thread(self._kept.discard, migration.archive)

    async def may_start(self, organisation: Organisation, migration: Migration) -> None:
        """Check that a migration can be started as it was planned.

        Raises:
            Conflict: It was started before, or planned before the organisation went live.
        """
        if migration.phase is not Phase.PLANNED:
            raise Conflict(
                _(
                    "Migration {number} cannot be started now: {phase}.",
                    number=str(migration.id),
                    phase=PHASES[migration.phase],
                ),
                _("See where it is with {command}.", command=_status(migration)),
            )
        if migration.mode != organisation.mode:
            raise Conflict(
                _("This plan was made in practice, and you are live now."),
                _("Plan it again, then start that one: {command}.", command=Code("/quitx migrate")),
            )

    async def start(self, organisation: Organisation, migration: Migration) -> Migration:
        """Start a planned migration."""
        await self.may_start(organisation, migration)
        return await self._set_off(migration, Step.START)

    async def pause(self, migration: Migration) -> Migration:
        """Stop after the batch that is on its way."""
        if migration.phase not in WORKED or migration.hold is Hold.STOPPED:
            raise _nothing_to_do(migration)
        async with self._store.write() as connection:
            if not await self.ledger.change(connection, migration, hold=Hold.PAUSED.value):
                raise _nothing_to_do(await self.ledger.get(migration.id))
        return await self.ledger.get(migration.id)

    async def resume(self, migration: Migration) -> Migration:
        """Go on: after a pause, after something was mended, or after a yes to the first posts."""
        if migration.phase is Phase.ASKING:
            return await self._set_off(migration, Step.AGREE)
        if migration.hold is Hold.NONE and migration.resume_at is None:
            raise _nothing_to_do(migration)
        async with self._store.write() as connection:
            await self.ledger.hold(connection, migration.id, Hold.NONE)
            await self.ask(connection, migration)
        return await self.ledger.get(migration.id)

    async def abandon(self, migration: Migration) -> Migration:
        """Give up what has not moved yet; what stands stays."""
        async with self._store.write() as connection:
            await self.ledger.step(connection, migration, Step.ABANDON)
            await self.ledger.hold(connection, migration.id, Hold.NONE)
        await asyncio.to_thread(self._kept.discard, migration.archive)
        return await self.ledger.get(migration.id)

    async def may_undo(self, migration: Migration) -> int:
        """Check that a migration can be undone; return how many posts that it created stand.

        Raises:
            Conflict: There is nothing of it to remove.
        """
        async with self._store.read() as connection:
            keys = await standing_keys(connection, migration.subject)
        standing = len({position_of(key) for key in keys})
        if migration.phase not in phases_before(Step.UNDO) or not standing:
            raise Conflict(
                _("Nothing of migration {number} stands.", number=str(migration.id)),
                _("See where it is with {command}.", command=_status(migration)),
            )
        return standing

    async def undo(self, migration: Migration) -> Migration:
        """Remove everything that a migration created, and nothing else."""
        return await self._set_off(migration, Step.UNDO)

    async def may_release(self, migration: Migration) -> int:
        """Check that held posts can be released; return how many there are.

        Raises:
            Conflict: There are none, nothing of this migration moves any more, or its files are
                gone.
        """
        if migration.phase not in _MOVING_ON:
            raise _nothing_to_do(migration)
        if migration.phase is Phase.DONE and self.ledger.age(migration) > KEPT_FOR:
            raise Conflict(
                _("The pictures of migration {number} are gone by now.", number=str(migration.id)),
                _("Plan the archive again, and release them there."),
            )
        held = (await self.ledger.tally(migration.id))[ItemState.HELD]
        if not held:
            raise Conflict(
                _("No post of migration {number} is held back.", number=str(migration.id)),
                _("See where it is with {command}.", command=_status(migration)),
            )
        return held

    async def release(self, migration: Migration) -> int:
        """Let posts move that were held back as perhaps not public; return how many.

        Raises:
            Conflict: Nothing of this migration moves any more.
        """
        if migration.phase not in _MOVING_ON:
            raise _nothing_to_do(migration)
        released = await self.ledger.turn(migration.id, ItemState.HELD, ItemState.PLANNED)
        await self.reopen(migration.id)
        return released

    async def reopen(self, migration_id: int) -> bool:
        """Go on with a migration that is done, if posts were released; return whether it does."""
        migration = await self.ledger.get(migration_id)
        tally = await self.ledger.tally(migration_id)
        if migration.phase is not Phase.DONE or not tally[ItemState.PLANNED]:
            return False
        with suppress(Conflict):
            # Whoever released them and whoever ended it may both come here.
            await self._set_off(migration, Step.REOPEN)
        return True

    async def ask(self, connection: AsyncConnection, migration: Migration) -> None:
        """Ask the engine for the next run of a migration, in the caller's transaction."""
        run = await self.ledger.next_run(connection, migration.id)
        await self._engine.ask(connection, Task(TASK, str(migration.id), run))

    async def _set_off(self, migration: Migration, step: Step) -> Migration:
        async with self._store.write() as connection:
            await self.ledger.step(connection, migration, step)
            await self.ledger.hold(connection, migration.id, Hold.NONE)
            await self.ask(connection, migration)
        return await self.ledger.get(migration.id)


def _nothing_to_do(migration: Migration) -> Conflict:
    return Conflict(
        _("Migration {number} is not under way.", number=str(migration.id)),
        _("See where it is with {command}.", command=_status(migration)),
    )


def _status(migration: Migration) -> Code:
    return Code(f"/quitx migrate status {migration.id}")
