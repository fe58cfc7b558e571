"""The emoji that this workspace knows, by the names that Slack gives them."""

from __future__ import annotations

import re

EMOJI = {
    "+1": "👍",
    "-1": "👎",
    "thumbsup": "👍",
    "thumbsdown": "👎",
    "white_check_mark": "✅",
    "heavy_check_mark": "✔️",
    "ballot_box_with_check": "☑️",
    "x": "❌",
    "no_entry": "⛔",
    "no_entry_sign": "🚫",
    "negative_squared_cross_mark": "❎",
    "heavy_multiplication_x": "✖️",
    "eyes": "👀",
    "heart": "❤️",
    "tada": "🎉",
    "rocket": "🚀",
    "fire": "🔥",
    "wave": "👋",
    "raised_hands": "🙌",
    "pray": "🙏",
    "ok_hand": "👌",
    "clap": "👏",
    "smile": "😄",
    "slightly_smiling_face": "🙂",
    "joy": "😂",
    "thinking_face": "🤔",
    "question": "❓",
    "exclamation": "❗",
    "warning": "⚠️",
    "information_source": "ℹ️",
    "hourglass": "⌛",
    "hourglass_flowing_sand": "⏳",
    "stopwatch": "⏱️",
    "clock1": "🕐",
    "calendar": "📆",
    "date": "📅",
    "paperclip": "📎",
    "memo": "📝",
    "lock": "🔒",
    "unlock": "🔓",
    "key": "🔑",
    "mag": "🔍",
    "bell": "🔔",
    "no_bell": "🔕",
    "mega": "📣",
    "loudspeaker": "📢",
    "package": "📦",
    "inbox_tray": "📥",
    "outbox_tray": "📤",
    "link": "🔗",
    "wastebasket": "🗑️",
    "octagonal_sign": "🛑",
    "construction": "🚧",
    "recycle": "♻️",
    "arrows_counterclockwise": "🔄",
    "leftwards_arrow_with_hook": "↩️",
    "arrow_left": "⬅️",
    "arrow_right": "➡️",
    "arrow_up": "⬆️",
    "arrow_down": "⬇️",
    "red_circle": "🔴",
    "large_green_circle": "🟢",
    "large_yellow_circle": "🟡",
    "white_circle": "⚪",
    "star": "⭐",
    "butterfly": "🦋",
    "elephant": "🐘",
    "bird": "🐦",
    "robot_face": "🤖",
    "sos": "🆘",
    "100": "💯",
    "alarm_clock": "⏰",
    "arrow_forward": "▶️",
    "black_square_for_stop": "⏹️",
    "confused": "😕",
    "double_vertical_bar": "⏸️",
    "grinning": "😀",
    "pencil": "📝",
    "pencil2": "✏️",
    "pushpin": "📌",
    "repeat": "🔁",
    "speech_balloon": "💬",
    "a": "🅰️",
    "b": "🅱️",
    "zero": "0️⃣",
    "one": "1️⃣",
    "two": "2️⃣",
    "three": "3️⃣",
    "four": "4️⃣",
    "five": "5️⃣",
    "six": "6️⃣",
    "seven": "7️⃣",
    "eight": "8️⃣",
    "nine": "9️⃣",
    "keycap_ten": "🔟",
}

_TONE = re.compile(r"::skin-tone-[2-6]$")
_LOOK = "\ufe0f"
_NAMES = {sign.replace(_LOOK, ""): name for name, sign in reversed(EMOJI.items())}
_SIGN = re.compile("|".join(re.escape(sign) + _LOOK + "?" for sign in _NAMES))
_SHORT = re.compile(r":([a-z0-9_+'-]+):(?::skin-tone-[2-6]:)?")


def exists(name: str) -> bool:
    """Tell whether a reaction may have this name, with or without a skin tone."""
    return _TONE.sub("", name) in EMOJI


def drawn(text: str) -> str:
    """Return the text with the names of emoji as signs, as people see it."""
    return _SHORT.sub(lambda match: EMOJI.get(match[1], match[0]), text)


def named(text: str) -> str:
    """Return the text with the signs of emoji as names, as Slack keeps what people write."""
    return _SIGN.sub(lambda match: f":{_NAMES[match[0].replace(_LOOK, '')]}:", text)
