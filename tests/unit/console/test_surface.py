"""What a pipe is told of what happens to messages."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from typing import Literal

import pytest
from msgspec.structs import replace

from adapters.console.surface import PlainPipe, Shown
from chatops.conversation.reply import Block, Choice, Choices, Complaint, Paragraph, Progress, Reply
from chatops.language import ENGLISH, verbatim


async def no_lines() -> AsyncIterator[str]:
    for line in list[str]():
        yield line


@pytest.fixture
def out() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def surface(out: io.StringIO) -> PlainPipe:
    return PlainPipe(no_lines(), out)


def shown(*blocks: Block, event: Literal["message", "edit"] = "message") -> Shown:
    return Shown("m1", event, "console", ENGLISH, reply=Reply(blocks))


def moved(done: int, label: str = "Moving") -> Progress:
    return Progress(verbatim(label), done, 1000)


async def test_what_is_unusual_about_a_message_stands_above_it(
    surface: PlainPipe, out: io.StringIO
) -> None:
    message = replace(shown(Paragraph(verbatim("Hello"))), place="salon", here=False)
    await surface.show(replace(message, to="Claire", aside=True))
    assert out.getvalue() == "m1 · in salon · only Claire sees this\nHello\n\n"


async def test_deletions_and_reactions_are_one_line(surface: PlainPipe, out: io.StringIO) -> None:
    await surface.show(Shown("m1", "reaction", "console", ENGLISH, emoji="👍"))
    await surface.show(Shown("m1", "delete", "console", ENGLISH))
    assert out.getvalue() == "m1 · the bot reacts with 👍\nm1 · deleted\n"


async def test_an_edit_that_changes_nothing_is_not_written(
    surface: PlainPipe, out: io.StringIO
) -> None:
    await surface.show(shown(Paragraph(verbatim("Hello"))))
    for _again in range(2):
        await surface.show(shown(Paragraph(verbatim("Hello")), event="edit"))
    assert out.getvalue() == "m1\nHello\n\n"


async def test_progress_is_written_once_per_tenth_and_at_its_end(
    surface: PlainPipe, out: io.StringIO
) -> None:
    await surface.show(shown(moved(0)))
    for done in range(1, 1000):
        await surface.show(shown(moved(done), event="edit"))
    await surface.show(shown(Paragraph(verbatim("All moved.")), event="edit"))
    lines = out.getvalue().split("\n\n")
    assert lines[0] == "m1\nMoving\n░░░░░░░░░░░░░░░░░░░░ 0\N{NO-BREAK SPACE}% (0/1,000)"
    assert (
        lines[1] == "m1 · changed  Moving  ▓▓░░░░░░░░░░░░░░░░░░ 10\N{NO-BREAK SPACE}% (100/1,000)"
    )
    assert lines[-2:] == ["m1 · changed\nAll moved.", ""]
    assert len(lines) == 1 + 9 + 1 + 1


async def test_what_happens_meanwhile_is_written_whole(
    surface: PlainPipe, out: io.StringIO
) -> None:
    pause = Choices((Choice(verbatim("Pause"), "pause"),))
    resume = Choices((Choice(verbatim("Resume"), "resume"),))
    await surface.show(shown(moved(1), pause))
    await surface.show(shown(moved(2), pause, event="edit"))
    await surface.show(shown(moved(2), resume, event="edit"))
    assert "(2/1,000)" in out.getvalue()
    assert out.getvalue().endswith("[1] Resume\n\n")
    troubled = shown(moved(3), resume, event="edit")
    assert troubled.reply is not None
    complaint = Complaint("abc", verbatim("It stopped."), verbatim("Try again."))
    await surface.show(replace(troubled, reply=Reply(troubled.reply.blocks, complaint=complaint)))
    assert "✗ It stopped." in out.getvalue()
