"""Slack's mark-up, read as the client shows it, and written as the client sends it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tests.support.slack.emoji import drawn, named

_TOKEN = re.compile(r"<([^<>\n]+)>")
_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_URL = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)\]'\"]")
# A character without width beside a mark keeps it from being one.
_THIN = "\u200b\u200c\u2060\ufeff"
_MARKS = tuple(
    re.compile(
        rf"(?<![\w{_THIN}{mark}]){mark}(?![\s{_THIN}])([^\n{mark}]+?)"
        rf"(?<![\s{_THIN}]){mark}(?![\w{_THIN}{mark}])"
    )
    for mark in (r"\*", "_", "~")
)
_INVISIBLE = re.compile(f"[{_THIN}]")
_QUOTE = re.compile(r"^(?:&gt;)+ ?", re.MULTILINE)
_SHIELD = "\ue000{}\ue001"
_SHIELDED = re.compile("\ue000(\\d+)\ue001")
_NO_SHIELDS = str.maketrans("", "", "\ue000\ue001")
_BROADCASTS = ("channel", "here", "everyone")

Named = Callable[[str], str]
"""Gives the name that stands for the id of a user or a channel."""


@dataclass
class Reading:
    """What a text shows: links by address, whom it pings, and what is set in bold or so."""

    text: str = ""
    links: list[str] = field(default_factory=list)
    pings: set[str] = field(default_factory=set)
    formatted: list[str] = field(default_factory=list)

    def add(self, other: Reading) -> None:
        """Put another text under this one."""
        self.text = "\n".join(part for part in (self.text, other.text) if part)
        self.links += other.links
        self.pings |= other.pings
        self.formatted += other.formatted


def decoded(text: str) -> str:
    """Return the text with Slack's three entities resolved."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def encoded(text: str) -> str:
    """Return the text with the three characters that Slack reserves as entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def plain(text: str) -> Reading:
    """Read a text in which no mark means anything."""
    return Reading(_INVISIBLE.sub("", drawn(decoded(text))))


def read(text: str, named_user: Named, named_channel: Named, *, verbatim: bool = False) -> Reading:
    """Read mrkdwn: marks are taken away, references become names, addresses become links."""
    reading = Reading()
    kept: list[str] = []

    def shield(shown: str) -> str:
        kept.append(shown)
        return _SHIELD.format(len(kept) - 1)

    def code(match: re.Match[str]) -> str:
        words = decoded(match[1] or match[2])
        reading.formatted.append(words)
        return shield(words)

    def token(match: re.Match[str]) -> str:
        return shield(_reference(match[1], reading, named_user, named_channel))

    def address(match: re.Match[str]) -> str:
        reading.links.append(decoded(match[0]))
        return shield(decoded(match[0]))

    def marked(match: re.Match[str]) -> str:
        reading.formatted.append(match[1])
        return match[1]

    bare = text.translate(_NO_SHIELDS)
    shown = _TOKEN.sub(token, _CODE.sub(code, bare))
    if not verbatim:
        shown = _URL.sub(address, shown)
    for mark in _MARKS:
        shown = mark.sub(marked, shown)
    shown = drawn(decoded(_QUOTE.sub("", shown)))

    def opened(words: str) -> str:
        return _SHIELDED.sub(lambda match: opened(kept[int(match[1])]), words)

    reading.text = _INVISIBLE.sub("", opened(shown))
    reading.formatted = [_INVISIBLE.sub("", decoded(opened(each))) for each in reading.formatted]
    return reading


def _reference(inner: str, reading: Reading, user: Named, channel: Named) -> str:
    """Return what the client shows for what stands between angle brackets."""
    target, _, label = inner.partition("|")
    kind, target_id = target[0], target[1:]
    if kind == "@":
        reading.pings.add(target_id)
        return "@" + user(target_id)
    if kind == "#":
        return "#" + (label or channel(target_id))
    if kind != "!":
        reading.links.append(decoded(target))
        return decoded(label or target)
    if target_id in _BROADCASTS:
        reading.pings.add(target_id)
        return "@" + target_id
    if target_id.startswith("subteam^"):
        reading.pings.add(target_id.removeprefix("subteam^"))
        return decoded(label or target_id)
    return decoded(label or inner)


def written(text: str, people: Mapping[str, str], channels: Mapping[str, str]) -> str:
    """Return what the client sends for what a person types: names become references."""
    raw = _URL.sub(lambda match: f"<{match[0]}>", encoded(text))
    for name in _BROADCASTS:
        raw = re.sub(rf"(?<!\w)@{name}\b", f"<!{name}>", raw)
    for prefix, known in (("@", people), ("#", channels)):
        for name in sorted(known, key=len, reverse=True):
            pattern = rf"(?<![\w<]){prefix}{re.escape(encoded(name))}(?!\w)"
            raw = re.sub(pattern, f"<{prefix}{known[name]}>", raw)
    return named(raw)
