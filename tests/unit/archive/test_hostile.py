"""ZIPs that are damaged, or built to mislead."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.archive import (
    Archive,
    ArchiveTrouble,
    Damaged,
    Dangerous,
    NotAnArchive,
    Unreadable,
)
from chatops.archive import directory as zip_directory
from chatops.language import ENGLISH
from tests.support.archives import Made, id_of, tweets

ROWS = list(tweets(20))
MADE = Made({"tweets.js": ROWS}, media={"1-a.jpg": b"\xff\xd8" + bytes(3000)})


def zipped(made: Made = MADE) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in made.contents():
            target.writestr(name, data)
    return packed.getvalue()


VALID = zipped()


def entry_of(content: bytes, name: str) -> tuple[int, int]:
    """Return where a file's own header and its directory entry stand."""
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        start = source.getinfo(name).header_offset
    return start, content.rindex(name.encode()) - 46


def forged(
    name: str = "data/tweets.js",
    *,
    flags: int | None = None,
    method: int | None = None,
    **fields: int,
) -> bytes:
    """Change what the directory says of a file: `crc`, `packed`, `size`, `start`."""
    content = bytearray(VALID)
    _start, at = entry_of(VALID, name)
    if flags is not None:
        struct.pack_into("<H", content, at + 8, flags)
    if method is not None:
        struct.pack_into("<H", content, at + 10, method)
    for field, offset in {"crc": 16, "packed": 20, "size": 24, "start": 42}.items():
        if field in fields:
            struct.pack_into("<L", content, at + offset, fields[field])
    return bytes(content)


def read(path: Path) -> list[str]:
    with Archive.open(path) as archive:
        return [each.post.source_id for each in archive.posts()]


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


IDS = [id_of(row) for row in ROWS]


@pytest.fixture(name="archive")
def _archive(tmp_path: Path) -> Path:
    return tmp_path / "archive.zip"


def test_the_archive_that_is_forged_below_is_right(archive: Path) -> None:
    assert read(written(archive, VALID)) == IDS


def test_a_wrong_checksum_is_told_with_the_file(archive: Path) -> None:
    with pytest.raises(Damaged, match=r"data/tweets\.js in archive\.zip .* checksum") as caught:
        read(written(archive, forged(crc=1)))
    assert caught.value.file == "data/tweets.js"
    assert "Download the archive from X again" in str(caught.value)


def test_a_wrong_checksum_is_told_before_any_post_is_given(archive: Path) -> None:
    with Archive.open(written(archive, forged(crc=1))) as opened, pytest.raises(Damaged):
        next(opened.posts())


@given(st.integers(0, len(VALID) - 1))
@settings(max_examples=60)
def test_a_zip_cut_off_anywhere_is_told(tmp_path_factory: pytest.TempPathFactory, end: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "archive.zip"
    with pytest.raises((Damaged, NotAnArchive)):
        read(written(path, VALID[:end]))


@given(st.integers(0, len(VALID) - 1), st.integers(0, 255))
@settings(max_examples=150)
def test_a_changed_byte_is_harmless_or_told(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int
) -> None:
    content = bytearray(VALID)
    content[at] = byte
    path = written(tmp_path_factory.mktemp("changed") / "archive.zip", bytes(content))
    with suppress(ArchiveTrouble), Archive.open(path) as opened:
        found = [each.post.source_id for each in opened.posts()]
        assert found == IDS or opened.warnings


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not a ZIP file"),
        (b"PK", "is not a ZIP file"),
        (b"<!DOCTYPE html><title>Log in to X</title>" * 100, "is not a ZIP file"),
        (b"Rar!\x1a\x07\x01\x00" + bytes(5000), "is not a ZIP file"),
        (b"PK\x03\x04" + bytes(5000), "is cut off"),
        (b"PK\x05\x06" + bytes(18), "holds no X archive"),
    ],
)
def test_what_is_no_archive_is_told(archive: Path, content: bytes, words: str) -> None:
    with pytest.raises(ArchiveTrouble, match=words) as caught:
        Archive.open(written(archive, content))
    assert caught.value.file == "archive.zip"


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ArchiveTrouble, match=r"lost\.zip is not there"):
        Archive.open(tmp_path / "lost.zip")


