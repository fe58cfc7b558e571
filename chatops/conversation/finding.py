"""What `quitx doctor` finds: one thing looked at, and what to do where it is wrong."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from chatops.language import Text


class Finding(Struct, frozen=True):
    """One thing that was looked at.

    Args:
        subject: What was looked at, as a statement of how it should be or is.
        verdict: `fine`; `weak` works with less; `broken` does not work.
        mend: What to do; None where it is fine.
    """

    subject: Text
    verdict: Literal["fine", "weak", "broken"]
    mend: Text | None = None
