"""A backup's file is whole and the program's own, or nothing of it is used."""

from __future__ import annotations

import io
import tarfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatops.language import Conflict, Missing
from chatops.upkeep.packing import Contents, NotABackup, Packer, verified

MADE = datetime(2026, 1, 20, 12, tzinfo=UTC)


def packed(folder: Path, members: dict[str, bytes] | None = None) -> Path:
    """Write a backup as the program does."""
    file = folder / "backup.tar"
    with file.open("wb") as opened:
        packer = Packer(opened)
        for name, data in {"store": b"rows", **(members or {})}.items():
            packer.add_bytes(name, data)
        packer.finish(MADE, "sqlite", "0001")
    return file


def tarred(folder: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """Write a tar as somebody else might."""
    file = folder / "backup.tar"
    with tarfile.open(file, "w") as tar:
        for member, data in members:
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return file


def plain(name: str) -> tarfile.TarInfo:
    return tarfile.TarInfo(name)


def linked(name: str, kind: bytes) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, "/etc/passwd"
    return member


def contents(**sums: str) -> bytes:
    return msgspec.json.encode(Contents(made_at=MADE, store="sqlite", revision="0001", sums=sums))


def test_what_was_packed_is_read_back(tmp_path: Path) -> None:
    members = {"key": b"k", "files/migration-1/a.jpg": b"picture", "matrix/store.db": b""}
    found = verified(packed(tmp_path, members))
    assert set(found.sums) == {"store", *members}
    assert (found.made_at, found.store, found.revision) == (MADE, "sqlite", "0001")


@settings(max_examples=60, deadline=None)
@given(place=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_a_changed_byte_is_noticed_or_does_not_matter(
    tmp_path_factory: pytest.TempPathFactory, place: float, flip: int
) -> None:
    file = packed(tmp_path_factory.mktemp("changed"), {"files/a": b"picture" * 100})
    whole = verified(file)
    data = bytearray(file.read_bytes())
    data[int(place * len(data))] ^= flip
    file.write_bytes(data)
    with suppress(NotABackup, Conflict):
        assert verified(file).sums == whole.sums


@settings(max_examples=30, deadline=None)
@given(length=st.integers(0, 10_000))
def test_a_backup_that_was_cut_off_is_refused(
    tmp_path_factory: pytest.TempPathFactory, length: int
) -> None:
    file = packed(tmp_path_factory.mktemp("cut"), {"files/a": b"picture" * 1000})
    data = file.read_bytes()
    # What follows is padding only.
    needed = data.rindex(b"}") + 1
    file.write_bytes(data[: min(length, needed - 1)])
    with pytest.raises(NotABackup):
        verified(file)


@settings(max_examples=50, deadline=None)
@given(data=st.binary(max_size=2000))
def test_anything_else_is_no_backup(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    file = tmp_path_factory.mktemp("other") / "file"
    file.write_bytes(data)
    with pytest.raises(NotABackup):
        verified(file)


@pytest.mark.parametrize(
    "name",
    ["/etc/passwd", "files/../../key", "../store", "other", "files//a", "quitx.db", "files/./a"],
)
def test_a_member_with_a_strange_name_is_refused(tmp_path: Path, name: str) -> None:
    file = tarred(tmp_path, (plain(name), b"x"), (plain("contents.json"), contents()))
    with pytest.raises(NotABackup):
        verified(file)


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE])
def test_a_member_that_is_no_file_is_refused(tmp_path: Path, kind: bytes) -> None:
    file = tarred(tmp_path, (linked("files/a", kind), b""), (plain("contents.json"), contents()))
    with pytest.raises(NotABackup):
        verified(file)


def test_a_member_that_stands_twice_is_refused(tmp_path: Path) -> None:
    file = tarred(
        tmp_path,
        (plain("store"), b"a"),
        (plain("store"), b"b"),
        (plain("contents.json"), contents()),
    )
    with pytest.raises(NotABackup):
        verified(file)


def test_a_member_that_is_not_in_the_contents_is_refused(tmp_path: Path) -> None:
    file = tarred(tmp_path, (plain("store"), b"a"), (plain("contents.json"), contents()))
    with pytest.raises(NotABackup):
        verified(file)


def test_a_backup_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    newer = msgspec.json.encode(
        Contents(format=2, made_at=MADE, store="sqlite", revision="0001", sums={})
    )
    file = tarred(tmp_path, (plain("contents.json"), newer))
    with pytest.raises(Conflict):
        verified(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        verified(tmp_path / "nothing.tar")
