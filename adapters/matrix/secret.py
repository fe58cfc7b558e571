"""Where the adapter keeps its secrets: encrypted, and not beside what they open."""

from __future__ import annotations

from typing import Protocol

from chatops.organisations.vault import Vault
from chatops.store import Store


class Secrets(Protocol):
    """Keeps secrets by name."""

    async def open(self, name: str) -> str | None:
        """Return a secret, or None where none is kept."""
        ...

    async def keep(self, name: str, secret: str) -> None:
        """Keep a secret, replacing the one before."""
        ...


class InVault:
    """Keeps secrets in the vault."""

    def __init__(self, store: Store, vault: Vault) -> None:
        self._store = store
        self._vault = vault

    async def open(self, name: str) -> str | None:
        """Return a secret, or None where none is kept."""
        return await self._vault.open(name)

    async def keep(self, name: str, secret: str) -> None:
        """Keep a secret, replacing the one before."""
        async with self._store.write() as connection:
            await self._vault.keep(connection, name, secret)
