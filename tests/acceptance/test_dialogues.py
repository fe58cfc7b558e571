"""The same conversations, held on every platform."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
import pytest_asyncio

from tests.support.dialogues.dialogue import Dialogue, dialogues
from tests.support.dialogues.driver import Driver
from tests.support.dialogues.platforms import PLATFORMS
from tests.support.dialogues.playing import Player

DIALOGUES = dialogues()
HELD = [
    pytest.param(name, dialogue, id=f"{name}-{dialogue.title}")
    for name in PLATFORMS
    for dialogue in DIALOGUES
    if name not in dialogue.apart
]
"""Every dialogue on every platform, but where the data says why it goes another way."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def driver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Driver]:
    """Run the whole program on a platform, for all dialogues."""
    name: str = request.param
    async with AsyncExitStack() as stack:
        folder = tmp_path_factory.mktemp(name)
        yield await stack.enter_async_context(PLATFORMS[name](folder))


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(("driver", "dialogue"), HELD, indirect=["driver"], scope="module")
async def test_a_dialogue_goes_as_it_is_written(
    driver: Driver, dialogue: Dialogue, caplog: pytest.LogCaptureFixture
) -> None:
    await Player(driver, dialogue).play()
    broken = [each.getMessage() for each in caplog.records if each.levelname == "ERROR"]
    assert not broken, broken


def test_there_are_enough_dialogues_in_both_languages() -> None:
    assert len(DIALOGUES) >= 40
    assert sum(each.language == "fr" for each in DIALOGUES) >= 12
    assert len({each.title for each in DIALOGUES}) == len(DIALOGUES)
