"""Taking pictures and videos out of an archive."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatops.archive import Archive, ArchiveTrouble, Damaged, NotKept
from tests.support.archives import Made

PICTURE = bytes(range(256)) * 900
NAME = "123-FaB-1_x.jpg"


@pytest.fixture(name="opened", params=["zip", "folder"])
def _opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Archive]:
    made = Made({"tweets.js": []}, media={NAME: PICTURE})
    path = tmp_path / "archive"
    given = made.zipped(path) if request.param == "zip" else made.unpacked(path)
    with Archive.open(given) as archive:
        yield archive


def test_a_file_is_copied_whole(opened: Archive, tmp_path: Path) -> None:
    target = tmp_path / "kept.jpg"
    assert opened.has_media(NAME)
    assert opened.media_size(NAME) == len(PICTURE)
    assert opened.extract_media(NAME, target) == len(PICTURE)
    assert target.read_bytes() == PICTURE
    assert opened.opened >= {NAME}


def test_the_folder_of_before_2022_is_known(tmp_path: Path) -> None:
    made = Made({"tweet.js": []}, media={NAME: PICTURE}, media_folder="tweet_media", root="")
    with Archive.open(made.zipped(tmp_path / "a.zip")) as archive:
        assert archive.has_media(NAME)


@pytest.mark.parametrize("name", ["124-a.jpg", "../account.js", "../../secret", "/etc/passwd", ""])
def test_what_is_not_a_posts_file_is_not_there(opened: Archive, tmp_path: Path, name: str) -> None:
    assert not opened.has_media(name)
    with pytest.raises(ArchiveTrouble, match="is not there"):
        opened.extract_media(name, tmp_path / "kept")


def test_a_file_that_is_too_large_is_not_copied(opened: Archive, tmp_path: Path) -> None:
    with pytest.raises(ArchiveTrouble, match=r"is larger than 1.kB\."):
        opened.extract_media(NAME, tmp_path / "kept", most=1000)


def test_a_damaged_file_leaves_nothing_behind(tmp_path: Path) -> None:
    path = Made({"tweets.js": []}, media={NAME: PICTURE}).zipped(tmp_path / "a.zip")
    content = bytearray(path.read_bytes())
    struct.pack_into("<L", content, content.rindex(NAME.encode()) - 46 - 18 + 16, 1)
    path.write_bytes(content)
    (tmp_path / "kept").mkdir()
    with Archive.open(path) as archive, pytest.raises(Damaged, match=NAME):
        archive.extract_media(NAME, tmp_path / "kept" / "a.jpg")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_full_disk_is_told_and_leaves_nothing_behind(
    opened: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_file: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    (tmp_path / "kept").mkdir()
    with pytest.raises(NotKept, match=r"a\.jpg could not be kept: No space left on device"):
        opened.extract_media(NAME, tmp_path / "kept" / "a.jpg")
    assert list((tmp_path / "kept").iterdir()) == []


def test_a_missing_target_folder_is_told(opened: Archive, tmp_path: Path) -> None:
    with pytest.raises(NotKept, match="No such file or directory"):
        opened.extract_media(NAME, tmp_path / "nowhere" / "a.jpg")
