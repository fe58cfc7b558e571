"""People with a real, encrypting Matrix client, who speak and read through the homeserver."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from nio import AsyncClient, AsyncClientConfig
from nio.crypto.attachments import decrypt_attachment, encrypt_attachment
from nio.events import Event, MegolmEvent
from nio.responses import RoomSendResponse, SyncResponse
from nio.store import SqliteMemoryStore

from tests.support.matrix.synapse import Account, SynapseServer

PATIENCE = 15.0

Source = Mapping[str, Any]


@dataclass(slots=True)
class Heard:
    """A message as its readers have it now.

    Args:
        source: The event, decrypted.
        content: What it says now, after all edits.
        encrypted: Whether the homeserver could not read it.
        reactions: The emoji under it, each with who added it.
    """

    source: Source
    content: Source
    encrypted: bool
    edited: bool = False
    reactions: list[tuple[str, str]] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Its event."""
        return str(self.source["event_id"])

    @property
    def sender(self) -> str:
        """Who said it."""
        return str(self.source["sender"])

    @property
    def body(self) -> str:
        """What it says, plain."""
        return str(self.content.get("body", ""))

    @property
    def thread(self) -> str:
        """The message under which it stands."""
        relation = self.content.get("m.relates_to") or self.source["content"].get("m.relates_to")
        if (relation or {}).get("rel_type") != "m.thread":
            return ""
        return str((relation or {})["event_id"])


@dataclass(slots=True)
class _Read:
    """What was read of a room so far."""

    at: str = ""
    events: dict[str, Source] = field(default_factory=dict)
    encrypted: set[str] = field(default_factory=set)
    sealed: set[str] = field(default_factory=set)
    """Those that could not be decrypted yet."""

    def add(self, source: Source) -> None:
        """Take one event more; nothing is left of one that was taken back."""
        event_id = source["event_id"]
        self.events[event_id] = source
        if source["type"] == "m.room.encrypted":
            self.encrypted.add(event_id)
            if source["content"]:
                self.sealed.add(event_id)
        if source["type"] == "m.room.redaction":
            gone = source["content"].get("redacts") or source.get("redacts")
            if gone in self.events:
                self.events[gone] = {**self.events[gone], "content": {}}
                self.sealed.discard(gone)


