"""The console on a pipe: the contract that scripts rely on."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings

from adapters.console.json_form import schema
from adapters.console.platform import ConsolePlatform
from chatops.conversation.addresses import Address, MessageRef, Place
from chatops.conversation.events import CommandCalled, Event, MessagePosted
from chatops.conversation.platform import ChatPlatform, MessageGone
from chatops.conversation.reply import Paragraph, Reply
from chatops.language import ENGLISH, Speaker, verbatim
from tests.unit.console.bot import GREETING, Bot
from tests.unit.console.replies import replies

ROOT = Path(__file__).parents[2]
SCHEMA: dict[str, Any] = json.loads(schema())
LINE = jsonschema.Draft202012Validator({"$defs": SCHEMA["$defs"], "$ref": "#/$defs/Line"})
HOME = Place("console", "", "console", direct=True)


async def given_lines(*lines: str) -> AsyncIterator[str]:
    for line in lines:
        yield line


def console(
    bot: Bot, lines: tuple[str, ...], out: io.StringIO, *, as_json: bool
) -> ConsolePlatform:
    platform = ConsolePlatform(
        answered=bot.answered,
        settled=bot.settled,
        greeting=GREETING,
        lines=given_lines(*lines),
        out=out,
        json=as_json,
    )
    bot.platform = platform
    return platform


async def talk(*lines: str, speaker: Speaker = ENGLISH) -> tuple[str, int, list[Event]]:
    """Return what a pipe reads, the exit status, and the events."""
    bot, out = Bot(speaker), io.StringIO()
    platform = console(bot, lines, out, as_json=False)
    await platform.run(bot.inbox)
    return out.getvalue(), platform.exit_status, bot.events


async def talk_json(*lines: str) -> tuple[list[dict[str, Any]], int]:
    """Return the objects that a script reads, and the exit status."""
    bot, out = Bot(), io.StringIO()
    platform = console(bot, lines, out, as_json=True)
    await platform.run(bot.inbox)
    objects = [json.loads(line) for line in out.getvalue().splitlines()]
    for each in objects:
        LINE.validate(each)
    return objects, platform.exit_status


def test_the_console_is_a_chat_platform() -> None:
    platform: ChatPlatform = console(Bot(), (), io.StringIO(), as_json=False)
    assert platform.name == "console"


async def test_a_conversation_in_words() -> None:
    words, status, _events = await talk(
        "/quitx echo Bonjour", "", "hello", ":in salon", "!quitx plan", ":in", ":press confirm"
    )
    assert words == (
        "m1\nBonjour\n\n"
        "m2\nThe plan\n[1] ✅ Confirm   [2] Cancel\n\n"
        "m3 · in salon\noperator pressed confirm\n\n"
    )
    assert status == 0


async def test_a_reaction_is_given_and_taken_back() -> None:
    words, status, _events = await talk(
        "/quitx plan",
        "/quitx echo later",
        ":as Claire",
        ":react ✅",
        ":unreact ✅ m1",
        ":unreact ✅",
    )
    assert "m3\nClaire reacted ✅\n" in words
    assert "m4\nClaire took back ✅\n" in words
    assert "✗ Claire has not reacted with ✅.\n→ Type :react ✅ to do so." in words
    assert status == 1


async def test_a_form_and_files_reach_the_command(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("inside", encoding="utf-8")
    (tmp_path / "big.txt").write_text("x" * 11, encoding="utf-8")
    words, status, events = await talk(
        ":form plan to=bluesky text=“Bonjour à tous”",
        f":attach {tmp_path}/a.txt",
        "/quitx read",
        "/quitx read",
        f":attach {tmp_path}/big.txt",
        "/quitx read",
    )
    assert "plan: {'to': 'bluesky', 'text': 'Bonjour à tous'}" in words
    assert words.count("a.txt: inside") == 1
    assert "big.txt is larger than 10" in words
    assert status == 1
    assert [len(each.attachments) for each in events if isinstance(each, CommandCalled)] == [
        1,
        0,
        1,
    ]


async def test_work_in_the_background_ends_before_the_console_does() -> None:
    words, status, _events = await talk("/quitx work 20", "/quitx echo meanwhile")
    assert words.startswith("m1\nMoving\n")
    assert words.index("m2\nmeanwhile") < words.index("50\N{NO-BREAK SPACE}%")
    assert words.endswith("m1 · changed\nAll moved.\n\n")
    assert words.count("m1 · changed") <= 10
    assert status == 0


async def test_waiting_lets_work_go_on() -> None:
    words, _status, _events = await talk("/quitx work 2", ":wait 0.3", "/quitx echo after")
    assert words.index("All moved.") < words.index("after")


async def test_every_line_is_answered_before_the_next_is_read() -> None:
    bot, out = Bot(), io.StringIO()
    read_at: list[int] = []

    async def lines() -> AsyncIterator[str]:
        for number in range(5):
            read_at.append(out.getvalue().count("echoed"))
            yield f"/quitx echo echoed {number}"

    platform = ConsolePlatform(answered=bot.answered, settled=bot.settled, lines=lines(), out=out)
    bot.platform = platform
    await platform.run(bot.inbox)
    assert read_at == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (":raect ✅", "→ Did you mean :react EMOJI [MESSAGE]?\n  You typed: :raect ✅"),
        (":press Confirm", "→ Type /quitx help to begin."),
        (":thread m9", "✗ There is no message m9."),
        (":attach nowhere.zip", "✗ There is no file nowhere.zip."),
        ("/quitx fail this", "✗ It cannot be done.\n→ Do something else.\n  You typed: this"),
        ("caf\udce9", "✗ This line is not valid UTF-8.\n→ Save the lines as UTF-8"),
    ],
)
async def test_what_fails_is_told_and_the_lines_go_on(line: str, words: str) -> None:
    told, status, _events = await talk(line, "/quitx echo still here")
    assert words in told
    assert "m2\nstill here" in told
    assert status == 1


async def test_a_bug_is_told_under_a_number_that_the_log_has(
    caplog: pytest.LogCaptureFixture,
) -> None:
    objects, status = await talk_json("/quitx crash", "/quitx echo on")
    error = objects[0]["error"]
    assert error["cause"] == "Something unexpected went wrong."
    assert "a bug" not in json.dumps(objects)
    assert any(error["id"] in record.getMessage() and record.exc_info for record in caplog.records)
    assert objects[1]["text"] == "on"
    assert status == 1


async def test_a_line_that_holds_a_secret_is_not_repeated() -> None:
    words, _status, _events = await talk(":form a password=hunter22 password=hunter22")
    assert "hunter2" not in words


async def test_objects_for_scripts() -> None:
    objects, status = await talk_json(
        "/quitx plan",
        ":as Claire",
        ":in salon",
        "/quitx secret",
        "/quitx gone",
        ":thread m3",
        "hello bot",
    )
    assert status == 1
    assert [(each["id"], each["event"], each["place"], each["to"]) for each in objects] == [
        ("m1", "message", "console", None),
        ("m1", "reaction", "console", None),
        ("m2", "message", "salon", "Claire"),
        ("m3", "message", "salon", None),
        ("m3", "delete", "salon", None),
        ("m4", "message", "salon", None),
        ("m5", "message", "salon", None),
    ]
    assert objects[1]["text"] == "✅"
    assert objects[2]["private"]
    assert objects[0]["reply"]["blocks"][0] == {"type": "heading", "text": "The plan"}
    assert objects[5]["error"]["cause"] == "There is no message m3."


async def test_a_thread_is_told_with_its_place() -> None:
    objects, status = await talk_json("/quitx plan", ":thread m1", "/quitx echo inside")
    assert (objects[-1]["place"], status) == ("console/m1", 0)


async def test_objects_tell_every_step_of_a_work() -> None:
    objects, _status = await talk_json("/quitx work 5")
    assert [each["event"] for each in objects] == ["message"] + ["edit"] * 5
    assert [each["reply"]["blocks"][0].get("percent") for each in objects] == [
        0,
        20,
        40,
        60,
        80,
        None,
    ]


async def test_a_private_message_is_pressed_by_its_reader_only() -> None:
    words, status, _events = await talk("/quitx secret", ":as Claire", ":press yes m1")
    assert "✗ Only operator sees m1.\n→ Speak as them first: :as operator." in words
    assert status == 1


async def test_the_same_key_says_it_once() -> None:
    bot, out = Bot(), io.StringIO()
    platform = console(bot, (), out, as_json=False)
    reply = Reply((Paragraph(verbatim("once")),))
    first = await platform.send(Address(HOME), reply, ENGLISH, key="k")
    assert await platform.send(Address(HOME), reply, ENGLISH, key="k") == first
    assert out.getvalue().count("once") == 1


async def test_messages_of_an_earlier_console_are_gone() -> None:
    bot = Bot()
    earlier, later = (console(bot, (), io.StringIO(), as_json=False) for _ in range(2))
    reply = Reply((Paragraph(verbatim("x")),))
    old = await earlier.send(Address(HOME), reply, ENGLISH, key="k")
    assert await later.send(Address(HOME), reply, ENGLISH, key="k") != old
    with pytest.raises(MessageGone):
        await later.edit(old, reply, ENGLISH)
    assert not await later.delete(MessageRef(HOME, "m1"))


async def test_no_two_events_share_an_id_even_across_consoles() -> None:
    ids = [
        event.event_id
        for _ in range(2)
        for event in (await talk("/quitx echo a", "hi", "/quitx plan", ":press 1", ":react ✅"))[2]
    ]
    assert len(set(ids)) == len(ids) == 10


async def test_what_a_member_typed_cannot_be_deleted() -> None:
    bot = Bot()
    platform = console(bot, ("my words",), io.StringIO(), as_json=False)
    await platform.run(bot.inbox)
    (event,) = bot.events
    assert isinstance(event, MessagePosted)
    assert not await platform.delete(event.message)


async def test_documents_are_saved_and_their_paths_told(tmp_path: Path) -> None:
    bot, out = Bot(), io.StringIO()
    platform = console(bot, ("/quitx file",), out, as_json=False)
    platform.downloads = tmp_path
    await platform.run(bot.inbox)
    assert (tmp_path / "r.csv").read_bytes() == b"1"
    assert f"Saved as {tmp_path}/r.csv" in out.getvalue()


@settings(max_examples=25, deadline=None)
@given(replies())
def test_whatever_is_said_scripts_can_read_it(reply: Reply) -> None:
    async def say() -> str:
        bot, out = Bot(), io.StringIO()
        platform = console(bot, (), out, as_json=True)
        platform.downloads = folder
        message = await platform.send(Address(HOME), reply, ENGLISH, key="k")
        await platform.edit(message, reply, ENGLISH)
        return out.getvalue()

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = asyncio.run(say()).splitlines()
    assert [json.loads(line)["event"] for line in lines] == ["message", "edit"]
    for line in lines:
        LINE.validate(json.loads(line))


async def program(*arguments: str, **streams: Any) -> asyncio.subprocess.Process:  # noqa: ANN401 - as given
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.unit.console.bot", *arguments, cwd=ROOT, **streams
    )


async def test_a_process_reads_a_pipe_and_keeps_its_log_apart() -> None:
    pipe = asyncio.subprocess.PIPE
    process = await program(stdin=pipe, stdout=pipe, stderr=pipe)
    out, log = await process.communicate(
        "\ufeff/quitx echo été\r\n:oops\n/quitx work 3".encode() + b"\n\xff\n"
    )
    assert process.returncode == 1
    words = out.decode()
    assert words.startswith("m1\nété\n\nm2\n✗ The console knows no :oops.")
    assert "✗ This line is not valid UTF-8." in words
    assert words.endswith("All moved.\n\n")
    assert "\x1b" not in words
    assert b"Error" in log
    assert b"toolkit was loaded" not in log
    assert b"Traceback" not in log


async def test_a_process_reads_a_file(tmp_path: Path) -> None:
    script = tmp_path / "lines.txt"
    script.write_text("/quitx echo one\n/quitx echo two", encoding="utf-8")
    with script.open("rb") as lines:
        process = await program("--json", stdin=lines, stdout=asyncio.subprocess.PIPE)
        out, _log = await process.communicate()
    assert [json.loads(line)["text"] for line in out.splitlines()] == ["one", "two"]
    assert process.returncode == 0


async def test_a_reader_that_goes_away_ends_the_process_cleanly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    pipe = asyncio.subprocess.PIPE
    process = await program(stdin=pipe, stdout=writing, stderr=pipe)
    os.close(writing)
    _out, log = await asyncio.wait_for(process.communicate(b"/quitx echo a\n" * 3), 20)
    assert process.returncode == 1
    assert b"Traceback" not in log
    assert b"BrokenPipeError" not in log


async def test_an_interrupt_ends_the_process_while_it_reads() -> None:
    pipe = asyncio.subprocess.PIPE

    def heed_interrupts() -> None:
        # Whoever runs the tests in the background may have told them to ignore it.
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    process = await program(stdin=pipe, stdout=pipe, stderr=pipe, preexec_fn=heed_interrupts)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"/quitx echo a\n")
    assert await process.stdout.readline() == b"m1\n"
    process.send_signal(signal.SIGINT)
    assert await asyncio.wait_for(process.wait(), 10) != 0
