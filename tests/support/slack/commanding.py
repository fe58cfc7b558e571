"""Commands and shortcuts that people take, suggestions they ask for, and what Slack then shows."""

from __future__ import annotations

import re

from tests.support.slack import describing, interacting, responding
from tests.support.slack.apps import Bot
from tests.support.slack.mrkdwn import encoded, plain
from tests.support.slack.places import SLACKBOT, Channel, Team
from tests.support.slack.records import Delivery, Impossible, Json, Message, User
from tests.support.slack.saying import Unacceptable
from tests.support.slack.seeing import Seen, Sight

_NAMES = {"im": "directmessage", "group": "privategroup", "mpim": "mpdm"}
_MOST_SUGGESTIONS = 100


async def call(team: Team, user: User, channel: Channel, line: str) -> Delivery:
    """Call the slash command that an installed app declared."""
    command, _, typed = line.strip().partition(" ")
    bot = next(
        (each for each in team.bots if each.installed and command in each.app.manifest.commands),
        None,
    )
    if bot is None or user.stranger:
        raise Impossible(f"{command} is not a valid command. In Slack, all messages that start "
                         f"with the “/” character are interpreted as commands.")  # fmt: skip
    declared = bot.app.manifest.commands[command]
    escaped = bool(declared.get("should_escape"))
    exchanges = team.world.exchanges
    address = exchanges.response_url(bot, user, channel)
    payload = {
        "token": "verification",
        "team_id": team.id,
        "team_domain": team.domain,
        "channel_id": channel.id,
        "channel_name": _NAMES.get(channel.kind, channel.name),
        "user_id": user.id,
        "user_name": user.name.lower().replace(" ", "."),
        "command": command,
        "text": _referring(team, typed.strip()) if escaped else encoded(typed.strip()),
        "api_app_id": bot.app.id,
        "is_enterprise_install": "false",
        "response_url": address,
        "trigger_id": exchanges.trigger(bot, user),
    }
    delivery = Delivery("slash_commands", command, payload, answerable=True)
    await team.world.courier.start(bot.app, delivery)
    _shown(team, user, channel, delivery)
    return delivery


async def shortcut(
    bot: Bot, user: User, callback_id: str, on: tuple[Channel, Message] | None = None
) -> Delivery:
    """Take a shortcut that the app declared, on a message or anywhere."""
    kind = "global" if on is None else "message"
    declared = bot.app.manifest.shortcuts.get(callback_id, {})
    if declared.get("type") != kind:
        raise Impossible(f"{bot.app.name} has no {kind} shortcut {callback_id}")
    told = interacting.payload("shortcut" if on is None else "message_action", bot, user)
    told |= {"callback_id": callback_id, "action_ts": bot.team.world.names.timestamp()}
    if on is not None:
        channel, message = on
        told |= {
            "channel": {"id": channel.id, "name": channel.name},
            "message": describing.message(message, channel),
            "message_ts": message.ts,
            "response_url": bot.team.world.exchanges.response_url(bot, user, channel),
        }
    return await interacting.send(bot.app, bot, told)


async def suggest(
    team: Team, user: User, where: Seen | Sight, action_id: str, typed: str
) -> list[str]:
    """Ask the app what it offers for what was typed; return the labels."""
    world = team.world
    told: Json
    if isinstance(where, Sight):
        app_id, told = where.view.app_id, {"view": describing.view(where.view)}
        told["container"] = {"type": "view", "view_id": where.view.id}
    else:
        app_id, told = where.message.app_id, {"message": where.raw}
        told["container"] = {"type": "message", "message_ts": where.ts}
    bot = interacting.owner(team, app_id)
    payload = interacting.payload("block_suggestion", bot, user)
    del payload["trigger_id"]
    told |= {**payload, "action_id": action_id, "block_id": "", "value": typed}
    delivery = await interacting.send(bot.app, bot, told)
    offered = (delivery.response or {}).get("options", [])
    if len(offered) > _MOST_SUGGESTIONS:
        world.accuse("blocks", f"more than {_MOST_SUGGESTIONS} options were offered")
    return [plain(each["text"]["text"]).text for each in offered]


def _shown(team: Team, user: User, channel: Channel, delivery: Delivery) -> None:
    """Show what came with the acknowledgement, or that none came."""
    command = delivery.name
    error = ""
    if not delivery.acked:
        timely = delivery.attempts[-1].outcome == "unconnected"
        error = "dispatch_failed" if timely else "operation_timeout"
    elif delivery.response:
        name = delivery.payload["response_url"].rpartition("/")[2]
        url = team.world.exchanges.urls[name]
        try:
            responding.take(team.world, url, delivery.response, origin=f"ack of {command}")
        except Unacceptable as refused:
            error = refused.error
    if error:
        channel.ephemeral.append(
            Message(
                ts=team.world.names.timestamp(),
                channel_id=channel.id,
                user=SLACKBOT,
                text=f'{command} failed with the error "{error}"',
                only_for=user.id,
            )
        )


def _referring(team: Team, typed: str) -> str:
    """Return the text with names as references, as `should_escape` asks for."""
    raw = encoded(typed)
    for user in sorted(team.users.values(), key=lambda each: -len(each.name)):
        reference = f"<@{user.id}|{user.name.lower().replace(' ', '.')}>"
        raw = re.sub(rf"(?<![\w<])@{re.escape(encoded(user.name))}(?!\w)", reference, raw)
    for channel in team.channels:
        reference = f"<#{channel.id}|{channel.name}>"
        raw = re.sub(rf"(?<![\w<])#{re.escape(encoded(channel.name))}(?!\w)", reference, raw)
    return raw
