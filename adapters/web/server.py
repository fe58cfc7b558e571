"""A small HTTP server inside the program, where the settings ask for one."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from chatops.language import Code, Conflict, Invalid, _

log = logging.getLogger(__name__)

_AT_ONCE: Final = 64
"""Connections that are served at the same time; further ones are told to come back."""

_LAST_ANSWERS: Final = 3
"""Seconds that open requests have when the program stops."""


@asynccontextmanager
async def serving(listen: str, routes: Sequence[BaseRoute]) -> AsyncIterator[None]:
    """Serve routes at an address such as `127.0.0.1:8080`, until the end.

    Raises:
        Invalid: It is no address.
        Conflict: Nobody can listen there.
    """
    listening = await asyncio.to_thread(_bound, listen)
    server = _Server(
        uvicorn.Config(
            Starlette(routes=routes),
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=_AT_ONCE,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=_LAST_ANSWERS,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[listening]), name="web")
    running.add_done_callback(_report)
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.wait([running], timeout=_LAST_ANSWERS + 2)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        listening.close()


class _Server(uvicorn.Server):
    """Leaves the process's signals to the program."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none."""
        yield


def _report(running: asyncio.Task[None]) -> None:
    if not running.cancelled() and (error := running.exception()) is not None:
        log.error("nothing is served over HTTP any more", exc_info=error)


def _bound(listen: str) -> socket.socket:
    host, colon, port = listen.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:  # noqa: PLR2004 - the largest port
        raise Invalid(
            _("{place} is not an address to listen at: {listen}.", **_at(listen)),
            _("Write it as {example}.", example=Code("127.0.0.1:8080")),
        )
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, int(port)))
        # At once: whoever only binds does not keep another process from doing so.
        listening.listen()
    except OSError as error:
        listening.close()
        cause = os.strerror(error.errno) if error.errno and error.errno > 0 else str(error)
        raise Conflict(
            _("Nobody can listen at {listen}: {cause}.", listen=Code(listen), cause=cause),
            _("Choose another address as {place}.", place=Code("[web] listen")),
        ) from error
    return listening


def _at(listen: str) -> dict[str, Code]:
    return {"place": Code("[web] listen"), "listen": Code(listen)}
