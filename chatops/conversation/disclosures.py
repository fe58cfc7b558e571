"""Passwords and tokens that were written where people read: found, and never kept.

What looks like a secret is treated as one: a false alarm costs one message, a token that stays
costs an account.
"""

from __future__ import annotations

import re
from typing import Final

import msgspec

from chatops.conversation.events import CommandCalled, Event, FormSubmitted, MessagePosted

MARK: Final = "•••"
"""What stands where a secret stood."""

_DASH: Final = "[-\u2010-\u2015\u2212]"
_EDGE: Final = r"(?<![\w/-])"
_NAMES: Final = (
    "password|passwd|mot de passe|mdp|(?:access[_ -]?)?token|jeton|api[_ -]?key"
    "|(?:client[_ -]?)?secret"
)
_PATTERNS: Final = (
    # A Bluesky app password; phones write its first letter large and its dashes long.
    rf"{_EDGE}(?=[\w\u2010-\u2015\u2212-]*[a-z])[a-z0-9]{{4}}(?:{_DASH}[a-z0-9]{{4}}){{3}}(?![\w-])",
    # Slack, Matrix, GitHub.
    r"(?<![a-z0-9])xox[a-z](?:\.xox[a-z])?-[\w-]{6,}",
    r"(?<![a-z0-9])xapp-[\w-]{6,}",
    r"(?<![a-z0-9])(?:syt|syr|mat|mct|mcr)_[\w-]{6,}",
    r"(?<![a-z0-9])gh[pousr]_[a-z0-9]{20,}",
    # A session of the AT protocol, or any other JSON Web Token.
    r"(?<![\w-])eyj[\w-]{6,}\.[\w-]{6,}(?:\.[\w-]*)?",
    # Discord.
    r"(?<![\w.-])[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}(?![\w-])",
    # An Authorization header.
    r"(?<![a-z])bearer\s+[\w.~+/=-]{12,}",
    # A named one: "password=...", "mot de passe : ...".
    rf"(?<![a-z])(?:{_NAMES})\s*[:=]\s*[\"«“]?\s*(?=\S*[0-9])(?=\S*[a-z])[^\s\"»”]{{8,}}",
    # An address that carries a password.
    r"://[^\s/:@]+:[^\s/@]+@",
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*",
)
_SECRET: Final = re.compile("|".join(_PATTERNS), re.IGNORECASE)
# Mastodon's tokens have no mark: they are long and mix capitals, small letters and digits.
_LONG: Final = re.compile(
    r"(?<![\w/.@#:-])(?=[\w-]*[A-Z])(?=[\w-]*[a-z])(?=[\w-]*[0-9])[A-Za-z0-9_-]{40,}(?![\w/.-])"
)


def redact(text: str) -> str:
    """Return a text with a mark where something looks like a secret."""
    return _LONG.sub(MARK, _SECRET.sub(MARK, text))


def holds_secret(text: str) -> bool:
    """Whether something in a text looks like a secret."""
    return redact(text) != text


def without_secrets(event: Event) -> tuple[Event, bool]:
    """Return an event that can be kept, and whether anything had to be taken out of it."""
    match event:
        case CommandCalled(line=line):
            clean: Event = msgspec.structs.replace(event, line=redact(line))
        case MessagePosted(text=text):
            clean = msgspec.structs.replace(event, text=redact(text))
        case FormSubmitted(values=values):
            redacted = {name: redact(value) for name, value in values.items()}
            clean = msgspec.structs.replace(event, values=redacted)
        case _:
            return event, False
    return clean, clean != event
