"""How Slack writes down users, channels, messages, files and views in answers and events."""

from __future__ import annotations

import mimetypes
from typing import TYPE_CHECKING

from tests.support.slack.apps import Bot
from tests.support.slack.records import File, Json, Message, User, View

if TYPE_CHECKING:
    from tests.support.slack.places import Channel, Team


def user(who: User, team: Team, *, with_locale: bool = False) -> Json:
    """Describe a user; of a stranger less is told."""
    told: Json = {
        "id": who.id,
        "team_id": team.id if not who.stranger else "T0STRANGER",
        "name": who.name.lower().replace(" ", "."),
        "deleted": who.deleted,
        "is_bot": who.is_bot,
        "is_app_user": False,
        "updated": 1_700_000_000,
        "profile": {
            "real_name": who.name,
            "display_name": "" if who.is_bot else who.name,
            "team": team.id,
            **({"bot_id": who.bot_id, "api_app_id": who.app_id} if who.is_bot else {}),
        },
    }
    if who.deleted:
        return told
    told |= {"real_name": who.name, "tz": "Europe/Paris", "tz_offset": 3600}
    if who.stranger:
        return told | {"is_stranger": True, "is_restricted": False}
    if with_locale:
        told["locale"] = who.locale
    return told | {
        "is_admin": who.admin,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": who.guest,
        "is_ultra_restricted": False,
    }


def channel(place: Channel, bot: Bot) -> Json:
    """Describe a conversation as this bot is told of it."""
    told: Json = {
        "id": place.id,
        "created": 1_700_000_000,
        "is_archived": place.archived,
        "is_im": place.kind == "im",
        "is_mpim": place.kind == "mpim",
        "is_org_shared": False,
        "context_team_id": place.team.id,
    }
    if place.kind == "im":
        other = next((each for each in sorted(place.members) if each != bot.user_id), "")
        return told | {"user": other, "is_user_deleted": place.team.users[other].deleted}
    return told | {
        "name": place.name,
        "name_normalized": place.name,
        "is_channel": place.kind == "channel",
        "is_group": place.kind == "group",
        "is_private": place.private,
        "is_general": place.name == "general",
        "is_member": bot.user_id in place.members,
        "is_shared": place.shared,
        "is_ext_shared": place.shared,
        "is_pending_ext_shared": False,
        "is_read_only": place.read_only,
        "num_members": len(place.members),
    }


def message(said: Message, place: Channel, *, with_metadata: bool = False) -> Json:
    """Describe a message as history and events do."""
    told: Json = {"type": "message", "ts": said.ts, "text": said.text, "team": place.team.id}
    optional = {
        "subtype": said.subtype,
        "user": said.user,
        "bot_id": said.bot_id,
        "app_id": said.app_id,
        "blocks": said.blocks,
        "attachments": said.attachments,
        "thread_ts": said.thread_ts,
    }
    told |= {key: value for key, value in optional.items() if value}
    if said.edited:
        told["edited"] = {"user": said.user, "ts": said.edited}
    if said.files:
        told["files"] = [
            file(each, skeleton=place.shared) for each in said.files if not each.deleted
        ]
    if said.reactions:
        told["reactions"] = [
            {"name": name, "users": users, "count": len(users)}
            for name, users in said.reactions.items()
        ]
    replies = [each for each in place.thread(said.ts) if each.ts != said.ts]
    if replies:
        told |= {
            "thread_ts": said.ts,
            "reply_count": len(replies),
            "latest_reply": replies[-1].ts,
        }
    if with_metadata and said.metadata:
        told["metadata"] = said.metadata
    return told


def file(shared: File, *, skeleton: bool = False) -> Json:
    """Describe a file; as a skeleton where conversations are shared between organisations."""
    if skeleton:
        return {
            "id": shared.id,
            "created": 1_700_000_000,
            "timestamp": 1_700_000_000,
            "file_access": "check_file_info",
        }
    return {
        "id": shared.id,
        "created": 1_700_000_000,
        "timestamp": 1_700_000_000,
        "name": shared.name,
        "title": shared.title or shared.name,
        "mimetype": mimetypes.guess_type(shared.name)[0] or "application/octet-stream",
        "filetype": shared.name.rpartition(".")[2],
        "user": shared.owner,
        "size": len(shared.data),
        "mode": "hosted",
        "is_external": False,
        "is_public": False,
        "file_access": "visible",
        "url_private": f"{shared.address}/{shared.name}",
        "url_private_download": f"{shared.address}/download/{shared.name}",
        "shares": {
            family: {place: [{"ts": stamp} for stamp in stamps] for place, stamps in places.items()}
            for family, places in shared.shares.items()
        },
    }


def view(shown: View) -> Json:
    """Describe a view as answers and payloads do."""
    content = shown.content
    return {
        "private_metadata": "",
        "callback_id": "",
        "external_id": "",
        "clear_on_close": False,
        "notify_on_close": False,
        "submit": None,
        "close": None,
        "title": None,
        "state": {"values": {}},
        **content,
        "id": shown.id,
        "team_id": shown.team_id,
        "app_id": shown.app_id,
        "bot_id": shown.bot_id,
        "app_installed_team_id": shown.team_id,
        "hash": shown.hash,
        "root_view_id": shown.root_id or shown.id,
        "previous_view_id": shown.previous_id or None,
    }
