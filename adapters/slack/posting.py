"""Messages that everybody in a conversation sees, each said once.

Slack has no idempotency key for messages. Every message carries its key as metadata instead: where
the answer to a post was lost, or may have been lost by an earlier run of the program, the
conversation is read back for the key before the message is posted again.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from adapters.slack.failures import NoAnswer, Refused
from adapters.slack.files import Files
from adapters.slack.paging import Page
from adapters.slack.pressing import folded
from adapters.slack.rendering import Rendered, Upload
from adapters.slack.workspace import Workspace
from chatops.conversation.addresses import Place
from chatops.conversation.recent import Recent

EVENT_TYPE: Final = "quitx_message"

_KEPT: Final = 5_000
_LONGEST_METADATA: Final = 6_000
_READ: Final = 200
_READS: Final = 5
_EARLIER: Final = 3 * 24 * 3600.0
"""How far back a message of an earlier run is looked for, in seconds."""

_CLOCKS_APART: Final = 3600.0
"""How far this machine's clock may be ahead of Slack's."""


@dataclass
class _Attempt:
    """How far a message has got.

    Args:
        doubt: Whether more of it may stand than `pages` tells: `perhaps` where an earlier run may
            have posted it, `surely` where an answer was lost.
        since: From when on it may have been posted, in seconds since 1970.
        pages: The timestamps of its messages, by their numbers.
        files: What was uploaded for it; None while nothing was.
        sharing: Whether the files may be shown already.
    """

    doubt: Literal["none", "perhaps", "surely"]
    since: float
    pages: dict[int, str] = field(default_factory=dict)
    files: tuple[str, ...] | None = None
    sharing: bool = False


class Posting:
    """Posts, and remembers what was posted."""

    def __init__(self, files: Files) -> None:
        self._files = files
        self._posted: Recent[str, str] = Recent(_KEPT)
        self._attempts: Recent[str, _Attempt] = Recent(_KEPT)
        self._others: Recent[tuple[str, str], tuple[str, ...]] = Recent(_KEPT)
        self.long_values: Recent[str, str] = Recent(_KEPT)

    async def post(
        self, workspace: Workspace, place: Place, rendered: Rendered, key: str, *, maybe_said: bool
    ) -> str:
        """Post a reply, if it does not stand already; return the timestamp of its last message.

        Args:
            maybe_said: Whether an earlier run of the program may have posted it.

        Raises:
            Failure: It does not stand, or nobody knows; posting again with the key mends that.
        """
        posted = self._posted.get(key)
        if posted is not None:
            return posted
        attempt = self._attempt(key, maybe_said=maybe_said)
        await self._look(workspace, place, key, attempt)
        try:
            await self._go_on(workspace, place, rendered, key, attempt)
        except NoAnswer:
            attempt.doubt = "surely"
            raise
        self._attempts.drop(key)
        return self._done(
            key, place, tuple(attempt.pages[number] for number in sorted(attempt.pages))
        )

    def others(self, channel: str, timestamp: str) -> tuple[str, ...]:
        """Return the earlier messages of a reply whose last one this is."""
        return self._others.get((channel, timestamp)) or ()

    def forget(self, channel: str, timestamp: str) -> None:
        """Forget the earlier messages of a reply, which are gone."""
        self._others.drop((channel, timestamp))

    async def attach(
        self, workspace: Workspace, place: Place, uploads: Sequence[Upload], key: str
    ) -> None:
        """Show files in a conversation or a thread, once.

        Raises:
            Failure: They are not shown, or nobody knows; attaching again with the key mends that.
        """
        if key in self._posted:
            return
        attempt = self._attempt(key, maybe_said=False)
        await self._upload(workspace, uploads, attempt)
        await self._share(workspace, place, uploads, attempt)
        self._attempts.drop(key)
        self._posted.put(key, "")

    def _attempt(self, key: str, *, maybe_said: bool) -> _Attempt:
        attempt = self._attempts.get(key)
        if attempt is None:
            earlier = time.time() - (_EARLIER if maybe_said else _CLOCKS_APART)
            attempt = _Attempt("perhaps" if maybe_said else "none", earlier)
            self._attempts.put(key, attempt)
        return attempt

    async def _look(self, workspace: Workspace, place: Place, key: str, attempt: _Attempt) -> None:
        """Find out what stands already, where that is not known."""
        if attempt.doubt == "none":
            return
        try:
            found = await _read_back(workspace, place, key, attempt.since)
        except Refused:
            if attempt.doubt == "surely":
                raise
            found = []
        for number, timestamp, files in found:
            attempt.pages[number] = timestamp
            attempt.files = files or attempt.files
            attempt.sharing = True
        attempt.doubt = "none"

    async def _go_on(
        self,
        workspace: Workspace,
        place: Place,
        rendered: Rendered,
        key: str,
        attempt: _Attempt,
    ) -> None:
        await self._upload(workspace, rendered.uploads, attempt)
        for value, says in rendered.long_values.items():
            self.long_values.put(value, says)
        for number, page in enumerate(rendered.pages):
            if number not in attempt.pages:
                metadata = _metadata(key, number, attempt.files or (), rendered.long_values)
                attempt.pages[number] = await _say(workspace, place, page, metadata)
        await self._share(workspace, place, rendered.uploads, attempt)

    async def _upload(
        self, workspace: Workspace, uploads: Sequence[Upload], attempt: _Attempt
    ) -> None:
        if attempt.files is None:
            sent = [await self._files.send(workspace, upload) for upload in uploads]
            attempt.files = tuple(sent)

    async def _share(
        self, workspace: Workspace, place: Place, uploads: Sequence[Upload], attempt: _Attempt
    ) -> None:
        files = attempt.files or ()
        if not files:
            return
        if attempt.sharing and await self._files.shown(workspace, files[0]):
            return
        attempt.sharing = True
        named = [(file, upload.title) for file, upload in zip(files, uploads, strict=False)]
        await self._files.share(workspace, named, place.channel, place.thread)

    def _done(self, key: str, place: Place, stamps: Sequence[str]) -> str:
        self._posted.put(key, stamps[-1])
        if len(stamps) > 1:
            self._others.put((place.channel, stamps[-1]), tuple(stamps[:-1]))
        return stamps[-1]


async def _say(workspace: Workspace, place: Place, page: Page, metadata: dict[str, Any]) -> str:
    answer = await workspace.call(
        "chat.postMessage",
        channel=place.channel,
        thread_ts=place.thread or None,
        text=page.text,
        blocks=page.blocks,
        metadata=metadata,
        mrkdwn=False,
        unfurl_links=False,
        unfurl_media=False,
    )
    return str(answer.get("ts", ""))


def _metadata(
    key: str, number: int, files: tuple[str, ...], long_values: Mapping[str, str]
) -> dict[str, Any]:
    payload: dict[str, Any] = {"key": key, "part": number}
    if files:
        payload["files"] = " ".join(files)
    lines = {value: folded(says) for value, says in long_values.items()}
    if 0 < sum(map(len, lines.values())) < _LONGEST_METADATA:
        payload["lines"] = lines
    return {"event_type": EVENT_TYPE, "event_payload": payload}


def payload_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a message of the bot's carries as metadata; nothing for any other."""
    metadata = message.get("metadata") or {}
    payload: Mapping[str, Any] = metadata.get("event_payload") or {}
    return payload if metadata.get("event_type") == EVENT_TYPE else {}


async def _read_back(
    workspace: Workspace, place: Place, key: str, oldest: float
) -> list[tuple[int, str, tuple[str, ...]]]:
    """Return the messages with a key that stand in a conversation: number, timestamp, files."""
    found: list[tuple[int, str, tuple[str, ...]]] = []
    cursor: dict[str, str] = {}
    method = "conversations.replies" if place.thread else "conversations.history"
    within = {"ts": place.thread} if place.thread else {}
    for _read in range(_READS):
        page = await workspace.ask(
            method,
            channel=place.channel,
            limit=_READ,
            oldest=f"{oldest:.6f}",
            include_all_metadata=True,
            **within,
            **cursor,
        )
        for message in page.get("messages") or ():
            payload = payload_of(message)
            if payload.get("key") == key:
                files = tuple(str(payload.get("files") or "").split())
                found.append((int(payload.get("part", 0)), str(message["ts"]), files))
        following = str((page.get("response_metadata") or {}).get("next_cursor") or "")
        if not following:
            break
        cursor = {"cursor": following}
    return found
