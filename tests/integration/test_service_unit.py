"""The unit of systemd: systemd takes it, and it runs by hand as it says."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.needs import need
from tests.support.program import QUITX

UNIT = Path(__file__).parents[2] / "deploy" / "quitx.service"
PROGRAM = "/opt/quitx/bin/quitx"
_PATIENCE = 60


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Write the unit with the program that stands here."""
    file = tmp_path / UNIT.name
    file.write_text(UNIT.read_text().replace(PROGRAM, str(QUITX)))
    return file


def settings() -> dict[str, str]:
    """Return what the unit says, the last word of each setting."""
    lines = (line.partition("=") for line in UNIT.read_text().splitlines())
    return {name: value for name, equals, value in lines if equals and not name.startswith("#")}


def test_systemd_takes_the_unit(unit: Path) -> None:
    program = shutil.which("systemd-analyze")
    need(
        None
        if program
        else "The unit is checked by systemd-analyze. On Debian: apt install systemd"
    )
    assert program is not None
    done = subprocess.run(
        [program, "verify", "--man=no", str(unit)],
        capture_output=True,
        text=True,
        timeout=_PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.fixture
def manager(tmp_path: Path) -> Iterator[socket.socket]:
    """Listen as systemd does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(_PATIENCE)
        yield listening


def heard(manager: socket.socket, until: str) -> list[str]:
    """Return what is told, up to one word."""
    words: list[str] = []
    while until not in words:
        words.append(manager.recv(1000).decode())
    return words


def test_it_runs_by_hand_as_the_unit_says(tmp_path: Path, manager: socket.socket) -> None:
    said = settings()
    assert said["Type"] == "notify"
    state, configuration = tmp_path / "state", tmp_path / "configuration"
    state.mkdir(mode=int(said["StateDirectoryMode"], 8))
    configuration.mkdir()
    assert said["WorkingDirectory"] == f"/var/lib/{said['StateDirectory']}"
    credential, _colon, _source = said["LoadCredential"].partition(":")
    secret = tmp_path / f"{credential}_slack_signing"
    secret.write_text("a secret")
    (configuration / "quitx.toml").write_text(f'[slack]\nsigning_secret_file = "{secret}"\n')
    command = [
        word.replace(PROGRAM, str(QUITX)).replace("/etc/quitx", str(configuration))
        for word in shlex.split(said["ExecStart"])
    ]
    inherited = {k: v for k, v in os.environ.items() if not k.startswith("QUITX_")}
    process = subprocess.Popen(
        command,
        cwd=state,
        env={
            **inherited,
            "LC_ALL": "C.UTF-8",
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": str(int(said["WatchdogSec"]) * 10_000),
        },
        umask=int(said["UMask"], 8),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        heard(manager, "READY=1")
        heard(manager, "WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        heard(manager, "STOPPING=1")
        _out, logged = process.communicate(timeout=int(said["TimeoutStopSec"]))
    finally:
        process.kill()
    assert process.returncode == 0, logged
    made = {path.name: path.stat().st_mode & 0o077 for path in state.iterdir()}
    assert set(made.values()) == {0}, made


def test_the_program_ends_before_systemd_loses_patience() -> None:
    said = settings()
    # Handling, durable work with its two graces, last messages, platforms, and pages.
    assert int(said["TimeoutStopSec"]) > 5 + 2 * 10 + 5 + 5 + 5
