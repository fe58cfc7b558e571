"""Tells lines that look as if they held a password, a token or a key: none is kept or repeated."""

from __future__ import annotations

import re
from typing import Final

_NAMED: Final = re.compile(
    r"passw(?:or)?d|pwd|passphrase|mot[\W_]*de[\W_]*passe|secret|token|jeton|bearer|credential"
    r"|identifiants|(?:api|private|access|app|vault)[\W_]*key|cl[ée][\W_]*(?:api|priv)",
    re.IGNORECASE,
)
_SHAPED: Final = re.compile(
    r"\b[a-z0-9]{4}(?:-[a-z0-9]{4}){3}\b"  # an app password of Bluesky
    r"|\bxox[a-z]-|\bxapp-"  # Slack
    r"|\bsyt_|\beyJ[\w-]{8,}"  # Matrix, and signed JSON
    r"|\b[\w-]{23,28}\.[\w-]{6,7}\.[\w-]{27,}"  # Discord
    r"|-----BEGIN|://[^\s/:@]+:[^\s/@]+@",
)
_LONG_WORD: Final = re.compile(r"[A-Za-z0-9+/_=-]{24,}")
_MIXED: Final = (re.compile(r"[a-z]"), re.compile(r"[A-Z]"), re.compile(r"[0-9]"))


def holds_secret(line: str) -> bool:
    """Whether a line looks as if it held a password, a token or a key."""
    return bool(_NAMED.search(line) or _SHAPED.search(line)) or any(
        all(kind.search(word) for kind in _MIXED) and "/" not in word
        for word in _LONG_WORD.findall(line)
    )
