"""The Web API: every method that the double knows, each with the scope that it needs.

To add a method, write it in the module of its family with `@method` over it.
"""

from __future__ import annotations

from tests.support.slack.web_api import (
    chat,
    conversations,
    files,
    identity,
    reactions,
    users,
    views,
)
from tests.support.slack.web_api.asked import METHODS

__all__ = [
    "METHODS",
    "chat",
    "conversations",
    "files",
    "identity",
    "reactions",
    "users",
    "views",
]
