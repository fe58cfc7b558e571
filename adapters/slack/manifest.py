"""The app manifest: what the declared commands need of Slack, and nothing else."""

from __future__ import annotations

from typing import Any, Final

from chatops.conversation.kinds import File
from chatops.conversation.registry import Registry
from chatops.conversation.usage import PREFIX
from chatops.language import Language, Speaker, _

NAME: Final = "QuitX"

SCOPES: Final[dict[str, tuple[str, ...]]] = {
    "app_mentions:read": ("app_mention",),
    "channels:history": ("message.channels",),
    "channels:read": (
        "channel_archive",
        "channel_deleted",
        "channel_id_changed",
        "channel_left",
        "channel_shared",
        "channel_unshared",
        "member_joined_channel",
        "member_left_channel",
    ),
    "chat:write": (),
    "commands": (),
    "files:read": (),
    "files:write": (),
    "groups:history": ("message.groups",),
    "groups:read": ("group_archive", "group_deleted", "group_left"),
    "im:history": ("message.im",),
    "im:read": (),
    "im:write": (),
    "mpim:history": ("message.mpim",),
    "mpim:read": (),
    "reactions:read": ("reaction_added", "reaction_removed"),
    "reactions:write": (),
    "users:read": ("user_change",),
}
"""Each scope, with the events that come only with it."""

FREE_EVENTS: Final = ("app_home_opened", "app_uninstalled", "tokens_revoked")
"""Events that need no scope."""

_SUMMARY: Final = _("Leave X together, and well.")
_LONGEST_HINT: Final = 900


def scopes(registry: Registry) -> tuple[str, ...]:
    """Return the scopes that the declared commands need."""
    takes_files = any(
        isinstance(field.parameter.kind, File)
        for command in registry.commands
        for field in registry.fields(command)
    )
    return tuple(scope for scope in SCOPES if scope != "files:read" or takes_files)


def events(registry: Registry) -> tuple[str, ...]:
    """Return the events that the app listens to."""
    own = (event for scope in scopes(registry) for event in SCOPES[scope])
    return tuple(sorted((*own, *FREE_EVENTS)))


def manifest(registry: Registry, language: Language = "en") -> dict[str, Any]:
    """Return the manifest from which Slack makes the app.

    Args:
        registry: The declared commands.
        language: In which Slack tells people about the app.
    """
    speaker = Speaker(language)
    return {
        "display_information": {
            "name": NAME,
            "description": speaker.say(_SUMMARY),
            "background_color": "#1f3a5f",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": True,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": NAME, "always_online": True},
            "slash_commands": [
                {
                    "command": PREFIX,
                    "description": speaker.say(_SUMMARY),
                    "usage_hint": _hint(registry, language),
                    "should_escape": True,
                }
            ],
        },
        "oauth_config": {"scopes": {"bot": list(scopes(registry))}},
        "settings": {
            "event_subscriptions": {"bot_events": list(events(registry))},
            "interactivity": {"is_enabled": True},
            "org_deploy_enabled": False,
            "socket_mode_enabled": True,
            "token_rotation_enabled": False,
        },
    }


def _hint(registry: Registry, language: Language) -> str:
    """Return the verbs, as Slack shows them behind the command while it is typed."""
    verbs = dict.fromkeys(command.path[0].in_(language) for command in registry.commands)
    hint = ""
    for verb in verbs:
        longer = f"{hint} | {verb}" if hint else verb
        if len(longer) > _LONGEST_HINT:
            break
        hint = longer
    return f"[{hint}]"
