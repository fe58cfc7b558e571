"""The form of a command as a modal, and what was filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from adapters.slack import limits
from adapters.slack.mrkdwn import clean, clean_line, unescaped
from adapters.slack.paging import Block
from chatops.conversation.command import Command, Reading, Unreadable
from chatops.conversation.events import Attachment
from chatops.conversation.forms import Form, Input, Option, command_of, form_of
from chatops.conversation.kinds import Day, File, PointInTime
from chatops.conversation.registry import Registry
from chatops.language import Language, Speaker, _

CALLBACK: Final = "quitx-form"
_VALUE: Final = "value"
_FILES: Final = "files"


class Asking(Struct, frozen=True):
    """What a form is about; it travels with the form.

    Args:
        channel: Where it was opened; empty for the Home tab.
        says: The line of the choice that opened it.
    """

    channel: str
    thread: str
    says: str
    language: Language

    def written(self) -> str:
        """Return it as Slack keeps it beside a form."""
        return json.dumps([self.channel, self.thread, self.says, self.language])

    @classmethod
    def read(cls, written: str) -> Asking:
        """Return what was written."""
        return cls(*json.loads(written))


def modal(registry: Registry, command: Command[Any], asking: Asking) -> Block:
    """Return the modal that fills in a command."""
    form = form_of(registry, command, asking.language)
    speaker = Speaker(asking.language)
    return {
        "type": "modal",
        "callback_id": CALLBACK,
        "private_metadata": asking.written(),
        "title": _plain(_fitting(form.title, limits.TITLE)),
        "submit": _plain(_fitting(speaker.say(_("Send")), limits.TITLE)),
        "close": _plain(_fitting(speaker.say(_("Cancel")), limits.TITLE)),
        "blocks": list(_blocks(form, speaker))[: limits.MODAL_BLOCKS],
    }


def filled_in(state: Mapping[str, Any]) -> tuple[dict[str, str], tuple[Mapping[str, Any], ...]]:
    """Return what a submitted form holds: values by parameter, as if typed, and files."""
    values: dict[str, str] = {}
    files: list[Mapping[str, Any]] = []
    for block in state.get("values", {}).values():
        for name, given in block.items():
            if name.startswith(f"{_FILES}:"):
                files += given.get("files") or ()
            elif name.startswith(f"{_VALUE}:"):
                written = _written(given)
                if written.strip():
                    values[name.removeprefix(f"{_VALUE}:")] = written
    return values, tuple(files)


def mistakes(
    registry: Registry, asking: Asking, values: Mapping[str, str], now: datetime
) -> dict[str, str]:
    """Return what cannot be read, by the block in which it stands.

    Times are left to the command itself, since they depend on the organisation's zone.
    """
    command = command_of(registry, asking.says, asking.language)
    if command is None:
        return {}
    speaker = Speaker(asking.language)
    reading = Reading(now, "UTC", asking.language)
    wrong: dict[str, str] = {}
    for field in registry.fields(command):
        kind, name = field.parameter.kind, field.parameter.names.en
        if name not in values or isinstance(kind, PointInTime | Day | File):
            continue
        try:
            kind.read(values[name], reading)
        except Unreadable as error:
            told = f"{speaker.say(error.reason)} {speaker.say(error.mend)}"
            wrong[f"{_VALUE}:{name}"] = _fitting(told, limits.LABEL)
    return wrong


def attachments(files: tuple[Mapping[str, Any], ...], team: str) -> tuple[Attachment, ...]:
    """Return files as the core knows them."""
    return tuple(
        Attachment(f"{team}/{file['id']}", str(file.get("name") or file["id"]), _size(file))
        for file in files
        if file.get("id") and file.get("mode") not in {"tombstone", "hidden_by_limit"}
    )


def _size(file: Mapping[str, Any]) -> int:
    size = file.get("size")
    return size if isinstance(size, int) else 0


def _blocks(form: Form, speaker: Speaker) -> Iterator[Block]:
    summary = clean(speaker.say(form.summary)).strip()
    if summary:
        text = _plain(_fitting(summary, limits.PART))
        yield {"type": "section", "block_id": "summary", "text": text}
    for field in form.inputs:
        if field.file:
            yield _input(field, speaker, _FILES, _file_input(field), optional=True)
        typed = field.required and not field.file
        yield _input(field, speaker, _VALUE, _element(field), optional=not typed)


def _input(field: Input, speaker: Speaker, kind: str, element: Block, *, optional: bool) -> Block:
    label = field.label
    if field.file and kind == _VALUE:
        label = speaker.say(_("{name}: or its name", name=field.label))
    block: Block = {
        "type": "input",
        "block_id": f"{kind}:{field.name}",
        "label": _plain(_fitting(clean_line(label), limits.LABEL)),
        "element": element,
        "optional": optional,
    }
    hint = clean_line(speaker.say(field.hint))
    if hint:
        block["hint"] = _plain(_fitting(hint, limits.LABEL))
    return block


def _element(field: Input) -> Block:
    action = f"{_VALUE}:{field.name}"
    if field.options and len(field.options) <= limits.OPTIONS:
        kind = "multi_static_select" if field.several else "static_select"
        options = [
            {
                "text": _plain(_fitting(clean_line(option.label), limits.OPTION)),
                "value": option.value,
            }
            for option in field.options
        ]
        return {"type": kind, "action_id": action, "options": options}
    element: Block = {"type": "plain_text_input", "action_id": action, "max_length": limits.TYPED}
    if field.lines:
        element["multiline"] = True
    return element


def _option(option: Option) -> Block:
    label = _fitting(clean_line(option.label), limits.OPTION)
    return {"text": _plain(label), "value": option.value}


def _file_input(field: Input) -> Block:
    return {"type": "file_input", "action_id": f"{_FILES}:{field.name}", "max_files": 1}


def _written(given: Mapping[str, Any]) -> str:
    match given.get("type"):
        case "static_select":
            option = given.get("selected_option") or {}
            return unescaped(str(option.get("value", "")))
        case "multi_static_select":
            chosen = given.get("selected_options") or ()
            return ",".join(unescaped(str(option.get("value", ""))) for option in chosen)
        case _:
            return unescaped(str(given.get("value") or ""))


def _fitting(words: str, room: int) -> str:
    return words if len(words) <= room else f"{words[: room - 1].rstrip()}…"


def _plain(words: str) -> Block:
    return {"type": "plain_text", "text": words, "emoji": False}
