"""People: users."""

from __future__ import annotations

from tests.support.slack import describing
from tests.support.slack.records import Json
from tests.support.slack.web_api.asked import Asked, method


@method("users.info", "user include_locale", scopes=("users:read",))
def users_info(asked: Asked) -> Json:
    """Tell who somebody is; the language only when asked for."""
    user = asked.user(asked.required("user"))
    return {"user": describing.user(user, asked.team, with_locale=asked.flag("include_locale"))}


@method("users.list", "cursor limit include_locale", scopes=("users:read",))
def users_list(asked: Asked) -> Json:
    """List everybody, those who left included."""
    told = [
        describing.user(user, asked.team, with_locale=asked.flag("include_locale"))
        for user in asked.team.users.values()
    ]
    page, cursor = asked.page(told)
    return {"members": page, "response_metadata": {"next_cursor": cursor}}
