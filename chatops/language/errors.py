"""Errors that can be told to a person.

    Trouble
    ├── Invalid      what was asked cannot be done as it was said
    ├── Forbidden    the person may not do this
    ├── Missing      what was named does not exist
    ├── Conflict     the thing is not in a state in which this can be done
    └── Unavailable  something outside does not answer; it may later

Rooms derive their own from these five.
"""

from __future__ import annotations

from chatops.language.text import Text


class Trouble(Exception):
    """Something went wrong in a way that a person can understand and mend.

    Args:
        reason: The cause in plain words.
        mend: The next step for the person.
    """

    def __init__(self, reason: Text, mend: Text) -> None:
        super().__init__(reason.message)
        self.reason = reason
        self.mend = mend

    def __str__(self) -> str:
        """Return the English message with its values, for logs."""
        from chatops.language.catalogue import ENGLISH  # noqa: PLC0415 - catalogues load on use

        return f"{ENGLISH.say(self.reason)} {ENGLISH.say(self.mend)}"


class Invalid(Trouble):
    """What was asked cannot be done as it was said."""


class Forbidden(Trouble):
    """The person may not do this."""


class Missing(Trouble):
    """What was named does not exist."""


class Conflict(Trouble):
    """The thing is not in a state in which this can be done."""


class Unavailable(Trouble):
    """Something outside does not answer; it may later."""
