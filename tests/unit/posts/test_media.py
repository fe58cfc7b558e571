"""Files are checked, cleaned and scaled."""

from __future__ import annotations

import io
import random
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from chatops.posts.limits import PostLimits
from chatops.posts.media import Unusable, checked_video, fitted_picture

LIMITS = PostLimits(300, 3000, 0, 4, 60_000, 0, 100_000, 2000, "label", backdates=True)


def noise(width: int, height: int) -> Image.Image:
    """Return a picture that hardly compresses, the same every time."""
    pixels = random.Random(7).randbytes(width * height * 3)
    return Image.frombytes("RGB", (width, height), pixels)


def saved(folder: Path, image: Image.Image, form: str, **options: object) -> Path:
    path = folder / f"picture.{form.lower()}"
    image.save(path, form, **options)
    return path


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
async def test_a_clean_picture_that_fits_stays_as_it_is(form: str, tmp_path: Path) -> None:
    path = saved(tmp_path, noise(60, 40), form)
    picture = await fitted_picture(path, LIMITS)
    assert picture.data == path.read_bytes()
    assert (picture.mime, picture.width, picture.height) == (f"image/{form.lower()}", 60, 40)


async def test_a_moving_gif_that_fits_keeps_moving(tmp_path: Path) -> None:
    frames = [noise(20, 20), noise(20, 20)]
    path = saved(tmp_path, frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert (await fitted_picture(path, LIMITS)).data == path.read_bytes()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
async def test_where_and_with_what_a_picture_was_taken_is_left_behind(
    form: str, tmp_path: Path
) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Secret Camera"
    notes: dict[str, object] = {"exif": exif}
    if form == "JPEG":
        notes |= {"comment": b"Secret note", "xmp": b"<x:xmpmeta>Secret place</x:xmpmeta>"}
    if form == "PNG":
        text = PngInfo()
        text.add_text("Author", "Secret person")
        notes["pnginfo"] = text
    path = saved(tmp_path, noise(60, 40), form, **notes)
    assert b"Secret" in path.read_bytes()
    picture = await fitted_picture(path, LIMITS)
    assert b"Secret" not in picture.data
    assert (picture.mime, picture.width, picture.height) == (f"image/{form.lower()}", 60, 40)


async def test_a_picture_taken_with_a_turned_phone_stands_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    path = saved(tmp_path, noise(60, 40), "JPEG", exif=exif)
    picture = await fitted_picture(path, LIMITS)
    assert (picture.width, picture.height) == opened(picture.data).size == (40, 60)
    assert not opened(picture.data).getexif()


async def test_a_picture_that_is_too_heavy_becomes_smaller_in_its_proportions(
    tmp_path: Path,
) -> None:
    path = saved(tmp_path, noise(900, 600), "PNG")
    picture = await fitted_picture(path, LIMITS)
    assert len(picture.data) <= LIMITS.image_bytes
    assert picture.mime == "image/jpeg"
    assert (picture.width, picture.height) == opened(picture.data).size
    assert picture.width / picture.height == pytest.approx(1.5, abs=0.02)
    assert picture == await fitted_picture(path, LIMITS)


async def test_transparency_survives_scaling(tmp_path: Path) -> None:
    image = noise(600, 600)
    image.putalpha(Image.linear_gradient("L").resize((600, 600)))
    picture = await fitted_picture(saved(tmp_path, image, "PNG"), LIMITS)
    assert picture.mime == "image/webp"
    assert opened(picture.data).has_transparency_data


async def test_a_network_that_counts_pixels_gets_no_more(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("RGB", (400, 200)), "PNG")
    picture = await fitted_picture(path, replace(LIMITS, image_pixels=20_000))
    assert (picture.width, picture.height) == (200, 100)


@pytest.mark.parametrize("mode", ["CMYK", "L", "P", "I;16", "LA", "1"])
async def test_pictures_of_any_colour_kind_become_what_networks_know(
    mode: str, tmp_path: Path
) -> None:
    source = Image.effect_noise((900, 900), 60)
    image = Image.new(mode, source.size) if mode == "I;16" else source.convert(mode)
    path = saved(tmp_path, image, "JPEG" if mode == "CMYK" else "PNG")
    picture = await fitted_picture(path, replace(LIMITS, image_pixels=10_000))
    assert opened(picture.data).size == (100, 100)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "GIF", "WEBP"])
