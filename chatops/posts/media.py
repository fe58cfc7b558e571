"""Pictures and videos on their way to a network: checked, cleaned, and scaled to its limits.

Files come from strangers: only four picture formats are opened, their pixels are counted before any
is decoded, and a picture is decoded whole once, so that a damaged one never reaches a network.
"""

from __future__ import annotations

import asyncio
import io
import math
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from msgspec import Struct

from chatops.language import Bytes, Code, Invalid, _
from chatops.posts.limits import PostLimits

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS: Final = {
    "JPEG": "image/jpeg",
    "PNG": "image/png",
    "GIF": "image/gif",
    "WEBP": "image/webp",
}
_MOST_BYTES: Final = 64_000_000
_MOST_PIXELS: Final = 60_000_000
"""X keeps 17 million pixels; more is a mistake or a trap."""

_PICTURE_KEYS: Final = frozenset(
    {
        "adobe", "adobe_transform", "aspect", "background", "bbox", "blend", "chromaticity",
        "default_image", "disposal", "dpi", "duration", "extension", "gamma", "icc_profile",
        "interlace", "jfif", "jfif_density", "jfif_unit", "jfif_version", "loop", "progression",
        "progressive", "srgb", "timestamp", "transparency", "version",
    }
)  # fmt: skip
"""What a file may say of its picture; anything else (place, camera, person) is left behind."""

_PICTURE_SEGMENTS: Final = frozenset({"APP0", "APP2", "APP14"})


_QUALITIES: Final = (90, 80, 70)
_SHRINKS: Final = 12

_BOX: Final = struct.Struct(">I4s")
_LARGE: Final = struct.Struct(">Q")
_MOST_INDEX: Final = 32_000_000
_TRACK_END: Final = struct.Struct(">9iII")


class Unusable(Invalid):
    """A file cannot be posted."""


class Picture(Struct, frozen=True):
    """A picture that fits, ready to be uploaded."""

    data: bytes
    mime: str
    width: int
    height: int


class Video(Struct, frozen=True):
    """A video that fits, still in its file; width and height are 0 where it does not tell."""

    path: Path
    size: int
    width: int
    height: int
    mime: str = "video/mp4"


async def fitted_picture(path: Path, limits: PostLimits) -> Picture:
    """Return the picture of a file within the limits, upright and without its camera's notes.

    A file that fits and holds nothing but its picture is returned to the byte. The same file gives
    the same bytes.

    Raises:
        Unusable: The file is no picture, is damaged, or cannot be made to fit.
    """
    return await asyncio.to_thread(_fitted, path, limits)


async def checked_video(path: Path, limits: PostLimits) -> Video:
    """Return what there is to know of an mp4 file.

    Raises:
        Unusable: The file is no complete mp4 or larger than the network takes.
    """
    return await asyncio.to_thread(_checked, path, limits)


def _fitted(path: Path, limits: PostLimits) -> Picture:
    from PIL import Image  # noqa: PLC0415 - Pillow loads on use

    data = _content(path)
    bomb = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_FORMATS)) as image:
            if image.width * image.height > _MOST_PIXELS:
                raise _too_many_pixels(path)
            image.load()
            kept = _as_it_is(image, data, limits)
            return kept or _encoded(image, limits, path)
    except bomb as error:
        raise _too_many_pixels(path) from error
    except (EOFError, OSError, SyntaxError, ValueError, struct.error) as error:
        # Pillow's decoders raise all of these for damaged files.
        raise Unusable(
            _("{file} cannot be read as a picture; it may be damaged.", file=Code(path.name)),
            _("Open it in a picture program and save it again as JPEG or PNG."),
        ) from error


def _content(path: Path) -> bytes:
    try:
        size = path.stat().st_size
        if size > _MOST_BYTES:
            raise _too_large(path, size, _MOST_BYTES)
        return path.read_bytes()
    except OSError as error:
        raise _unreadable(path) from error


def _as_it_is(image: Image, data: bytes, limits: PostLimits) -> Picture | None:
    """Return the file itself where there is no reason to touch it."""
    segments = {name for name, _notes in getattr(image, "applist", ())}
    keys = _PICTURE_KEYS | {"comment"} if image.format == "GIF" else _PICTURE_KEYS
    untouched = (
        len(data) <= limits.image_bytes
        and (not limits.image_pixels or image.width * image.height <= limits.image_pixels)
        and set(image.info) <= keys
        and segments <= _PICTURE_SEGMENTS
    )
    if not untouched:
        return None
    return Picture(data, _FORMATS[image.format or ""], image.width, image.height)


