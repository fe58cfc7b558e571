"""What hangs below a record's text: pictures, a video, a quoted record, a card."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from adapters.bluesky.facets import Json
from adapters.bluesky.limits import LIMITS
from chatops.posts.fitting import shortened
from chatops.posts.network import RecordRef
from chatops.posts.post import Media


class Upload(Struct, frozen=True):
    """A file that a server holds for a record to point at.

    Args:
        media: What it is of the post.
        blob: The server's own words for it, which a record must repeat.
        width: Of a picture or video as readers see it; 0 where it is not known.
        height: The same.
    """

    media: Media
    blob: Json
    width: int
    height: int


Group = tuple[Upload, ...]
"""Files that one record can hold: up to four pictures, or one video."""


def groups(uploads: Iterable[Upload]) -> Iterator[Group]:
    """Gather files into as few records as can hold them, in their order."""
    pictures: list[Upload] = []
    for upload in uploads:
        if upload.media.kind == "image" and len(pictures) < LIMITS.images:
            pictures.append(upload)
            continue
        if pictures:
            yield tuple(pictures)
        pictures = [upload] if upload.media.kind == "image" else []
        if not pictures:
            yield (upload,)
    if pictures:
        yield tuple(pictures)


def files(group: Sequence[Upload]) -> Json:
    """Embed one group of files."""
    if group[0].media.kind == "image":
        pictures = [{"image": upload.blob, **_described(upload)} for upload in group]
        return {"$type": "app.bsky.embed.images", "images": pictures}
    (video,) = group
    embed = {"$type": "app.bsky.embed.video", "video": video.blob, **_described(video)}
    if video.media.kind == "animation":
        embed["presentation"] = "gif"
    return embed


def quote(record: RecordRef) -> Json:
    """Embed a record that is quoted."""
    reference = {"uri": record.address, "cid": record.fingerprint}
    return {"$type": "app.bsky.embed.record", "record": reference}


def quote_with_files(record: RecordRef, group: Sequence[Upload]) -> Json:
    """Embed a record that is quoted, and files."""
    return {
        "$type": "app.bsky.embed.recordWithMedia",
        "record": quote(record),
        "media": files(group),
    }


def card(url: str) -> Json:
    """Embed an address as a card that says nothing but itself: nothing is fetched for it."""
    external = {"uri": url, "title": short_address(url), "description": ""}
    return {"$type": "app.bsky.embed.external", "external": external}


def short_address(url: str) -> str:
    """Return an address as people read it."""
    return shortened(url.split("://", 1)[-1].removeprefix("www."), 100)


def _described(upload: Upload) -> Json:
    alt = upload.media.alt.encode(errors="replace").decode()
    described: Json = {"alt": shortened(alt, LIMITS.alt_characters)}
    if upload.width and upload.height:
        described["aspectRatio"] = {"width": upload.width, "height": upload.height}
    return described
