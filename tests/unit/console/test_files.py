"""Attachments and documents."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.console.files import _harmless, copied, saved
from chatops.conversation.reply import Document, Reply
from chatops.language import ENGLISH, Invalid, Missing, verbatim


def test_an_attachment_is_copied_up_to_its_limit(tmp_path: Path) -> None:
    source, target = tmp_path / "a.zip", tmp_path / "copy"
    source.write_bytes(b"12345")
    copied(source, target, 5)
    assert target.read_bytes() == b"12345"


def test_a_larger_file_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    source, target = tmp_path / "a.zip", tmp_path / "copy"
    source.write_bytes(b"123456")
    with pytest.raises(Invalid) as raised:
        copied(source, target, 5)
    assert ENGLISH.say(raised.value.reason) == "a.zip is larger than 5\N{NO-BREAK SPACE}B."
    assert not target.exists()


def test_a_file_that_went_away_is_told(tmp_path: Path) -> None:
    with pytest.raises(Missing):
        copied(tmp_path / "gone.zip", tmp_path / "copy", 5)


def test_a_named_pipe_does_not_hang_the_bot(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(Invalid):
        copied(tmp_path / "pipe", tmp_path / "copy", 5)


def test_documents_are_saved_beside_those_of_the_same_name(tmp_path: Path) -> None:
    reply = Reply((Document("report.csv", b"1", verbatim("")),))
    folder = tmp_path / "new"
    assert saved(reply, folder) == {"report.csv": str(folder / "report.csv")}
    assert saved(reply, folder) == {"report.csv": str(folder / "report-2.csv")}
    assert (folder / "report-2.csv").read_bytes() == b"1"


def test_a_document_that_cannot_be_saved_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert saved(Reply((Document("a.csv", b"1", verbatim("")),)), tmp_path / "file") == {}


@pytest.mark.parametrize(
    ("name", "harmless"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Windows\\x.dll", "x.dll"),
        (".bashrc", "bashrc"),
        ("-rf", "rf"),
        ("a\nb\x1b.csv", "a b␛.csv"),
        ("..", "file"),
        ("", "file"),
    ],
)
def test_a_document_cannot_leave_its_folder(name: str, harmless: str) -> None:
    assert _harmless(name) == harmless


@given(st.text())
def test_every_name_becomes_one_that_stands_in_the_folder(name: str) -> None:
    harmless = _harmless(name)
    assert harmless
    assert Path(harmless).name == harmless
