"""What a failing store is called in words that a person can act on."""

from __future__ import annotations

import sqlite3
from typing import Final

from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chatops.language import Code, Conflict, Invalid, Missing, Trouble, Unavailable, _


class StoreBusy(Unavailable):
    """Another process or another task holds the store for too long."""


class StoreFull(Unavailable):
    """There is no room left to write."""


class StoreUnreachable(Unavailable):
    """The database server does not answer."""


class StoreRefused(Invalid):
    """The database does not let the program in, or may not be written."""


class StoreUnreadable(Invalid):
    """What stands at the address is not a database of this program."""


class StoreTooNew(Conflict):
    """The database was made by a newer version of the program."""


class StoreFolderMissing(Missing):
    """The folder in which the database should stand does not exist."""


_UNAUTHORISED: Final = ("28000", "28P01", "42501", "3D000")
_FULL: Final = ("53100", "54000")
_BUSY: Final = ("53300", "55P03", "57014", "40001", "40P01")


def translated(error: BaseException, url: URL, *, writing: bool) -> Trouble | None:
    """Return the trouble that a database error means, or None where it is a fault of the program.

    Constraint violations are left as they are: they are answers, and their callers expect them. A
    reader that writes is a fault too.
    """
    if isinstance(error, PoolTimeout):
        return _busy(url)
    if url.get_backend_name() == "sqlite":
        # What fails while a connection is set up comes as the driver raised it.
        cause = error.orig if isinstance(error, DBAPIError) else error
        code = getattr(cause, "sqlite_errorcode", None)
        return _of_sqlite(code, url) if writing or code != sqlite3.SQLITE_READONLY else None
    if not isinstance(error, DBAPIError):
        return None
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return _of_postgresql(error.orig, url)
    return None


def too_new(url: URL, revision: str) -> StoreTooNew:
    """Return the trouble of a schema that this version of the program does not know."""
    return StoreTooNew(
        _(
            "The database {database} has schema {revision}, which is newer than this program.",
            database=Code(place(url)),
            revision=revision,
        ),
        _("Update QuitX ChatOps, or restore the copy of the database from before the update."),
    )


def place(url: URL) -> str:
    """Return where a store stands, without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def _of_sqlite(code: int | None, url: URL) -> Trouble | None:
    # The low byte is SQLite's primary result code, the rest says where it came from.
    match None if code is None else code & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return _busy(url)
        case sqlite3.SQLITE_FULL:
            return _full(url)
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_CORRUPT:
            return unreadable(url)
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return _refused(url)
        case sqlite3.SQLITE_IOERR:
            return _ill(url)
        case _:
            return None


def _of_postgresql(cause: BaseException | None, url: URL) -> Trouble:
    state = getattr(cause, "sqlstate", None) or ""
    # While a connection is being made, psycopg has the server's words but not its code.
    words = str(cause)
    if state in _FULL:
        return _full(url)
    if state in _BUSY:
        return _busy(url)
    if state in _UNAUTHORISED or "authentication failed" in words or "does not exist" in words:
        return _refused(url)
    return StoreUnreachable(
        _("The database server at {database} does not answer.", database=Code(place(url))),
        _("Check that PostgreSQL runs there and that the address is right, then try again."),
    )


def _busy(url: URL) -> StoreBusy:
    return StoreBusy(
        _("The database {database} is busy: something else is writing.", database=Code(place(url))),
        _("Try again in a moment; if it stays so, look for another program that holds it."),
    )


def _full(url: URL) -> StoreFull:
    return StoreFull(
        _("The disk of the database {database} is full.", database=Code(place(url))),
        _("Free some space; nothing was half-written, and the work goes on from there."),
    )


def unreadable(url: URL) -> StoreUnreadable:
    """Return the trouble of a file that is not a database of this program, or is damaged."""
    return StoreUnreadable(
        _("{database} is not a database of this program, or damaged.", database=Code(place(url))),
        _("Name another file as {key}, or restore a copy.", key=Code("[store] url")),
    )


def _refused(url: URL) -> StoreRefused:
    return StoreRefused(
        _("The database {database} refuses access.", database=Code(place(url))),
        _("Check the user, the password and the rights on it, or {key}.", key=Code("[store] url")),
    )


def _ill(url: URL) -> Unavailable:
    return Unavailable(
        _("The disk of the database {database} fails.", database=Code(place(url))),
        _("Check the disk and its free space, then try again."),
    )
