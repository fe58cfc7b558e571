"""Views: modals and Home tabs."""

from __future__ import annotations

import json

from slack_sdk.errors import SlackObjectFormationError
from slack_sdk.models.views import View

from tests.support.slack.validation.blocks import check_blocks
from tests.support.slack.validation.rules import (
    Report,
    Rule,
    anything,
    flag,
    say,
    shape,
    string,
    text,
    typed,
)

TOO_LARGE = 250_000
"""Bytes of a view above which Slack answers `view_too_large`."""


_COMMON: dict[str, Rule] = {
    "private_metadata": string(3000, shortest=0),
    "callback_id": string(255, shortest=0),
    "external_id": string(255, shortest=0),
}
_VIEW = typed(
    {
        "modal": shape(
            {"title": text(24), "blocks": anything},
            {
                **_COMMON,
                "submit": text(24),
                "close": text(24),
                "clear_on_close": flag,
                "notify_on_close": flag,
                "submit_disabled": flag,
            },
        ),
        "home": shape({"blocks": anything}, _COMMON),
    }
)


def check_view(view: object, *, kind: str) -> Report:
    """Return what is wrong with a view of this kind, in Slack's words."""
    report: Report = []
    _VIEW(view, "/view", report)
    if report or not isinstance(view, dict):
        return report
    if view["type"] != kind:
        say(report, f"must be a view of type {kind}", "/view/type")
        return report
    report.extend(check_blocks(view["blocks"], view["type"], "/view/blocks"))
    if not report:
        _whole(view, report)
    return report


def too_large(view: object) -> bool:
    """Tell whether the view has more bytes than Slack takes."""
    return len(json.dumps(view, ensure_ascii=False).encode()) > TOO_LARGE


def _whole(view: dict[str, object], report: Report) -> None:
    blocks = view["blocks"]
    asked = (
        [block for block in blocks if block["type"] == "input"] if isinstance(blocks, list) else []
    )
    if asked and view["type"] == "modal" and "submit" not in view:
        say(report, "missing required field: submit", "/view")
    try:
        View(**json.loads(json.dumps(view))).validate_json()
    except SlackObjectFormationError as error:
        say(report, str(error), "/view")
