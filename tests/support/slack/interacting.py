"""Interactions of a person with what an app shows: their payloads, and what an answer does."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support.slack import describing, filling
from tests.support.slack.apps import App, Bot
from tests.support.slack.mrkdwn import plain
from tests.support.slack.records import Delivery, Impossible, Json, Message, User, View
from tests.support.slack.showing import MOST_MODALS, Unshowable, change, show
from tests.support.slack.validation.blocks import interactive

if TYPE_CHECKING:
    from tests.support.slack.places import Channel, Team
    from tests.support.slack.world import World

_UNANSWERED = "We had some trouble connecting. Try again?"


def payload(kind: str, bot: Bot, user: User, *, view_id: str = "") -> Json:
    """Return what every interaction tells."""
    world, name = bot.team.world, user.name.lower().replace(" ", ".")
    return {
        "type": kind,
        "token": "verification",
        "api_app_id": bot.app.id,
        "team": {"id": bot.team.id, "domain": bot.team.domain},
        "enterprise": None,
        "is_enterprise_install": False,
        "user": {"id": user.id, "username": name, "name": name, "team_id": bot.team.id},
        "trigger_id": world.exchanges.trigger(bot, user, view_id=view_id),
    }


async def send(app: App, bot: Bot, told: Json) -> Delivery:
    """Deliver an interaction and wait for its acknowledgement.

    Raises:
        Impossible: The app has not switched interactivity on.
    """
    if not app.manifest.interactive:
        raise Impossible(f"{app.name} is not configured to handle interactive responses")
    delivery = Delivery("interactive", told["type"], told, answerable=True)
    await bot.team.world.courier.start(app, delivery)
    return delivery


def owner(team: Team, app_id: str) -> Bot:
    """Return the bot of an app that is still installed."""
    for bot in team.bots:
        if bot.app.id == app_id and bot.installed:
            return bot
    raise Impossible("the app is not installed any more")


def from_message(bot: Bot, user: User, channel: Channel, message: Message, action: Json) -> Json:
    """Return the payload of an action on a message; of an ephemeral one nothing more is told."""
    world = channel.team.world
    container: Json = {
        "type": "message",
        "message_ts": message.ts,
        "channel_id": channel.id,
        "is_ephemeral": bool(message.only_for),
    }
    if message.thread_ts:
        container["thread_ts"] = message.thread_ts
    told = {
        **payload("block_actions", bot, user),
        "container": container,
        "channel": {"id": channel.id, "name": channel.name},
        "state": {"values": {}},
        "response_url": world.exchanges.response_url(bot, user, channel, message),
        "actions": [action],
    }
    if not message.only_for:
        told["message"] = describing.message(message, channel)
    return told


def from_view(bot: Bot, user: User, view: View, action: Json) -> Json:
    """Return the payload of an action on a view."""
    return {
        **payload("block_actions", bot, user, view_id=view.id),
        "container": {"type": "view", "view_id": view.id},
        "view": describing.view(view),
        "state": {"values": {}},
        "actions": [action],
    }


def pressed(blocks: list[Json], what: str, at: str) -> Json:
    """Return the action of pressing what has this label, action_id or value.

    Raises:
        Impossible: There is no such thing, or more than one.
    """
    found = []
    for block, element in interactive(blocks):
        common = {"block_id": block["block_id"], "action_ts": at}
        if element["type"] == "button":
            label = plain(element["text"]["text"]).text
            if what in (label, element["action_id"], element.get("value")):
                kept = ("type", "action_id", "text", "value", "style", "url")
                found.append(common | {key: element[key] for key in kept if key in element})
        elif element["type"] == "overflow":
            found.extend(
                common
                | {
                    "type": "overflow",
                    "action_id": element["action_id"],
                    "selected_option": each,
                }
                for each in element["options"]
                if what in (plain(each["text"]["text"]).text, each["value"])
            )
    if len(found) != 1:
        raise Impossible(f"{len(found)} buttons say {what}")
    return found[0]


def selected(blocks: list[Json], what: str, value: object, team: Team, at: str) -> Json:
    """Return the action of choosing something in the field of this action_id or placeholder.

    Raises:
        Impossible: There is no such field, or it does not offer that.
    """
    for block, element in interactive(blocks):
        placeholder = element.get("placeholder", {}).get("text")
        label = block.get("label", {}).get("text")
        if what in (element.get("action_id"), placeholder, block["block_id"], label):
            return {
                "block_id": block["block_id"],
                "action_id": element["action_id"],
                "action_ts": at,
                **filling.chosen(element, value, team),
            }
    raise Impossible(f"there is no field {what}")


def answered(world: World, bot: Bot, view: View, delivery: Delivery) -> None:
    """Do with a submitted modal what the app's acknowledgement says: close it by default."""
    if not delivery.acked:
        view.banner = _UNANSWERED
        return
    response = delivery.response or {}
    stack = world.modals[view.user_id]
    try:
        match response.get("response_action"):
            case "errors":
                _errors(world, view, response)
            case "update":
                change(world, view, response.get("view"), kind="modal")
            case "push":
                _push(world, bot, view, response)
            case "clear":
                for each in stack:
                    each.open = False
                stack.clear()
            case None:
                close(world, view)
            case other:
                world.accuse("view", f"there is no response_action {other}")
                view.banner = _UNANSWERED
    except Unshowable:
        view.banner = _UNANSWERED


def close(world: World, view: View) -> None:
    """Take a modal away."""
    view.open = False
    stack = world.modals[view.user_id]
    if view in stack:
        stack.remove(view)


def _errors(world: World, view: View, response: Json) -> None:
    errors = response.get("errors")
    asked = {block["block_id"] for block in view.content["blocks"] if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= asked:
        world.accuse("view", f"errors must name the fields {sorted(asked)}: {errors}")
        view.banner = _UNANSWERED
        return
    view.errors = dict(errors)


def _push(world: World, bot: Bot, view: View, response: Json) -> None:
    stack = world.modals[view.user_id]
    if len(stack) >= MOST_MODALS:
        raise Unshowable("push_limit_reached")
    shown = show(world, bot, view.user_id, response.get("view"), kind="modal")
    shown.root_id, shown.previous_id = stack[0].id, view.id
    stack.append(shown)
