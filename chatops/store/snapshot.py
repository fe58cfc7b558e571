"""`Snapshot`: one state of the store, for all that a task reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine


class Snapshot:
    """A transaction that begins with the first read, and ends with the last or with an error."""

    def __init__(self, reader: AsyncEngine) -> None:
        self._reader = reader
        self._stack = AsyncExitStack()
        self._connection: AsyncConnection | None = None

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """Give the connection; what is read after an error sees a newer state."""
        if self._connection is None:
            self._connection = await self._stack.enter_async_context(self._reader.begin())
        try:
            yield self._connection
        except BaseException as error:
            self._connection = None
            await self._stack.__aexit__(type(error), error, error.__traceback__)
            raise

    async def close(self) -> None:
        """End the transaction."""
        self._connection = None
        await self._stack.aclose()
