"""Short codes that people read to each other and type."""

from __future__ import annotations

import secrets
from typing import Final

SIGNS: Final = "23456789abcdefghjkmnpqrstvwxyz"
"""Without those that are mistaken for each other when they are read aloud."""


def new_code(length: int = 6) -> str:
    """Return a code that nobody can guess from the ones before."""
    return "".join(secrets.choice(SIGNS) for _place in range(length))
