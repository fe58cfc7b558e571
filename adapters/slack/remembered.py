"""What was asked of Slack not long ago, bounded in number and in age."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Recent(Generic[K, V]):
    """Values by their keys; the oldest go first.

    Args:
        most: How many are kept.
        seconds: For how long each is true; for ever without it.
    """

    def __init__(self, most: int, seconds: float | None = None) -> None:
        self._most = most
        self._seconds = seconds
        self._values: OrderedDict[K, tuple[float, V]] = OrderedDict()

    def get(self, key: K) -> V | None:
        """Return a value that is still true."""
        found = self._values.get(key)
        if found is None:
            return None
        at, value = found
        if self._seconds is not None and time.monotonic() - at > self._seconds:
            del self._values[key]
            return None
        return value

    def put(self, key: K, value: V) -> None:
        """Keep a value."""
        self._values[key] = (time.monotonic(), value)
        self._values.move_to_end(key)
        while len(self._values) > self._most:
            self._values.popitem(last=False)

    def drop(self, key: K) -> None:
        """Forget a value."""
        self._values.pop(key, None)

    def clear(self) -> None:
        """Forget all of them."""
        self._values.clear()

    def __contains__(self, key: K) -> bool:
        return self.get(key) is not None


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
