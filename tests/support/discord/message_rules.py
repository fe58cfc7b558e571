"""What Discord refuses in a message or a modal, beyond what its API description says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.support.discord.records import Json, MessageFlag
from tests.support.discord.refusals import Problem, problem

CONTENT = 2_000
EMBEDS = 6_000
ROWS = 5
COMPONENTS_V2 = 40
MODAL_INPUTS = 5

_ROW, _BUTTON, _SELECT, _INPUT, _LABEL = 1, 2, 3, 4, 18
_LINK, _PREMIUM = 5, 6
_SELECTS = range(5, 9)
_LENGTH = "BASE_TYPE_BAD_LENGTH"
_REQUIRED = "BASE_TYPE_REQUIRED"


def message_problems(body: Json, attached: set[str]) -> list[Problem]:
    """Return what is wrong with a message's body.

    Args:
        attached: The names of the files that come with it or stay on it.
    """
    return [
        *_content(body),
        *_embeds(body.get("embeds") or [], attached),
        *_components(body),
        *_mentions(body.get("allowed_mentions") or {}),
    ]


def modal_problems(data: Json) -> list[Problem]:
    """Return what is wrong with a modal."""
    components = data.get("components") or []
    at = ("data", "components")
    problems = list(_duplicates(components, at))
    if len(components) > MODAL_INPUTS:
        problems.append(problem(at, f"Must be {MODAL_INPUTS} or fewer in length.", _LENGTH))
    for index, component in enumerate(components):
        way = (*at, index)
        if component.get("type") == _ROW:
            for place, inner in enumerate(component["components"]):
                if not inner.get("label"):
                    problems.append(_required((*way, "components", place, "label")))
        elif component.get("type") == _LABEL:
            problems += _select(component.get("component") or {}, (*way, "component"))
    return problems


def every(components: list[Json]) -> Iterator[Json]:
    """Walk through components and what is in them."""
    for component in components:
        yield component
        inner = list(component.get("components") or [])
        inner += [component[key] for key in ("accessory", "component") if component.get(key)]
        yield from every(inner)


def _content(body: Json) -> Iterator[Problem]:
    content = body.get("content")
    if isinstance(content, str) and len(content) > CONTENT:
        yield problem(("content",), f"Must be {CONTENT} or fewer in length.", _LENGTH)


def _embeds(embeds: list[Json], attached: set[str]) -> Iterator[Problem]:
    total = 0
    for index, embed in enumerate(embeds):
        at = ("embeds", index)
        size = sum(len(text) for text in _texts(embed))
        total += size
        if not size and not any(embed.get(key) for key in ("image", "thumbnail", "video")):
            yield _required((*at, "description"))
        yield from _embed_parts(embed, at)
        for key in ("image", "thumbnail"):
            url = (embed.get(key) or {}).get("url") or ""
            if (
                url.startswith("attachment://")
                and url.removeprefix("attachment://") not in attached
            ):
                yield problem((*at, key, "url"), f"No file {url} was attached.")
    if total > EMBEDS:
        yield problem(
            ("embeds",), f"Embed size exceeds maximum size of {EMBEDS}", "MAX_EMBED_SIZE_EXCEEDED"
        )


def _embed_parts(embed: Json, at: tuple[str | int, ...]) -> Iterator[Problem]:
    for number, field in enumerate(embed.get("fields") or []):
        for key in ("name", "value"):
            if not str(field.get(key) or "").strip():
                yield _required((*at, "fields", number, key))
    for part, key in (("author", "name"), ("footer", "text")):
        if embed.get(part) and not embed[part].get(key):
            yield _required((*at, part, key))


def _texts(embed: Json) -> Iterator[str]:
    yield embed.get("title") or ""
    yield embed.get("description") or ""
    yield (embed.get("author") or {}).get("name") or ""
    yield (embed.get("footer") or {}).get("text") or ""
    for field in embed.get("fields") or []:
        yield field.get("name") or ""
        yield field.get("value") or ""


def _components(body: Json) -> Iterator[Problem]:
    components = body.get("components") or []
    if MessageFlag.COMPONENTS_V2 in MessageFlag(body.get("flags") or 0):
        yield from _second_version(body, components)
    else:
        if len(components) > ROWS:
            yield problem(("components",), f"Must be {ROWS} or fewer in length.", _LENGTH)
        for index, component in enumerate(components):
            if component.get("type") != _ROW:
                yield problem(("components", index, "type"), "Must be an action row here.")
    yield from _duplicates(components, ("components",))
    for at, row in _rows(components, ("components",)):
        yield from _row(row, at)


def _second_version(body: Json, components: list[Json]) -> Iterator[Problem]:
    for key in ("content", "embeds", "poll", "sticker_ids"):
        if body.get(key):
            yield problem((key,), "Cannot be used with the IS_COMPONENTS_V2 flag.")
    inside = list(every(components))
    if len(inside) > COMPONENTS_V2:
        yield problem(("components",), f"At most {COMPONENTS_V2} components are allowed.", _LENGTH)
    if sum(len(one.get("content") or "") for one in inside) > 2 * CONTENT:
        yield problem(("components",), f"Text must be {2 * CONTENT} or fewer in length.", _LENGTH)


def _rows(components: list[Json], at: tuple[str | int, ...]) -> Iterator[tuple[Any, Json]]:
    for index, component in enumerate(components):
        if component.get("type") == _ROW:
            yield (*at, index), component
        else:
            yield from _rows(component.get("components") or [], (*at, index, "components"))


def _row(row: Json, at: tuple[str | int, ...]) -> Iterator[Problem]:
    inside = row.get("components") or []
    kinds = [one.get("type") for one in inside]
    if len(inside) > 1 and any(kind == _SELECT or kind in _SELECTS for kind in kinds):
        yield problem((*at, "components"), "A select menu needs the whole row.")
    for index, component in enumerate(inside):
        way = (*at, "components", index)
        if component.get("type") == _BUTTON:
            yield from _button(component, way)
        yield from _select(component, way)


def _button(button: Json, at: tuple[str | int, ...]) -> Iterator[Problem]:
    style = button.get("style")
    if style == _PREMIUM:
        return
    if not button.get("label") and not button.get("emoji"):
        yield _required((*at, "label"))
    needed, forbidden = ("url", "custom_id") if style == _LINK else ("custom_id", "url")
    if not button.get(needed):
        yield _required((*at, needed))
    if button.get(forbidden):
        yield problem((*at, forbidden), "A button has either a custom id or a url.")


def _select(select: Json, at: tuple[str | int, ...]) -> Iterator[Problem]:
    if select.get("type") != _SELECT:
        return
    options = select.get("options") or []
    repeated = [v for v, n in Counter(one.get("value") for one in options).items() if n > 1]
    if repeated:
        yield problem(
            (*at, "options"), f"The value {repeated[0]!r} is used twice.", "SELECT_COMPONENT_OPTION"
        )
    if (select.get("max_values") or 1) > len(options):
        yield problem((*at, "max_values"), "There are not so many options.")


def _duplicates(components: list[Json], at: tuple[str | int, ...]) -> Iterator[Problem]:
    ids = Counter(one["custom_id"] for one in every(components) if one.get("custom_id"))
    for custom_id, count in ids.items():
        if count > 1:
            yield problem(
                at,
                f"Component custom id cannot be duplicated: {custom_id!r}",
                "COMPONENT_CUSTOM_ID_DUPLICATED",
            )


def _mentions(allowed: Json) -> Iterator[Problem]:
    for key in ("users", "roles"):
        if allowed.get(key) and key in (allowed.get("parse") or []):
            yield problem(
                ("allowed_mentions",),
                f'parse:["{key}"] and {key}: [ids...] are mutually exclusive.',
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
            )


def _required(at: tuple[str | int, ...]) -> Problem:
    return problem(at, "This field is required", _REQUIRED)
