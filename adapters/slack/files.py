"""Files, from chat to this machine and back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp

from adapters.slack.failures import AGAIN, UNANSWERED, Failure, NoAnswer, Refused, trouble_of
from adapters.slack.rendering import Upload
from adapters.slack.workspace import Workspace
from chatops.conversation.events import Attachment
from chatops.conversation.platform import PlatformUnavailable
from chatops.language import Bytes, Invalid, Missing, _

_CHUNK: Final = 256 * 1024
_OK: Final = 200
_SILENCE: Final = aiohttp.ClientTimeout(total=None, sock_connect=20, sock_read=60)
_UPLOAD: Final = aiohttp.ClientTimeout(total=600, sock_connect=20)


class Files:
    """Sends and fetches files.

    Args:
        hosts: The only ones to which the bot's token is shown.
        secure: Whether files are fetched over HTTPS only.
    """

    def __init__(
        self, session: aiohttp.ClientSession, hosts: frozenset[str], *, secure: bool
    ) -> None:
        self._session = session
        self._hosts = hosts
        self._secure = secure

    async def send(self, workspace: Workspace, upload: Upload) -> str:
        """Upload a file, which nobody sees yet; return its id.

        Raises:
            Failure: It did not arrive.
        """
        # Slack takes no empty file.
        data = upload.data or b"\n"
        place = await workspace.ask(
            "files.getUploadURLExternal",
            filename=upload.name,
            length=len(data),
            alt_txt=upload.title or upload.name,
        )
        try:
            async with self._session.post(
                str(place.get("upload_url", "")), data=data, timeout=_UPLOAD
            ) as answer:
                if answer.status != _OK:
                    raise NoAnswer(f"upload: status {answer.status}")
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
            raise NoAnswer(f"upload: {type(error).__name__}") from None
        return str(place.get("file_id", ""))

    async def share(
        self, workspace: Workspace, files: Sequence[tuple[str, str]], channel: str, thread: str
    ) -> None:
        """Show uploaded files, given by their ids and titles, in a conversation.

        Raises:
            Failure: They are not shown, or nobody knows.
        """
        await workspace.call(
            "files.completeUploadExternal",
            files=[{"id": name, "title": title} for name, title in files],
            channel_id=channel,
            thread_ts=thread or None,
        )

    async def shown(self, workspace: Workspace, file: str) -> bool:
        """Whether a file is shown somewhere.

        Raises:
            Failure: That is not known.
        """
        try:
            answer = await workspace.ask("files.info", file=file)
        except Refused:
            return False
        shares: dict[str, Any] = (answer.get("file") or {}).get("shares") or {}
        return any(shares.values())

    async def fetch(
        self, workspace: Workspace, attachment: Attachment, target: Path, limit: int
    ) -> None:
        """Write a file's bytes, at most so many.

        Raises:
            Invalid: It is larger.
            Missing: It is gone, or not Slack's own.
            PlatformUnavailable: Slack does not answer.
        """
        try:
            answer = await workspace.ask("files.info", file=attachment.id.rpartition("/")[2])
        except Failure as failure:
            trouble = trouble_of(failure)
            if isinstance(failure, Refused) and failure.error.startswith("file_"):
                raise _gone() from None
            raise trouble from None
        file: dict[str, Any] = answer.get("file") or {}
        url = str(file.get("url_private_download") or file.get("url_private") or "")
        size = file.get("size")
        if isinstance(size, int) and size > limit:
            raise _too_large(attachment, limit)
        if not self._own(url):
            raise _gone()
        try:
            await self._download(url, workspace.token, attachment, target, limit)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise PlatformUnavailable(UNANSWERED, AGAIN) from error

    async def _download(
        self, url: str, token: str, attachment: Attachment, target: Path, limit: int
    ) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        async with self._session.get(
            url, headers=headers, timeout=_SILENCE, allow_redirects=False
        ) as answer:
            if answer.status >= 500:  # noqa: PLR2004 - HTTP's own
                raise PlatformUnavailable(UNANSWERED, AGAIN)
            if answer.status != _OK:
                # A token without the right to read files is sent to a page to sign in.
                raise _gone()
            try:
                await _written(answer.content.iter_chunked(_CHUNK), attachment, target, limit)
            except BaseException:
                await asyncio.to_thread(target.unlink, missing_ok=True)
                raise

    def _own(self, url: str) -> bool:
        split = urlsplit(url)
        schemes = {"https"} if self._secure else {"https", "http"}
        return split.scheme in schemes and (split.hostname or "") in self._hosts


def _too_large(attachment: Attachment, limit: int) -> Invalid:
    return Invalid(
        _("{name} is larger than {limit}.", name=attachment.name, limit=Bytes(limit)),
        _("Attach a smaller file."),
    )


def _gone() -> Missing:
    return Missing(
        _("Slack does not give this file to the bot."),
        _("Share it again; if that does not help, tell whoever runs the bot."),
    )


async def _written(
    chunks: AsyncIterator[bytes], attachment: Attachment, target: Path, limit: int
) -> None:
    file = await asyncio.to_thread(target.open, "wb")
    left = limit
    try:
        async for chunk in chunks:
            left -= len(chunk)
            if left < 0:
                raise _too_large(attachment, limit)
            await asyncio.to_thread(file.write, chunk)
    finally:
        await asyncio.to_thread(file.close)
