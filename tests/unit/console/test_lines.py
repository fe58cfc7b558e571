"""Lines of a pipe."""

from __future__ import annotations

import asyncio
import os
import threading
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.console.lines import is_whole, lines_of


def written(content: bytes) -> int:
    reading, writing = os.pipe()

    def write() -> None:
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(content)

    threading.Thread(target=write, daemon=True).start()
    return reading


async def lines_in(content: bytes) -> list[str]:
    descriptor = written(content)
    try:
        return [line async for line in lines_of(descriptor)]
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"", []),
        (b"one\ntwo\n", ["one", "two"]),
        (b"one\r\ntwo", ["one", "two"]),
        (b"\n\none", ["", "", "one"]),
        (b"\xef\xbb\xbf/quitx", ["/quitx"]),
        ("été\n".encode(), ["été"]),
    ],
)
async def test_lines_come_without_their_ends(content: bytes, lines: list[str]) -> None:
    assert await lines_in(content) == lines


async def test_a_very_long_line_comes_whole() -> None:
    assert await lines_in(b"x" * 3_000_000 + b"\nend") == ["x" * 3_000_000, "end"]


async def test_bytes_that_are_no_utf_8_are_told_apart() -> None:
    assert [is_whole(line) for line in await lines_in(b"ok\n\xff\xfe\n\xc3\xa9")] == [
        True,
        False,
        True,
    ]


async def test_a_line_is_read_only_when_it_is_asked_for() -> None:
    reading, writing = os.pipe()
    async with aclosing(lines_of(reading)) as lines:
        os.write(writing, b"one\n")
        assert await anext(lines) == "one"
        waiting = asyncio.ensure_future(anext(lines))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        os.write(writing, b"two\n")
        assert await waiting == "two"
        os.close(writing)
        with pytest.raises(StopAsyncIteration):
            await anext(lines)
    os.close(reading)


async def test_what_cannot_be_read_raises(tmp_path: Path) -> None:
    folder = os.open(tmp_path, os.O_RDONLY)
    with pytest.raises(IsADirectoryError):
        await anext(lines_of(folder))
    os.close(folder)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=40).filter(lambda line: b"\n" not in line), max_size=8))
def test_no_byte_is_lost(lines: list[bytes]) -> None:
    got = asyncio.run(lines_in(b"".join(line + b"\n" for line in lines)))
    expected = [line.removesuffix(b"\r") for line in lines]
    if expected:
        expected[0] = expected[0].removeprefix(b"\xef\xbb\xbf")
    assert [line.encode("utf-8", "surrogateescape") for line in got] == expected
