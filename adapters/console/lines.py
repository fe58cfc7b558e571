"""Lines from a pipe, each read only when it is asked for.

A thread of its own reads, because a pipe, a file and a terminal cannot all be awaited; it is a
daemon that holds no lock of Python's own standard input, so a program that ends never waits for it.
"""

from __future__ import annotations

import asyncio
import os
import queue
import threading
from collections.abc import AsyncGenerator
from typing import Final

_CHUNK: Final = 65_536
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


async def lines_of(descriptor: int) -> AsyncGenerator[str, None]:
    """Go through the lines of a file descriptor, without their ends.

    Bytes that are no UTF-8 come as lone surrogates, for `is_whole` to tell.
    """
    loop = asyncio.get_running_loop()
    wanted: queue.SimpleQueue[asyncio.Future[bytes | None] | None] = queue.SimpleQueue()

    def read() -> None:
        lines = _Lines(descriptor)
        while (future := wanted.get()) is not None:
            try:
                line = lines.next()
            except OSError as error:
                _tell(loop, future, error)
                return
            _tell(loop, future, line)
            if line is None:
                return

    threading.Thread(target=read, name="console lines", daemon=True).start()
    try:
        while True:
            future: asyncio.Future[bytes | None] = loop.create_future()
            wanted.put(future)
            line = await future
            if line is None:
                return
            yield line.decode("utf-8", "surrogateescape")
    finally:
        wanted.put(None)


def is_whole(line: str) -> bool:
    """Whether a line came as valid UTF-8."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def _tell(
    loop: asyncio.AbstractEventLoop,
    future: asyncio.Future[bytes | None],
    outcome: bytes | OSError | None,
) -> None:
    def settle() -> None:
        if future.cancelled():
            return
        if isinstance(outcome, OSError):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)

    try:
        loop.call_soon_threadsafe(settle)
    except RuntimeError:
        # The loop has ended meanwhile, and with it whoever asked.
        return


class _Lines:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._ready: list[bytes] = []
        self._begun: list[bytes] = []
        self._first = True
        self._ended = False

    def next(self) -> bytes | None:
        """Return the next line; None at the end."""
        while not self._ready and not self._ended:
            self._read()
        if not self._ready:
            return None
        line = self._ready.pop().removesuffix(b"\r")
        if self._first:
            self._first = False
            return line.removeprefix(_BYTE_ORDER_MARK)
        return line

    def _read(self) -> None:
        chunk = os.read(self._descriptor, _CHUNK)
        if not chunk:
            self._ended = True
            if self._begun:
                self._ready = [b"".join(self._begun)]
            return
        first, *others = chunk.split(b"\n")
        self._begun.append(first)
        if others:
            whole = [b"".join(self._begun), *others[:-1]]
            self._ready = whole[::-1]
            self._begun = [others[-1]] if others[-1] else []
