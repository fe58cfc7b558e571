"""The WebSocket side of Socket Mode: a ticket, hello, envelopes, acknowledgements, pings."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress

from aiohttp import WSMsgType, web

from tests.support.slack.apps import MOST_SOCKETS, App
from tests.support.slack.sockets import Socket
from tests.support.slack.world import World

_PING_SECONDS = 2.0
_STAYS_SECONDS = 18_060


async def connect(world: World, request: web.Request) -> web.StreamResponse:
    """Serve one connection until it ends; a ticket opens one connection only."""
    app = world.tickets.pop(request.query.get("ticket", ""), None)
    if app is None:
        return web.Response(status=404)
    stream = web.WebSocketResponse(autoping=False)
    await stream.prepare(request)
    transport = request.transport
    socket = Socket(stream, transport if isinstance(transport, asyncio.Transport) else None)
    if len(app.connections) >= MOST_SOCKETS:
        await socket.send({"type": "disconnect", "reason": "too_many_websockets"})
        await stream.close()
        return stream
    app.sockets.append(socket)
    await socket.send(_hello(app))
    pinging = asyncio.create_task(_ping(socket))
    try:
        await _listen(world, app, socket, stream)
    finally:
        socket.broken = True
        world.courier.lost(app, socket)
        pinging.cancel()
    return stream


def _hello(app: App) -> dict[str, object]:
    return {
        "type": "hello",
        "num_connections": len(app.connections),
        "debug_info": {
            "host": "applink-double",
            "build_number": 1,
            "approximate_connection_time": _STAYS_SECONDS,
        },
        "connection_info": {"app_id": app.id},
    }


async def _listen(world: World, app: App, socket: Socket, stream: web.WebSocketResponse) -> None:
    async for frame in stream:
        if frame.type == WSMsgType.PING:
            await socket.pong(frame.data)
        elif frame.type == WSMsgType.TEXT and not socket.silent:
            try:
                told = json.loads(frame.data)
            except ValueError:
                world.accuse("acknowledgement", f"not JSON: {frame.data[:200]}")
                continue
            world.courier.acknowledge(app, told)


async def _ping(socket: Socket) -> None:
    with suppress(ConnectionError, RuntimeError):
        while socket.open:
            await asyncio.sleep(_PING_SECONDS)
            if not socket.silent:
                await socket.ping()
