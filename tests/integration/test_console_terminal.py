"""The console in a terminal: a real one, with a person's keys."""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import stat
import struct
import sys
import termios
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import pytest

ROOT = Path(__file__).parents[2]
SEQUENCE: Final = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[=>]|\x1b\][^\x07]*\x07")
CTRL_C, CTRL_D, TAB, ENTER = "\x03", "\x04", "\t", "\r"


class Person:
    """Somebody at the keyboard of a process, who sees its screen."""

    def __init__(self, master: int, process: asyncio.subprocess.Process) -> None:
        self._master = master
        self._seen_until = 0
        self._away = False
        self.process = process
        self.raw = ""
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(master, self._read)

    def types(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    async def sees(self, words: str) -> None:
        """Wait for words that appear after those seen last."""
        try:
            async with asyncio.timeout(15):
                while (found := self.screen.find(words, self._seen_until)) < 0:
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            pytest.fail(f"{words!r} is not in {self.screen[self._seen_until :]!r}")
        self._seen_until = found + len(words)

    @property
    def screen(self) -> str:
        """Everything written so far, without escape sequences."""
        return SEQUENCE.sub("", self.raw).replace("\r", "")

    async def leaves(self) -> int:
        return await asyncio.wait_for(self.process.wait(), 15)

    def looks_away(self) -> None:
        if self._away:
            return
        self._away = True
        asyncio.get_running_loop().remove_reader(self._master)
        os.close(self._master)

    def _read(self) -> None:
        try:
            chunk = os.read(self._master, 65_536)
        except OSError:
            chunk = b""
        if not chunk:
            asyncio.get_running_loop().remove_reader(self._master)
        self.raw += chunk.decode("utf-8", "replace")
        # A terminal that is asked where its cursor stands answers.
        os.write(self._master, b"\x1b[1;1R" * chunk.count(b"\x1b[6n"))
        self._changed.set()


@asynccontextmanager
async def at_terminal(state: Path, **environment: str) -> AsyncIterator[Person]:
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 90, 0, 0))
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.unit.console.bot",
        cwd=ROOT,
        stdin=slave,
        stdout=slave,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
        env={
            **inherited,
            "TERM": "xterm-256color",
            "LANG": "C.UTF-8",
            "XDG_STATE_HOME": str(state),
            **environment,
        },
    )
    os.close(slave)
    person = Person(master, process)
    try:
        yield person
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
        person.looks_away()


async def test_a_first_conversation(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees("QuitX ChatOps\nType a command.")
        await person.sees(">")
        person.types("/quitx echo Bonjour" + ENTER)
        await person.sees("m1\nBonjour\n")
        person.types("/quitx plan" + ENTER)
        await person.sees("[1] ✅ Confirm   [2] Cancel")
        person.types("1" + ENTER)
        await person.sees("operator pressed confirm")
        person.types(CTRL_D)
        assert await person.leaves() == 0
        assert "\x1b[2m" in person.raw or "\x1b[0;2m" in person.raw


async def test_a_plain_message_gets_a_hint(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("hello?" + ENTER)
        await person.sees("Try /quitx help.")
        person.types("hello bot" + ENTER)
        await person.sees("hello\n")
        person.types("7" + ENTER)
        await person.sees("Try /quitx help.")
        person.types(CTRL_D)
        assert await person.leaves() == 0


async def test_tab_completes(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("/q")
        await person.sees("/quitx")
        person.types(TAB)
        await person.sees("uitx")
        person.types("ec")
        await person.sees("echo")
        person.types(TAB + " done" + ENTER)
        await person.sees("m1\ndone")
        person.types(CTRL_D)
        assert await person.leaves() == 0


async def test_a_line_being_typed_survives_what_the_bot_says(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("/quitx work 30" + ENTER)
        await person.sees("Moving")
        person.types("/quitx echo half")
        await person.sees("All moved.")
        person.types(" whole" + ENTER)
        await person.sees("m2\nhalf whole")
        person.types(CTRL_D)
        assert await person.leaves() == 0
        assert person.screen.count("m1\nAll moved.") == 1


async def test_leaving_waits_for_the_work(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("/quitx work 60" + ENTER)
        await person.sees("Moving")
        person.types(CTRL_D)
        await person.sees("Waiting for the work to end. Ctrl-C leaves now.")
        await person.sees("All moved.")
        assert await person.leaves() == 0


async def test_a_person_in_a_hurry_leaves_at_once(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("/quitx work 100000" + ENTER)
        await person.sees("Moving")
        person.types("half a line" + CTRL_C)
        await person.sees("half a line")
        person.types(CTRL_C)
        await person.sees("Waiting for the work to end.")
        person.types(CTRL_C)
        assert await person.leaves() == 0
        assert "m1\nMoving" in person.screen


async def test_lines_pasted_together_are_followed_one_by_one(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        pasted = "/quitx echo one\nstill one\n:as Claire\n/quitx secret"
        person.types(f"\x1b[200~{pasted}\x1b[201~{ENTER}")
        await person.sees("m1\none\nstill one")
        await person.sees("m2\n")
        await person.sees("Claire >")
        person.types(CTRL_D)
        assert await person.leaves() == 0


async def test_a_number_never_presses_what_changed_meanwhile(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("/quitx swap 40" + ENTER)
        await person.sees("[1] ✅ Pause")
        person.types("1")
        await person.sees("[1] ✅ Abandon")
        person.types(ENTER)
        await person.sees("No button is called Pause.")
        await person.sees("m1 has Abandon.")
        person.types("1" + ENTER)
        await person.sees("operator pressed abandon")
        person.types(CTRL_D)
        assert await person.leaves() == 1


async def test_a_terminal_that_goes_away_ends_the_process(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.looks_away()
        await person.leaves()


async def test_hostile_words_are_shown_and_not_obeyed(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("\x1b[200~/quitx post \x9b2J\x07 \x1b]0;owned\x07\x1b[201~" + ENTER)
        await person.sees("│ <U+009B>2J␇ ␛]0;owned␇")
        person.types(CTRL_D)
        assert await person.leaves() == 0
        assert "\x9b" not in person.raw
        assert "\x07" not in person.raw


async def test_the_history_is_private_and_holds_no_secret(tmp_path: Path) -> None:
    async with at_terminal(tmp_path) as person:
        await person.sees(">")
        person.types("/quitx echo kept" + ENTER)
        await person.sees("m1\nkept")
        person.types("my password: hunter2hunter2" + ENTER)
        await person.sees("Try /quitx help.")
        person.types(CTRL_D)
        assert await person.leaves() == 0
    file = tmp_path / "quitx" / "console_history"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    content = file.read_text(encoding="utf-8")
    assert "/quitx echo kept" in content
    assert "hunter2" not in content


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
async def test_colours_are_left_out_where_they_are_not_wanted(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    async with at_terminal(tmp_path, **environment) as person:
        if environment.get("TERM") != "dumb":
            await person.sees(">")
        person.types("/quitx plan" + ("\n" if "TERM" in environment else ENTER))
        await person.sees("[1] ✅ Confirm   [2] Cancel")
        person.types(CTRL_D)
        assert await person.leaves() == 0
        assert not re.search(r"\x1b\[[0-9;]*3[0-9](?:;[0-9]*)*m", person.raw)
        if environment.get("TERM") == "dumb":
            assert "\x1b" not in person.raw
