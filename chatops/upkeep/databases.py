"""Copying a database while it is in use, and putting a copy into an empty place.

SQLite copies itself through its own interface; PostgreSQL is copied and put back by its own
programs, whose copy is a script that happens whole or not at all.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, Protocol
from urllib.parse import quote

from sqlalchemy import insert, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from chatops.language import Code, Conflict, Missing, Unavailable, _
from chatops.store import Store, address
from chatops.store.tables import restores

_CONNECTING: Final = "10"
_LEFTOVERS: Final = ("", "-wal", "-shm", "-journal")
_SCHEMAS: Final = ("public", "dbos")
_WHOLE: Final = b"PostgreSQL database dump complete"


class Database(Protocol):
    """One database, as something to be copied."""

    kind: Literal["sqlite", "postgresql"]

    async def copy(self, target: Path) -> None:
        """Write a consistent copy to a file that is there and empty."""
        ...

    async def occupied(self) -> bool:
        """Whether anything is there."""
        ...

    async def put_back(
        self, copy: Path, made_at: datetime, restored_at: datetime, aside: str
    ) -> None:
        """Make a copy the database, together with a row that says so.

        Args:
            aside: What the name of what is there ends in from now on.
        """
        ...


def database(url: str) -> Database:
    """Return the database at an address."""
    target = address.parsed(url)
    return _SQLite(target) if target.get_backend_name() == "sqlite" else _PostgreSQL(target)


class _SQLite:
    kind: Literal["sqlite", "postgresql"] = "sqlite"

    def __init__(self, url: URL) -> None:
        self._file = Path(url.database or "")

    async def copy(self, target: Path) -> None:
        if not self._file.exists():
            raise Missing(
                _("There is no database at {file} yet.", file=Code(str(self._file))),
                _("Name it as {key}, or start the bot once.", key=Code("[store] url")),
            )
        await asyncio.to_thread(copy_sqlite, self._file, target)

    async def occupied(self) -> bool:
        files = [self._file.with_name(self._file.name + end) for end in _LEFTOVERS]
        return any(file.exists() and file.stat().st_size for file in files)

    async def put_back(
        self, copy: Path, made_at: datetime, restored_at: datetime, aside: str
    ) -> None:
        url = URL.create("sqlite", database=str(copy))
        store = await Store.open(url.render_as_string())
        try:
            async with store.write() as connection:
                row = {"made_at": made_at, "restored_at": restored_at}
                await connection.execute(insert(restores).values(**row))
        finally:
            await store.close()
        await asyncio.to_thread(self._swap, copy, aside)

    def _swap(self, copy: Path, aside: str) -> None:
        for end in _LEFTOVERS:
            file = self._file.with_name(self._file.name + end)
            if file.exists():
                file.rename(file.with_name(f"{self._file.name}{aside}{end}"))
        copy.rename(self._file)


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a SQLite database that others may be writing to. It blocks.

    Raises:
        Conflict: It is damaged.
        Unavailable: There is no room for the copy, or it cannot be read.
    """
    try:
        with (
            closing(sqlite3.connect(f"file:{quote(str(source))}?mode=rw", uri=True)) as reading,
            closing(sqlite3.connect(target)) as writing,
        ):
            reading.execute("PRAGMA busy_timeout = 15000")
            # In one go: a copy in steps begins anew whenever the bot writes.
            reading.backup(writing, pages=-1)
            writing.execute("PRAGMA journal_mode = DELETE")
            (verdict,) = writing.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Unavailable(
            _("{file} cannot be copied: {cause}.", file=Code(str(source)), cause=str(error)),
            _("Check the file, the rights on it and the room on the disk, then try again."),
        ) from error
    if verdict != "ok":
        raise Conflict(
            _("The database {file} is damaged: {cause}.", file=Code(str(source)), cause=verdict),
            _(
                "Check the disk, and put the last good backup back with {command}.",
                command=Code("quitx restore FILE"),
            ),
        )