@pytest.mark.parametrize(
    "name",
    ["../evil.js", "data/../../evil.js", "/etc/evil.js", "C:\\evil.js", "data\\..\\..\\evil.js"],
)
def test_names_that_lead_out_of_the_zip_are_refused(archive: Path, name: str) -> None:
    with pytest.raises(Dangerous, match="unsafe name"):
        Archive.open(Made(MADE.files, extra={name: b"x"}).zipped(archive))


def test_dots_within_names_are_safe(archive: Path) -> None:
    assert read(Made(MADE.files, extra={"assets/a..b.png": b"x"}).zipped(archive)) == IDS


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_is_there_twice_is_refused(archive: Path) -> None:
    MADE.zipped(archive)
    with zipfile.ZipFile(archive, "a") as target:
        target.writestr("data/tweets.js", "window.YTD.tweets.part0 = [ ]")
    with pytest.raises(Dangerous, match=r"archive\.zip holds data/tweets\.js twice"):
        Archive.open(archive)


def test_files_that_share_their_bytes_are_refused(archive: Path) -> None:
    start, _at = entry_of(VALID, "data/account.js")
    with pytest.raises(Dangerous, match="overlap"):
        Archive.open(written(archive, forged(start=start)))


@pytest.mark.parametrize("size", [100, 10_000_000])
def test_a_file_that_is_not_as_large_as_it_says_is_told(archive: Path, size: int) -> None:
    with pytest.raises((Damaged, Dangerous)):
        read(written(archive, forged(size=size)))


def test_a_bomb_is_refused_before_it_is_unpacked(archive: Path) -> None:
    bomb = b"window.YTD.tweets.part0 = [" + b" " * (80 * 1024 * 1024)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.writestr("data/tweets.js", bomb)
    with pytest.raises(Dangerous, match="unpacks to far more"):
        read(archive)


def test_a_bomb_that_lies_about_its_size_is_refused(archive: Path) -> None:
    bomb = zlib.compressobj(9, wbits=-15)
    packed = bomb.compress(b"window.YTD.tweets.part0 = [" + bytes(50_000_000)) + bomb.flush()
    content = zipped(Made({"tweets.js": "window.YTD.tweets.part0 = [ ]"}))
    start, at = entry_of(content, "data/tweets.js")
    begin = start + 30 + len("data/tweets.js")
    with zipfile.ZipFile(io.BytesIO(content)) as source:
        length = source.getinfo("data/tweets.js").compress_size
    lying = bytearray(content)
    lying[begin : begin + length] = packed
    grown = len(packed) - length
    struct.pack_into("<L", lying, at + grown + 20, len(packed))
    for name in ("data/account.js", "data/manifest.js"):
        there, entry = entry_of(content, name)
        if there > start:
            struct.pack_into("<L", lying, entry + grown + 42, there + grown)
    end = lying.rindex(b"PK\x05\x06")
    (first,) = struct.unpack_from("<L", lying, end + 16)
    struct.pack_into("<L", lying, end + 16, first + grown)
    with pytest.raises(Dangerous, match="unpacks to far more"):
        read(written(archive, bytes(lying)))


def test_a_password_is_told(archive: Path) -> None:
    with pytest.raises(ArchiveTrouble, match="protected by a password"):
        read(written(archive, forged(flags=1)))


def test_an_unusual_compression_is_told(archive: Path) -> None:
    with pytest.raises(ArchiveTrouble, match="compressed in a way that X never uses"):
        read(written(archive, forged(method=12)))


def test_a_file_whose_header_has_another_name_is_told(archive: Path) -> None:
    content = bytearray(VALID)
    start, _at = entry_of(VALID, "data/tweets.js")
    content[start + 30] = ord("D")
    with pytest.raises(Damaged):
        read(written(archive, bytes(content)))


def test_an_absurd_number_of_files_is_refused_at_once(archive: Path) -> None:
    end = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 2**40, 2**40, 46 * 2**40, 0)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 1)
    last = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    with pytest.raises(ArchiveTrouble):
        Archive.open(written(archive, end + locator + last))


