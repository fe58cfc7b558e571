"""What happens to members and places, and is said by nobody: pure functions of what was sent."""

from __future__ import annotations

from typing import Final

from adapters.slack.people import Profile
from adapters.slack.places import PLATFORM, Payload, member, team_of, whole_workspace
from adapters.slack.workspace import Identity
from chatops.conversation.addresses import Member, Place
from chatops.conversation.events import Happening, MemberLeft, PlaceLost, PlaceMoved

_LOST: Final = frozenset(
    {
        "channel_archive",
        "channel_deleted",
        "channel_left",
        "group_archive",
        "group_deleted",
        "group_left",
    }
)


def happened(event: Payload, body: Payload, me: Identity) -> Happening | None:
    """Return what the core has to know of an event; None where that is nothing."""
    team, name = team_of(body), f"event:{body.get('event_id', '')}"
    match event.get("type"):
        case "member_left_channel" if event.get("user") != me.user:
            return MemberLeft(name, _place(team, event["channel"]), _gone(team, event["user"]))
        case "user_change" if (event.get("user") or {}).get("deleted"):
            gone = _gone(team, event["user"]["id"], event["user"].get("name"))
            return MemberLeft(name, whole_workspace(team), gone)
        case "channel_id_changed":
            before, after = event["old_channel_id"], event["new_channel_id"]
            return PlaceMoved(name, _place(team, before), _place(team, after))
        case _:
            lost = _lost(event, team, me)
            return PlaceLost(name, lost) if lost else None


def _lost(event: Payload, team: str, me: Identity) -> Place | None:
    """Return where the bot may no longer speak."""
    match event.get("type"):
        case "app_uninstalled":
            return whole_workspace(team)
        case "tokens_revoked" if is_revoked(event, me):
            return whole_workspace(team)
        case "member_left_channel":
            return _place(team, event["channel"])
        case kind if kind in _LOST:
            return _place(team, event["channel"])
        case _:
            return None


def is_revoked(event: Payload, me: Identity) -> bool:
    """Whether the bot's own token was taken back, and not only a member's."""
    return me.user in ((event.get("tokens") or {}).get("bot") or ())


def _place(team: str, channel: object) -> Place:
    return Place(PLATFORM, team, str(channel))


def _gone(team: str, user: object, name: object = None) -> Member:
    return member(team, str(user), Profile(str(name or user)))
