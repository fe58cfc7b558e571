"""The lines that were typed before, in a file that only their writer reads.

A line that looks as if it held a secret is never kept, not even until the program ends: the arrow
keys would show it to whoever looks over a shoulder.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from prompt_toolkit.history import FileHistory

from chatops.conversation.disclosures import holds_secret


def history_file() -> Path:
    """Return where the history of this user is kept."""
    state = os.environ.get("XDG_STATE_HOME", "")
    folder = Path(state) if Path(state).is_absolute() else Path.home() / ".local" / "state"
    return folder / "quitx" / "console_history"


class History(FileHistory):
    """A history file that its writer alone reads; without a writable file, it lives in memory."""

    def __init__(self, file: Path) -> None:
        super().__init__(file)
        self._file = file

    def append_string(self, string: str) -> None:
        """Keep a line, unless it looks as if it held a secret."""
        if not holds_secret(string):
            super().append_string(string)

    def load_history_strings(self) -> Iterable[str]:
        """Read what was kept; nothing where it cannot be read."""
        try:
            return list(super().load_history_strings())
        except OSError:
            return []

    def store_string(self, string: str) -> None:
        """Write a line to the file."""
        try:
            self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._file, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            try:
                os.fchmod(descriptor, 0o600)
            finally:
                os.close(descriptor)
            super().store_string(string)
        except OSError:
            # A console in a read-only home must work all the same.
            return