async def test_a_picture_that_was_cut_off_is_told(form: str, tmp_path: Path) -> None:
    path = saved(tmp_path, noise(60, 40), form)
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(Unusable, match="damaged"):
        await fitted_picture(path, LIMITS)


async def test_a_picture_of_endless_pixels_is_never_decoded(tmp_path: Path) -> None:
    path = saved(tmp_path, Image.new("1", (30_000, 30_000)), "PNG")
    with pytest.raises(Unusable, match="more pixels"):
        await fitted_picture(path, LIMITS)


async def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    with pytest.raises(Unusable, match="not there any more"):
        await fitted_picture(tmp_path / "gone.jpg", LIMITS)
    with pytest.raises(Unusable, match="not there any more"):
        await checked_video(tmp_path / "gone.mp4", LIMITS)


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I4s", len(content) + 8, kind) + content


def large_box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I4sQ", 1, kind, len(content) + 16) + content


def index(width: int, height: int, *, turned: bool = False) -> bytes:
    matrix = (0, 65536, 0, -65536, 0, 0, 0, 0, 2**30)
    upright = (65536, 0, 0, 0, 65536, 0, 0, 0, 2**30)
    size = (width << 16, height << 16)
    sound = box(b"trak", box(b"tkhd", bytes(40) + struct.pack(">9iII", *upright, 0, 0)))
    picture = struct.pack(">9iII", *(matrix if turned else upright), *size)
    return box(b"moov", sound + box(b"trak", box(b"edts") + box(b"tkhd", bytes(40) + picture)))


START = box(b"ftyp", b"isom\0\0\2\0isommp41")
FILM = large_box(b"mdat", bytes(500))


async def test_a_video_tells_its_frame_as_players_show_it(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(START + FILM + index(640, 360))
    video = await checked_video(path, LIMITS)
    assert (video.width, video.height, video.size) == (640, 360, path.stat().st_size)
    path.write_bytes(START + index(640, 360, turned=True) + FILM)
    video = await checked_video(path, LIMITS)
    assert (video.width, video.height, video.mime) == (360, 640, "video/mp4")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a",
        START,
        START + FILM,
        START + index(1, 1),
        START + FILM + index(1, 1)[:-1],
        FILM + index(1, 1),
        START + b"\0\0\0\1mdat",
    ],
)
async def test_what_is_no_whole_video_is_told(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(content)
    with pytest.raises(Unusable, match="not an mp4"):
        await checked_video(path, LIMITS)


async def test_a_video_larger_than_the_network_takes_is_told(tmp_path: Path) -> None:
    path = tmp_path / "video.mp4"
    path.write_bytes(bytes(LIMITS.video_bytes + 1))
    with pytest.raises(Unusable, match="at most"):
        await checked_video(path, LIMITS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
async def test_damaged_files_never_do_more_than_be_refused(
    tmp_path: Path, data: st.DataObject
) -> None:
    form = data.draw(st.sampled_from(["JPEG", "PNG", "GIF", "WEBP", "MP4"]))
    if form == "MP4":
        path = tmp_path / "video.mp4"
        path.write_bytes(START + FILM + index(640, 360))
    else:
        path = saved(tmp_path, noise(40, 30), form)
    content = bytearray(path.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=8)):
        content[place] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    try:
        if form == "MP4":
            await checked_video(path, LIMITS)
        else:
            await fitted_picture(path, LIMITS)
    except Unusable:
        pass
