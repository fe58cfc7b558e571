"""Small rules that are put together to describe a block; each writes what is wrong in a report.

A rule takes the value, the place where it stands (a JSON pointer, as Slack names it) and the
report. The sentences are Slack's own where they are known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias
from urllib.parse import urlsplit

Report: TypeAlias = list[str]
Rule: TypeAlias = Callable[[object, str, Report], None]


def say(report: Report, sentence: str, at: str) -> None:
    """Write down what is wrong at a place."""
    report.append(f"{sentence} [json-pointer:{at}]")


def string(longest: int, *, shortest: int = 1) -> Rule:
    """Demand a string within these lengths."""

    def rule(value: object, at: str, report: Report) -> None:
        if not isinstance(value, str):
            say(report, "must be a string", at)
        elif len(value) > longest:
            say(report, f"must be less than {longest + 1} characters", at)
        elif len(value) < shortest:
            say(report, f"must be more than {shortest - 1} characters", at)

    return rule


def url(longest: int = 3000) -> Rule:
    """Demand a whole http or https address."""
    length = string(longest)

    def rule(value: object, at: str, report: Report) -> None:
        length(value, at, report)
        if isinstance(value, str):
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname:
                say(report, "invalid url", at)

    return rule


def flag(value: object, at: str, report: Report) -> None:
    """Demand true or false."""
    if not isinstance(value, bool):
        say(report, "must be a boolean", at)


def number(least: int, most: int) -> Rule:
    """Demand a whole number within these bounds."""

    def rule(value: object, at: str, report: Report) -> None:
        if not isinstance(value, int) or isinstance(value, bool):
            say(report, "must be an integer", at)
        elif not least <= value <= most:
            say(report, f"must be between {least} and {most}", at)

    return rule


def anything(_value: object, _at: str, _report: Report) -> None:
    """Demand nothing."""


def numeral(value: object, at: str, report: Report) -> None:
    """Demand a decimal number written as a string."""
    try:
        float(value if isinstance(value, str) else "?")
    except ValueError:
        say(report, "must be a number in a string", at)


def one_of(*choices: str) -> Rule:
    """Demand one of these words."""

    def rule(value: object, at: str, report: Report) -> None:
        if value not in choices:
            say(report, f"must be one of {', '.join(choices)}", at)

    return rule


def items(each: Rule, *, most: int, least: int = 1) -> Rule:
    """Demand a list within these lengths whose members all follow one rule."""

    def rule(value: object, at: str, report: Report) -> None:
        if not isinstance(value, list):
            say(report, "must be an array", at)
            return
        if len(value) > most:
            say(report, f"no more than {most} items allowed", at)
        elif len(value) < least:
            say(report, f"no fewer than {least} items allowed", at)
        for index, member in enumerate(value):
            each(member, f"{at}/{index}", report)

    return rule


def shape(needs: Mapping[str, Rule] | None = None, may: Mapping[str, Rule] | None = None) -> Rule:
    """Demand an object with these keys and no others."""
    needed, allowed = needs or {}, {**(needs or {}), **(may or {})}

    def rule(value: object, at: str, report: Report) -> None:
        if not isinstance(value, dict):
            say(report, "must provide an object", at)
            return
        for key in needed.keys() - value.keys():
            say(report, f"missing required field: {key}", at)
        for key, member in value.items():
            if key in allowed:
                allowed[key](member, f"{at}/{key}", report)
            elif key != "type":
                say(report, f"invalid additional property: {key}", at)

    return rule


def typed(kinds: Mapping[str, Rule]) -> Rule:
    """Demand an object of one of these types, with the rule of its type."""

    def rule(value: object, at: str, report: Report) -> None:
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in kinds:
            say(report, f"unsupported type: {kind}", f"{at}/type")
        else:
            kinds[kind](value, at, report)

    return rule


def text(longest: int, *, mrkdwn: bool = False) -> Rule:
    """Demand a text object that is not empty; `mrkdwn` says whether marks are allowed."""
    words = {"text": string(longest)}
    plain = shape(words, {"emoji": flag})
    return typed(
        {"plain_text": plain, "mrkdwn": shape(words, {"verbatim": flag})}
        if mrkdwn
        else {"plain_text": plain}
    )
