"""The statements of one command, run bare: what a peer does that keeps what it is told.

A duty is a JSON file: the database, and the transactions of one command in order, each with its
statements. `{event}` in a parameter becomes something new for every command.
"""

from __future__ import annotations

import itertools
import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_PRAGMAS = (
    "PRAGMA busy_timeout = 15000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA synchronous = FULL",
    "PRAGMA journal_mode = WAL",
)


class Duty:
    """The statements, ready to run in one way or the other."""

    def __init__(self, file: str) -> None:
        written = json.loads(Path(file).read_text("utf-8"))
        self._file = written["database"]
        self._transactions = written["transactions"]
        self._numbers = itertools.count()
        self._run = uuid.uuid4().hex

    def engine(self) -> Engine:
        """Return an engine for `do`."""
        made = create_engine(f"sqlite:///{self._file}")
        _prepare(made)
        return made

    def async_engine(self) -> AsyncEngine:
        """Return an engine for `do_async`."""
        made = create_async_engine(f"sqlite+aiosqlite:///{self._file}")
        _prepare(made.sync_engine)
        return made

    def do(self, engine: Engine) -> None:
        """Run the transactions of one command."""
        for writing, statements in self._fresh():
            with engine.connect() as connection:
                connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
                for sql, parameters in statements:
                    result = connection.exec_driver_sql(sql, parameters)
                    if result.returns_rows:
                        result.all()
                connection.commit()

    async def do_async(self, engine: AsyncEngine) -> None:
        """Run the transactions of one command."""
        for writing, statements in self._fresh():
            async with engine.connect() as connection:
                await connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
                for sql, parameters in statements:
                    result = await connection.exec_driver_sql(sql, parameters)
                    if result.returns_rows:
                        result.all()
                await connection.commit()

    def _fresh(self) -> Iterator[tuple[bool, list[tuple[str, tuple[Any, ...]]]]]:
        name = f"{self._run}-{next(self._numbers)}"
        for each in self._transactions:
            yield (
                each["writing"],
                [
                    (sql, tuple(name if value == "{event}" else value for value in parameters))
                    for sql, parameters in each["statements"]
                ],
            )


def _prepare(engine: Engine) -> None:
    def connected(connection: Any, _record: object) -> None:  # noqa: ANN401 - the driver's own type
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in _PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    event.listen(engine, "connect", connected)
