"""What Discord takes, and how it counts."""

from __future__ import annotations

from typing import Final

from chatops.conversation.platform import Capabilities

EMBEDS: Final = 10
EMBED_CHARACTERS: Final = 6_000
"""Over all embeds of a message together."""
DESCRIPTION: Final = 4_096
FIELDS: Final = 25
FIELD_NAME: Final = 256
FIELD_VALUE: Final = 1_024
BUTTONS_IN_ROW: Final = 5
BUTTON_ROWS: Final = 5
BUTTON_LABEL: Final = 80
CUSTOM_ID: Final = 100
FILES: Final = 10
FILE_BYTES: Final = 10 * 1024 * 1024
FILE_DESCRIPTION: Final = 1_024
COMMAND_NAME: Final = 32
COMMAND_DESCRIPTION: Final = 100
COMMAND_CHARACTERS: Final = 8_000
"""Names, descriptions and values of one command, all that is in it included."""
OPTIONS: Final = 25
CHOICES: Final = 25
CHOICE_NAME: Final = 100
TYPED: Final = 6_000
"""The longest text that an option takes."""
MODAL_INPUTS: Final = 5
MODAL_TITLE: Final = 45
MODAL_LABEL: Final = 45
MODAL_HINT: Final = 100
MODAL_VALUE: Final = 4_000

CAPABILITIES: Final = Capabilities(
    slash=True,
    slash_in_threads=True,
    message_characters=EMBED_CHARACTERS,
    buttons=BUTTONS_IN_ROW * BUTTON_ROWS,
    fields=FIELDS,
    private_replies="here",
    threads=True,
    edits=True,
    deletes_others=True,
    reactions=True,
    pictures=True,
    files=FILE_BYTES,
    forms=True,
)


def length(text: str) -> int:
    """Return how long a text is in UTF-16, the strictest way in which it may be counted."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def shortened(text: str, most: int) -> str:
    """Return a text of at most so many characters; where some are missing it ends in `…`."""
    if length(text) <= most:
        return text
    kept = text[: most - 1]
    while length(kept) > most - 1:
        kept = kept[:-1]
    whole = kept.rpartition(" ")[0]
    return f"{whole if len(whole) > len(kept) // 2 else kept}…"
