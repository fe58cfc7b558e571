"""Accounts on networks: connected once, opened through the vault, never shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
from sqlalchemy import Row, bindparam, insert, select, update

from chatops.clock import Clock
from chatops.language import Code, Conflict, Missing, Text, _
from chatops.organisations.records import AccountRow
from chatops.organisations.vault import Vault
from chatops.posts.network import Credential, Identity, NetworkName, SocialNetwork
from chatops.store import Store
from chatops.store.tables import accounts

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_OF: Final = (
    select(accounts)
    .where(accounts.c.organisation_id == bindparam("organisation"))
    .order_by(accounts.c.network, accounts.c.handle)
)


class OpenAccount:
    """An account as a network's adapter sees it."""

    def __init__(self, row: AccountRow, store: Store, vault: Vault) -> None:
        self.row = row
        self._store = store
        self._vault = vault

    @property
    def identity(self) -> Identity:
        """Who it is on its network."""
        return Identity(self.row.key, self.row.handle, self.row.url)

    async def credential(self) -> Credential:
        """Open the vault for the account's credential."""
        kept = await self._vault.open(_credential(self.row.id))
        if kept is None:
            raise Missing(
                _("No credential is kept for {handle}.", handle=self.row.handle),
                _(
                    "Connect the account in the terminal: {command}.",
                    command=Code(f"quitx connect {self.row.network} {self.row.handle}"),
                ),
            )
        return msgspec.json.decode(kept, type=Credential)

    async def session(self) -> str:
        """Return the session that was kept last, or an empty string."""
        return await self._vault.open(_session(self.row.id)) or ""

    async def keep_session(self, session: str) -> None:
        """Keep a session for later processes."""
        async with self._store.write() as connection:
            await self._vault.keep(connection, _session(self.row.id), session)


class Accounts:
    """The accounts of every organisation."""

    def __init__(self, store: Store, clock: Clock, vault: Vault) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault

    async def connect(
        self, organisation_id: int, network: SocialNetwork, credential: Credential
    ) -> AccountRow:
        """Try a credential, then keep it; an account that is known keeps its number.

        Raises:
            CredentialRefused: The network does not accept it; nothing is kept.
            NetworkUnavailable: The network does not answer; nothing is kept.
        """
        identity, session = await network.check(credential)
        async with self._store.write() as connection:
            row = await self._file(
                connection, organisation_id, network.name, credential.service, identity
            )
            await self._vault.keep(
                connection, _credential(row.id), msgspec.json.encode(credential).decode()
            )
            await self._vault.keep(connection, _session(row.id), session)
        return row

    async def stand_in(self, organisation_id: int, network: NetworkName) -> AccountRow:
        """Return the account that stands for a network on which none is connected yet.

        It is used in practice only and holds no credential.
        """
        async with self._store.write() as connection:
            identity = Identity(f"rehearsal:{organisation_id}:{network}", "rehearsal", "")
            return await self._file(connection, organisation_id, network, "", identity)

    async def of(self, organisation_id: int) -> Sequence[AccountRow]:
        """Return an organisation's connected accounts, by network and handle."""
        return [row for row in await self.with_stand_ins(organisation_id) if row.service]

    async def with_stand_ins(self, organisation_id: int) -> Sequence[AccountRow]:
        """Return an organisation's accounts, those included that only stand in for one."""
        async with self._store.read() as connection:
            rows = await connection.execute(_OF, {"organisation": organisation_id})
            return [_row(row) for row in rows]

    async def get(self, account_id: int) -> AccountRow:
        """Return one account, which must exist."""
        async with self._store.read() as connection:
            rows = await connection.execute(select(accounts).where(accounts.c.id == account_id))
            return _row(rows.one())

    def open(self, row: AccountRow) -> OpenAccount:
        """Return an account as adapters see it; nothing is decrypted yet."""
        return OpenAccount(row, self._store, self._vault)

    async def note_success(self, connection: AsyncConnection, account_id: int) -> None:
        """Remember that the network took something, in the caller's transaction."""
        await connection.execute(
            update(accounts)
            .where(accounts.c.id == account_id)
            .values(last_success_at=self._clock(), trouble=None)
        )

    async def note_trouble(
        self, connection: AsyncConnection, account_id: int, trouble: Text
    ) -> None:
        """Remember what is wrong with an account, in the caller's transaction."""
        await connection.execute(
            update(accounts).where(accounts.c.id == account_id).values(trouble=trouble)
        )

    async def _file(
        self,
        connection: AsyncConnection,
        organisation_id: int,
        network: NetworkName,
        service: str,
        identity: Identity,
    ) -> AccountRow:
        known = select(accounts).where(
            accounts.c.organisation_id == organisation_id,
            accounts.c.network == network,
            accounts.c.identity_key == identity.key,
        )
        if service:
            await _check_nobody_elses(connection, organisation_id, network, identity)
        current = {"service": service, "handle": identity.handle, "url": identity.url}
        row = (await connection.execute(known)).one_or_none()
        if row is None:
            await connection.execute(
                insert(accounts).values(
                    organisation_id=organisation_id,
                    network=network,
                    identity_key=identity.key,
                    connected_at=self._clock(),
                    **current,
                )
            )
        else:
            await connection.execute(
                update(accounts)
                .where(accounts.c.id == row.id)
                .values(connected_at=self._clock(), trouble=None, **current)
            )
        return _row((await connection.execute(known)).one())


async def _check_nobody_elses(
    connection: AsyncConnection, organisation_id: int, network: NetworkName, identity: Identity
) -> None:
    """Refuse an account of another organisation: neither could undo without harming the other."""
    other = await connection.scalar(
        select(accounts.c.id).where(
            accounts.c.network == network,
            accounts.c.identity_key == identity.key,
            accounts.c.organisation_id != organisation_id,
        )
    )
    if other is not None:
        raise Conflict(
            _("{handle} is connected for another organisation.", handle=identity.handle),
            _("Connect an account of your own."),
        )


def _credential(account_id: int) -> str:
    return f"account:{account_id}:credential"


def _session(account_id: int) -> str:
    return f"account:{account_id}:session"


def _row(row: Row[Any]) -> AccountRow:
    return AccountRow(
        id=row.id,
        organisation_id=row.organisation_id,
        network=row.network,
        service=row.service,
        key=row.identity_key,
        handle=row.handle,
        url=row.url,
        connected_at=row.connected_at,
        last_success_at=row.last_success_at,
        trouble=row.trouble,
    )