class Person:
    """Somebody on the homeserver; open it as a context."""

    def __init__(self, server: SynapseServer, name: str) -> None:
        self.server = server
        self.name = name
        self.account: Account = server.create_account(name)
        self.client = AsyncClient(
            server.url,
            self.account.user_id,
            self.account.device_id,
            store_path="",
            config=AsyncClientConfig(store=SqliteMemoryStore, request_timeout=20),
        )
        self._running: asyncio.Task[None] | None = None
        self._synced = asyncio.Event()
        self._read: dict[str, _Read] = {}

    async def __aenter__(self) -> Self:
        account = self.account
        self.client.restore_login(account.user_id, account.device_id, account.access_token)
        self._running = asyncio.create_task(self._sync())
        await self._synced.wait()
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self.client.close()
        if self.client.store is not None:
            self.client.store.database.close()

    @property
    def id(self) -> str:
        """Their user id."""
        return self.account.user_id

    async def synced(self) -> None:
        """Wait until their client has heard something more."""
        self._synced.clear()
        async with asyncio.timeout(PATIENCE):
            await self._synced.wait()

    async def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Ask the homeserver anything, as their client does."""
        return await asyncio.to_thread(
            lambda: self.server.call(
                method, f"/_matrix/client/v3{path}", self.account.access_token, json=body
            )
        )

    async def open_room(
        self,
        name: str = "",
        *,
        invite: Sequence[str] = (),
        encrypted: bool = False,
        **more: Any,  # noqa: ANN401 - whatever else the homeserver takes
    ) -> str:
        """Open a room; return it."""
        state = []
        if encrypted:
            content = {"algorithm": "m.megolm.v1.aes-sha2"}
            state.append({"type": "m.room.encryption", "state_key": "", "content": content})
        body = {"preset": "private_chat", "initial_state": state, "invite": [*invite], **more}
        room = str(
            (await self.ask("POST", "/createRoom", body | ({"name": name} if name else {})))[
                "room_id"
            ]
        )
        await self.until(lambda: room in self.client.rooms)
        return room

    async def invite(self, room: str, user_id: str) -> None:
        """Invite somebody."""
        await self.ask("POST", f"/rooms/{quote(room)}/invite", {"user_id": user_id})

    async def join(self, room: str) -> None:
        """Join a room."""
        await self.ask("POST", f"/join/{quote(room)}", {})
        await self.until(lambda: room in self.client.rooms)

    async def with_member(self, room: str, user_id: str) -> None:
        """Wait until somebody is in a room."""

        def there() -> bool:
            user = self.client.rooms[room].users.get(user_id)
            return user is not None and not user.invited

        await self.until(there)

    async def say(self, room: str, body: str, **more: Any) -> str:  # noqa: ANN401 - content
        """Say something, encrypted where the room is; return the event."""
        return await self.send(room, {"msgtype": "m.text", "body": body, **more})

    async def send(self, room: str, content: Source, kind: str = "m.room.message") -> str:
        """Send any event, encrypted where the room is; return it."""
        sent = await self.client.room_send(
            room, kind, dict(content), secrets.token_hex(8), ignore_unverified_devices=True
        )
        assert isinstance(sent, RoomSendResponse), sent
        return str(sent.event_id)

    async def burst(self, room: str, bodies: Sequence[str]) -> None:
        """Say much at once, as fast as the homeserver takes it, in any order."""
        limit = asyncio.Semaphore(8)

        async def say(body: str) -> None:
            async with limit:
                await self.say(room, body)

        await asyncio.gather(*map(say, bodies))

    async def keep_key(self, room: str) -> dict[str, Any]:
        """Give the room's next key to nobody; return it, to be given later."""
        olm = self.client.olm
        assert olm is not None
        await self.client.joined_members(room)
        olm.create_outbound_group_session(room)
        session = olm.outbound_group_sessions[room]
        session.shared = True
        return {
            "algorithm": "m.megolm.v1.aes-sha2",
            "room_id": room,
            "session_id": session.id,
            "session_key": session.session_key,
        }

    async def give_key(self, key: Mapping[str, Any], user_id: str) -> None:
        """Give a kept key to all devices of somebody."""
        olm = self.client.olm
        assert olm is not None
        missing = olm.get_missing_sessions([user_id])
        if missing:
            await self.client.keys_claim({**missing})
        messages = {
            device.id: olm._olm_encrypt(
                olm.session_store.get(device.curve25519), device, "m.room_key", key
            )
            for device in self.client.device_store.active_user_devices(user_id)
        }
        path = f"/sendToDevice/m.room.encrypted/{secrets.token_hex(8)}"
        await self.ask("PUT", path, {"messages": {user_id: messages}})

    async def edit(self, room: str, event: str, body: str) -> str:
        """Change what they said."""
        content = {"msgtype": "m.text", "body": body}
        relation = {"rel_type": "m.replace", "event_id": event}
        whole = {**content, "body": f"* {body}", "m.new_content": content, "m.relates_to": relation}
        return await self.send(room, whole)

    async def react(self, room: str, event: str, emoji: str) -> str:
        """React to a message; return the reaction."""
        relation = {"rel_type": "m.annotation", "event_id": event, "key": emoji}
        return await self.send(room, {"m.relates_to": relation}, "m.reaction")

    async def redact(self, room: str, event: str) -> None:
        """Take an event back."""
        path = f"/rooms/{quote(room)}/redact/{quote(event)}/{secrets.token_hex(8)}"
        await self.ask("PUT", path, {})

    async def leave(self, room: str) -> None:
        """Leave a room."""
        await self.ask("POST", f"/rooms/{quote(room)}/leave", {})

    async def attach(self, room: str, path: Path, words: str = "", **more: Any) -> str:  # noqa: ANN401 - content
        """Share a file, encrypted where the room is; return the event."""
        data = await asyncio.to_thread(path.read_bytes)
        content: dict[str, Any] = {
            "msgtype": "m.file",
            "body": words or path.name,
            "filename": path.name,
            "info": {"size": len(data)},
            **more,
        }
        if self.client.rooms[room].encrypted:
            data, keys = encrypt_attachment(data)
            content["file"] = keys | {"url": await self._upload(data)}
        else:
            content["url"] = await self._upload(data)
        return await self.send(room, content)

    async def download(self, content: Source) -> bytes:
        """Fetch what a message shows, as it is stored on the homeserver."""
        url = str(content.get("url") or content["file"]["url"]).removeprefix("mxc://")
        return await asyncio.to_thread(lambda: self.server.download(url, self.account.access_token))

    async def opened(self, content: Source) -> bytes:
        """Fetch what a message shows, as its readers have it."""
        data = await self.download(content)
        file = content.get("file")
        if file is None:
            return data
        key, sha256 = file["key"]["k"], file["hashes"]["sha256"]
        opened: bytes = decrypt_attachment(data, key, sha256, file["iv"])
        return opened

    async def read(self, room: str) -> list[Heard]:
        """Return the messages of a room, the oldest first, as they are now."""
        heard: dict[str, Heard] = {}
        for source, encrypted in await self._events(room):
            content = source["content"]
            relation = content.get("m.relates_to") or {}
            about = heard.get(str(relation.get("event_id")))
            match source["type"], relation.get("rel_type"):
                case "m.room.message" | "m.room.encrypted", "m.replace":
                    if about is not None and content:
                        about.content, about.edited = content["m.new_content"], True
                case "m.room.message" | "m.room.encrypted", _:
                    if content:
                        heard[source["event_id"]] = Heard(source, content, encrypted)
                case "m.reaction", _:
                    if about is not None and content:
                        about.reactions.append((str(relation["key"]), str(source["sender"])))
        return [*heard.values()]

    async def sees(
        self, room: str, condition: Callable[[Heard], bool], within: float = PATIENCE
    ) -> Heard:
        """Wait for a message; return the newest that is meant."""
        try:
            async with asyncio.timeout(within):
                while True:
                    for heard in reversed(await self.read(room)):
                        if condition(heard):
                            return heard
                    await asyncio.sleep(0.03)
        except TimeoutError:
            shown = [heard.content for heard in await self.read(room)]
            raise AssertionError(f"not within {within} seconds; there are: {shown}") from None

    async def until(self, condition: Callable[[], bool], within: float = PATIENCE) -> None:
        """Wait until something holds that their client learns."""
        async with asyncio.timeout(within):
            while not condition():
                assert self._running is not None
                assert not self._running.done(), self._running
                await asyncio.sleep(0.01)

    async def _events(self, room: str) -> list[tuple[Source, bool]]:
        """Return all events of a room; only what is new is fetched."""
        known = self._read.setdefault(room, _Read())
        while True:
            path = f"/rooms/{quote(room)}/messages?dir=f&limit=250{known.at}"
            told = await self.ask("GET", path)
            for source in told["chunk"]:
                known.add(source)
            if not told["chunk"] or not told.get("end"):
                break
            known.at = f"&from={quote(told['end'])}"
        for event_id in [*known.sealed]:
            source = self._decrypted(room, known.events[event_id])
            if source is not None:
                known.events[event_id] = source
                known.sealed.remove(event_id)
        return [(each, name in known.encrypted) for name, each in known.events.items()]

    def _decrypted(self, room: str, source: Source) -> Source | None:
        event = Event.parse_event(dict(source))
        if not isinstance(event, MegolmEvent) or self.client.olm is None:
            return None
        read = self.client.olm._decrypt_megolm_no_error(event, room)
        return None if read is None else read.source

    async def _upload(self, data: bytes) -> str:
        return await asyncio.to_thread(lambda: self.server.upload(data, self.account.access_token))

    async def _sync(self) -> None:
        """Sync as clients do, whatever happens to the homeserver."""
        client = self.client
        while True:
            response = await client.sync(5000, full_state=not client.next_batch or None)
            if not isinstance(response, SyncResponse):
                await asyncio.sleep(0.1)
                continue
            if client.should_upload_keys:
                await client.keys_upload()
            if client.should_query_keys:
                await client.keys_query()
            if client.should_claim_keys:
                await client.keys_claim(dict(client.get_users_for_key_claiming()))
            await client.send_to_device_messages()
            self._synced.set()
