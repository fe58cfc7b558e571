"""The gateway: WebSocket sessions with their history, and what can happen to them."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING

from aiohttp import WSCloseCode, WSMsgType, web

from tests.support.discord import announcing, shapes
from tests.support.discord.description import Description
from tests.support.discord.intents import PRIVILEGED, Intent
from tests.support.discord.records import Json
from tests.support.discord.sessions import Connection, Session
from tests.support.discord.world import Event, World

if TYPE_CHECKING:
    from tests.support.discord.applications import Application

HEARTBEAT, IDENTIFY, PRESENCE, VOICE, RESUME, RECONNECT = 1, 2, 3, 4, 6, 7
REQUEST_MEMBERS, INVALID_SESSION, HELLO, ACK = 8, 9, 10, 11

UNKNOWN_OPCODE, UNDECODABLE, NOT_AUTHENTICATED, BAD_TOKEN, AUTHENTICATED = range(4001, 4006)
BAD_SEQUENCE, TOO_FAST, BAD_VERSION, BAD_INTENTS, FORBIDDEN_INTENTS = 4007, 4008, 4012, 4013, 4014

_SENDS, _PER = 120, 60.0
_LARGEST_INTENT = 1 << 26
_CHUNK = 1000
_SCHEMAS = {
    "MESSAGE_CREATE": "MessageResponse",
    "MESSAGE_UPDATE": "MessageResponse",
    "CHANNEL_CREATE": "GuildChannelResponse",
    "CHANNEL_UPDATE": "GuildChannelResponse",
    "THREAD_CREATE": "ThreadResponse",
    "GUILD_CREATE": "GuildWithCountsResponse",
    "GUILD_MEMBER_ADD": "GuildMemberResponse",
}


class Gateway:
    """All sessions of all bots.

    Args:
        description: What its messages and channels are validated with.
        blame: Called with what the double or a bot did wrong.
    """

    def __init__(
        self,
        world: World,
        description: Description | None,
        blame: Callable[[str, str, str], None],
    ) -> None:
        self._description = description
        self.heartbeat = 41.25
        """Seconds between heartbeats that clients are told."""
        self.silent = False
        """Whether heartbeats stay without an answer."""
        self.refusing = False
        """Whether connections are refused, as in an outage."""
        self.identifies = 0
        self.resumes = 0
        self._world = world
        self._blame = blame
        self._sessions: dict[str, Session] = {}
        self._connections: list[Connection] = []
        world.watch(self._on_event)

    def sessions(self, application: Application | None = None) -> list[Session]:
        """Return the sessions that are connected now."""
        return [
            connection.session
            for connection in self._connections
            if connection.session is not None
            and application in (None, connection.session.application)
        ]

    async def reconnect(self) -> None:
        """Ask every client to reconnect and resume: op 7."""
        for connection in list(self._connections):
            await connection.say(RECONNECT)

    async def invalidate(self, *, resumable: bool = False) -> None:
        """Tell every client that its session is over: op 9."""
        for connection in list(self._connections):
            if not resumable and connection.session is not None:
                self._sessions.pop(connection.session.id, None)
                connection.session = None
            await connection.say(INVALID_SESSION, resumable)

    async def close(self, code: int) -> None:
        """Close every connection with a code."""
        for connection in list(self._connections):
            await connection.close(code)

    def abort(self) -> None:
        """Break every connection."""
        for connection in list(self._connections):
            connection.abort()

    def forget(self) -> None:
        """Forget every session: nothing can be resumed any more."""
        self._sessions.clear()

    def revoked(self, application: Application) -> None:
        """Close what a bot has open, since its token is worthless."""
        for connection in list(self._connections):
            session = connection.session
            if session is not None and session.application is application:
                self._sessions.pop(session.id, None)
                asyncio.get_running_loop().create_task(connection.close(BAD_TOKEN))

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """Serve one connection."""
        if self.refusing:
            return web.Response(status=503, text="upstream connect error")
        socket = web.WebSocketResponse(max_msg_size=4096)
        await socket.prepare(request)
        connection = Connection(socket, request.transport)
        self._connections.append(connection)
        delivery = asyncio.create_task(connection.deliver())
        try:
            if request.query.get("v") != "10":
                await connection.close(BAD_VERSION)
                return socket
            await connection.say(HELLO, {"heartbeat_interval": int(self.heartbeat * 1000)})
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    await connection.close(UNDECODABLE)
                    break
                await self._heard(connection, message.data)
        finally:
            delivery.cancel()
            self._left(connection)
            # A delivery that met the closed connection has nothing more to say.
            await asyncio.gather(delivery, return_exceptions=True)
        return socket

    def _left(self, connection: Connection) -> None:
        self._connections.remove(connection)
        session = connection.session
        if session is None:
            return
        if session.connection is connection:
            session.connection = None
        said = connection.socket.close_code
        if not connection.ended and said in (WSCloseCode.OK, WSCloseCode.GOING_AWAY):
            # A client that says goodbye so ends its session.
            self._sessions.pop(session.id, None)
        self._world.touch()

    async def _heard(self, connection: Connection, text: str) -> None:
        try:
            said = json.loads(text)
            op, data = said["op"], said.get("d")
        except (ValueError, TypeError, KeyError):
            await connection.close(UNDECODABLE)
            return
        if self._too_fast(connection):
            self._blame("bot", "gateway", "more than 120 sends in 60 seconds")
            await connection.close(TOO_FAST)
        elif op == HEARTBEAT:
            connection.heartbeats += 1
            if not self.silent:
                await connection.say(ACK)
        elif op == IDENTIFY:
            await self._identify(connection, data)
        elif op == RESUME:
            await self._resume(connection, data)
        elif connection.session is None:
            await connection.close(NOT_AUTHENTICATED)
        elif op == REQUEST_MEMBERS:
            await self._members(connection, connection.session, data)
        elif op not in (PRESENCE, VOICE):
            await connection.close(UNKNOWN_OPCODE)

    def _too_fast(self, connection: Connection) -> bool:
        now = self._world.clock.seconds()
        connection.sends = [one for one in connection.sends if one > now - _PER] + [now]
        return len(connection.sends) > _SENDS

    async def _identify(self, connection: Connection, data: Json) -> None:
        self.identifies += 1
        application = self._by_token(data.get("token"))
        intents = data.get("intents")
        if connection.session is not None:
            await connection.close(AUTHENTICATED)
        elif application is None:
            await connection.close(BAD_TOKEN)
        elif not isinstance(intents, int) or not 0 <= intents < _LARGEST_INTENT:
            await connection.close(BAD_INTENTS)
        elif Intent(intents) & PRIVILEGED & ~application.privileged:
            await connection.close(FORBIDDEN_INTENTS)
        else:
            self._begin(connection, application, Intent(intents))

    def _begin(self, connection: Connection, application: Application, intents: Intent) -> None:
        session = Session(secrets.token_hex(16), application, intents, connection=connection)
        self._sessions[session.id] = session
        connection.session = session
        guilds = [g for g in self._world.guilds.values() if application.bot.id in g.members]
        session.add(
            "READY",
            {
                "v": 10,
                "user": shapes.own_user(application.bot),
                "guilds": [{"id": guild.id, "unavailable": True} for guild in guilds],
                "session_id": session.id,
                "resume_gateway_url": f"{self._world.address.replace('http', 'ws')}/gw/",
                "application": {"id": application.id, "flags": shapes.flags(application)},
                "private_channels": [],
                "_trace": ["double"],
            },
        )
        for guild in guilds:
            if not guild.unavailable:
                self._send(session, announcing.guild_event(guild, application))
        self._world.touch()

    async def _resume(self, connection: Connection, data: Json) -> None:
        self.resumes += 1
        session = self._sessions.get(str(data.get("session_id")))
        application = self._by_token(data.get("token"))
        sequence = data.get("seq")
        if application is None:
            await connection.close(BAD_TOKEN)
        elif session is None or session.application is not application:
            await connection.say(INVALID_SESSION, data=False)
        elif not isinstance(sequence, int) or not 0 <= sequence <= len(session.history):
            await connection.close(BAD_SEQUENCE)
        else:
            if session.connection is not None:
                session.connection.abort()
            connection.session, connection.sent = session, sequence
            session.connection = connection
            session.add("RESUMED", {"_trace": ["double"]})
            self._world.touch()

    async def _members(self, connection: Connection, session: Session, asked: Json) -> None:
        guild = self._world.guilds.get(str(asked.get("guild_id")))
        everybody = asked.get("query") == "" and asked.get("limit") == 0
        if everybody and Intent.GUILD_MEMBERS not in session.intents:
            self._blame("bot", "gateway", "asked for all members without the members intent")
            await connection.close(FORBIDDEN_INTENTS)
            return
        if guild is None or session.application.bot.id not in guild.members:
            return
        ids, query = asked.get("user_ids"), str(asked.get("query") or "").lower()
        wanted = [str(one) for one in (ids if isinstance(ids, list) else [ids])] if ids else None
        found = [
            member
            for member in guild.members.values()
            if (member.user.id in wanted if wanted else member.user.username.startswith(query))
        ]
        limit = asked.get("limit") or len(found)
        chosen = [shapes.full_member(member) for member in found[:limit]]
        chunks = [chosen[i : i + _CHUNK] for i in range(0, len(chosen), _CHUNK)] or [[]]
        for index, chunk in enumerate(chunks):
            data: Json = {
                "guild_id": guild.id,
                "members": chunk,
                "chunk_index": index,
                "chunk_count": len(chunks),
                "not_found": [one for one in wanted or [] if one not in guild.members],
            }
            session.add(
                "GUILD_MEMBERS_CHUNK",
                data | ({"nonce": asked["nonce"]} if "nonce" in asked else {}),
            )

    def _by_token(self, token: object) -> Application | None:
        for application in self._world.applications.values():
            if application.token == token and not application.revoked:
                return application
        return None

    def _on_event(self, event: Event) -> None:
        for session in self._sessions.values():
            if event.reaches(session.application):
                self._send(session, event)

    def _send(self, session: Session, event: Event) -> None:
        if not event.intents or event.intents & session.intents:
            data = event.shape(session.application)
            self._validate(event.name, data)
            session.add(event.name, session.entitled(event, data))

    def _validate(self, name: str, data: Json) -> None:
        """Find what is wrong with what the double itself is about to say."""
        schema = _SCHEMAS.get(name)
        if schema is not None and self._description is not None:
            for problem in self._description.shape(schema, data):
                self._blame("double", name, str(problem))
