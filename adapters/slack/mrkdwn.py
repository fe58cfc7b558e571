"""Between Slack's markup and plain words, in both directions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from adapters.slack.emoji import sign_of

_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_CHANNEL: Final = re.compile(r"<#(\w+)\|?>")
_MARK: Final = re.compile(r"<((?:[@#!]|[A-Za-z][A-Za-z0-9+.-]*:)[^<>\n]*)>")
_EMOJI: Final = re.compile(r"(?<![\w:]):([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?(?![\w:])")
_DRAWN: Final = re.compile(r"[&<>]|:[a-z0-9_+'-]+:")
_SCHEME: Final = re.compile(r"^(?:https?://|mailto:|tel:)", re.IGNORECASE)


def clean(words: str) -> str:
    """Return words without what no message can hold."""
    plain = words.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub(lambda sign: "\ufffd" if sign[0] >= "\ud800" else "", plain)


def clean_line(words: str) -> str:
    """Return words as one line, without what no message can hold."""
    return " ".join(clean(words).split())


def escaped(words: str) -> str:
    """Return words that ping nobody and link nowhere in a text that Slack parses."""
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_plain(words: str) -> bool:
    """Whether words in a plain text are shown letter for letter.

    Slack resolves entities in it, and draws what is written like the name of an emoji.
    """
    return not _DRAWN.search(words)


def undrawn(words: str) -> str:
    """Return words in which nothing is drawn as an emoji."""
    return _EMOJI.sub(lambda name: f":\u2060{name[0][1:]}", words)


def weight(words: str) -> int:
    """Return how long words are once they are escaped."""
    return len(words) + 4 * words.count("&") + 3 * (words.count("<") + words.count(">"))


def unescaped(words: str) -> str:
    """Undo `escaped`."""
    return words.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def typed(
    text: str,
    emoji: Mapping[str, str] | None = None,
    channels: Mapping[str, str] | None = None,
) -> str:
    """Return what a member typed, from the markup that Slack made of it.

    A colleague's mention stays as Slack writes it, `<@U123|anna>`, since only that says who is
    meant; addresses, channels, groups and emoji become what was typed.

    Args:
        text: As Slack tells it.
        emoji: What the names of emoji in it mean, where the message tells that itself.
        channels: The names of the channels that are told by their ids only.
    """
    own, named = emoji or {}, channels or {}
    text = _EMOJI.sub(lambda name: own.get(name[1]) or sign_of(name[1]) or name[0], text)
    # What a member typed is escaped, so that angle brackets can only be Slack's own.
    plain: list[str] = []
    end = 0
    for mark in _MARK.finditer(text):
        plain += [unescaped(text[end : mark.start()]), _typed(mark[1], named)]
        end = mark.end()
    plain.append(unescaped(text[end:]))
    return "".join(plain)


def unnamed_channels(text: str) -> list[str]:
    """Return the channels that a text tells by their ids only."""
    return list(dict.fromkeys(_CHANNEL.findall(text)))


def emoji_in(blocks: Any) -> dict[str, str]:  # noqa: ANN401 - any piece of a message
    """Return the emoji that a message's blocks hold, by their names."""
    return dict(_emoji(blocks))


def _emoji(value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any piece of a message
    match value:
        case {"type": "emoji", "name": str(name), "unicode": str(code)}:
            try:
                yield name, "".join(chr(int(point, 16)) for point in code.split("-"))
            except (ValueError, OverflowError):
                return
        case dict():
            for each in value.values():
                yield from _emoji(each)
        case list():
            for each in value:
                yield from _emoji(each)


def _typed(mark: str, channels: Mapping[str, str]) -> str:
    target, _bar, label = (unescaped(part) for part in mark.partition("|"))
    match target[:1]:
        case "@":
            return f"<{target}|{label}>" if label else f"<{target}>"
        case "#":
            return f"#{label or channels.get(target[1:], target[1:])}"
        case "!":
            return _special(target[1:], label)
        case _:
            return _address(target, label)


def _special(target: str, label: str) -> str:
    if target.startswith("date^"):
        return label
    if label:
        return label if label.startswith("@") else f"@{label}"
    return f"@{target.partition('^')[0]}"


def _address(target: str, label: str) -> str:
    if not label or label == target:
        return _SCHEME.sub("", target) if target.startswith(("mailto:", "tel:")) else target
    if label in target:
        return label
    return f"{label} ({target})"