class _PostgreSQL:
    kind: Literal["sqlite", "postgresql"] = "postgresql"

    def __init__(self, url: URL) -> None:
        self._url = url
        plain = url.set(drivername="postgresql", password=None)
        self._address = plain.render_as_string(hide_password=False)
        self._environ = {**os.environ, "PGCONNECT_TIMEOUT": _CONNECTING}
        if url.password is not None:
            # Not on the command line, which every user of the machine can read.
            self._environ["PGPASSWORD"] = str(url.password)

    async def copy(self, target: Path) -> None:
        await self._call(
            "pg_dump",
            "--no-password",
            "--no-owner",
            "--no-privileges",
            "--lock-wait-timeout=60000",
            f"--file={target}",
            f"--dbname={self._address}",
        )
        if not await asyncio.to_thread(_ends_whole, target):
            raise Unavailable(
                _("PostgreSQL's copy is not whole."),
                _("Check the room on the disk, then try again."),
            )

    async def occupied(self) -> bool:
        engine = create_async_engine(
            self._url, poolclass=NullPool, connect_args={"connect_timeout": int(_CONNECTING)}
        )
        try:
            async with engine.connect() as connection:
                return await self._look(connection)
        except DBAPIError as error:
            raise Unavailable(
                _("PostgreSQL cannot be reached: {cause}.", cause=_first_line(str(error.orig))),
                _("Check {key}, and that its server runs.", key=Code("[store] url")),
            ) from error
        finally:
            await engine.dispose()

    async def _look(self, connection: AsyncConnection) -> bool:
        others = await connection.scalar(
            text(
                "SELECT count(*) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        )
        if others:
            raise Conflict(
                _("Somebody works with this database."),
                _("Stop every bot that uses it, and close other connections to it."),
            )
        tables = await connection.scalar(
            text("SELECT count(*) FROM pg_tables WHERE schemaname = ANY(:schemas)"),
            {"schemas": list(_SCHEMAS)},
        )
        return bool(tables)

    async def put_back(
        self, copy: Path, made_at: datetime, restored_at: datetime, aside: str
    ) -> None:
        steps: list[str] = []
        if await self.occupied():
            steps += [f"--command={step}" for step in self._moved(aside)]
        row = f"('{made_at.isoformat()}', '{restored_at.isoformat()}')"
        said = f"INSERT INTO public.restores (made_at, restored_at) VALUES {row}"  # noqa: S608 - times of our own
        await self._call(
            "psql",
            "--no-password",
            "--no-psqlrc",
            "--quiet",
            "--set=ON_ERROR_STOP=1",
            "--single-transaction",
            f"--dbname={self._address}",
            *steps,
            f"--file={copy}",
            f"--command={said}",
        )

    def _moved(self, aside: str) -> Sequence[str]:
        """Return what keeps the old tables beside the new ones."""
        ending = "".join(each if each.isalnum() else "_" for each in aside)
        return (
            f'ALTER SCHEMA public RENAME TO "public{ending}"',
            "CREATE SCHEMA public",
            (
                f'DO $$ BEGIN ALTER SCHEMA dbos RENAME TO "dbos{ending}"; '
                "EXCEPTION WHEN invalid_schema_name THEN NULL; END $$"
            ),
        )

    async def _call(self, program: str, *arguments: str) -> None:
        """Run one of PostgreSQL's programs to its end.

        Raises:
            Missing: It is not installed.
            Unavailable: It failed, and what it said.
        """
        found = shutil.which(program)
        if found is None:
            raise Missing(
                _("The program {program} is missing.", program=Code(program)),
                _("On Debian: {command}.", command=Code("apt install postgresql-client")),
            )
        said = await _ended([found, *arguments], self._environ)
        if said is not None:
            raise Unavailable(
                _("{program} failed: {cause}.", program=Code(program), cause=_first_line(said)),
                _("Mend that, then try again; nothing was changed."),
            )


async def _ended(command: Sequence[str], environ: Mapping[str, str]) -> str | None:
    """Run a program; return what it complained of where it failed."""
    process = await asyncio.create_subprocess_exec(
        *command,
        env=environ,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        _out, errors = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    return errors.decode(errors="replace") if process.returncode else None


def _ends_whole(script: Path) -> bool:
    with script.open("rb") as file:
        file.seek(max(0, script.stat().st_size - 4096))
        return _WHOLE in file.read()


def _first_line(said: str) -> str:
    return next((line.strip() for line in said.splitlines() if line.strip()), "?").rstrip(".")
