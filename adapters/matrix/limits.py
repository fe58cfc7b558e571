"""What Matrix takes."""

from __future__ import annotations

from typing import Final

from chatops.conversation.platform import Capabilities

NAME: Final = "matrix"

TEXT_BYTES: Final = 14_000
"""Plain and formatted text of one message, as JSON. An event takes 65,536 bytes as a whole; an edit
holds its text twice, and encryption makes a third more of it."""

FILE_BYTES: Final = 50 * 1024 * 1024
"""What a homeserver takes unless its administrator said otherwise."""

CAPABILITIES: Final = Capabilities(
    slash=False,
    slash_in_threads=False,
    message_characters=TEXT_BYTES // 2,
    buttons=0,
    fields=50,
    private_replies="direct",
    threads=True,
    edits=True,
    deletes_others=True,
    reactions=True,
    pictures=True,
    files=FILE_BYTES,
    forms=False,
)
