"""The Bolt app: one set of listeners, whether Slack comes by a socket or by signed HTTP."""

from __future__ import annotations

import logging
import re
from typing import Any, Final

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_sdk.web.async_client import AsyncWebClient

from adapters.slack.ears import Ears
from adapters.slack.interacting import Interacting
from adapters.slack.teams import Teams

_ANYTHING: Final = re.compile("")


def bolt_app(
    client: AsyncWebClient, teams: Teams, ears: Ears, interacting: Interacting, signing_secret: str
) -> AsyncApp:
    """Return the app that takes all that Slack sends.

    A listener's work is done before the answer: bolt looks for an acknowledgement only every ten
    milliseconds otherwise. So each listener hands on what takes long.
    """

    async def authorize(team_id: str | None) -> Any:  # noqa: ANN401 - bolt takes None, and does not say so
        team = teams.find(team_id or "")
        if team is None:
            return None
        return AuthorizeResult(
            enterprise_id=None,
            team_id=team.me.team,
            bot_id=team.me.bot,
            bot_user_id=team.me.user,
            bot_token=team.workspace.token,
        )

    by_http = bool(signing_secret)
    app = AsyncApp(
        logger=quiet_logger(),
        client=client,
        authorize=authorize,
        signing_secret=signing_secret,
        request_verification_enabled=by_http,
        ssl_check_enabled=by_http,
        url_verification_enabled=by_http,
        process_before_response=True,
        # The ears know the bot's own voice.
        ignoring_self_events_enabled=False,
        attaching_conversation_kwargs_enabled=False,
        attaching_function_token_enabled=False,
    )
    app.command(_ANYTHING)(ears.command)
    app.event(_ANYTHING)(ears.event)
    app.action(_ANYTHING)(interacting.action)
    app.view_submission(_ANYTHING)(interacting.submission)
    for others in (app.view_closed, app.shortcut, app.options):
        others(_ANYTHING)(_acknowledged)
    return app


def quiet_logger() -> logging.Logger:
    """Return the SDK's logger, which never writes down what was said."""
    logger = logging.getLogger("adapters.slack.sdk")
    logger.setLevel(logging.WARNING)
    return logger


async def _acknowledged(ack: AsyncAck, **_others: Any) -> None:  # noqa: ANN401 - whatever bolt gives
    """Take what Slack may send and the bot has no use for."""
    await ack()
