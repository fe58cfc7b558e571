"""The tokens of an app: one setting may hold several."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from chatops.language import Code, Invalid, _

BOT: Final = "xoxb-"
APP: Final = "xapp-"
_SEPARATORS: Final = re.compile(r"[\s,]+")


def tokens_in(setting: str) -> tuple[str, ...]:
    """Return the tokens of a setting, which stand between commas, spaces or lines."""
    return tuple(token for token in _SEPARATORS.split(setting) if token)


def check_tokens(bot_tokens: Sequence[str], app_tokens: Sequence[str], *, by_http: bool) -> None:
    """Refuse tokens that cannot work together.

    Raises:
        Invalid: They cannot.
    """
    for tokens, prefix, setting in (
        (bot_tokens, BOT, "[slack] bot_token"),
        (app_tokens, APP, "[slack] app_token"),
    ):
        if not tokens and not (by_http and tokens is app_tokens):
            raise Invalid(
                _("{setting} is not set.", setting=Code(setting)),
                _("Give the token that starts with {prefix}.", prefix=Code(prefix)),
            )
        if any(not token.startswith(prefix) for token in tokens):
            raise Invalid(
                _("A token in {setting} is of another kind.", setting=Code(setting)),
                _("Give the token that starts with {prefix}.", prefix=Code(prefix)),
            )
    if len(set(bot_tokens)) != len(bot_tokens):
        raise Invalid(
            _("A token stands twice in {setting}.", setting=Code("[slack] bot_token")),
            _("Keep one of them."),
        )
    if len(app_tokens) > 1 and len(app_tokens) != len(bot_tokens):
        raise Invalid(
            _(
                "{setting} does not hold as many tokens as there are workspaces.",
                setting=Code("[slack] app_token"),
            ),
            _("Give one for all of them, or one for each in the same order."),
        )