def test_more_files_than_any_archive_has_are_refused(
    archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(zip_directory, "MOST_ENTRIES", 3)
    with pytest.raises(Dangerous, match="more files than any archive"):
        Archive.open(written(archive, VALID))


def test_a_wrong_number_of_files_is_told(archive: Path) -> None:
    content = bytearray(VALID)
    struct.pack_into("<H", content, VALID.rindex(b"PK\x05\x06") + 10, 9)
    with pytest.raises(Damaged):
        Archive.open(written(archive, bytes(content)))


def test_one_piece_of_a_split_zip_is_told(archive: Path) -> None:
    content = bytearray(VALID)
    struct.pack_into("<H", content, VALID.rindex(b"PK\x05\x06") + 4, 3)
    with pytest.raises(ArchiveTrouble, match="one piece of a ZIP that was split"):
        Archive.open(written(archive, bytes(content)))


def test_bytes_before_the_zip_are_forgiven(archive: Path) -> None:
    assert read(written(archive, b"#!/bin/sh\n" * 50 + VALID)) == IDS


def test_a_comment_after_the_zip_is_forgiven(archive: Path) -> None:
    MADE.zipped(archive)
    with zipfile.ZipFile(archive, "a") as target:
        target.comment = b"zipped again" * 500
    assert read(archive) == IDS


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_in_the_64_bit_form_is_read(archive: Path, compression: int) -> None:
    with zipfile.ZipFile(archive, "w", compression) as target:
        for name, data in MADE.contents():
            with target.open(name, "w", force_zip64=True) as file:
                file.write(data)
    content = archive.read_bytes()
    end = content.rindex(b"PK\x05\x06")
    entries, size, start = struct.unpack_from("<H2L", content, end + 10)
    wide = struct.pack(
        "<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, entries, entries, size, start
    ) + struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    full = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 2**32 - 1, 2**32 - 1, 0)
    assert read(written(archive, content[:end] + wide + full)) == IDS
    assert read(written(archive, b"before" + content[:end] + wide + full)) == IDS


def test_a_directory_entry_in_the_64_bit_form_is_read(archive: Path) -> None:
    start, at = entry_of(VALID, "data/tweets.js")
    packed, size, name_length = struct.unpack_from("<2LH", VALID, at + 20)
    extra = struct.pack("<HH3Q", 1, 24, size, packed, start)
    content = bytearray(VALID)
    content[at + 46 + name_length : at + 46 + name_length] = extra
    struct.pack_into("<2L", content, at + 20, 2**32 - 1, 2**32 - 1)
    struct.pack_into("<H", content, at + 30, len(extra))
    struct.pack_into("<L", content, at + 42, 2**32 - 1)
    end = content.rindex(b"PK\x05\x06")
    (length,) = struct.unpack_from("<L", content, end + 12)
    struct.pack_into("<L", content, end + 12, length + len(extra))
    assert read(written(archive, bytes(content))) == IDS


def test_a_real_archives_thousands_of_pictures_do_not_matter(archive: Path) -> None:
    assets = {f"assets/images/twemoji/v/latest/72x72/{n:x}.png": b"" for n in range(6500)}
    assert read(Made(MADE.files, extra=assets).zipped(archive)) == IDS


def test_an_endless_manifest_is_refused(archive: Path) -> None:
    made = Made(manifest=False, extra={"data/manifest.js": b"x = {" + b" " * 17_000_000})
    with pytest.raises(Dangerous, match=r"larger than anything X writes \(16\.8"):
        Archive.open(made.zipped(archive))


def test_deeply_nested_values_are_told_not_followed(archive: Path) -> None:
    deep = 'window.YTD.tweets.part0 = [\n  {\n    "tweet" : ' + "[" * 200_000 + "\n  }\n]"
    with pytest.raises((Unreadable, Damaged)):
        read(Made({"tweets.js": deep}).zipped(archive))


def test_an_archive_that_goes_away_while_it_is_read_still_ends(archive: Path) -> None:
    with Archive.open(MADE.zipped(archive)) as opened:
        archive.unlink()
        assert [each.post.source_id for each in opened.posts()] == IDS


def test_every_trouble_says_what_to_do(archive: Path) -> None:
    with pytest.raises(ArchiveTrouble) as caught:
        Archive.open(written(archive, b"nothing"))
    assert ENGLISH.say(caught.value.mend) == (
        "Give the ZIP that X offers under “Download an archive of your data”."
    )
