"""`Client`: matrix-nio's client, made to try nothing by itself and to survive what it is sent.

Of nio it uses what reads syncs and encrypts. Requests go through `ask`, which tries once, within a
bounded time, and raises `Refused` or `NoAnswer`.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from collections.abc import Mapping
from pathlib import Path
from secrets import token_hex
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
from nio import AsyncClient, AsyncClientConfig
from nio.events import Event, MegolmEvent
from nio.exceptions import EncryptionError
from nio.responses import (
    ErrorResponse,
    KeysClaimResponse,
    ShareGroupSessionResponse,
    SyncResponse,
)
from nio.store import SqliteStore

from adapters.matrix.answers import answer_in, check, refusal_in
from adapters.matrix.errors import NoAnswer
from adapters.matrix.pace import Pace

log = logging.getLogger(__name__)

API: Final = "/_matrix/client/v3"
MEDIA: Final = "/_matrix/media/v3"

_TRANSFER: Final = aiohttp.ClientTimeout(total=None, sock_connect=15, sock_read=60)
_NOTHING: Final = {"not_types": ["*"]}


class Client(AsyncClient):  # type: ignore[misc]  # nio has no type marker
    """One session on one homeserver.

    Args:
        homeserver: Its address.
        store: The file for the keys of this device.
        pickle_key: Encrypts them.
    """

    def __init__(self, homeserver: str, store: Path, pickle_key: str, pace: Pace) -> None:
        config = AsyncClientConfig(
            store=SqliteStore,
            store_name=store.name,
            pickle_key=pickle_key,
            max_limit_exceeded=0,
            max_timeouts=0,
            request_timeout=pace.answer,
        )
        super().__init__(homeserver.rstrip("/"), store_path=str(store.parent), config=config)
        self.keys_file = store
        self.pace = pace
        self._sealing = asyncio.Lock()
        self._sharing_failed = False

    def enter(self, user_id: str, device_id: str, access_token: str) -> bool:
        """Go on as a device that is logged in; its keys are made where there are none.

        Returns:
            Whether its keys, where there were some, could be opened.
        """
        if not self.keys_file.exists():
            os.close(os.open(self.keys_file, os.O_WRONLY | os.O_CREAT, 0o600))
        try:
            self.restore_login(user_id, device_id, access_token)
        except Exception:
            log.exception("matrix: the keys in %s cannot be used", self.keys_file)
            return False
        return True

    async def leave(self) -> None:
        """Close what is open; the session goes on to exist."""
        await self.close()
        if self.store is not None and not self.store.database.is_closed():
            self.store.database.close()

    async def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """Ask the homeserver something, once.

        Args:
            path: Behind `/_matrix/client/v3`, or a whole one.

        Raises:
            Refused: It says no.
            NoAnswer: It says nothing that can be understood.
        """
        whole = path if path.startswith("/_matrix") else f"{API}{path}"
        if query:
            whole += f"?{urlencode(query)}"
        headers = {"Content-Type": "application/json"}
        if self.access_token:
            headers["Authorization"] = f"Bearer {self.access_token}"
        data = None if body is None else json.dumps(body, ensure_ascii=False)
        try:
            async with asyncio.timeout(self.pace.answer):
                answer = await self.send(method, whole, data, headers)
                async with answer:
                    return answer_in(answer.status, await answer.read())
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(f"{method} {path}: {type(error).__name__}") from error

    async def transfer(
        self, method: str, path: str, data: bytes | None = None, kind: str = ""
    ) -> aiohttp.ClientResponse:
        """Send or fetch a file, however long that takes while it goes on; close the response."""
        headers = {"Authorization": f"Bearer {self.access_token}"}
        if kind:
            headers["Content-Type"] = kind
        # nio hands it on to aiohttp, which takes more than the number that nio speaks of.
        patience: Any = _TRANSFER
        response: aiohttp.ClientResponse = await self.send(
            method, path, data, headers, timeout=patience
        )
        return response

    async def sync_from(
        self, since: str | None, *, whole: bool = False, wait: bool = True
    ) -> SyncResponse:
        """Return what happened since; nio has read and decrypted it.

        Args:
            whole: Whether to tell the state of all rooms as well; that does not wait.
            wait: Whether to wait where nothing happened yet.

        Raises:
            Refused: The homeserver says no.
            NoAnswer: It says nothing that can be understood.
        """
        poll = self.pace.poll if wait and not whole else 0.0
        patience = self.pace.state if whole else poll + self.pace.answer
        try:
            async with asyncio.timeout(patience):
                response = await self.sync(
                    int(poll * 1000),
                    sync_filter=_filter(fresh=since is None),
                    since=since,
                    full_state=whole or None,
                )
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NoAnswer(f"sync: {type(error).__name__}") from error
        if isinstance(response, SyncResponse):
            return response
        raise refusal_in(response)

    def read(self, room_id: str, source: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return an event decrypted; one that cannot be stays as it is."""
        if source.get("type") != "m.room.encrypted" or self.olm is None:
            return source
        event = Event.parse_event(dict(source))
        if not isinstance(event, MegolmEvent):
            return source
        try:
            read: Mapping[str, Any] = self.olm.decrypt_megolm_event(event, room_id).source
        except EncryptionError:
            return source
        return read

    async def sealed(
        self, room_id: str, kind: str, content: Mapping[str, Any]
    ) -> tuple[str, Mapping[str, Any]]:
        """Return an event as it may be sent: in a room that is encrypted, encrypted for all in it.

        Raises:
            KeyError: The room is not known.
            Failure: The keys could not be given to everybody.
        """
        room = self.rooms[room_id]
        if not room.encrypted or kind == "m.reaction":
            return kind, content
        async with self._sealing:
            try:
                await self._share(room_id)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise NoAnswer(f"keys: {type(error).__name__}") from error
            finally:
                # nio leaves its mark when it fails, and would wait for it for ever.
                self.sharing_session.pop(room_id, None)
            sealed: tuple[str, Mapping[str, Any]] = self.encrypt(room_id, kind, dict(content))
            return sealed

    async def look_after_keys(self) -> None:
        """Do what the homeserver and other devices need for encryption.

        Raises:
            Failure: That could not be done now.
        """
        try:
            if self.should_upload_keys:
                check(await self.keys_upload())
            if self.should_query_keys:
                check(await self.keys_query())
            if self.should_claim_keys:
                check(await self.keys_claim({**self.get_users_for_key_claiming()}))
            for response in await self.send_to_device_messages():
                check(response)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise NoAnswer(f"keys: {type(error).__name__}") from error

    async def _share(self, room_id: str) -> None:
        """Give the room's key to all devices that do not have it."""
        assert self.olm is not None
        if not self.rooms[room_id].members_synced:
            check(await self.joined_members(room_id))
        if self.should_query_keys:
            check(await self.keys_query())
        if not self.olm.should_share_group_session(room_id):
            return
        self._sharing_failed = False
        await self.share_group_session(room_id, ignore_unverified_devices=True)
        if self._sharing_failed:
            # nio counts a key as given whatever became of the requests that should give it.
            self.invalidate_outbound_session(room_id)
            raise NoAnswer("keys: not all devices could be given the key")

    async def _send(self, *asked: Any, **named: Any) -> Any:  # noqa: ANN401 - as nio has it
        """Note which requests failed of those that nio forgets."""
        try:
            response = await super()._send(*asked, **named)
        except BaseException:
            self._note_failed(asked[0])
            raise
        if isinstance(response, ErrorResponse):
            self._note_failed(asked[0])
        return response

    async def parse_body(self, transport_response: aiohttp.ClientResponse) -> dict[Any, Any]:
        """Read an answer; nio would take the page of a proxy for an empty one, and for consent."""
        try:
            body = json.loads(await transport_response.read())
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise aiohttp.ClientConnectionError(f"no JSON, status {transport_response.status}")
        return body

    def _note_failed(self, kind: type) -> None:
        # One room too many may be given its key anew; one too few would be read by nobody.
        self._sharing_failed |= kind in (KeysClaimResponse, ShareGroupSessionResponse)

    def _handle_decrypt_to_device(self, *asked: Any, **named: Any) -> Any:  # noqa: ANN401 - as nio has it
        try:
            return super()._handle_decrypt_to_device(*asked, **named)
        except Exception:
            log.info("a message between devices could not be handled", exc_info=True)
            return None

    def _handle_timeline_event(self, *asked: Any, **named: Any) -> Any:  # noqa: ANN401 - as nio has it
        try:
            return super()._handle_timeline_event(*asked, **named)
        except Exception:
            log.info("an event could not be handled", exc_info=True)
            return None


def _filter(*, fresh: bool) -> dict[str, Any]:
    """Return what a sync is to tell.

    Args:
        fresh: Whether it must not be one that the homeserver has kept: Synapse does for minutes,
            so that a bot whose state was lost would hear again what was said meanwhile.
    """
    timeline: dict[str, Any] = {"limit": 100}
    if fresh:
        timeline["not_senders"] = [f"@{token_hex(8)}:nobody.invalid"]
    return {
        "presence": _NOTHING,
        "account_data": {"types": ["m.direct"]},
        "room": {"timeline": timeline, "ephemeral": _NOTHING, "account_data": _NOTHING},
    }
