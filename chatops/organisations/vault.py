"""The vault: credentials and sessions, encrypted at rest with a key that is not in the database.

A secret is sealed with Fernet (AES-128-CBC and HMAC-SHA256, from `cryptography`) together with its
own name, so that a row moved to another name does not open.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from chatops.clock import Clock
from chatops.language import Code, Conflict, Invalid, _
from chatops.store import Store
from chatops.store.tables import secrets
from chatops.store.upsert import upsert

if TYPE_CHECKING:
    from cryptography.fernet import Fernet
    from sqlalchemy.ext.asyncio import AsyncConnection


class Vault:
    """Keeps secrets by name.

    Args:
        key: A Fernet key: 32 bytes, URL-safe base64.
    """

    def __init__(self, store: Store, clock: Clock, key: str) -> None:
        self._store = store
        self._clock = clock
        self._key = key
        self._cipher: Fernet | None = None

    async def open(self, name: str) -> str | None:
        """Return a secret, or None where none is kept.

        Raises:
            Conflict: It was sealed with another key.
        """
        async with self._store.read() as connection:
            sealed = await connection.scalar(select(secrets.c.sealed).where(secrets.c.name == name))
        return None if sealed is None else self._unseal(name, sealed)

    async def keep(self, connection: AsyncConnection, name: str, secret: str) -> None:
        """Keep a secret, replacing the one before, in the caller's transaction."""
        await upsert(
            connection,
            secrets,
            {"name": name},
            {"sealed": self._seal(name, secret), "sealed_at": self._clock()},
        )

    async def forget(self, connection: AsyncConnection, prefix: str) -> None:
        """Remove every secret whose name starts so, in the caller's transaction."""
        await connection.execute(delete(secrets).where(secrets.c.name.startswith(prefix)))

    def _seal(self, name: str, secret: str) -> bytes:
        return self._fernet().encrypt(f"{name}\n{secret}".encode())

    def _unseal(self, name: str, sealed: bytes) -> str:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 - loads on use

        try:
            kept_name, _newline, secret = self._fernet().decrypt(sealed).decode().partition("\n")
        except InvalidToken:
            kept_name, secret = "", ""
        if kept_name != name:
            raise Conflict(
                _("A kept credential does not open: the vault's key has changed."),
                _(
                    "Put the former key back, or connect the account again with {command}.",
                    command=Code("quitx connect"),
                ),
            )
        return secret

    def _fernet(self) -> Fernet:
        if self._cipher is None:
            from cryptography.fernet import Fernet  # noqa: PLC0415 - loads on use

            try:
                self._cipher = Fernet(self._key)
            except ValueError:
                raise Invalid(
                    _("The vault's key is not 32 bytes in URL-safe base64."),
                    _(
                        "Correct {setting}, or remove it and a key file is made.",
                        setting=Code("[vault] key"),
                    ),
                ) from None
        return self._cipher


def key_from_file(path: Path) -> str:
    """Return the key in a file, making file and key at the first call.

    The file can be read by its owner only.
    """
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    from cryptography.fernet import Fernet  # noqa: PLC0415 - loads on use

    made = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(Fernet.generate_key() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        # A link fails where another process was first; its key is the one that counts.
        os.link(made, path)
    except FileExistsError:
        pass
    finally:
        made.unlink()
    return path.read_text("ascii").strip()
