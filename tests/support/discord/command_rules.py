"""What Discord refuses in application commands, beyond what its API description says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import regex

from tests.support.discord.records import Json
from tests.support.discord.refusals import Problem, problem

COMMANDS = 100
OPTIONS = 25
SIZE = 8_000

CHAT_INPUT = 1
SUBCOMMAND, GROUP = 1, 2
_BRANCHES = (SUBCOMMAND, GROUP)
_NAME = regex.compile(r"[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}")
_LENGTH = "BASE_TYPE_BAD_LENGTH"
_LOCALES = frozenset(
    [
        "ar",
        "bg",
        "cs",
        "da",
        "de",
        "el",
        "en-GB",
        "en-US",
        "es-419",
        "es-ES",
        "fi",
        "fr",
        "he",
        "hi",
        "hr",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
        "lt",
        "nl",
        "no",
        "pl",
        "pt-BR",
        "ro",
        "ru",
        "sv-SE",
        "th",
        "tr",
        "uk",
        "vi",
        "zh-CN",
        "zh-TW",
    ]
)

At = tuple[str | int, ...]


def command_problems(commands: list[Json]) -> list[Problem]:
    """Return what is wrong with the commands that are put together."""
    problems: list[Problem] = []
    chat = [one for one in commands if (one.get("type") or CHAT_INPUT) == CHAT_INPUT]
    if len(chat) > COMMANDS:
        problems.append(
            problem((), f"Maximum number of application commands reached ({COMMANDS}).", "MAX")
        )
    problems += _repeated(commands, ())
    for index, command in enumerate(commands):
        at: At = (index,)
        if (command.get("type") or CHAT_INPUT) == CHAT_INPUT:
            problems += _named(command, at)
            problems += _options(command, at, 0)
        if size_of(command) > SIZE:
            problems.append(
                problem(
                    at, f"Command exceeds maximum size ({SIZE})", "APPLICATION_COMMAND_TOO_LARGE"
                )
            )
    return problems


def size_of(command: Json) -> int:
    """Return the characters that count: of each text only its longest language."""
    own = sum(_longest(command, key) for key in ("name", "description"))
    choices = sum(
        _longest(choice, "name") + len(str(choice["value"]))
        for choice in command.get("choices") or []
    )
    return own + choices + sum(size_of(option) for option in command.get("options") or [])


def _longest(item: Json, key: str) -> int:
    texts = [item.get(key) or "", *(item.get(f"{key}_localizations") or {}).values()]
    return max(len(text) for text in texts)


def _named(item: Json, at: At) -> Iterator[Problem]:
    names: dict[At, str] = {("name",): item["name"]}
    names |= {
        ("name_localizations", locale): name
        for locale, name in (item.get("name_localizations") or {}).items()
    }
    for way, name in names.items():
        if not _NAME.fullmatch(name) or name != name.lower():
            yield problem(
                (*at, *way),
                f"Command name is invalid: {name!r}",
                "APPLICATION_COMMAND_INVALID_NAME",
            )
    if not (item.get("description") or "").strip():
        yield problem((*at, "description"), "This field is required", "BASE_TYPE_REQUIRED")
    for key in ("name_localizations", "description_localizations"):
        for locale in item.get(key) or {}:
            if locale not in _LOCALES:
                yield problem((*at, key, locale), f"{locale!r} is no locale.", "ENUM_TYPE_COERCE")


def _options(item: Json, at: At, depth: int) -> Iterator[Problem]:
    options = item.get("options") or []
    way: At = (*at, "options")
    if len(options) > OPTIONS:
        yield problem(way, f"Must be {OPTIONS} or fewer in length.", _LENGTH)
    yield from _repeated(options, way)
    yield from _mixed(options, way, depth)
    optional = False
    for index, option in enumerate(options):
        place: At = (*way, index)
        yield from _named(option, place)
        if option["type"] in _BRANCHES:
            yield from _options(option, place, depth + 1)
            continue
        if option.get("required") and optional:
            yield problem(
                place,
                "Required options must be placed before non-required options",
                "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
            )
        optional = optional or not option.get("required")
        yield from _choices(option, place)


def _mixed(options: list[Json], way: At, depth: int) -> Iterator[Problem]:
    branches = [option["type"] in _BRANCHES for option in options]
    if any(branches) and not all(branches):
        yield problem(
            way,
            "Sub-commands and groups of them exclude all other option types",
            "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID",
        )
    if depth and any(option["type"] == GROUP for option in options):
        yield problem(way, "A group stands only at the top.")


def _choices(option: Json, at: At) -> Iterator[Problem]:
    choices = option.get("choices") or []
    if choices and option.get("autocomplete"):
        yield problem((*at, "autocomplete"), "Choices and autocomplete exclude each other.")
    for key in ("name", "value"):
        repeated = [v for v, n in Counter(choice[key] for choice in choices).items() if n > 1]
        if repeated:
            yield problem(
                (*at, "choices"),
                f"The {key} {repeated[0]!r} is used twice.",
                "APPLICATION_COMMAND_OPTIONS_CHOICE_NAME_DUPLICATED",
            )


def _repeated(items: list[Json], at: At) -> Iterator[Problem]:
    """Refuse names that are used twice, in any language."""
    used: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for item in items:
        # A user command and a chat command may have one name.
        kind = 0 if at else item.get("type") or CHAT_INPUT
        used["", kind][item["name"]] += 1
        for locale, name in (item.get("name_localizations") or {}).items():
            used[locale, kind][name] += 1
    for (locale, _), names in used.items():
        for name, count in names.items():
            if count > 1:
                yield problem(
                    at,
                    f"The name {name!r} is used twice {locale}".rstrip(),
                    "APPLICATION_COMMANDS_DUPLICATE_NAME",
                )
