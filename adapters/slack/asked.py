"""What was asked of Slack not long ago."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from chatops.conversation.recent import Recent

K = TypeVar("K")
V = TypeVar("V")


class Asked(Generic[K, V]):
    """Asks for each value once, however many wait for it, and remembers it.

    Args:
        ask: Finds a value out; what it raises is raised to all who wait, and not remembered.
    """

    def __init__(self, ask: Callable[[K], Awaitable[V]], most: int, seconds: float) -> None:
        self._ask = ask
        self._known: Recent[K, V] = Recent(most, seconds)
        self._asking: dict[K, asyncio.Task[V]] = {}

    def known(self, key: K) -> V | None:
        """Return a value that need not be asked for."""
        return self._known.get(key)

    async def get(self, key: K) -> V:
        """Return a value, known or asked for."""
        known = self._known.get(key)
        if known is not None:
            return known
        task = self._asking.get(key)
        if task is None:
            task = asyncio.create_task(self._found(key))
            self._asking[key] = task
            task.add_done_callback(lambda done: self._asked(key, done))
        # Whoever gives up waiting leaves the answer to the others.
        return await asyncio.shield(task)

    def put(self, key: K, value: V) -> None:
        """Keep a value that came unasked."""
        self._known.put(key, value)

    def drop(self, key: K) -> None:
        """Forget a value."""
        self._known.drop(key)

    def clear(self) -> None:
        """Forget all of them."""
        self._known.clear()

    async def _found(self, key: K) -> V:
        value = await self._ask(key)
        self._known.put(key, value)
        return value

    def _asked(self, key: K, done: asyncio.Task[V]) -> None:
        del self._asking[key]
        if not done.cancelled():
            done.exception()
