"""What Slack takes, in characters unless it says otherwise."""

from __future__ import annotations

from typing import Final

PAGE: Final = 3_900
"""All text of one message. An edit takes 4,000 in its top-level text; all blocks together take
about 13,200, which is nowhere written down."""

PAGES: Final = 4
"""Messages that one reply may take; a longer one is attached as a file."""

BLOCKS: Final = 45
"""Blocks on one message, of the 50 that Slack takes; a Home tab takes twice as many."""

PART: Final = 2_800
"""Text of one block, of the 3,000 that Slack takes."""

HEADER: Final = 150
CONTEXT: Final = 1_900
BUTTON: Final = 75
VALUE: Final = 2_000
BUTTONS: Final = 25
URL: Final = 3_000

TITLE: Final = 24
LABEL: Final = 2_000
OPTION: Final = 75
OPTIONS: Final = 100
MODAL_BLOCKS: Final = 100
TYPED: Final = 3_000
