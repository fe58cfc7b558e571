"""Forms as modals: five inputs at most, the last one for everything else by words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from adapters.discord.filled import Filled, attachment_of, with_files
from adapters.discord.limits import (
    CHOICE_NAME,
    CHOICES,
    CUSTOM_ID,
    MODAL_HINT,
    MODAL_INPUTS,
    MODAL_LABEL,
    MODAL_TITLE,
    MODAL_VALUE,
    shortened,
)
from adapters.discord.options import INSTEAD_OF_FILE
from chatops.conversation.events import Attachment
from chatops.conversation.forms import Form, Input
from chatops.conversation.tokens import tokenise
from chatops.conversation.turns import Scope
from chatops.language import Speaker, _

Json: TypeAlias = dict[str, Any]

EVERYBODYS: Final = Scope()
"""What stands before a command that is for whatever organisation the place has."""

OTHERS: Final = "+"
"""The id of the input for everything that has none of its own; no parameter is called so."""

_NAMED: Final = ":name"
"""Ends the id of the input for the name of a file."""

_LABEL: Final = 18
_TEXT_INPUT: Final = 4
_SELECT: Final = 3
_UPLOAD: Final = 19
_SHORT: Final = 1
_PARAGRAPH: Final = 2


def modal_of(form: Form, speaker: Speaker, scope: Scope = EVERYBODYS) -> Json:
    """Return a form as the API spells a modal.

    Args:
        scope: For whom it is filled in.
    """
    inputs = [each for field in form.inputs for each in _inputs(field, speaker)]
    others: list[Input] = []
    if len(inputs) > MODAL_INPUTS:
        inputs, others = inputs[: MODAL_INPUTS - 1], inputs[MODAL_INPUTS - 1 :]
    labels = [_labelled(each, speaker) for each in inputs]
    if others:
        labels.append(_by_words(others, speaker))
    return {
        "custom_id": scope.before(form.verb)[:CUSTOM_ID],
        "title": shortened(f"/quitx {form.title}", MODAL_TITLE),
        "components": labels,
    }


def submitted(components: Iterable[Mapping[str, Any]], resolved: Mapping[str, Any]) -> Filled:
    """Return what was filled into a modal."""
    values: dict[str, str] = {}
    attached: dict[str, Attachment] = {}
    files = resolved.get("attachments") or {}
    for field in _fields(components):
        name, value = field["custom_id"], field.get("value") or ""
        given = field.get("values") or ()
        if field["type"] == _UPLOAD:
            attached |= {name: attachment_of(files[given[0]])} if given else {}
        elif name == OTHERS:
            values |= _read(value)
        else:
            values[name.removesuffix(_NAMED)] = ", ".join(given) if given else value
    return with_files(values, attached)


def _inputs(field: Input, speaker: Speaker) -> list[Input]:
    """Return what asks for a parameter: a file is attached, or named."""
    if not field.file:
        return [field]
    label = speaker.say(_("{name}, by its name", name=field.label))
    named = replace(field, name=field.name + _NAMED, label=label, hint=INSTEAD_OF_FILE, file=False)
    return [replace(each, required=False) for each in (field, named)]


def _fields(components: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    for component in components:
        inner = component.get("component")
        yield from ([inner] if inner else component.get("components") or ())


def _labelled(field: Input, speaker: Speaker) -> Json:
    return {
        "type": _LABEL,
        "label": shortened(field.label, MODAL_LABEL),
        "description": shortened(speaker.say(field.hint), MODAL_HINT),
        "component": _component(field),
    }


def _component(field: Input) -> Json:
    common: Json = {"custom_id": field.name, "required": field.required}
    if field.file:
        return {"type": _UPLOAD, **common, "min_values": 0, "max_values": 1}
    if field.options and len(field.options) <= CHOICES:
        options = [
            {"label": shortened(option.label, CHOICE_NAME), "value": option.value}
            for option in field.options
        ]
        most = len(options) if field.several else 1
        least = int(field.required)
        bounds = {"min_values": least, "max_values": most}
        return {"type": _SELECT, **common, "options": options, **bounds}
    style = _PARAGRAPH if field.lines else _SHORT
    return {"type": _TEXT_INPUT, **common, "style": style, "max_length": MODAL_VALUE}


def _by_words(others: Iterable[Input], speaker: Speaker) -> Json:
    names = " ".join(f"{each.label}=…" for each in others)
    return {
        "type": _LABEL,
        "label": shortened(speaker.say(_("Everything else, by name")), MODAL_LABEL),
        "description": shortened(names, MODAL_HINT),
        "component": {
            "type": _TEXT_INPUT,
            "custom_id": OTHERS,
            "style": _PARAGRAPH,
            "required": any(each.required for each in others),
            "max_length": MODAL_VALUE,
        },
    }


def _read(words: str) -> dict[str, str]:
    """Read `name=value name=value ...`; a value goes on until the next name."""
    values: dict[str, str] = {}
    tokens = tokenise(words)
    named = [index for index, token in enumerate(tokens) if token.name]
    for at, index in enumerate(named):
        token = tokens[index]
        last = tokens[(named[at + 1] if at + 1 < len(named) else len(tokens)) - 1]
        values[token.name] = token.text if last is token else words[token.value : last.end]
    return values
