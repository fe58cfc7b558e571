"""Where in a ZIP or a folder the archive is found."""

from __future__ import annotations

import io
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from chatops.archive import Archive, ArchiveTrouble, Dangerous, NotAnArchive
from tests.support.archives import Made, id_of, printed, tweet, tweets

ROWS = list(tweets(12))


def ids(path: Path) -> list[str]:
    with Archive.open(path) as archive:
        return [each.post.source_id for each in archive.posts()]


def expected() -> list[str]:
    return [id_of(row) for row in ROWS]


@pytest.mark.parametrize("root", ["data", "twitter-2026-01-05/data", "", "my tweets"])
@pytest.mark.parametrize("form", ["zip", "folder"])
def test_the_data_are_found_wherever_people_leave_them(
    tmp_path: Path, root: str, form: str
) -> None:
    made = Made({"tweets.js": ROWS}, root=root)
    path = tmp_path / "given"
    assert ids(made.zipped(path) if form == "zip" else made.unpacked(path)) == expected()


def test_windows_separators_are_understood(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        for name, data in Made({"tweets.js": ROWS}).contents():
            target.writestr(zipfile.ZipInfo(name.replace("/", "\\")), data)
    assert ids(tmp_path / "a.zip") == expected()


def test_what_a_mac_adds_is_not_mistaken_for_data(tmp_path: Path) -> None:
    extra = {"__MACOSX/data/._tweets.js": b"\x00\x05", "data/.DS_Store": b"", ".DS_Store": b""}
    assert ids(Made({"tweets.js": ROWS}, extra=extra).zipped(tmp_path / "a.zip")) == expected()


@pytest.mark.parametrize("name", ["tweets.js", "tweets (1).js", "tweets-part2.js", "tweet.js"])
def test_tweets_alone_are_enough(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_text(printed("tweets.js", ROWS), encoding="utf-8")
    (tmp_path / "account.js").write_text("private", encoding="utf-8")
    assert ids(path) == expected()


def test_tweets_alone_in_a_zip_are_enough(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as target:
        target.writestr("tweets.js", printed("tweets.js", ROWS))
    assert ids(tmp_path / "a.zip") == expected()


def test_no_other_file_alone_is_opened(tmp_path: Path) -> None:
    path = tmp_path / "direct-messages.js"
    path.write_text(printed("tweets.js", ROWS), encoding="utf-8")
    with pytest.raises(NotAnArchive):
        Archive.open(path)


def test_a_folder_without_an_archive_is_told(tmp_path: Path) -> None:
    (tmp_path / "holiday").mkdir()
    with pytest.raises(NotAnArchive, match="holiday holds no X archive"):
        Archive.open(tmp_path / "holiday")


def test_a_zip_in_a_zip_is_told(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as target:
        target.writestr("data/tweets.js", "")
    outer = tmp_path / "outer.zip"
    with zipfile.ZipFile(outer, "w") as target:
        target.writestr("twitter-2026.zip", inner.getvalue())
    with pytest.raises(NotAnArchive, match=r"outer\.zip holds another ZIP, twitter-2026\.zip"):
        Archive.open(outer)


def test_two_archives_at_once_are_told(tmp_path: Path) -> None:
    Made({"tweets.js": ROWS}, root="one/data").unpacked(tmp_path / "both")
    Made({"tweets.js": ROWS}, root="two/data").unpacked(tmp_path / "both")
    with pytest.raises(NotAnArchive, match="more than one archive"):
        Archive.open(tmp_path / "both")


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.js"
    secret.write_text(printed("tweets.js", ROWS), encoding="utf-8")
    folder = Made({"tweets.js": ROWS}).unpacked(tmp_path / "folder")
    (folder / "data/tweets.js").unlink()
    (folder / "data/tweets.js").symlink_to(secret)
    with pytest.raises(Dangerous):
        ids(folder)


def test_a_folder_may_be_reached_through_a_link(tmp_path: Path) -> None:
    folder = Made({"tweets.js": ROWS}).unpacked(tmp_path / "folder")
    (tmp_path / "link").symlink_to(folder)
    assert ids(tmp_path / "link") == expected()


def test_a_pipe_is_no_archive_and_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.zip")
    with pytest.raises(ArchiveTrouble):
        Archive.open(tmp_path / "pipe.zip")


def test_a_folder_that_goes_away_while_it_is_read_is_told(tmp_path: Path) -> None:
    folder = Made({"tweets.js": ROWS}).unpacked(tmp_path / "folder")
    with Archive.open(folder) as archive:
        shutil.rmtree(folder)
        with pytest.raises(ArchiveTrouble, match=r"tweets\.js in folder is not there"):
            list(archive.posts())


def test_the_fingerprint_follows_the_content_not_the_place(tmp_path: Path) -> None:
    def fingerprint(path: Path) -> str:
        with Archive.open(path) as archive:
            return archive.fingerprint

    made = Made({"tweets.js": ROWS})
    first = fingerprint(made.zipped(tmp_path / "a.zip"))
    again = fingerprint(Made({"tweets.js": ROWS}, extra={"x": b"y"}).zipped(tmp_path / "b.zip"))
    other = fingerprint(Made({"tweets.js": [*ROWS[:-1], tweet()]}).zipped(tmp_path / "c.zip"))
    folder = fingerprint(made.unpacked(tmp_path / "one"))
    moved = fingerprint(made.unpacked(tmp_path / "two"))
    assert first == again != other
    assert folder == moved
