"""What a command says to the database, written down so that others can say the same."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import event

from bench.chatting.standing import MEMBERS, PLACES, standing
from chatops.store import Store


@dataclass
class Transaction:
    """One transaction: whether it writes, and its statements with their parameters."""

    writing: bool
    statements: list[tuple[str, list[Any]]] = field(default_factory=list)


@contextmanager
def written_down(store: Store) -> Iterator[list[Transaction]]:
    """Note every transaction of a store, in the order in which they began."""
    noted: list[Transaction] = []
    open_ones: dict[int, Transaction] = {}
    engines = ((store._reader.sync_engine, False), (store._writer.sync_engine, True))  # noqa: SLF001 - a benchmark looks behind
    listeners: list[tuple[Any, str, Any]] = []
    for engine, writing in engines:

        def begun(connection: Any, *, writing: bool = writing) -> None:  # noqa: ANN401 - SQLAlchemy's
            noted.append(Transaction(writing))
            open_ones[id(connection)] = noted[-1]

        def executed(connection: Any, _cursor: Any, sql: str, given: Any, *_: object) -> None:  # noqa: ANN401 - as above
            if id(connection) in open_ones:
                open_ones[id(connection)].statements.append((sql, list(given)))

        listeners += [(engine, "begin", begun), (engine, "before_cursor_execute", executed)]
    for engine, name, listener in listeners:
        event.listen(engine, name, listener)
    try:
        yield noted
    finally:
        for engine, name, listener in listeners:
            event.remove(engine, name, listener)


def duty_of(folder: Path, line: str) -> Path:
    """Return the file of a command's duty, for `peers.duty.Duty`, beside a database of its own."""
    folder.mkdir(exist_ok=True)
    noted, event_id = asyncio.run(_noted(folder, line))
    transactions = [
        {
            "writing": each.writing,
            "statements": [
                (sql, [_parameter(value, event_id) for value in given])
                for sql, given in each.statements
            ],
        }
        for each in noted
        if each.statements
    ]
    file = folder / "duty.json"
    duty = {"database": str(folder / "quitx.db"), "transactions": transactions}
    file.write_text(json.dumps(duty), "utf-8")
    return file


async def _noted(folder: Path, line: str) -> tuple[list[Transaction], str]:
    async with standing(folder) as bot:
        await bot.platform.call(MEMBERS[0], PLACES[0], line)
        await bot.house.conversation.settled()
        with written_down(bot.house.store) as noted:
            event_id = await bot.platform.call(MEMBERS[0], PLACES[0], line)
            await bot.house.conversation.settled()
    return noted, event_id


def _parameter(value: object, event_id: str) -> object:
    if isinstance(value, bytes | memoryview):
        return bytes(value).decode("utf-8", "replace")
    # What holds the event's id, such as the key of its answer, differs with every command too.
    return "{event}" if isinstance(value, str) and event_id in value else value
