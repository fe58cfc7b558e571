"""Views: modals and Home tabs."""

from __future__ import annotations

from tests.support.slack import describing
from tests.support.slack.exchanges import Trigger
from tests.support.slack.records import Json, View
from tests.support.slack.showing import MOST_MODALS, Unshowable, change, show
from tests.support.slack.web_api.asked import Asked, Refused, method


@method("views.open", "trigger_id interactivity_pointer view")
def views_open(asked: Asked) -> Json:
    """Open a modal for who gave the trigger."""
    trigger = _exchanged(asked)
    shown = _shown(asked, trigger.user.id, "modal")
    for left in asked.world.modals.get(trigger.user.id, ()):
        left.open = False
    asked.world.modals[trigger.user.id] = [shown]
    return {"view": describing.view(shown)}


@method("views.push", "trigger_id interactivity_pointer view")
def views_push(asked: Asked) -> Json:
    """Put a modal on top of the one that gave the trigger."""
    trigger = _exchanged(asked)
    stack = asked.world.modals.get(trigger.user.id, [])
    if not trigger.view_id or not stack:
        raise Refused("not_found")
    if len(stack) >= MOST_MODALS:
        raise Refused("push_limit_reached")
    shown = _shown(asked, trigger.user.id, "modal")
    shown.root_id, shown.previous_id = stack[0].id, stack[-1].id
    stack.append(shown)
    return {"view": describing.view(shown)}


@method("views.update", "view view_id external_id hash")
def views_update(asked: Asked) -> Json:
    """Change a view that is open."""
    wanted, external = asked.words("view_id"), asked.words("external_id")
    for view in asked.world.views.values():
        own = view.app_id == asked.app.id and view.open
        if own and (
            view.id == wanted or (external and view.content.get("external_id") == external)
        ):
            _current(asked, view)
            try:
                change(asked.world, view, asked.args.get("view"), kind=view.content["type"])
            except Unshowable as refused:
                raise _refusal(refused) from None
            return {"view": describing.view(view)}
    raise Refused("not_found")


@method("views.publish", "user_id view hash")
def views_publish(asked: Asked) -> Json:
    """Set the Home tab of one person."""
    user = asked.user(asked.required("user_id"))
    if not asked.app.manifest.home_tab:
        raise Refused("not_enabled")
    before = asked.world.homes.get((user.id, asked.app.id))
    if before is not None:
        _current(asked, before)
    shown = _shown(asked, user.id, "home")
    asked.world.homes[user.id, asked.app.id] = shown
    return {"view": describing.view(shown)}


def _exchanged(asked: Asked) -> Trigger:
    trigger = asked.world.exchanges.exchange(asked.required("trigger_id"), asked.bot)
    if isinstance(trigger, str):
        asked.world.accuse("trigger", f"{asked.method}: {trigger}")
        raise Refused(trigger)
    return trigger


def _current(asked: Asked, view: View) -> None:
    known = asked.words("hash")
    if known and known != view.hash:
        raise Refused("hash_conflict")


def _shown(asked: Asked, user_id: str, kind: str) -> View:
    try:
        return show(asked.world, asked.bot, user_id, asked.args.get("view"), kind=kind)
    except Unshowable as refused:
        raise _refusal(refused) from None


def _refusal(refused: Unshowable) -> Refused:
    messages = [f"[ERROR] {problem}" for problem in refused.problems]
    details = {"response_metadata": {"messages": messages}} if messages else {}
    return Refused(refused.error, **details)
