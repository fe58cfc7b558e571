"""What people read in a message or a view: its text, its buttons, its links, whom it pings."""

from __future__ import annotations

from collections.abc import Iterator

from tests.support.slack.emoji import EMOJI
from tests.support.slack.mrkdwn import Named, Reading, plain, read
from tests.support.slack.records import Json

_PRESSABLE = ("button", "workflow_button", "overflow", "icon_button")


def read_blocks(blocks: list[Json], user: Named, channel: Named) -> Reading:
    """Read all blocks, top to bottom."""
    whole = Reading()
    for block in blocks:
        for part in _parts(block, user, channel):
            whole.add(part)
    return whole


def read_text(text: Json, user: Named, channel: Named) -> Reading:
    """Read one text object."""
    if text["type"] != "mrkdwn":
        return plain(text["text"])
    return read(text["text"], user, channel, verbatim=bool(text.get("verbatim")))


def labels(blocks: list[Json], *, kinds: tuple[str, ...] = _PRESSABLE) -> list[str]:
    """Return the labels of what can be pressed, in the order in which it stands."""
    return [
        label
        for block in blocks
        for element in [*block.get("elements", ()), block.get("accessory")]
        if isinstance(element, dict) and element.get("type") in kinds
        for label in _labelled(element)
    ]


def _labelled(element: Json) -> Iterator[str]:
    if element["type"] == "overflow":
        yield from (plain(option["text"]["text"]).text for option in element["options"])
    else:
        yield plain(element["text"]["text"]).text


def _parts(block: Json, user: Named, channel: Named) -> Iterator[Reading]:
    match block:
        case {"type": "markdown", "text": str(words)}:
            yield read(words.replace("**", "*"), user, channel)
        case {"type": "image", "alt_text": alternative}:
            yield Reading(block.get("title", {}).get("text", ""))
            yield Reading(alternative)
        case {"type": "rich_text", "elements": elements}:
            yield from (_rich(element, user, channel) for element in elements)
        case {"type": "table", "rows": rows}:
            yield from (_row(row, user, channel) for row in rows)
        case _:
            yield from (_text(text, user, channel) for text in _texts(block))


def _texts(block: Json) -> Iterator[Json]:
    """Yield the text objects of a block, and the pictures between them."""
    for key in ("text", "label", "hint"):
        if key in block:
            yield block[key]
    yield from block.get("fields", ())
    if block["type"] == "context":
        yield from block["elements"]


def _text(text: Json, user: Named, channel: Named) -> Reading:
    if text["type"] == "image":
        return Reading(text["alt_text"])
    return read_text(text, user, channel)


def _row(row: list[Json], user: Named, channel: Named) -> Reading:
    whole = Reading()
    shown: list[str] = []
    for cell in row:
        part = (
            plain(cell["text"])
            if cell["type"] == "raw_text"
            else read_blocks([cell], user, channel)
        )
        whole.add(part)
        shown.append(part.text)
    whole.text = " | ".join(shown)
    return whole


def _rich(element: Json, user: Named, channel: Named) -> Reading:
    if element["type"] == "rich_text_list":
        whole = Reading()
        for number, item in enumerate(element["elements"], 1):
            part = _rich(item, user, channel)
            mark = "•" if element["style"] == "bullet" else f"{number}."
            part.text = f"{mark} {part.text}"
            whole.add(part)
        return whole
    reading = Reading()
    for inner in element["elements"]:
        shown = _inline(inner, reading, user, channel)
        if any(inner.get("style", {}).values()):
            reading.formatted.append(shown)
        reading.text += shown
    return reading


def _inline(inner: Json, reading: Reading, user: Named, channel: Named) -> str:
    shown = ""
    match inner:
        case {"type": "text", "text": str(words)}:
            shown = words
        case {"type": "link", "url": str(address)}:
            reading.links.append(address)
            shown = str(inner.get("text", address))
        case {"type": "user", "user_id": str(user_id)}:
            reading.pings.add(user_id)
            shown = "@" + user(user_id)
        case {"type": "broadcast", "range": str(whom)} | {"usergroup_id": str(whom)}:
            reading.pings.add(whom)
            shown = "@" + whom
        case {"type": "channel", "channel_id": str(channel_id)}:
            shown = "#" + channel(channel_id)
        case {"type": "emoji", "name": str(name)}:
            shown = EMOJI.get(name, f":{name}:")
        case _:
            shown = str(inner.get("fallback", ""))
    return shown
