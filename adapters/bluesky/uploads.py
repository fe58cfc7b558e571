"""Files on their way to a server, which a record then points at."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from adapters.bluesky.embeds import Upload
from adapters.bluesky.errors import Failure, Kind
from adapters.bluesky.facets import Json
from adapters.bluesky.limits import LIMITS
from adapters.bluesky.service import Service
from adapters.bluesky.sessions import Sessions
from chatops.language import Code, _
from chatops.posts.media import Unusable, checked_video, fitted_picture
from chatops.posts.network import Account, Draft
from chatops.posts.post import Media


class Uploads:
    """Checks files, fits them, and hands them to the account's server.

    Args:
        sessions: What opens accounts.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions
        # A decoded picture takes up to 200 MB, a video 50 MB: one of each at a time.
        self._pictures = asyncio.Lock()
        self._videos = asyncio.Lock()

    async def of(self, account: Account, draft: Draft) -> Sequence[Upload]:
        """Upload the files of a draft, in order; missing ones are left out.

        The same file always becomes the same blob, so a record that points at it is the same too.

        Raises:
            Unusable: A file cannot be posted.
            Failure: The server does not take it now.
        """
        return [
            await self._upload(account, media, path)
            for media, path in zip(draft.post.media, draft.files, strict=True)
            if path is not None
        ]

    async def _upload(self, account: Account, media: Media, path: Path) -> Upload:
        if media.kind == "image":
            async with self._pictures:
                picture = await fitted_picture(path, LIMITS)
            blob = await self._blob(account, path, picture.data, picture.mime)
            return Upload(media, blob, picture.width, picture.height)
        async with self._videos:
            video = await checked_video(path, LIMITS)
            data = await asyncio.to_thread(path.read_bytes)
            blob = await self._blob(account, path, data, video.mime)
            return Upload(media, blob, video.width, video.height)

    async def _blob(self, account: Account, path: Path, data: bytes, mime: str) -> Json:
        async def upload(service: Service, token: str) -> Json:
            answer = await service.procedure("com.atproto.repo.uploadBlob", data, token, mime=mime)
            blob = answer.get("blob")
            if not isinstance(blob, dict):
                raise Failure(Kind.LOST, service.url, "no blob in the answer")
            return blob

        try:
            return await self._sessions.call(account, upload)
        except Failure as failure:
            if failure.kind is not Kind.INVALID:
                raise
            raise Unusable(
                _(
                    "Bluesky does not take {file}: {words}",
                    file=Code(path.name),
                    words=failure.message or failure.name,
                ),
                _("Replace it with a smaller one, or post without it."),
            ) from failure
