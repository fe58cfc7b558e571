"""What a reader sees of Discord's markdown: the text, and what stands out in it.

Only what Discord's own client understands is understood; what is escaped, or inside code, is
plain text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

_HEADING = re.compile(r"(#{1,3}) +(?=\S)")
_SMALL = re.compile(r"-# +(?=\S)")
_QUOTE = re.compile(r">(?:>>)? ")
_ITEM = re.compile(r"( *)(?:[-*]|\d+\.) +(?=\S)")
_NUMBERED = re.compile(r" *\d+\.")
_FENCE = re.compile(r"```(?:[\w+.#-]*\n)?(.*?)```", re.DOTALL)
_ESCAPE = re.compile(r"\\([^0-9A-Za-z\s])")
_CODE = re.compile(r"(`+)(.*?[^`])\1(?!`)", re.DOTALL)
_ENTITY = re.compile(
    r"<(?:(?P<user>@!?\d+)|(?P<role>@&\d+)|(?P<channel>#\d+)|/(?P<command>[^:<>]+):\d+"
    r"|t:(?P<time>-?\d+)(?::[tTdDfFR])?|a?:(?P<emoji>\w+):\d+|(?P<url>https?://[^\s<>]+))>"
)
_MASKED = re.compile(r"\[((?:\\.|[^\[\]\\])+)\]\(<?(https?://[^\s)>]+)>?(?: +\"[^\"]*\")?\)")
_LINK = re.compile(r"https?://[^\s<]+[^<.,:;\"'\]\s)]")
_STYLES = (
    ("bold", re.compile(r"\*\*((?:\\.|[^\\])+?)\*\*(?!\*)", re.DOTALL)),
    ("underline", re.compile(r"__((?:\\.|[^\\])+?)__(?!_)", re.DOTALL)),
    ("italic", re.compile(r"\*(?=\S)((?:\*\*|\\.|[^*\\])+?)(?<!\s)\*(?!\*)", re.DOTALL)),
    ("italic", re.compile(r"(?<!\w)_((?:__|\\.|[^\\_])+?)_(?!\w)", re.DOTALL)),
    ("strike", re.compile(r"~~(.+?)~~", re.DOTALL)),
    ("spoiler", re.compile(r"\|\|(.+?)\|\|", re.DOTALL)),
)


@dataclass(slots=True)
class Reading:
    """What was read.

    Args:
        marks: What stands out, as ("bold", "its text").
        links: The addresses that a click would open.
        mentions: The ids of the users, roles and channels that are named.
    """

    text: str = ""
    marks: list[tuple[str, str]] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    mentions: list[str] = field(default_factory=list)

    def add(self, other: Reading) -> None:
        """Put another reading after this one."""
        self.text += other.text
        self.marks += other.marks
        self.links += other.links
        self.mentions += other.mentions


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads markdown.

    Args:
        names: What the mentioned are called, by id.
    """

    names: Mapping[str, str]

    def read(self, text: str) -> Reading:
        """Read a text with everything: headings, lists, quotes, code, styles, links."""
        reading = Reading()
        at = 0
        for fence in _FENCE.finditer(text):
            if _escaped(text, fence.start()):
                continue
            reading.add(self._lines(text[at : fence.start()]))
            code = fence[1].removesuffix("\n")
            reading.add(Reading(code, [("code block", code)]))
            at = fence.end()
        reading.add(self._lines(text[at:]))
        return reading

    def _lines(self, text: str) -> Reading:
        marks: list[tuple[str, str]] = []
        lines = []
        for line in text.split("\n"):
            kind, shown = _block(line)
            if kind is not None:
                marks.append((kind, self.inline(shown).text))
            lines.append(shown)
        reading = self.inline("\n".join(lines))
        reading.marks = marks + reading.marks
        return reading

    def inline(self, text: str) -> Reading:
        """Read a text without headings, lists and quotes."""
        reading = Reading()
        at = 0
        while at < len(text):
            for rule in (self._plain, self._entity, self._link, self._style):
                found = rule(text, at)
                if found is not None:
                    read, at = found
                    reading.add(read)
                    break
            else:
                reading.text += text[at]
                at += 1
        return reading

    def _plain(self, text: str, at: int) -> tuple[Reading, int] | None:
        """Read what is not read any further: escapes and code."""
        if escape := _ESCAPE.match(text, at):
            return Reading(escape[1]), escape.end()
        if code := _CODE.match(text, at):
            return Reading(code[2].strip(), [("code", code[2].strip())]), code.end()
        return None

    def _entity(self, text: str, at: int) -> tuple[Reading, int] | None:
        entity = _ENTITY.match(text, at)
        if entity is None:
            return None
        kind = entity.lastgroup
        value = entity[kind] if kind else ""
        reads: dict[str | None, Callable[[], Reading]] = {
            "user": lambda: self._mention("@", value.lstrip("@!")),
            "role": lambda: self._mention("@", value.lstrip("@&")),
            "channel": lambda: self._mention("#", value.lstrip("#")),
            "command": lambda: Reading(f"/{value}", [("command", value)]),
            "time": lambda: Reading(
                datetime.fromtimestamp(int(value), UTC).strftime("%Y-%m-%d %H:%M UTC")
            ),
            "emoji": lambda: Reading(f":{value}:"),
            "url": lambda: Reading(value, links=[value]),
        }
        return reads[kind](), entity.end()

    def _mention(self, sign: str, id_: str) -> Reading:
        return Reading(f"{sign}{self.names.get(id_, 'unknown')}", mentions=[id_])

    def _link(self, text: str, at: int) -> tuple[Reading, int] | None:
        if masked := _MASKED.match(text, at):
            inside = self.inline(masked[1])
            inside.marks.append(("link", inside.text))
            inside.links.append(masked[2])
            return inside, masked.end()
        if link := _LINK.match(text, at):
            return Reading(link[0], links=[link[0]]), link.end()
        return None

    def _style(self, text: str, at: int) -> tuple[Reading, int] | None:
        for kind, pattern in _STYLES:
            styled = pattern.match(text, at)
            if styled is not None:
                inside = self.inline(styled[1])
                inside.marks.append((kind, inside.text))
                return inside, styled.end()
        return None


def _block(line: str) -> tuple[str | None, str]:
    """Return what kind of line it is and what is seen of it."""
    if heading := _HEADING.match(line):
        return "heading", line[heading.end() :]
    if small := _SMALL.match(line):
        return "small", line[small.end() :]
    if quote := _QUOTE.match(line):
        return "quote", line[quote.end() :]
    if item := _ITEM.match(line):
        sign = f"{item[0].strip()} " if _NUMBERED.match(line) else "• "
        return "list", item[1] + sign + line[item.end() :]
    return None, line


def _escaped(text: str, at: int) -> bool:
    before = len(text[:at]) - len(text[:at].rstrip("\\"))
    return before % 2 == 1