def _encoded(image: Image, limits: PostLimits, path: Path) -> Picture:
    """Encode a picture anew, each time smaller, until it fits."""
    from PIL import Image as Images  # noqa: PLC0415 - Pillow loads on use
    from PIL import ImageOps  # noqa: PLC0415

    lossless = image.format in {"PNG", "GIF"}
    clear = image.has_transparency_data
    lossy = "WEBP" if clear or image.format == "WEBP" else "JPEG"
    upright = ImageOps.exif_transpose(image)
    profile = upright.info.get("icc_profile") if upright.mode in {"L", "RGB", "RGBA"} else None
    whole = upright.convert("RGBA" if clear else "RGB")
    whole.info.clear()
    scale = 1.0
    if limits.image_pixels:
        scale = min(1.0, math.sqrt(limits.image_pixels / (whole.width * whole.height)))
    for _attempt in range(_SHRINKS):
        size = (max(1, int(whole.width * scale)), max(1, int(whole.height * scale)))
        scaled = whole if size == whole.size else whole.resize(size, Images.Resampling.LANCZOS)
        data = b""
        for form, quality in _attempts(lossy, lossless=lossless and scale == 1.0):
            data = _saved(scaled, form, quality, profile)
            if len(data) <= limits.image_bytes:
                return Picture(data, _FORMATS[form], *size)
        scale *= max(0.5, min(0.85, math.sqrt(limits.image_bytes / len(data))))
    raise Unusable(
        _("{file} cannot be made small enough.", file=Code(path.name)),
        _("Replace it with a smaller picture."),
    )


def _attempts(lossy: str, *, lossless: bool) -> Iterator[tuple[str, int]]:
    if lossless:
        yield "PNG", 0
    for quality in _QUALITIES:
        yield lossy, quality


def _saved(image: Image, form: str, quality: int, profile: bytes | None) -> bytes:
    file = io.BytesIO()
    image.save(file, form, quality=quality, icc_profile=profile)
    return file.getvalue()


def _checked(path: Path, limits: PostLimits) -> Video:
    try:
        size = path.stat().st_size
        if size > limits.video_bytes:
            raise _too_large(path, size, limits.video_bytes)
        with path.open("rb") as file:
            index = _index(file, size)
    except OSError as error:
        raise _unreadable(path) from error
    if index is None:
        raise Unusable(
            _("{file} is not an mp4 video, or is incomplete.", file=Code(path.name)),
            _("Play it to the end in a video program; if it plays, save it again as mp4."),
        )
    width, height = _frame(index)
    return Video(path, size, width, height)


def _index(file: BinaryIO, size: int) -> bytes | None:
    """Return the index (`moov`) of an mp4 whose parts all lie inside the file, else None."""
    place, index, media = 0, None, False
    while place < size:
        file.seek(place)
        length, kind, header = _header(file.read(16), size - place)
        if length < header or place + length > size or (place == 0) != (kind == b"ftyp"):
            return None
        media = media or kind == b"mdat"
        if kind == b"moov":
            if length > _MOST_INDEX:
                return None
            file.seek(place + header)
            index = file.read(length - header)
        place += length
    return index if media else None


def _header(data: bytes, rest: int) -> tuple[int, bytes, int]:
    """Read a box's length, kind, and the size of its header; a length of 0 is a damaged one."""
    if len(data) < _BOX.size:
        return 0, b"", _BOX.size
    length, kind = _BOX.unpack_from(data)
    if length == 1:
        if len(data) < _BOX.size + _LARGE.size:
            return 0, b"", _BOX.size
        (length,) = _LARGE.unpack_from(data, _BOX.size)
        return length, kind, _BOX.size + _LARGE.size
    return length or rest, kind, _BOX.size


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    place = 0
    while place < len(data):
        length, kind, header = _header(data[place : place + 16], len(data) - place)
        if length < header:
            return
        yield kind, data[place + header : place + length]
        place += length


def _frame(index: bytes) -> tuple[int, int]:
    """Return width and height as players show them."""
    for kind, track in _boxes(index):
        for part, content in _boxes(track) if kind == b"trak" else ():
            if part != b"tkhd" or len(content) < _TRACK_END.size:
                continue
            *matrix, width, height = _TRACK_END.unpack_from(content, len(content) - _TRACK_END.size)
            if width and height:
                # Sizes count 1/65536 of a pixel; a turned phone leaves nothing on the diagonal.
                turned = matrix[0] == 0 and matrix[4] == 0
                size = (width >> 16, height >> 16)
                return (size[1], size[0]) if turned else size
    return 0, 0


def _too_many_pixels(path: Path) -> Unusable:
    return Unusable(
        _("{file} has more pixels than any network takes.", file=Code(path.name)),
        _("Replace it with a smaller picture."),
    )


def _too_large(path: Path, size: int, most: int) -> Unusable:
    return Unusable(
        _(
            "{file} has {size}, and at most {most} can be posted.",
            file=Code(path.name),
            size=Bytes(size),
            most=Bytes(most),
        ),
        _("Replace it with a smaller one, or post without it."),
    )


def _unreadable(path: Path) -> Unusable:
    return Unusable(
        _("{file} is not there any more, or cannot be read.", file=Code(path.name)),
        _("Give the file again, or post without it."),
    )
