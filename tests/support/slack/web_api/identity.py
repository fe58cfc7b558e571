"""Who the app is, and how it connects: auth, team, bots, apps."""

from __future__ import annotations

import secrets

from tests.support.slack.records import Json
from tests.support.slack.web_api.asked import Asked, Refused, method


@method("auth.test", app_level=True)
def auth_test(asked: Asked) -> Json:
    """Tell whose token it is."""
    if asked.caller is None:
        return {"app_id": asked.app.id, "app_name": asked.app.name}
    bot = asked.bot
    return {
        "url": f"https://{bot.team.domain}.slack.com/",
        "team": bot.team.name,
        "user": bot.user.name,
        "team_id": bot.team.id,
        "user_id": bot.user_id,
        "bot_id": bot.bot_id,
        "is_enterprise_install": False,
    }


@method("auth.revoke", "test")
def auth_revoke(asked: Asked) -> Json:
    """Revoke the token that asks."""
    if not asked.flag("test"):
        asked.bot.revoke()
    return {"revoked": not asked.flag("test")}


@method("api.test", "error foo", app_level=True)
def api_test(asked: Asked) -> Json:
    """Say the arguments back."""
    if asked.words("error"):
        raise Refused(asked.words("error"))
    return {"args": {key: value for key, value in asked.args.items() if key != "token"}}


@method("apps.connections.open", app_level=True)
def connections_open(asked: Asked) -> Json:
    """Return the address of a new socket, good for one connection."""
    if asked.caller is not None:
        raise Refused("not_allowed_token_type")
    if not asked.app.manifest.socket_mode:
        raise Refused("not_allowed")
    ticket = secrets.token_hex(16)
    asked.world.tickets[ticket] = asked.app
    address = asked.world.url.replace("http://", "ws://")
    return {"url": f"{address}/link/?ticket={ticket}&app_id={asked.app.id}"}


@method("team.info", "team", scopes=("team:read",))
def team_info(asked: Asked) -> Json:
    """Tell what the workspace is called."""
    team = asked.team
    return {
        "team": {
            "id": team.id,
            "name": team.name,
            "domain": team.domain,
            "url": f"https://{team.domain}.slack.com/",
        }
    }


@method("bots.info", "bot", scopes=("users:read",))
def bots_info(asked: Asked) -> Json:
    """Tell whose bot it is."""
    for bot in asked.team.bots:
        if bot.bot_id == asked.required("bot"):
            return {
                "bot": {
                    "id": bot.bot_id,
                    "deleted": not bot.installed,
                    "name": bot.app.name,
                    "app_id": bot.app.id,
                    "user_id": bot.user_id,
                }
            }
    raise Refused("bot_not_found")
