"""The app's manifest, as the page that creates an app from one would read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.support.slack.records import Json
from tests.support.slack.scopes import EVENTS, KNOWN

EVERYTHING: Json = {
    "display_information": {"name": "QuitX"},
    "features": {
        "app_home": {
            "home_tab_enabled": True,
            "messages_tab_enabled": True,
            "messages_tab_read_only_enabled": False,
        },
        "bot_user": {"display_name": "QuitX", "always_online": True},
        "slash_commands": [{"command": "/quitx", "description": "Leave X together"}],
        "shortcuts": [
            {"name": "Say", "type": "global", "callback_id": "say", "description": "Say it"},
            {"name": "Take", "type": "message", "callback_id": "take", "description": "Take it"},
        ],
    },
    "oauth_config": {"scopes": {"bot": sorted(KNOWN)}},
    "settings": {
        "event_subscriptions": {"bot_events": sorted(EVENTS)},
        "interactivity": {"is_enabled": True},
        "socket_mode_enabled": True,
    },
}
"""An app to which everything is granted."""

_LONGEST = {"name": 35, "description": 140, "long_description": 4000}


@dataclass(frozen=True)
class Manifest:
    """What the app is and may do."""

    name: str
    commands: Mapping[str, Json]
    shortcuts: Mapping[str, Json]
    scopes: frozenset[str]
    events: frozenset[str]
    home_tab: bool
    messages_tab: bool
    interactive: bool
    socket_mode: bool
    problems: tuple[str, ...] = field(default=())

    @classmethod
    def read(cls, raw: Mapping[str, Any]) -> Manifest:
        """Read a manifest; what Slack would refuse in it stands in `problems`."""
        features = raw.get("features", {})
        home = features.get("app_home", {})
        settings = raw.get("settings", {})
        scopes = frozenset(raw.get("oauth_config", {}).get("scopes", {}).get("bot", ()))
        events = frozenset(settings.get("event_subscriptions", {}).get("bot_events", ()))
        commands = {each["command"]: each for each in features.get("slash_commands", ())}
        return cls(
            name=raw.get("display_information", {}).get("name", ""),
            commands=commands,
            shortcuts={each["callback_id"]: each for each in features.get("shortcuts", ())},
            scopes=scopes,
            events=events,
            home_tab=bool(home.get("home_tab_enabled")),
            messages_tab=bool(home.get("messages_tab_enabled"))
            and not home.get("messages_tab_read_only_enabled", True),
            interactive=bool(settings.get("interactivity", {}).get("is_enabled")),
            socket_mode=bool(settings.get("socket_mode_enabled")),
            problems=(
                *_described(raw.get("display_information", {})),
                *_granted(scopes, events, needs_commands=bool(commands)),
                *_called(commands),
            ),
        )


def _described(shown: Mapping[str, str]) -> Iterator[str]:
    if not shown.get("name"):
        yield "display_information.name is missing"
    for key, longest in _LONGEST.items():
        if len(shown.get(key, "")) > longest:
            yield f"display_information.{key} is longer than {longest} characters"
    if 0 < len(shown.get("long_description", "")) < 174:
        yield "display_information.long_description is shorter than 174 characters"


def _granted(
    scopes: frozenset[str], events: frozenset[str], *, needs_commands: bool
) -> Iterator[str]:
    for scope in sorted(scopes - KNOWN):
        yield f"no such bot scope: {scope}"
    for event in sorted(events):
        needed = EVENTS.get(event)
        if needed is None:
            yield f"no such bot event: {event}"
        elif needed and not needed & scopes:
            yield f"the event {event} needs the scope {' or '.join(sorted(needed))}"
    if needs_commands and "commands" not in scopes:
        yield "slash commands need the scope commands"


def _called(commands: Mapping[str, Json]) -> Iterator[str]:
    for command, declared in commands.items():
        if not command.startswith("/") or len(command) > 32 or command != command.lower():
            yield f"not a slash command: {command}"
        if not 0 < len(declared.get("description", "")) <= 2000:
            yield f"{command} needs a description of at most 2,000 characters"
        if len(declared.get("usage_hint", "")) > 1000:
            yield f"the usage hint of {command} is longer than 1,000 characters"
