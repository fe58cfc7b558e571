"""What Slack accepts as blocks, views and messages: slack_sdk's models and the rules they lack."""

from __future__ import annotations

from tests.support.slack.validation.blocks import check_blocks
from tests.support.slack.validation.views import check_view

__all__ = ["check_blocks", "check_view"]
