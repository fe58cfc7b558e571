"""Emoji and the names that Slack has for them, in both directions."""

from __future__ import annotations

import re
from typing import Final

_NAMES: Final = {
    "✅": "white_check_mark",
    "❌": "x",
    "👍": "+1",
    "👎": "-1",
    "✔": "heavy_check_mark",
    "☑": "ballot_box_with_check",
    "✖": "heavy_multiplication_x",
    "🚫": "no_entry_sign",
    "⛔": "no_entry",
    "🛑": "octagonal_sign",
    "⏸": "double_vertical_bar",
    "▶": "arrow_forward",
    "⏹": "black_square_for_stop",
    "🔁": "repeat",
    "🔄": "arrows_counterclockwise",
    "👀": "eyes",
    "🙏": "pray",
    "👏": "clap",
    "🎉": "tada",
    "🚀": "rocket",
    "❤": "heart",
    "💯": "100",
    "🔥": "fire",
    "⭐": "star",
    "❓": "question",
    "❗": "exclamation",
    "⚠": "warning",
    "📝": "memo",
    "✏": "pencil2",
    "🗑": "wastebasket",
    "📌": "pushpin",
    "📅": "date",
    "⏰": "alarm_clock",
    "⏳": "hourglass_flowing_sand",
    "🔔": "bell",
    "🔕": "no_bell",
    "💬": "speech_balloon",
    "😀": "grinning",
    "🙂": "slightly_smiling_face",
    "😕": "confused",
    "🤔": "thinking_face",
    "🟢": "large_green_circle",
    "🟡": "large_yellow_circle",
    "🔴": "red_circle",
    "0⃣": "zero",
    "1⃣": "one",
    "2⃣": "two",
    "3⃣": "three",
    "4⃣": "four",
    "5⃣": "five",
    "6⃣": "six",
    "7⃣": "seven",
    "8⃣": "eight",
    "9⃣": "nine",
    "🔟": "keycap_ten",
    "🅰": "a",
    "🅱": "b",
}
_ALIASES: Final = {"thumbsup": "👍", "thumbsdown": "👎", "heavy_tick": "✔", "pencil": "📝"}
_SIGNS: Final = {name: sign for sign, name in _NAMES.items()} | _ALIASES
_TONE: Final = re.compile("::skin-tone-[2-6]|[\U0001f3fb-\U0001f3ff]")


def name_of(emoji: str) -> str:
    """Return Slack's name of an emoji; a name stays what it is."""
    bare = _TONE.sub("", emoji.replace("\ufe0f", "")).strip(": ")
    return _NAMES.get(bare, bare)


def emoji_of(name: str) -> str:
    """Return the emoji that a name of Slack's means; a name that nobody knows stays itself."""
    bare = _TONE.sub("", name).strip(":")
    return _SIGNS.get(bare, bare)


def sign_of(name: str) -> str | None:
    """Return the emoji that a name means; None where nobody knows it."""
    return _SIGNS.get(name)
