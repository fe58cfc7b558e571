"""The container file's steps, in bare Debian roots: what they make runs, and not as root."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.support import container
from tests.support.needs import need
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]


@pytest.mark.soak
def test_the_container_files_steps_make_a_bot_that_runs(tmp_path: Path) -> None:
    need(container.missing())
    stage = container.Trial(ROOT, tmp_path).carry_out(ROOT / "deploy" / "Containerfile")
    assert stage.user != "root"
    assert "quitx" in stage.run(*stage.entrypoint, "--version")

    listen = f"127.0.0.1:{free_port()}"
    bot = stage.start(*stage.entrypoint, *stage.command, QUITX_WEB__LISTEN=listen)
    try:
        deadline = time.monotonic() + 60
        health = [word.replace("127.0.0.1:8080", listen) for word in stage.health]
        while (asking := stage.start(*health)).wait() != 0:
            asking.communicate()
            assert bot.poll() is None, bot.communicate()[0]
            assert time.monotonic() < deadline, "it is never well"
            time.sleep(0.5)
        asking.communicate()
        assert Path(f"/proc/{bot.pid}").stat().st_uid == 10001
    finally:
        bot.send_signal(signal.SIGTERM)
        printed, _errors = bot.communicate(timeout=60)
    assert bot.returncode == 0, printed
    state = stage.root / "var/lib/quitx"
    assert (state / "quitx.db").stat().st_uid == 10001
    assert (state / "quitx.db").stat().st_mode & 0o077 == 0
