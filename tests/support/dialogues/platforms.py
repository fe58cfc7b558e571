"""The platforms on which dialogues are held; each module is loaded when its turn comes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from tests.support.dialogues import memory
from tests.support.dialogues.driver import Driver

Opening = Callable[[Path], AbstractAsyncContextManager[Driver]]


def _in_module(name: str) -> Opening:
    @asynccontextmanager
    async def open_driver(folder: Path) -> AsyncIterator[Driver]:
        module = import_module(f"{__package__}.{name}")
        async with module.open_driver(folder) as driver:
            yield driver

    return open_driver


PLATFORMS: Final[Mapping[str, Opening]] = {
    "console": _in_module("console"),
    "poor": memory.opening(memory.POOR),
    **{
        name: _in_module(name)
        for name in ("slack", "discord", "matrix")
        if find_spec(f"{__package__}.{name}") is not None
    },
}
