"""The console that a person types into.

What the bot says appears above the line being typed. A message that tells how far a work is stays
just above that line, redrawn in place, and is written down once it is final.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import Final

from msgspec.structs import replace
from prompt_toolkit import PromptSession
from prompt_toolkit.application import Application, get_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.completion import Completer as PromptCompleter
from prompt_toolkit.completion import Completion as PromptCompletion
from prompt_toolkit.document import Document
from prompt_toolkit.formatted_text import ANSI
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.layout import Layout, Window
from prompt_toolkit.layout.controls import FormattedTextControl
from prompt_toolkit.output import ColorDepth
from prompt_toolkit.patch_stdout import patch_stdout
from prompt_toolkit.renderer import print_formatted_text
from prompt_toolkit.styles import default_ui_style

from adapters.console.completion import Completer, Completions
from adapters.console.history import History
from adapters.console.messages import Message, Messages
from adapters.console.rendering import FAINT, painted, render, unfinished
from adapters.console.scene import HOME, Scene
from adapters.console.surface import Shown, heading
from adapters.console.visible import visible_line
from adapters.console.wrapping import Run
from chatops.conversation.reply import Choice, Reply
from chatops.language import Code, Speaker, Text, _

_WIDEST: Final = 100
_NEXT_LINE: Final = re.compile(r"\n(?=\s*(?:[/!]\s*quitx\b|:\w))", re.IGNORECASE)
_SHORT_WAIT: Final = 0.2
_REDRAW_SECONDS: Final = 0.05


class Terminal:
    """Reads lines with completion and history, and shows messages above them."""

    def __init__(
        self,
        scene: Scene,
        messages: Messages,
        commands: Completer,
        *,
        history: Path,
        colour: bool,
        language: Callable[[], Speaker],
    ) -> None:
        self._scene = scene
        self._messages = messages
        self._colour = colour
        self._language = language
        self._live: dict[str, Shown] = {}
        self._written: dict[str, str] = {}
        self._busy = False
        self._meant: tuple[Message, tuple[Choice, ...]] | None = None
        self._depth = None if colour else ColorDepth.DEPTH_1_BIT
        self._output = get_app_session().output
        self._waiting: Application[None] | None = None
        self._session: PromptSession[str] = PromptSession(
            self._prompt,
            completer=_PromptCompleter(Completions(commands, scene, messages)),
            history=History(history),
            bottom_toolbar=self._toolbar,
            color_depth=self._depth,
        )
        self._session.app.min_redraw_interval = _REDRAW_SECONDS
        self._session.default_buffer.on_text_changed += lambda _buffer: self._typing()

    async def lines(self) -> AsyncIterator[str]:
        """Go through what is typed; more can be typed while a line is answered."""
        typed: asyncio.Queue[str | None] = asyncio.Queue()
        # The keyboard stays in hand from one prompt to the next: no key is lost between them.
        with patch_stdout(), self._session.app.input.raw_mode():
            reading = asyncio.create_task(self._read(typed))
            try:
                while (line := await typed.get()) is not None:
                    self._busy = True
                    self._redraw()
                    yield line
                    self._busy = False
                    self._redraw()
                await reading
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)

    async def show(self, shown: Shown) -> None:
        """Write a message above the line being typed, or keep it there while it counts."""
        reply = shown.reply
        if shown.event == "edit" and shown.id not in self._written:
            # It was never written down, so to its reader it is new.
            shown = replace(shown, event="message")
        if reply is not None and reply.complaint is None and unfinished(reply) is not None:
            self._live[shown.id] = shown
            self._redraw()
            return
        self._live.pop(shown.id, None)
        words = self._rendered(shown)
        if shown.event == "edit" and self._written.get(shown.id) == words:
            self._redraw()
            return
        self._written[shown.id] = words
        self._print(f"{self._heading(shown)}{words}\n")

    async def wait(self, work: Awaitable[None]) -> None:
        """Wait for the last work in sight of the reader, who may leave before its end."""
        waited_for = asyncio.ensure_future(work)
        try:
            await asyncio.wait({waited_for}, timeout=_SHORT_WAIT)
            if not waited_for.done():
                with patch_stdout():
                    await self._watch(waited_for)
            if waited_for.done():
                await waited_for
        finally:
            waited_for.cancel()
            await asyncio.gather(waited_for, return_exceptions=True)
            for shown in self._live.values():
                self._print(f"{self._heading(shown)}{self._rendered(shown)}\n")
            self._live.clear()

    async def _read(self, typed: asyncio.Queue[str | None]) -> None:
        try:
            while True:
                self._meant = None
                try:
                    text = await self._session.prompt_async()
                except KeyboardInterrupt:
                    if self._session.default_buffer.text.strip():
                        continue
                    return
                except EOFError:
                    return
                for line in _NEXT_LINE.split(text):
                    typed.put_nowait(self._pressed(line) or line)
        finally:
            typed.put_nowait(None)

    async def _watch(self, work: asyncio.Future[None]) -> None:
        """Show what goes on until the work is done or the reader leaves."""
        keys = KeyBindings()

        @keys.add("c-c")
        @keys.add("c-d")
        @keys.add("<sigint>")
        def _leave(event: KeyPressEvent) -> None:
            event.app.exit()

        control = FormattedTextControl(lambda: ANSI(self._waiting_words()))
        self._waiting = Application(
            layout=Layout(Window(control, wrap_lines=True)),
            key_bindings=keys,
            erase_when_done=True,
            min_redraw_interval=_REDRAW_SECONDS,
            color_depth=self._depth,
        )
        watching = asyncio.ensure_future(self._waiting.run_async())
        try:
            await asyncio.wait({watching, work}, return_when=asyncio.FIRST_COMPLETED)
            if self._waiting.is_running and not watching.done():
                self._waiting.exit()
            await watching
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
            self._waiting = None

    def _typing(self) -> None:
        """Remember which choices the reader saw when the line was begun."""
        if not self._session.default_buffer.text:
            self._meant = None
        elif self._meant is None:
            asking = self._messages.asking(self._scene.member)
            self._meant = None if asking is None else (asking, asking.choices)

    def _pressed(self, line: str) -> str | None:
        """Return the direction that a bare number stands for.

        It names the button by its label: what changed while the reader typed is never pressed.
        """
        number = line.strip()
        if self._meant is None or not number.isdecimal():
            return None
        message, choices = self._meant
        if message.speaker is None or not 0 < int(number) <= len(choices):
            return None
        label = visible_line(message.speaker.say(choices[int(number) - 1].label))
        return f":press {label} {message.name}"

    def _print(self, words: str) -> None:
        """Write above the line being typed.

        The toolkit's own way to do so hands the keyboard back for a moment, and a key that is
        pressed in that moment is lost.
        """
        app: Application[None] | Application[str] = self._waiting or self._session.app
        if app.is_running:
            app.renderer.erase()
        print_formatted_text(
            self._output, ANSI(f"{words}\n"), default_ui_style(), color_depth=self._depth
        )
        if app.is_running and not app.is_done:
            app.renderer.request_absolute_cursor_position()
            app.invalidate()

    def _redraw(self) -> None:
        self._session.app.invalidate()
        if self._waiting is not None:
            self._waiting.invalidate()

    def _rendered(self, shown: Shown) -> str:
        return self._render(shown.reply, shown) if shown.reply is not None else ""

    def _render(self, reply: Reply, shown: Shown) -> str:
        width = min(self._output.get_size().columns, _WIDEST)
        return render(reply, shown.speaker, width, colour=self._colour, saved=shown.saved)

    def _heading(self, shown: Shown) -> str:
        words = heading(shown)
        line = painted((Run(words, FAINT),), colour=self._colour)
        return f"{line}\n" if words and shown.reply is not None else line

    def _live_words(self) -> str:
        """Return the messages that still count, each whole where there is room for all."""
        whole = [f"{self._heading(each)}{self._rendered(each)}" for each in self._live.values()]
        if sum(words.count("\n") + 1 for words in whole) <= self._output.get_size().rows // 2:
            return "\n".join(whole)
        bars = [
            self._render(Reply((progress,)), each)
            for each in self._live.values()
            if each.reply is not None and (progress := unfinished(each.reply)) is not None
        ]
        return "\n".join(bars)

    def _prompt(self) -> ANSI:
        scene = self._scene
        who = visible_line(scene.member.name) if scene.member != scene.first_member else ""
        where = visible_line(scene.label(scene.place)) if scene.place != HOME else ""
        files = " ".join(f"📎 {visible_line(each.name)}" for each in scene.attachments)
        words = " ".join(part for part in (who, where, files, ">") if part)
        # What is still counting belongs to the screen, not to the record of what was typed.
        live = "" if self._session.app.is_done else self._live_words()
        return ANSI(f"{live}\n{words} " if live else f"{words} ")

    def _toolbar(self) -> str:
        asking = self._messages.asking(self._scene.member)
        if self._busy:
            return self._say(_("Working…"))
        if asking is None or asking.speaker is None:
            return self._say(_("Tab completes, Ctrl-D leaves."))
        labels = (
            visible_line(f"[{number}] {choice.emoji} {self._say(choice.label)}".replace("  ", " "))
            for number, choice in enumerate(asking.choices, start=1)
        )
        return f"{asking.name}  {'   '.join(labels)}"

    def _waiting_words(self) -> str:
        waiting = self._say(
            _("Waiting for the work to end. {keys} leaves now.", keys=Code("Ctrl-C"))
        )
        live = self._live_words()
        return f"{live}\n{waiting}" if live else waiting

    def _say(self, text: Text) -> str:
        return visible_line(self._language().say(text))


class _PromptCompleter(PromptCompleter):
    def __init__(self, completions: Completions) -> None:
        self._completions = completions

    def get_completions(
        self, document: Document, complete_event: CompleteEvent
    ) -> Iterable[PromptCompletion]:
        """Complete the line up to the cursor."""
        del complete_event
        for completion in self._completions.of(document.text_before_cursor):
            yield PromptCompletion(
                completion.text,
                start_position=-completion.replaces,
                display=visible_line(completion.text.strip()),
                display_meta=visible_line(completion.summary),
            )
