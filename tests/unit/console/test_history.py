"""The lines that were typed before."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from adapters.console.history import History, history_file
from chatops.conversation.disclosures import holds_secret


@pytest.mark.parametrize(
    "line",
    [
        "/quitx connect bluesky abcd-efgh-ijkl-mnop",
        "my password: hunter2hunter2",
        "mon mot de passe : chouette2025",
        "xoxb-1234-5678-abcdef",
        "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
        "Authorization: Bearer abcdefgh12345678",
        "postgresql://quitx:hunter2@db/quitx",
        "ZA-yj3O8wbR8Wup80_ZhcfS9vlmgw6R4tnS6wwTbCvA",
        "syt_cXVpdHg_abcdefghij_123456",
    ],
)
def test_a_line_that_may_hold_a_secret_is_told_apart(line: str) -> None:
    assert holds_secret(line)


@pytest.mark.parametrize(
    "line",
    [
        "/quitx migrate plan archive=~/Téléchargements/twitter-2025-01-03-4f2a.zip to=bluesky",
        "/quitx lookup @lesamisduvelo",
        "/quitx announce “Rendez-vous demain à 9 h” at=demain",
        "/quitx migrate plan /home/claire/Twitter/2024/Archive1/twitter.zip",
        "https://example.org/a?b=c",
        ":react ✅ m3",
    ],
)
def test_ordinary_lines_are_kept(line: str) -> None:
    assert not holds_secret(line)


def test_only_its_writer_reads_the_history_and_it_holds_no_secret(tmp_path: Path) -> None:
    file = tmp_path / "quitx" / "console_history"
    history = History(file)
    history.append_string("/quitx status")
    history.append_string("/quitx connect bluesky abcd-efgh-ijkl-mnop")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert list(History(file).load_history_strings()) == ["/quitx status"]
    assert "abcd-efgh" not in file.read_text(encoding="utf-8")
    assert history.get_strings() == ["/quitx status"]


def test_a_history_that_others_could_read_is_closed(tmp_path: Path) -> None:
    file = tmp_path / "console_history"
    file.touch(mode=0o644)
    History(file).append_string("/quitx status")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_without_a_place_to_write_the_history_lives_in_memory(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    history = History(tmp_path / "file" / "history")
    history.append_string("/quitx status")
    assert history.get_strings() == ["/quitx status"]
    assert list(history.load_history_strings()) == []


def test_the_history_stands_in_the_state_folder_of_the_user(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert history_file() == tmp_path / "quitx" / "console_history"
    monkeypatch.setenv("XDG_STATE_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert history_file() == tmp_path / ".local" / "state" / "quitx" / "console_history"
