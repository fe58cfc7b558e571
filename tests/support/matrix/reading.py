"""What the eye reads of Matrix HTML, as Element shows it.

Element makes links of addresses, user ids and aliases in any text save in `<a>`, `<code>` and
`<pre>`.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Final

_BLOCKS: Final = frozenset({"p", "li", "h4", "blockquote", "ul", "ol", "br"})
_ALLOWED: Final = _BLOCKS | {"strong", "em", "code", "a"}
_UNSEEN: Final = re.compile("[\u200b\u2060\ufeff]")
_LINKIFIED: Final = re.compile(
    r"\b[a-z][a-z0-9+.-]*://[^\s<]+|\bmailto:[\w.+-]+|\bmatrix:\w+/\S+"
    r"|[@#!][\w.=/+-]+:[\w-][\w.-]*(?::\d+)?"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}\b",
    re.IGNORECASE,
)


class Page(HTMLParser):
    """A formatted message, read.

    Raises:
        AssertionError: It holds what no client shows.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self._text = ""
        self._open: list[str] = []
        self._target = ""
        self._label = ""
        self._numbers: list[int | None] = []
        self.feed(html)
        self.close()
        assert not self._open, f"{self._open} are not closed"

    @property
    def text(self) -> str:
        """Its lines."""
        lines = (line.strip() for line in _UNSEEN.sub("", self._text).split("\n"))
        return "\n".join(line for line in lines if line)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in _ALLOWED, f"<{tag}> is shown by no client"
        if tag in _BLOCKS:
            self._text += "\n"
        if tag == "br":
            return
        self._open.append(tag)
        match tag:
            case "ul" | "ol":
                self._numbers.append(0 if tag == "ol" else None)
            case "li":
                self._text += self._sign()
            case "a":
                self._target, self._label = dict(attrs).get("href") or "", ""

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        if tag in _BLOCKS:
            self._text += "\n"
        if tag in ("ul", "ol"):
            self._numbers.pop()
        if tag == "a":
            self.links.append(self._target)
            same = _UNSEEN.sub("", self._label) == self._target
            self._text += self._target if same else f"{self._label} ({self._target})"

    def handle_data(self, data: str) -> None:
        if "a" in self._open:
            self._label += data
            return
        if "code" not in self._open:
            self.links += linkified(data)
        self._text += data

    def _sign(self) -> str:
        number = self._numbers[-1]
        if number is None:
            return "• "
        self._numbers[-1] = number + 1
        return f"{number + 1}. "


def linkified(words: str) -> list[str]:
    """Return what a client would make links of."""
    return _LINKIFIED.findall(words)
