"""A modal that is open on a person's screen, and what is sent when they submit it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.discord import message_shapes
from tests.support.discord.client import Impossible
from tests.support.discord.drafts import Upload, stored
from tests.support.discord.records import Json

if TYPE_CHECKING:
    from tests.support.discord.interactions import Interaction

_ROW, _SELECT, _TEXT, _DISPLAY, _LABEL = 1, 3, 4, 10, 18
_FILES, _RADIO, _CHECKBOXES, _CHECKBOX = 19, 21, 22, 23
_ONE_LINE = 1
_MOST_TEXT = 4_000


@dataclass(frozen=True, slots=True)
class Field:
    """One thing to fill in.

    Args:
        options: What is shown to what is sent; empty where there is nothing to choose from.
        value: What stands there already.
    """

    label: str
    hint: str
    component: Json
    options: dict[str, str]
    value: str

    @property
    def required(self) -> bool:
        """Whether it must be filled in."""
        return bool(self.component.get("required", True))

    @property
    def placeholder(self) -> str:
        """What is shown while it is empty."""
        return self.component.get("placeholder") or ""


@dataclass(frozen=True, slots=True)
class Modal:
    """A modal, from the interaction that opened it."""

    opened_by: Interaction
    title: str
    custom_id: str
    components: list[Json]

    @property
    def fields(self) -> list[Field]:
        """What can be filled in, in order."""
        fields = []
        for component in self.components:
            if component["type"] == _ROW:
                fields += [_field(one["label"], "", one) for one in component["components"]]
            elif component["type"] == _LABEL:
                hint = component.get("description") or ""
                fields.append(_field(component["label"], hint, component["component"]))
        return fields

    @property
    def texts(self) -> list[str]:
        """What is written between the fields."""
        return [one["content"] for one in self.components if one["type"] == _DISPLAY]

    def data(self, filled: Mapping[str, object]) -> Json:
        """Return what is sent for what was filled in, by label."""
        unknown = set(filled) - {each.label for each in self.fields}
        if unknown:
            raise Impossible(f"the form has no field {sorted(unknown)}")
        resolved: Json = {}
        components: list[Json] = []
        for number, component in enumerate(self.components, 1):
            shape: Json = {"type": component["type"], "id": number}
            if component["type"] == _ROW:
                rows = [_field(one["label"], "", one) for one in component["components"]]
                shape["components"] = [self._sent(one, filled, resolved) for one in rows]
            elif component["type"] == _LABEL:
                one = _field(component["label"], "", component["component"])
                shape["component"] = self._sent(one, filled, resolved)
            components.append(shape)
        data: Json = {"custom_id": self.custom_id, "components": components}
        return data | ({"resolved": resolved} if resolved else {})

    def _sent(self, one: Field, filled: Mapping[str, object], resolved: Json) -> Json:
        kind = one.component["type"]
        shape: Json = {"type": kind, "id": 100, "custom_id": one.component["custom_id"]}
        value = filled.get(one.label)
        if kind == _TEXT:
            return shape | {"value": _text(one, one.value if value is None else str(value))}
        if kind == _CHECKBOX:
            return shape | {"value": bool(one.component.get("default") if value is None else value)}
        if kind == _FILES:
            return shape | {"values": self._files(one, value, resolved)}
        chosen = _chosen(one, value)
        return shape | (
            {"value": chosen[0] if chosen else None} if kind == _RADIO else {"values": chosen}
        )

    def _files(self, one: Field, value: object, resolved: Json) -> list[str]:
        files = [value] if isinstance(value, Upload) else list(_several(value))
        _count(one, len(files), 1)
        channel, ids = self.opened_by.channel, []
        for file in files:
            assert isinstance(file, Upload)
            attachment = stored(channel, file, ephemeral=True)
            shape = message_shapes.attachment(channel.world, attachment)
            resolved.setdefault("attachments", {})[attachment.id] = shape
            ids.append(attachment.id)
        return ids


def _field(label: str, hint: str, component: Json) -> Field:
    options = {one["label"]: one["value"] for one in component.get("options") or []}
    return Field(label, hint, component, options, component.get("value") or "")


def _text(one: Field, text: str) -> str:
    component = one.component
    if not text and not one.required:
        return ""
    least = component.get("min_length") or int(one.required)
    most = component.get("max_length") or _MOST_TEXT
    if not least <= len(text) <= most:
        raise Impossible(f"{one.label} needs {least} to {most} characters: {text!r}")
    if component["style"] == _ONE_LINE and "\n" in text:
        raise Impossible(f"{one.label} has one line")
    return text


def _chosen(one: Field, value: object) -> list[str]:
    if value is None:
        defaults = [o["value"] for o in one.component.get("options") or [] if o.get("default")]
        labels = [label for label, sent in one.options.items() if sent in defaults]
    else:
        labels = [value] if isinstance(value, str) else [str(each) for each in _several(value)]
    for label in labels:
        if label not in one.options:
            raise Impossible(f"{one.label} offers {list(one.options)}, not {label!r}")
    _count(one, len(labels), len(one.options) if one.component["type"] == _CHECKBOXES else 1)
    return [one.options[label] for label in labels]


def _count(one: Field, count: int, most: int) -> None:
    least = one.component.get("min_values", 1) if one.required else 0
    most = one.component.get("max_values") or most
    if not least <= count <= most:
        raise Impossible(f"{one.label} takes {least} to {most}, not {count}")


def _several(value: object) -> Sequence[object]:
    return value if isinstance(value, Sequence) else []
