"""Finds out who is at the other end, a person or a pipe, and opens what suits them."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final, TextIO

from adapters.console.completion import Completer
from adapters.console.lines import lines_of
from adapters.console.messages import Messages
from adapters.console.scene import Scene
from adapters.console.surface import JsonPipe, PlainPipe, Surface
from chatops.language import Speaker

_CANNOT_REDRAW: Final = {"", "dumb", "unknown"}
_STANDARD_INPUT: Final = 0


def person_types(out: TextIO) -> bool:
    """Whether a person sits at a terminal that can redraw a line."""
    at_terminal = sys.stdin is not None and sys.stdin.isatty() and out.isatty()
    return at_terminal and os.environ.get("TERM", "") not in _CANNOT_REDRAW


def pipe(lines: AsyncIterator[str] | None, out: TextIO, *, json: bool) -> Surface:
    """Open a pipe, or a terminal that is used like one."""
    if isinstance(out, io.TextIOWrapper):
        # Scripts are promised UTF-8; a person's locale may know fewer characters.
        out.reconfigure(encoding="utf-8" if json else None, errors="replace")
    given = lines_of(_STANDARD_INPUT) if lines is None else lines
    return JsonPipe(given, out) if json else PlainPipe(given, out)


def terminal(
    scene: Scene,
    messages: Messages,
    completer: Completer,
    history: Path | None,
    language: Callable[[], Speaker],
) -> Surface:
    """Open the terminal for a person."""
    # They load the terminal toolkit, which a pipe does without.
    from adapters.console.history import history_file  # noqa: PLC0415 - loads on use
    from adapters.console.terminal import Terminal  # noqa: PLC0415 - loads on use

    return Terminal(
        scene,
        messages,
        completer,
        history=history or history_file(),
        colour=not os.environ.get("NO_COLOR"),
        language=language,
    )
